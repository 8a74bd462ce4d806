"""Reading and writing images: formats, DICOM folders, every kind of bad input."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.image import base_name
from SAMAdaptLib.volume.volume import read_volume, write_volume

FORMATS = ["nrrd", "nii", "nii.gz", "mha"]


def rotation(x: float, y: float, z: float) -> np.ndarray:
    turn = np.eye(3)
    for axis, angle in enumerate((x, y, z)):
        c, s = np.cos(angle), np.sin(angle)
        one = np.eye(3)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one[[a, a, b, b], [a, b, a, b]] = c, -s, s, c
        turn = turn @ one
    return turn


def grid(handed: int = -1, size=(6, 5, 4)) -> Geometry:
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(0.3, -0.2, 0.5) * [0.7, 0.8, handed * 3.1]
    matrix[:3, 3] = (-31.5, 42.25, 17.125)
    return Geometry(size, matrix)


def ramp(geometry: Geometry, dtype=np.int16) -> np.ndarray:
    return (np.arange(np.prod(geometry.shape)).reshape(geometry.shape) - 50).astype(dtype)


def dicom_series(
    folder, count=5, step=2.5, skip=(), shear=0.0, uid="1.2.826.0.1.3680043.2.1125.1", value=0, jitter=0.0
):
    """A CT series with a patient's name, written through GDCM; slice files are named against their order."""
    folder.mkdir(exist_ok=True)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k in range(count):
        if k in skip:
            continue
        image = sitk.GetImageFromArray((np.arange(20).reshape(1, 4, 5) + 100 * k + value).astype(np.int16))
        image.SetSpacing((0.75, 0.5, step or 1.0))
        image.SetMetaData("0010|0010", "Doe^Jane")
        image.SetMetaData("0008|0060", "CT")
        image.SetMetaData("0008|0016", "1.2.840.10008.5.1.4.1.1.2")
        image.SetMetaData("0008|0018", f"{uid}.{k + 1}")
        image.SetMetaData("0020|000e", uid)
        image.SetMetaData("0020|000d", "1.2.826.0.1.3680043.2.1125.9")
        image.SetMetaData("0020|0032", f"-10\\{20 + shear * k}\\{30 + step * k + jitter * (k == 1)}")
        image.SetMetaData("0020|0037", "1\\0\\0\\0\\1\\0")
        image.SetMetaData("0020|0013", str(k))
        image.SetMetaData("0028|1052", "0")
        image.SetMetaData("0028|1053", "1")
        writer.SetFileName(str(folder / f"{uid[-1]}_{99 - k}.dcm"))
        writer.Execute(image)
    return folder


@pytest.mark.parametrize("handed", [1, -1])
@pytest.mark.parametrize("suffix", FORMATS)
def test_oblique_and_left_handed_grids_survive(tmp_path, suffix, handed):
    geometry, path = grid(handed), tmp_path / f"case.1.{suffix}"
    assert np.sign(np.linalg.det(geometry.ijk_to_ras)) == handed
    write_volume(path, ramp(geometry), geometry)
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array, ramp(geometry))
    assert volume.array.dtype == np.int16
    np.testing.assert_allclose(volume.geometry.ijk_to_ras, geometry.ijk_to_ras, atol=1e-5)
    assert volume.name == "case.1"
    # Another reader must find the same voxel at the same place (LPS).
    image = sitk.ReadImage(str(path))
    point = geometry.to_ras([[4, 3, 2]])[0] * [-1, -1, 1]
    assert image.TransformPhysicalPointToIndex(point.tolist()) == (4, 3, 2)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32, np.float64, bool, np.float16])
def test_dtypes(tmp_path, suffix, dtype):
    geometry = grid()
    array = ramp(geometry, np.float64).clip(0).astype(dtype)
    write_volume(tmp_path / f"a.{suffix}", array, geometry, compress=False)
    got = read_volume(tmp_path / f"a.{suffix}").array
    np.testing.assert_array_equal(got, array)
    assert got.dtype == {bool: np.uint8, np.float16: np.float32}.get(dtype, dtype)


def test_real_scans_as_their_table_says(shared_data):
    volume = read_volume(shared_data / "brain_mri_tumour_pyradiomics/brain1_image.nrrd")
    assert volume.geometry.size == (256, 256, 25) and volume.name == "brain1_image"
    np.testing.assert_allclose(volume.geometry.spacing, (0.781, 0.781, 6.5), atol=1e-3)
    assert np.linalg.det(volume.geometry.ijk_to_ras) < 0
    assert (volume.array.min(), volume.array.max()) == (0, 3057)


