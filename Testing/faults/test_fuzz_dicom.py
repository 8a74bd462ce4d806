"""DICOM files and folders that are damaged, mixed, or say of themselves what cannot be."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Testing.faults.conftest import asked
from Testing.faults.mutations import damaged, tries

dicom_files = pytest.importorskip("Testing.dicom_files", reason="pydicom, which writes the files, is not installed")
pydicom = pytest.importorskip("pydicom")

pytestmark = pytest.mark.filterwarnings("ignore")

PLACES = np.array([(0, 0, 2.5 * k) for k in range(4)])
VOXELS = np.random.default_rng(0).integers(0, 900, (4, 10, 12))
MASKS = {"liver": VOXELS > 500, "spleen": VOXELS < 100}


def answer(tally, child, path, data):
    """What the reader says, after a look that it is an answer."""
    return asked(tally("DICOM"), child, path, path.parent.name.encode() + data, path.name)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """A series in files, an object of many frames and a segmentation: what to damage, and what to read."""
    folder = tmp_path_factory.mktemp("dicom")
    series = dicom_files.series(folder / "series", VOXELS, PLACES)
    many = dicom_files.save(dicom_files.enhanced(folder / "many" / "frames.dcm", VOXELS, PLACES))
    seg = dicom_files.save(dicom_files.segmentation(folder / "seg" / "seg.dcm", MASKS, PLACES))
    return {"series": (series / "001.dcm", series), "frames": (many, many), "segmentation": (seg, seg)}


@pytest.mark.parametrize("kind", ["series", "frames", "segmentation"])
def test_damaged_files(tally, child, kinds, kind):
    file, path = kinds[kind]
    whole = file.read_bytes()
    before = child.read(path)
    assert "labels" in before or "hash" in before

    @tries(40)
    @given(damaged(whole))
    def check(data):
        file.write_bytes(data)
        answer(tally, child, path, data)

    @tries(10)
    @given(st.integers(132, len(whole) - 2))
    def cut(at):
        file.write_bytes(whole[:at])
        found = answer(tally, child, path, whole[:at])
        assert "hash" not in found and "labels" not in found, at

    check()
    cut()
    file.write_bytes(whole)
    assert child.read(path) == before


JUNK = {
    "Rows": (0, 1, 65535, "gone"), "Columns": (0, 1, 65535, "gone"),
    "BitsAllocated": (0, 1, 8, 32, 64, 12345), "BitsStored": (0, 33), "HighBit": (0, 40), "PixelRepresentation": (2, 9),
    "SamplesPerPixel": (0, 3, 60000), "PhotometricInterpretation": ("RGB", "PALETTE COLOR", "x", "gone"),
    "NumberOfFrames": (0, -1, 3, 5, 2**31 - 1), "PixelData": (b"", b"\0" * 10, "gone"),
    "PixelSpacing": (["0", "0"], ["nan", "nan"], ["-1", "1"], ["1e300", "1"], ["inf", "1"], ["1"]),
    "ImagePositionPatient": (["nan", "0", "0"], ["1e300", "0", "0"], ["0"]),
    "ImageOrientationPatient": (["0"] * 6, ["nan"] * 6, ["1", "0", "0", "1", "0", "0"], ["1"]),
    "RescaleSlope": ("nan", "inf", "0", "1e300"), "RescaleIntercept": ("nan", "-inf"),
    "SliceThickness": ("nan", "-5", "0"), "SeriesInstanceUID": ("", "\x1b[2J", "1.2.3"),
    "InstanceNumber": ("nan", "9" * 12), "Modality": ("<script>", "x" * 60), "SegmentSequence": ("gone",),
    "SegmentationType": ("x", "LABELMAP", "FRACTIONAL"),
    "SharedFunctionalGroupsSequence": ("gone",), "PerFrameFunctionalGroupsSequence": ("gone",),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["series", "frames", "segmentation"])
def test_values_that_cannot_be(tally, child, kinds, kind):
    """Numbers that are none give no grid and no voxels that are none."""
    file, path = kinds[kind]
    whole = file.read_bytes()
    for keyword, values in JUNK.items():
        for value in values:
            data = pydicom.dcmread(file, force=True)
            if keyword not in data and value == "gone":
                continue
            try:
                with pydicom.config.disable_value_validation():
                    if value == "gone":
                        delattr(data, keyword)
                    else:
                        setattr(data, keyword, value)
                    data.save_as(file)
            except (ValueError, TypeError, OverflowError, AttributeError, struct.error):
                # What pydicom does not write.
                file.write_bytes(whole)
                continue
            found = answer(tally, child, path, file.read_bytes())
            if "nan" in str(value) and keyword not in ("SliceThickness", "InstanceNumber"):
                frames = kind != "series"
                assert frames or "hash" not in found, (keyword, value)
            file.write_bytes(whole)


# MPEG-2, JPEG 2000, RLE, and unknown ones.
SYNTAXES = ("1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5", "1.2.3", "")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_compressions_that_are_none(tally, child, kinds, syntax):
    """Voxels that are said to be compressed as they are not: refused, or what they are."""
    for file, path in kinds.values():
        whole = file.read_bytes()
        explicit = b"1.2.840.10008.1.2.1\0"
        at = whole.index(explicit)
        told = syntax.encode().ljust(len(syntax) + len(syntax) % 2, b"\0")
        data = whole[: at - 2] + struct.pack("<H", len(told)) + told + whole[at + len(explicit) :]
        file.write_bytes(data)
        try:
            found = answer(tally, child, path, data)
        finally:
            file.write_bytes(whole)
        # Readers that look at the length of the pixels may know better.
        good = child.read(path)
        assert found.get("hash") in (None, good.get("hash")), path
        assert found.get("labels") in (None, good.get("labels")), path


def test_folders_of_anything(tally, child, kinds, tmp_path):
    """Series mixed with each other and with files that are no DICOM, links in circles, and nothing."""
    (series, _), (many, _), (seg, _) = kinds.values()
    for number, files in enumerate(
        ([series, many], [series, seg], [many, seg], [seg, seg], [series] * 2, [many] * 3, [series, many, seg])
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        for place, file in enumerate(files):
            (folder / f"{place} ü🧠'.dcm").write_bytes(file.read_bytes())
        (folder / "notes.txt").write_text("x")
        (folder / "sub").mkdir()
        asked(tally("DICOM"), child, folder, str(number).encode(), None)
    (tmp_path / "empty").mkdir()
    asked(tally("DICOM"), child, tmp_path / "empty", b"empty", None)
    (tmp_path / "loop").mkdir()
    try:
        (tmp_path / "loop" / "a.dcm").symlink_to(tmp_path / "loop" / "a.dcm")
    except OSError:
        return
    asked(tally("DICOM"), child, tmp_path / "loop", b"loop", None)
