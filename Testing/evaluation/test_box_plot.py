"""Boxes of scores show the quartiles that numpy finds, at the height that the axis says."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.plots import FILLS, LINES, WARM, box_plot

MEDIAN, BOX = (np.array(to_rgb(colour)) for colour in (WARM, FILLS[0]))
# Of a point, in pixels.
POINT = 300 / 72


def marked(picture: np.ndarray, colour: np.ndarray) -> np.ndarray:
    return np.abs(picture[..., :3] - colour).max(axis=-1) < 0.03


def blocks(columns: np.ndarray) -> list[np.ndarray]:
    """Columns in runs apart by more than a dot's width."""
    columns = np.unique(columns)
    return np.split(columns, np.flatnonzero(np.diff(columns) > 7 * POINT) + 1)


def test_boxes_and_medians_lie_where_the_figures_are(tmp_path) -> None:
    """The boxes' edges and medians of two labels, read from the picture, are one linear map of numpy's quartiles."""
    low, high = list(np.linspace(0.1, 0.4, 61)), list(np.linspace(0.5, 0.98, 61) ** 2)
    picture = imread(box_plot(tmp_path / "box.png", {"dice": {"low": low, "high": high}}))
    box, median = marked(picture, BOX), marked(picture, MEDIAN)
    rows, values = [], []
    groups = blocks(np.nonzero(median)[1])
    assert len(groups) == 2
    for group, figures in zip(groups, (low, high), strict=True):
        # The smooth edges of whiskers and their caps, which are narrower, have the box's colour somewhere, too.
        inside = np.flatnonzero((box | median)[:, group[0] : group[-1] + 1].mean(axis=1) > 0.6)
        line = np.flatnonzero(median[:, group[0] : group[-1] + 1].any(axis=1))
        rows += [inside.min(), line.mean(), inside.max()]
        values += [np.quantile(figures, q) for q in (0.75, 0.5, 0.25)]
    slope, offset = np.polyfit(values, rows, 1)
    assert slope < -100 and np.abs(np.polyval((slope, offset), values) - rows).max() < 1.6 * POINT
    # The scale of a share is 0 to 1 (and a hair): its ends lie within the picture, most of which it takes.
    assert 0 < slope + offset < offset < picture.shape[0] and -slope > 0.6 * picture.shape[0]


def test_every_metric_has_its_panel_and_gaps_are_left_out(tmp_path) -> None:
    scores = {
        "dice": {"a": [0.5, None, 0.7], "b": []},
        "hd95_mm": {"a": [float("nan"), 3.0, float("inf")], "b": [9.0, 12.0]},
        "seconds": {"a": [1.0], "b": [2.0]},
    }
    picture = imread(box_plot(tmp_path / "box.png", scores))
    thirds = np.array_split(marked(picture, MEDIAN), 3, axis=1)
    assert [len(blocks(np.nonzero(third)[1])) for third in thirds] == [1, 2, 2]


def test_the_same_scores_give_the_same_file_and_nothing_still_gives_a_picture(tmp_path) -> None:
    scores = {"dice": {"a": list(np.random.default_rng(0).random(20))}}
    one, two = box_plot(tmp_path / "1.png", scores), box_plot(tmp_path / "2.png", scores)
    assert one.read_bytes() == two.read_bytes()
    assert imread(box_plot(tmp_path / "empty.png", {})).shape[0] > 100
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.png", "1.svg", "2.png", "2.svg", "empty.png", "empty.svg"]
    # For print: an A4 page's width has 2480 dots.
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes() and imread(one).shape[1] > 800


def test_a_folder_that_is_a_file(tmp_path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="taken"):
        box_plot(tmp_path / "taken" / "box.png", {"dice": {"a": [1.0]}})


def test_two_models_never_share_a_box(tmp_path) -> None:
    """One label, two models: two boxes, each where that model's values are and in its colour, and a legend of both."""
    low, high = [0.1, 0.2, 0.3], [0.7, 0.8, 0.9]
    pooled = imread(box_plot(tmp_path / "one.png", {"dice": {"liver": low + high}}))
    scores = {"dice": {("liver", "base"): low, ("liver", "adapted"): high}}
    picture = imread(box_plot(tmp_path / "two.png", scores))
    assert len(blocks(np.nonzero(marked(pooled, MEDIAN))[1])) == 1
    assert picture.shape[0] > pooled.shape[0]
    # Above the legend, which takes what the picture is higher.
    drawn = picture[: pooled.shape[0]]
    base, adapted = (np.argwhere(marked(drawn, np.array(to_rgb(colour)))) for colour in LINES[:2])
    assert len(base) > 100 and len(adapted) > 100 and base[:, 1].max() < adapted[:, 1].min()
    # The axis runs from -0.02 to 1.02, most of the picture's height: 0.6 apart is more than a third of it.
    assert base[:, 0].mean() - adapted[:, 0].mean() > drawn.shape[0] / 3


def test_long_and_many_names_leave_the_boxes_their_height(tmp_path) -> None:
    """Between two quartiles lie as many pixels as with short names, and no caption runs out of the picture."""
    span = {}
    for kind, names in (("short", ["a", "b"]), ("long", [f"structure number {i} with a long name" for i in range(14)])):
        picture = imread(box_plot(tmp_path / f"{kind}.png", {"dice": {name: [0.0, 0.5, 1.0] for name in names}}))
        rows = np.flatnonzero(marked(picture, BOX).sum(axis=1) > 10 * POINT)
        span[kind] = rows.max() - rows.min()
        edges = (picture[:2], picture[-2:], picture[:, :2], picture[:, -2:])
        assert all((edge[..., :3] == 1).all() for edge in edges)
    assert span["long"] > 0.9 * span["short"]