def test_content_hash_sees_voxels_and_grid_but_no_format(tmp_path):
    geometry = Geometry((6, 5, 4), np.diag([0.5, -0.25, 2.0, 1.0]))
    for suffix in FORMATS:
        write_volume(tmp_path / f"a.{suffix}", ramp(geometry), geometry)
    hashes = {read_volume(tmp_path / f"a.{suffix}").content_hash for suffix in FORMATS}
    assert len(hashes) == 1 and len(next(iter(hashes))) == 64
    changed = ramp(geometry)
    changed[0, 0, 0] += 1
    write_volume(tmp_path / "voxel.nrrd", changed, geometry)
    write_volume(tmp_path / "grid.nrrd", ramp(geometry), Geometry((6, 5, 4), np.diag([0.5, -0.25, 2.01, 1.0])))
    hashes |= {read_volume(tmp_path / f"{name}.nrrd").content_hash for name in ("voxel", "grid")}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.nii.gz", "a"), ("A.NRRD", "A"), ("x.seg.nrrd", "x"), ("v1.2.mha", "v1.2"), ("IM0001", "IM0001")],
)
def test_base_name(file, name):
    assert base_name(f"/some/folder/{file}") == name


@pytest.mark.parametrize("suffix", ["nrrd", "mha"])
def test_compression_is_asked_for(tmp_path, suffix):
    geometry = grid(size=(30, 30, 30))
    for compress in (True, False):
        write_volume(tmp_path / f"{compress}.{suffix}", np.zeros(geometry.shape, np.int16), geometry, compress)
    assert (tmp_path / f"False.{suffix}").stat().st_size > 2 * 30**3 > 10 * (tmp_path / f"True.{suffix}").stat().st_size


def test_detached_headers_are_read_but_not_written(tmp_path):
    geometry = grid()
    image = sitk.GetImageFromArray(ramp(geometry))
    for suffix in ("nhdr", "mhd"):
        sitk.WriteImage(image, str(tmp_path / f"a.{suffix}"))
        np.testing.assert_array_equal(read_volume(tmp_path / f"a.{suffix}").array, ramp(geometry))
        with pytest.raises(InputError, match=r"\.nrrd, \.nii, \.nii\.gz, \.mha"):
            write_volume(tmp_path / f"b.{suffix}", ramp(geometry), geometry)


def test_a_single_2d_slice_becomes_one_slice(tmp_path):
    image = sitk.GetImageFromArray(np.arange(12, dtype=np.int16).reshape(3, 4))
    image.SetSpacing((0.5, 0.7))
    image.SetOrigin((10, 20))
    sitk.WriteImage(image, str(tmp_path / "flat.nrrd"))
    volume = read_volume(tmp_path / "flat.nrrd")
    assert volume.array.shape == (1, 3, 4) and volume.geometry.size == (4, 3, 1)
    np.testing.assert_allclose(volume.geometry.to_ras([[1, 1, 0]]), [[-10.5, -20.7, 0]])


def test_constant_volumes_are_read(tmp_path):
    write_volume(tmp_path / "zero.nrrd", np.zeros(grid().shape, np.uint8), grid())
    assert not read_volume(tmp_path / "zero.nrrd").array.any()


def test_bad_files(tmp_path):
    (tmp_path / "text.nrrd").write_text("not an image")
    (tmp_path / "empty.nii.gz").touch()
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    (tmp_path / "folder").mkdir()
    zeros = np.zeros((2, 3, 4, 5), np.float32)
    sitk.WriteImage(sitk.GetImageFromArray(zeros, isVector=False), str(tmp_path / "series.nii.gz"))
    sitk.WriteImage(sitk.GetImageFromArray(zeros.astype(np.uint8), isVector=True), str(tmp_path / "colour.nrrd"))
    sitk.WriteImage(sitk.GetImageFromArray(zeros[0].astype(np.complex64)), str(tmp_path / "complex.nii"))
    expected = {
        "absent.nrrd": "No such file",
        "text.nrrd": "Cannot read this as an image",
        "empty.nii.gz": "Cannot read this as an image",
        "torn.png": "complete file in one of .png, .jpg",
        "folder": "No DICOM series",
        "series.nii.gz": "2 frames.*--frame, from 1 to 2",
        "colour.nrrd": "5 values in each voxel",
        "complex.nii": "complex",
    }
    for name, message in expected.items():
        with pytest.raises(InputError, match=message) as caught:
            read_volume(tmp_path / name)
        assert caught.value.where.endswith(name) and caught.value.remedy


