"""Radiotherapy structures as labels: against shapes whose pixels are known in closed form."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.volume.case import labels_of
from SAMAdaptLib.volume.geometry import LPS_TO_RAS
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume

pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
from Testing.dicom_files import ROOT, STRUCTURES, empty, item, numbers, save, series  # noqa: E402

SHAPE = (9, 40, 50)
TURNED = np.array([[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0]])


def structures(path: Path, volume: Volume, outlines, uid="1", kind="CLOSED_PLANAR") -> Path:
    """A file with these structures: name to outlines, each (slice, [N, 2] of columns and rows in pixels)."""
    data = empty(path, STRUCTURES, "66", Modality="RTSTRUCT")
    referred = item(RTReferencedSeriesSequence=[item(SeriesInstanceUID=ROOT + uid)])
    data.ReferencedFrameOfReferenceSequence = [item(RTReferencedStudySequence=[referred])]
    data.StructureSetROISequence = [item(ROINumber=n + 3, ROIName=name) for n, name in enumerate(outlines)]
    data.ROIContourSequence = []
    for number, members in enumerate(outlines.values()):
        contours = []
        for index, points in members:
            ijk = np.column_stack([points, np.full(len(points), float(index))])
            lps = volume.geometry.to_ras(ijk) @ LPS_TO_RAS[:3, :3]
            contours.append(item(ContourGeometricType=kind, NumberOfContourPoints=len(lps), ContourData=numbers(lps)))
        roi = item(ReferencedROINumber=number + 3, ROIDisplayColor=[255, 102, 0])
        if contours:
            roi.ContourSequence = contours
        data.ROIContourSequence.append(roi)
    return save(data)


def circle(radius: float, at=(25.0, 20.0), count=400) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([at[0] + radius * np.cos(angles), at[1] + radius * np.sin(angles)])


def disc(radius: float) -> np.ndarray:
    j, i = np.indices(SHAPE[1:])
    return (i - 25) ** 2 + (j - 20) ** 2 <= radius**2


def block(columns, rows) -> np.ndarray:
    (a, b), (c, d) = columns, rows
    return np.array([(a, c), (b, c), (b, d), (a, d)], float)


@pytest.fixture(params=[np.eye(3)[:2], TURNED], ids=["straight", "turned"])
def scan(request, tmp_path) -> Path:
    places = [np.array([-10.0, -20, 5]) + 2.5 * k * np.cross(*request.param) for k in range(SHAPE[0])]
    values = np.random.default_rng(0).integers(0, 1000, SHAPE)
    return series(tmp_path / "scan", values, places, axes=request.param, SliceThickness="2.5")


def test_contours_are_filled(scan, tmp_path) -> None:
    volume = read_volume(scan)
    ring = [(k, circle(radius)) for k in range(2, 6) for radius in (12.3, 6.7)]
    # The same hole, joined to the outer contour by a channel of no width.
    keyhole = [(6, np.concatenate([circle(12.3), circle(12.3)[:1], circle(6.7)[::-1], circle(6.7)[-1:]]))]
    square = [(3, block((9.5, 14.5), (4.5, 7.5))), (4, block((9.5, 14.5), (4.5, 7.5)))]
    file = structures(tmp_path / "rt" / "rt.dcm", volume, {"ring": ring + keyhole, "Square ": square})
    for path in (file, file.parent):
        labels = labels_of(volume, path)
        assert labels.names == {"ring": 1, "Square": 2} and not labels.made_up
        truth = np.zeros(SHAPE, bool)
        truth[2:7] = disc(12.3) & ~disc(6.7)
        np.testing.assert_array_equal(labels.mask("ring"), truth)
        truth[:] = False
        truth[3:5, 5:8, 10:15] = True
        np.testing.assert_array_equal(labels.mask("Square"), truth)
        assert labels.colors["ring"] == (1.0, 0.4, 0.0)
        np.testing.assert_array_equal(labels.geometry.ijk_to_ras, volume.geometry.ijk_to_ras)


def test_structures_become_exemplars(scan, tmp_path, capsys) -> None:
    volume = read_volume(scan)
    file = structures(tmp_path / "rt.dcm", volume, {"tumour": [(k, circle(9.4)) for k in range(1, 8)], "marks": []})
    words = ["exemplars", "add", "--image", scan, "--labels", file, "--library", tmp_path / "LIB", "--suggest", "2"]
    assert main([str(word) for word in words]) == 0
    assert "1 structure has no closed contours: marks" in capsys.readouterr().err
    library = Library.open(tmp_path / "LIB")
    found = [library.load(info.id) for info in library.infos() if not info.background]
    assert len(found) == 2 and all((one.labels > 0).sum() == disc(9.4).sum() for one in found)


def test_what_cannot_be_filled_is_refused(scan, tmp_path, monkeypatch) -> None:
    volume = read_volume(scan)

    def refused(words: str, outlines, **more) -> None:
        file = structures(tmp_path / "rt.dcm", volume, outlines, **more)
        with pytest.raises(InputError, match=words):
            labels_of(volume, file)

    whole = {"a": [(k, circle(9)) for k in range(3)]}
    refused("another series", whole, uid="2")
    refused("do not lie on slices", {"a": [(2.4, circle(9))]})
    refused("beyond the image", {"a": [(9, circle(9))]})
    refused("beyond the image", {"a": [(3, circle(9, (48, 20)))]})
    refused("a is outlined on one of 2 slices", {"a": [(k, circle(9)) for k in (1, 3, 5)]})
    refused("holds no closed contours", whole, kind="OPEN_PLANAR")
    refused("Two segments are named a", {"a": whole["a"], "a ": whole["a"]})
    file = structures(tmp_path / "rt.dcm", volume, whole)
    with pytest.raises(InputError, match="only on the scan they lie on"):
        read_labels(file)
    file.write_bytes(file.read_bytes()[:1200])
    with pytest.raises(InputError, match="Cannot read this RTSTRUCT|no closed contours"):
        labels_of(volume, file)
    (tmp_path / "two").mkdir()
    for name in "ab":
        structures(tmp_path / "two" / f"{name}.dcm", volume, whole)
    with pytest.raises(InputError, match=r"2 sets of radiotherapy structures.*a\.dcm, b\.dcm"):
        labels_of(volume, tmp_path / "two")
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(InputError, match="An RTSTRUCT needs the package pydicom"):
        labels_of(volume, tmp_path / "two" / "a.dcm")
