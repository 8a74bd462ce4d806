"""Images over time: files that other programs wrote, one frame of them, all of them, and labels over time."""

import io

import nibabel
import nrrd
import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.exemplars import add_exemplar
from SAMAdaptLib.volume.film import check_film, read_film, write_film
from SAMAdaptLib.volume.labels import Labels, on_grid
from SAMAdaptLib.volume.mark import is_unchanged
from SAMAdaptLib.volume.moments import Times
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.dicom_files import MR, STORAGE, empty, item, save, series, with_pixels

FRAMES = np.random.default_rng(0).integers(0, 200, (4, 6, 7, 5), dtype=np.int16)
# As Slicer 5.12 writes a sequence of volumes whose spacing is 1 x 2 x 3 mm and whose first voxel is at (4, 5, 6) RAS.
SLICER = {
    "space": "left-posterior-superior",
    "space directions": np.array([[-1, 0, 0], [0, -2, 0], [0, 0, 3], [np.nan] * 3]),
    "space origin": np.array([-4.0, -5.0, 6.0]), "kinds": ["domain", "domain", "domain", "list"],
    "labels": ["", "", "", "time"], "units": ["", "", "", "ms"], "DataNodeClassName": "vtkMRMLScalarVolumeNode",
    "axis 3 index type": "numeric", "axis 3 index values": "0 40.5 80 120",
}  # fmt: skip


def slicer(folder, name="cine.seq.nrrd", array=FRAMES, **fields):
    nrrd.write(str(folder / name), array.T, SLICER | fields)
    return folder / name


def nifti(folder, array=FRAMES, unit="msec", step=40.0):
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    affine[:3, 3] = (4, 5, 6)
    image = nibabel.Nifti1Image(array.T, affine)
    image.header.set_zooms((1, 2, 3, step))
    image.header.set_xyzt_units("mm", unit)
    nibabel.save(image, folder / "cine.nii.gz")
    return folder / "cine.nii.gz"


def joined(folder):
    images = [sitk.GetImageFromArray(frame) for frame in FRAMES]
    for image in images:
        image.SetSpacing((1, 2, 3))
        image.SetOrigin((-4, -5, 6))
        image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(sitk.JoinSeries(images, 0.0, 0.5), str(folder / "cine.mha"))
    return folder / "cine.mha"


def older(folder):
    """With the frames along the first axis, as versions before 5.8 wrote them."""
    order = [3, 0, 1, 2]
    fields = {name: [SLICER[name][at] for at in order] for name in ("kinds", "labels", "units")}
    fields["space directions"] = SLICER["space directions"][order]
    fields["axis 3 index values"] = SLICER["axis 3 index values"]
    nrrd.write(str(folder / "old.seq.nrrd"), np.moveaxis(FRAMES, 0, -1).transpose(3, 2, 1, 0), SLICER | fields)
    return folder / "old.seq.nrrd"


@pytest.mark.parametrize("write, seconds", [
    (slicer, (0, 0.0405, 0.08, 0.12)), (older, (0, 0.0405, 0.08, 0.12)), (nifti, (0, 0.04, 0.08, 0.12)), (joined, None),
])  # fmt: skip
def test_frames_of_every_format(tmp_path, write, seconds):
    path = write(tmp_path)
    film = read_film(path)
    assert [volume.frame for volume in film.volumes] == [1, 2, 3, 4]
    for volume, frame in zip(film.volumes, FRAMES, strict=True):
        assert np.array_equal(volume.array, frame)
        assert volume.geometry.ijk_to_ras[:3] == pytest.approx(np.array([[1, 0, 0, 4], [0, 2, 0, 5], [0, 0, 3, 6]]))
    assert film.times.seconds == (None if seconds is None else pytest.approx(seconds))
    third = read_volume(path, frame=3)
    assert np.array_equal(third.array, FRAMES[2]) and third.frame == 3
    # What embeddings are kept by tells frames apart, and is that of the frame alone.
    write_volume(tmp_path / "third.nrrd", FRAMES[2], third.geometry)
    assert third.content_hash == read_volume(tmp_path / "third.nrrd").content_hash
    assert len({volume.content_hash for volume in film.volumes}) == 4
    # All are of one patient, who is told apart from others by the first frame.
    assert {volume.film for volume in (*film.volumes, third)} == {film.volumes[0].content_hash}