def test_a_time_series_of_one_frame_is_a_volume(tmp_path):
    frame = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    sitk.WriteImage(sitk.GetImageFromArray(frame[None], isVector=False), str(tmp_path / "one.mha"))
    np.testing.assert_array_equal(read_volume(tmp_path / "one.mha").array, frame)


@pytest.mark.parametrize("suffix", FORMATS)
def test_nan_and_infinity_are_counted(tmp_path, suffix):
    array = ramp(grid(), np.float32)
    array[0, 0, :2] = np.nan
    array[3, 4, 5] = -np.inf
    sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / f"a.{suffix}"))
    with pytest.raises(InputError, match="3 voxels are NaN or infinite.*Replace"):
        read_volume(tmp_path / f"a.{suffix}")


def test_nan_in_a_big_endian_nifti(tmp_path):
    array = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    array[1, 1, 1] = np.nan
    path = tmp_path / "a.nii"
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    raw = path.read_bytes()
    # The NIfTI-1 header's fields by their byte length, in order; single bytes and texts need no swap.
    swapped = bytearray(raw[:348])
    for start, stop, size in ((0, 4, 4), (32, 36, 4), (36, 38, 2), (40, 56, 2), (56, 68, 4), (68, 76, 2), (76, 120, 4),
                              (120, 122, 2), (124, 148, 4), (252, 256, 2), (256, 328, 4)):  # fmt: skip
        for at in range(start, stop, size):
            swapped[at : at + size] = raw[at : at + size][::-1]
    path.write_bytes(bytes(swapped) + raw[348:352] + np.frombuffer(raw[352:], "<f4").astype(">f4").tobytes())
    with pytest.raises(InputError, match="^1 voxel is NaN"):
        read_volume(path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_that_were_cut_off(tmp_path, suffix):
    geometry = grid(size=(40, 40, 40))
    path = tmp_path / f"a.{suffix}"
    write_volume(path, np.random.default_rng(0).integers(0, 999, geometry.shape).astype(np.int16), geometry)
    whole = path.read_bytes()
    for part in (0.5, 0.99):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(InputError, match="Cannot read|ends before"):
            read_volume(path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file(tmp_path, suffix):
    resource = pytest.importorskip("resource")
    geometry = grid(size=(40, 40, 40))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, before[1]))
    try:
        with pytest.raises(InputError, match="Cannot write.*free space"):
            write_volume(path, np.random.default_rng(0).integers(0, 9999, geometry.shape), geometry)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def nifti_with_sform(path, rows, sform_code, qform_code):
    image = sitk.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    image.SetSpacing((0.5, 0.75, 3.0))
    sitk.WriteImage(image, str(path))
    raw = bytearray(path.read_bytes())
    # Byte offsets of qform_code, sform_code and srow_x/y/z in the NIfTI-1 header.
    struct.pack_into("<hh", raw, 252, qform_code, sform_code)
    struct.pack_into("<12f", raw, 280, *np.ravel(rows))
    path.write_bytes(raw)
    return path


def test_nifti_sform_within_rounding_and_sheared(tmp_path, capfd):
    rows = np.array([[-0.5, 0, 0, 1], [0, 0.75, 0, 2], [0, 0, 3.0, 3]])
    rows[0, 1] = 1e-6
    path = nifti_with_sform(tmp_path / "a.nii", rows, 1, 0)
    # The sform of NIfTI is in RAS already.
    np.testing.assert_allclose(read_volume(path).geometry.ijk_to_ras[:3], rows, atol=1e-5)
    rows[0, 1] = 0.2
    with pytest.raises(InputError, match="sheared.*qform"):
        read_volume(nifti_with_sform(tmp_path / "b.nii", rows, 1, 0))
    # A valid qform places it, as in Slicer.
    grid = read_volume(nifti_with_sform(tmp_path / "c.nii", rows, 1, 1)).geometry
    np.testing.assert_allclose(grid.ijk_to_ras[:3, :3], np.diag([-0.5, -0.75, 3.0]), atol=1e-6)
    with pytest.raises(InputError, match="a place that is no number") as caught:
        read_volume(nifti_with_sform(tmp_path / "d.nii", rows * np.nan, 1, 0))
    assert caught.value.where.endswith("d.nii")
    assert "WARNING" not in capfd.readouterr().err


