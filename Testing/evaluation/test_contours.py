"""Outlines of reference and result lie where the masks are."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.contours import REFERENCE, RESULT, Outlined, contour_sheet

IMAGE = np.full((100, 120), 40, np.uint8)


def mask(rows: slice, columns: slice) -> np.ndarray:
    found = np.zeros(IMAGE.shape, bool)
    found[rows, columns] = True
    return found


def marked(picture: np.ndarray, colour: str) -> np.ndarray:
    """Rows and columns of pixels of a colour."""
    return np.argwhere(np.abs(picture[..., :3] - to_rgb(colour)).max(axis=-1) < 0.05)


def shown(picture: np.ndarray) -> tuple[int, int, int, int]:
    """First row and column and last ones of the slice in the picture; letters have few pixels of its grey."""
    grey = np.abs(picture[..., :3] - IMAGE[0, 0] / 255).max(axis=-1) < 0.02
    rows, columns = (np.flatnonzero(grey.sum(axis=axis) > 100) for axis in (1, 0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])


def test_the_outlines_are_those_of_the_masks_in_a_square_around_both(tmp_path) -> None:
    truth, result = mask(slice(30, 60), slice(50, 80)), mask(slice(36, 54), slice(56, 74))
    path = contour_sheet(tmp_path / "sheet.png", {"row": [Outlined(IMAGE, truth, result, (1.0, 1.0), "one")]})
    assert path.is_file() and (tmp_path / "sheet.svg").read_text(encoding="utf-8").startswith("<?xml")
    picture = imread(path)
    # 30 pixels and 0.4 of them on each side: the square begins 12 before the larger mask and has 54.
    top, left, bottom, right = shown(picture)
    scale = (right - left) / 54
    assert (bottom - top) / 54 == pytest.approx(scale, rel=0.02)
    for colour, low, high in ((REFERENCE, 12, 42), (RESULT, 18, 36)):
        line = marked(picture, colour)
        # Of the legend, which is below, nothing.
        line = line[line[:, 0] < bottom]
        ends = np.concatenate([line.min(axis=0) - (top, left), line.max(axis=0) - (top, left)]) / scale
        assert ends == pytest.approx([low, low, high, high], abs=0.6)


def test_a_pixel_has_the_shape_that_it_has_in_the_patient(tmp_path) -> None:
    truth = mask(slice(40, 60), slice(50, 70))
    none = np.zeros_like(truth)
    sheet = {"row": [Outlined(IMAGE, truth, none, (3.0, 1.0), "thick")]}
    picture = imread(contour_sheet(tmp_path / "sheet.png", sheet))
    top, left, bottom, right = shown(picture)
    assert (bottom - top) / (right - left) == pytest.approx(3, rel=0.03)


def test_nothing_is_cut_off_and_a_folder_that_is_a_file_is_refused(tmp_path) -> None:
    truth, none = mask(slice(0, 30), slice(0, 20)), np.zeros(IMAGE.shape, bool)
    long = "the name of a scan that somebody has written with many words, and of a structure"
    rows = {name: [Outlined(IMAGE, truth, none, (1.0, 1.0), long)] * 3 for name in (long, "b")}
    picture = imread(contour_sheet(tmp_path / "sheet.png", rows))
    edges = (picture[:3], picture[-3:], picture[:, :3], picture[:, -3:])
    assert all((edge[..., :3] == 1).all() for edge in edges)
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="taken"):
        contour_sheet(tmp_path / "taken" / "sheet.png", rows)