def test_a_sequence_in_colour(tmp_path):
    colours = np.stack([FRAMES[:, :1], FRAMES[:, :1] // 2, FRAMES[:, :1] // 4], axis=-1).astype(np.uint8)
    fields = {"space directions": np.vstack([np.full(3, np.nan), SLICER["space directions"]])}
    fields |= {name: [first, *SLICER[name]] for name, first in (("kinds", "RGB-color"), ("labels", ""), ("units", ""))}
    nrrd.write(str(tmp_path / "us.seq.nrrd"), colours.transpose(4, 3, 2, 1, 0), SLICER | fields)
    if (sitk.Version.MajorVersion(), sitk.Version.MinorVersion()) < (2, 5):
        # Its reader takes either colours or a sequence.
        with pytest.raises(InputError, match="Cannot read"):
            read_film(tmp_path / "us.seq.nrrd")
        return
    film = read_film(tmp_path / "us.seq.nrrd")
    assert film.times.seconds == pytest.approx((0, 0.0405, 0.08, 0.12))
    for volume, frame in zip(film.volumes, colours, strict=True):
        assert volume.colour and np.array_equal(volume.array, frame)
    assert np.array_equal(read_volume(tmp_path / "us.seq.nrrd", frame=3).array, colours[2])


def test_bytes_along_a_list_axis_are_no_colours(tmp_path):
    path = slicer(tmp_path, array=FRAMES[:3].astype(np.uint8), **{"axis 3 index values": "0 1 2"})
    assert np.array_equal(read_volume(path, frame=2).array, FRAMES[1])


def test_a_frame_is_named_and_there(tmp_path):
    path = nifti(tmp_path)
    with pytest.raises(InputError, match=r"holds 4 frames.*cine\.nii\.gz.*--frame, from 1 to 4"):
        read_volume(path)
    for number in (0, 5, -1):
        with pytest.raises(InputError, match=f"no frame {number} among 4"):
            read_volume(path, frame=number)
    write_volume(tmp_path / "one.nrrd", FRAMES[0], read_volume(path, frame=1).geometry)
    for read in (lambda path: read_volume(path, frame=1), read_film):
        with pytest.raises(InputError, match=r"single volume, without frames.*Leave out --frame"):
            read(tmp_path / "one.nrrd")
    image = nibabel.Nifti1Image(np.zeros((5, 6, 4, 3, 2), np.int16), np.eye(4))
    nibabel.save(image, tmp_path / "five.nii")
    with pytest.raises(InputError, match="5 dimensions"):
        read_volume(tmp_path / "five.nii", frame=1)


def test_numbers_of_frames_are_whole_ones_of_any_kind(tmp_path):
    path = nifti(tmp_path)
    assert np.array_equal(read_volume(path, frame=np.int64(2)).array, FRAMES[1])
    for wrong in ("2", 2.0):
        with pytest.raises(InputError, match="whole number"):
            read_volume(path, frame=wrong)


def test_a_picture_over_time_is_one_slice(tmp_path):
    path = nifti(tmp_path, FRAMES[:, :1])
    film = read_film(path)
    assert film.geometry.size == (5, 7, 1) and np.array_equal(film.volumes[3].array, FRAMES[3, :1])


MASKS = {"Höhle": np.zeros(FRAMES.shape, bool), "wall": np.zeros(FRAMES.shape, bool)}
MASKS["wall"][1:, 1:5, 1:6, 1:4] = True
MASKS["Höhle"][2, 2:4, 2:4, 2] = True


@pytest.mark.parametrize("name", ["out.seq.nrrd", "out.nii.gz"])
def test_labels_over_time_come_back_on_their_frames(tmp_path, name):
    film = read_film(slicer(tmp_path))
    write_film(tmp_path / name, dict(reversed(MASKS.items())), film.geometry, film.times)
    assert is_unchanged(tmp_path / name)
    again = read_film(tmp_path / name)
    # NIfTI has one step of time: 40 ms.
    exact = name.endswith(".nrrd")
    assert again.times.seconds == pytest.approx(film.times.seconds if exact else (0, 0.04, 0.08, 0.12))
    for place, volume in enumerate(film.volumes):
        labels = on_grid(read_labels(tmp_path / name, volume), volume.geometry)
        assert not exact or labels.names == {"wall": 1, "Höhle": 2}
        # Where they overlap, the later one shows.
        assert np.array_equal(labels.array == 2, MASKS["Höhle"][place])
        assert np.array_equal(labels.array == 1, MASKS["wall"][place] & ~MASKS["Höhle"][place])
    with pytest.raises(InputError, match="4 frames"):
        read_labels(tmp_path / name)
    voxels, header = (nibabel.load(tmp_path / name).dataobj, None) if not exact else nrrd.read(str(tmp_path / name))
    assert np.array_equal(np.asarray(voxels).T == 2, MASKS["Höhle"])
    if exact:
        assert header["kinds"] == SLICER["kinds"] and header["units"] == SLICER["units"]


def test_masks_that_are_none_of_these_frames_are_not_written(tmp_path):
    film, path = read_film(slicer(tmp_path)), tmp_path / "labels.nii.gz"
    wall = MASKS["wall"]
    for masks in ({"wall": wall.astype(np.uint8)}, {"wall": wall[:3], "more": wall}, {"wall": wall[:, :-1]}, {}):
        with pytest.raises(ValueError, match="frames|wanted bool"):
            write_film(path, masks, film.geometry)
    with pytest.raises(ValueError, match="masks of 3 frames, and times of 4"):
        write_film(path, {"wall": wall[:3]}, film.geometry, film.times)
    assert not path.exists()
    write_film(path, {"wall": wall[:1]}, film.geometry, Times((0.5,), "s"))
    assert np.array_equal(np.asarray(nibabel.load(path).dataobj).T.reshape(wall[0].shape), wall[0])


def test_the_time_of_the_first_frame_of_a_nifti_goes_along(tmp_path):
    path = nifti(tmp_path)
    image = nibabel.load(path)
    image.header["toffset"] = 500
    nibabel.save(image, tmp_path / "later.nii")
    film = read_film(tmp_path / "later.nii")
    assert film.times.seconds == pytest.approx((0.5, 0.54, 0.58, 0.62))
    write_film(tmp_path / "labels.nii.gz", MASKS, film.geometry, film.times)
    header = nibabel.load(tmp_path / "labels.nii.gz").header
    assert (header["toffset"], header.get_zooms()[3]) == pytest.approx((0.5, 0.04))
    assert header.get_xyzt_units() == ("mm", "sec")


def test_a_step_of_0_is_no_time(tmp_path):
    path = nifti(tmp_path, unit="sec", step=0.0)
    assert nibabel.load(path).header.get_zooms()[3] == 0
    assert read_film(path).times.seconds is None


@pytest.mark.parametrize(("unit", "seconds"), [("µs", (0, 4.05e-5, 8e-5, 1.2e-4)), ('10" steps', None)])
def test_units_of_time_in_any_letters_go_along(tmp_path, unit, seconds):
    film = read_film(slicer(tmp_path))
    path = tmp_path / "labels.seq.nrrd"
    write_film(path, MASKS, film.geometry, Times(film.times.values, unit))
    again = read_film(path).times
    assert again == Times(film.times.values, unit.replace('"', "'"))
    assert again.seconds == (None if seconds is None else pytest.approx(seconds))
    assert sitk.ReadImage(str(path)).GetNumberOfComponentsPerPixel() == 4


def test_frames_of_a_library_are_of_one_patient(tmp_path):
    Library.create(tmp_path / "LIB")
    for number in (1, 3):
        volume = read_volume(slicer(tmp_path), frame=number)
        labels = Labels(MASKS["wall"][1].astype(np.uint8), volume.geometry, {"wall": 1})
        add_exemplar(tmp_path / "LIB", volume, labels, 2)
    assert len(Library.open(tmp_path / "LIB").infos()) == 2
    assert len({info.group for info in Library.open(tmp_path / "LIB").infos()}) == 1


def test_labels_of_one_frame_go_with_it(tmp_path):
    volume = read_volume(nifti(tmp_path), frame=2)
    write_volume(tmp_path / "labels.nrrd", MASKS["wall"][1], volume.geometry)
    assert np.array_equal(read_labels(tmp_path / "labels.nrrd", volume).array, MASKS["wall"][1])


def test_the_application_opens_labels_over_time(tmp_path):
    slicer_core = pytest.importorskip("slicer")
    geometry = read_volume(slicer(tmp_path), frame=1).geometry
    write_film(tmp_path / "out.seq.nrrd", MASKS, geometry, Times((0.0, 0.5, 1.5, 2.0), "s"))
    scene = slicer_core.vtkMRMLScene()
    node, storage = slicer_core.vtkMRMLSequenceNode(), slicer_core.vtkMRMLVolumeSequenceStorageNode()
    scene.AddNode(node)
    scene.AddNode(storage)
    storage.SetFileName(str(tmp_path / "out.seq.nrrd"))
    assert storage.ReadData(node)
    assert [float(node.GetNthIndexValue(place)) for place in range(4)] == [0, 0.5, 1.5, 2]
    assert (node.GetIndexName(), node.GetIndexUnit()) == ("time", "s")
    labels = node.GetNthDataNode(2)
    assert labels.IsA("vtkMRMLLabelMapVolumeNode") and labels.GetImageData().GetDimensions() == (5, 7, 6)
    assert labels.GetSpacing() == pytest.approx((1, 2, 3)) and labels.GetOrigin() == pytest.approx((4, 5, 6))
    assert labels.GetImageData().GetScalarComponentAsDouble(2, 3, 3, 0) == 2


def test_formats_without_time_are_refused(tmp_path):
    for name in ("a.seg.nrrd", "a.dcm", "a.mha", "a.png"):
        with pytest.raises(InputError, match=r"does not hold labels over time.*\.seq\.nrrd"):
            check_film(tmp_path / name)
    with pytest.raises(InputError, match="printable name"):
        check_film(tmp_path / "a.seq.nrrd", (" ",))
    with pytest.raises(InputError, match="holds all frames"):
        write_volume(tmp_path / "a.seq.nrrd", FRAMES[0], read_volume(slicer(tmp_path), frame=1).geometry)


# A bright square that moves a column a frame.
SQUARE = np.zeros((5, 16, 24), np.uint8)
for place in range(5):
    SQUARE[place, 4:9, 3 + place : 9 + place] = 200


def ultrasound(path, array, **elements):
    data = with_pixels(empty(path, STORAGE + "3.1", Modality="US", NumberOfFrames=len(array), **elements), array)
    if array.ndim == 4:
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
        data.Rows, data.Columns = array.shape[1:3]
    data["PixelData"].VR = "OB"
    return data


def region(millimetres):
    return item(
        RegionSpatialFormat=1, PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3,
        PhysicalDeltaX=millimetres / 10, PhysicalDeltaY=millimetres / 10,
    )  # fmt: skip


@pytest.mark.parametrize("colour", [False, True])
def test_a_film_of_ultrasound(tmp_path, colour, recwarn):
    array = np.stack([SQUARE, SQUARE // 2, SQUARE // 4], axis=-1) if colour else SQUARE
    data = ultrasound(tmp_path / "film.dcm", array, FrameTime="25", SequenceOfUltrasoundRegions=[region(0.3)])
    path = save(data)
    with pytest.raises(InputError, match="holds 5 frames"):
        read_volume(path)
    film = read_film(path)
    assert film.times.seconds == pytest.approx([0, 0.025, 0.05, 0.075, 0.1])
    assert film.geometry.spacing == pytest.approx([0.3, 0.3, 1])
    for volume, frame in zip(film.volumes, array, strict=True):
        assert volume.colour == colour and volume.modality == "US" and np.array_equal(volume.array[0], frame)
    assert np.array_equal(read_volume(path, frame=4).array[0], array[3])
    assert not recwarn.list
    with pytest.raises(InputError, match="no slices to choose from"):
        read_volume(path, frames="1-2")


def test_a_film_that_says_more_frames_than_it_has(tmp_path):
    # What lies behind the pixels in memory would be the last frame.
    data = ultrasound(tmp_path / "film.dcm", SQUARE, FrameTime="25")
    data.NumberOfFrames = len(SQUARE) + 1
    with pytest.raises(InputError, match="fewer pixels than its header says"):
        read_film(save(data))
    data.NumberOfFrames = len(SQUARE) - 1
    assert len(read_film(save(data)).volumes) == len(SQUARE) - 1


def test_a_film_of_pictures_that_are_packed_each(tmp_path):
    smooth = np.kron(np.random.default_rng(0).integers(0, 255, (5, 3, 4, 3)), np.ones((1, 16, 16, 1))).astype(np.uint8)
    data = ultrasound(tmp_path / "film.dcm", smooth)
    # As most scanners store it: brightness and colour, of every second pixel in a row.
    data.PhotometricInterpretation, data.file_meta.TransferSyntaxUID = "YBR_FULL_422", JPEGBaseline8Bit
    files = [io.BytesIO() for _ in smooth]
    for picture, file in zip(smooth, files, strict=True):
        Image.fromarray(picture).save(file, "JPEG", quality=95, subsampling=1)
    data.PixelData = encapsulate([file.getvalue() for file in files])
    data["PixelData"].is_undefined_length = True
    film = read_film(save(data))
    for volume, picture in zip(film.volumes, smooth, strict=True):
        assert np.abs(volume.array[0].astype(int) - picture).mean() < 3


@pytest.mark.filterwarnings("default")
def test_a_film_without_pixel_size_says_so(tmp_path, recwarn):
    volume = read_volume(save(ultrasound(tmp_path / "film.dcm", SQUARE, CineRate="50")), frame=1)
    assert volume.geometry.spacing.tolist() == [1, 1, 1]
    assert any("how large its pixels are" in str(one.message) for one in recwarn)
    assert read_film(tmp_path / "film.dcm").times.seconds == pytest.approx([0, 0.02, 0.04, 0.06, 0.08])


def test_low_values_of_a_film_may_be_bright(tmp_path):
    data = ultrasound(tmp_path / "film.dcm", SQUARE)
    data.PhotometricInterpretation = "MONOCHROME1"
    assert np.array_equal(read_volume(save(data), frame=2).array[0], 200 - SQUARE[1])


def places(count):
    return [(0, 0, 5 * k) for k in range(count)]


@pytest.mark.parametrize("gated", [False, True], ids=["one clock", "a breath a slice"])
def test_phases_of_a_series_are_frames(tmp_path, gated):
    # Slice by slice, each through all phases, as gated cine is taken; the numbers of files need not follow time.
    order = [(k, t) for k in range(6) for t in (range(3, -1, -1) if gated and k % 2 else range(4))]
    times = [40 * t + (7 * k if gated else 0) for k, t in order]
    array = np.stack([FRAMES[t, k] for k, t in order])
    folder = series(
        tmp_path / "cine", array, [(0, 0, 5 * k) for k, _ in order], sop_class=MR, modality="MR",
        TriggerTime=[str(value) for value in times],
    )  # fmt: skip
    film = read_film(folder)
    assert len(film.volumes) == 4 and film.geometry.spacing == pytest.approx([0.8, 0.5, 5])
    for volume, frame in zip(film.volumes, FRAMES, strict=True):
        assert np.array_equal(volume.array, frame)
    assert film.times.seconds == pytest.approx([0, 0.04, 0.08, 0.12])
    assert np.array_equal(read_volume(folder, frame=2).array, FRAMES[1])
    with pytest.raises(InputError, match="--frame chooses a time"):
        read_volume(folder, frames="1-6", frame=1)


def test_stacks_on_different_grids_are_no_film(tmp_path):
    folder = series(tmp_path / "mixed", FRAMES[0], places(6), sop_class=MR, modality="MR")
    series(tmp_path / "mixed", FRAMES[1, :3], places(3), (0.7, 0.7), name="b{}.dcm", sop_class=MR, modality="MR")
    assert np.array_equal(read_volume(folder, frame=1).array, FRAMES[0])
    with pytest.raises(InputError, match="different grids"):
        read_film(folder)