def test_sheared_grids_go_into_nrrd_but_not_into_nifti(tmp_path):
    matrix = grid().ijk_to_ras.copy()
    matrix[:3, 2] += matrix[:3, 0]
    sheared = Geometry(grid().size, matrix)
    write_volume(tmp_path / "a.nrrd", ramp(sheared), sheared)
    np.testing.assert_allclose(read_volume(tmp_path / "a.nrrd").geometry.ijk_to_ras, matrix, atol=1e-9)
    with pytest.raises(InputError, match=r"right angles.*\.nrrd"):
        write_volume(tmp_path / "a.nii.gz", ramp(sheared), sheared)
    assert [file.name for file in tmp_path.iterdir()] == ["a.nrrd"]


def test_write_refuses_bad_targets(tmp_path):
    geometry = grid()
    (tmp_path / "file").touch()
    for path in (tmp_path / "a.png", tmp_path / "a", tmp_path / "file" / "a.nrrd"):
        with pytest.raises(InputError):
            write_volume(path, ramp(geometry), geometry)
    with pytest.raises(ValueError, match="shape"):
        write_volume(tmp_path / "a.nrrd", ramp(geometry)[1:], geometry)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_dicom_folder(tmp_path):
    folder = dicom_series(tmp_path / "ct")
    (folder / "notes.txt").write_text("no image")
    volume = read_volume(folder)
    assert volume.name == "ct"
    expected = np.arange(20).reshape(1, 4, 5) + 100 * np.arange(5)[:, None, None]
    np.testing.assert_array_equal(volume.array, expected)
    np.testing.assert_allclose(
        volume.geometry.ijk_to_ras, [[-0.75, 0, 0, 10], [0, -0.5, 0, -20], [0, 0, 2.5, 30], [0, 0, 0, 1]], atol=1e-9
    )
    # What is written afterwards knows nothing of the patient.
    for suffix in FORMATS:
        write_volume(tmp_path / f"out.{suffix}", volume.array, volume.geometry, compress=False)
        assert b"Doe" not in (tmp_path / f"out.{suffix}").read_bytes()
        assert not any("|" in key for key in sitk.ReadImage(str(tmp_path / f"out.{suffix}")).GetMetaDataKeys())
    one = read_volume(next(folder.glob("*.dcm")))
    assert one.array.shape == (1, 4, 5)


def test_dicom_positions_may_be_rounded(tmp_path):
    # Slice 1 lies 0.1 mm off; the step still is what brings the first slice to the last one.
    grid = read_volume(dicom_series(tmp_path / "ct", jitter=0.1)).geometry
    np.testing.assert_allclose(grid.to_ras([[0, 0, 4]]), [[10, -20, 40]], atol=1e-9)
    with pytest.raises(InputError, match="unevenly"):
        read_volume(dicom_series(tmp_path / "off", jitter=0.2))


def test_bad_dicom_folders(tmp_path):
    two = dicom_series(tmp_path / "two")
    dicom_series(two, uid="1.2.826.0.1.3680043.2.1125.2", value=1)
    hole = dicom_series(tmp_path / "hole", count=8, skip=(3,))
    end = dicom_series(tmp_path / "end", count=20, skip=(1,))
    tilted = dicom_series(tmp_path / "tilted", shear=0.5)
    double = dicom_series(tmp_path / "double", step=0.0)
    for folder, message in {
        two: "2 DICOM series.*one series",
        hole: "unevenly spaced, doubled or missing",
        end: "unevenly spaced, doubled or missing",
        double: "unevenly spaced, doubled or missing",
        tilted: "tilted gantry",
    }.items():
        with pytest.raises(InputError, match=message):
            read_volume(folder)


def test_dicom_slices_of_different_size(tmp_path):
    folder = dicom_series(tmp_path / "ct", count=3)
    odd = sitk.ReadImage(str(folder / "1_99.dcm"))[:3, :, :]
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    writer.SetFileName(str(folder / "1_99.dcm"))
    source = sitk.ReadImage(str(folder / "1_98.dcm"))
    for key in source.GetMetaDataKeys():
        if not key.startswith("0028"):
            odd.SetMetaData(key, source.GetMetaData(key))
    odd.SetMetaData("0020|0032", "-10\\20\\30")
    writer.Execute(odd)
    with pytest.raises(InputError, match="differ in size"):
        read_volume(folder)
