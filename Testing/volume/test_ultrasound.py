"""Pictures in colour as DICOM, and how large the pixels of ultrasound are."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.volume import read_volume
from Testing.dicom_files import STORAGE, empty, item, save, with_pixels

ULTRASOUND = STORAGE + "6.1"
CENTIMETRES, SECONDS = 3, 4
ROWS, COLUMNS = 16, 24
PICTURE = np.zeros((ROWS, COLUMNS, 3), np.uint8)
PICTURE[..., 0], PICTURE[..., 1] = np.linspace(0, 255, COLUMNS), np.linspace(0, 255, ROWS)[:, None]
PICTURE[4:10, 6:16] = (200, 30, 90)


def ultrasound(path, stored=PICTURE, kind="RGB", planar=0, **elements):
    data = empty(path, ULTRASOUND, Modality="US", **elements)
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, kind, planar
    data.Rows, data.Columns = ROWS, COLUMNS
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = np.ascontiguousarray(stored).tobytes()
    data["PixelData"].VR = "OB"
    return data


def region(across: float, down: float, units: int = CENTIMETRES, form: int = 1):
    return item(
        RegionSpatialFormat=form, PhysicalUnitsXDirection=units, PhysicalUnitsYDirection=CENTIMETRES,
        PhysicalDeltaX=across, PhysicalDeltaY=down,
    )  # fmt: skip


def spacing_of(path, *regions) -> list[float]:
    data = ultrasound(path)
    data.SequenceOfUltrasoundRegions = list(regions)
    return read_volume(save(data)).geometry.spacing.tolist()


@pytest.mark.parametrize("kind", ["RGB", "planes", "YBR_FULL", "JPEG"])
def test_colours_however_they_are_stored(tmp_path, kind):
    tolerance = 0
    if kind == "JPEG":
        file = io.BytesIO()
        Image.fromarray(PICTURE).save(file, "JPEG", quality=100, subsampling=0)
        data, tolerance = ultrasound(tmp_path / "a.dcm", kind="YBR_FULL"), 8
        data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        data.PixelData = encapsulate([file.getvalue()])
        data["PixelData"].is_undefined_length = True
    elif kind == "YBR_FULL":
        stored = np.asarray(Image.fromarray(PICTURE).convert("YCbCr"))
        data, tolerance = ultrasound(tmp_path / "a.dcm", stored, kind), 3
    elif kind == "planes":
        data = ultrasound(tmp_path / "a.dcm", PICTURE.transpose(2, 0, 1), planar=1)
    else:
        data = ultrasound(tmp_path / "a.dcm")
    volume = read_volume(save(data))
    assert volume.colour and volume.channels == 3 and volume.modality == "US" and volume.array.dtype == np.uint8
    assert volume.array.shape == (1, ROWS, COLUMNS, 3)
    assert np.abs(volume.array[0].astype(int) - PICTURE).max() <= tolerance


def test_pixels_are_as_large_as_all_regions_of_tissue_say(tmp_path, recwarn):
    assert spacing_of(tmp_path / "one.dcm", region(0.02, 0.04)) == pytest.approx([0.2, 0.4, 1])
    # Upwards, and beside a spectrum, whose pixels are seconds.
    spectrum = region(0.5, 0.1, SECONDS, 3)
    assert spacing_of(tmp_path / "two.dcm", region(0.02, -0.04), spectrum) == pytest.approx([0.2, 0.4, 1])
    assert not [one for one in recwarn if "1 x 1 mm" in str(one.message)]


@pytest.mark.parametrize("regions", [
    [(0.02, 0.02), (0.03, 0.03)], [(0.02, 0.02, SECONDS)], [(0.0, 0.02)], [(float("nan"), 0.02)], [],
])  # fmt: skip
def test_pixels_of_no_one_size_are_told(tmp_path, regions):
    with pytest.warns(Note, match="how large its pixels are; they were taken as 1 x 1 mm"):
        assert spacing_of(tmp_path / "a.dcm", *(region(*one) for one in regions)) == [1, 1, 1]


def test_several_pictures_and_damaged_ones_are_refused(tmp_path):
    for name in "ab":
        whole = save(ultrasound(tmp_path / "two" / f"{name}.dcm"))
    with pytest.raises(InputError, match="2 pictures in colour.*the file of one picture"):
        read_volume(tmp_path / "two")
    (tmp_path / "cut.dcm").write_bytes(whole.read_bytes()[:-300])
    with pytest.raises(InputError, match="cut.dcm"):
        read_volume(tmp_path / "cut.dcm")


def test_a_grey_picture_that_lies_nowhere_is_one_slice(tmp_path):
    grey = with_pixels(empty(tmp_path / "a.dcm", STORAGE + "1.1", Modality="DX"), PICTURE[..., 0].astype(np.uint16))
    with pytest.warns(Note, match="does not say where it lies"):
        volume = read_volume(save(grey))
    np.testing.assert_array_equal(volume.array, PICTURE[None, ..., 0])
    assert volume.channels == 1 and not volume.colour
