"""Slices with the outlines of reference and result, for print."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from SAMAdaptLib.volume.captions import LINE, fit_legend, wrapped, write_figure
from SAMAdaptLib.volume.masks import bounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import QuadContourSet
    from matplotlib.typing import ColorType, LineStyleType

# Of Okabe and Ito's colours, which everybody can tell apart: one warm and light, one cold; one line whole, one broken.
REFERENCE, RESULT = "#E69F00", "#56B4E9"
BROKEN = (0, (2.2, 1.4))
TILE, TITLE, NAME = 2.1, 8.0, 9.0  # inches and points
# Of the two outlines' box: added on each side, and the least that is shown, pixels.
AROUND, LEAST = 0.4, 40


class Outlined(NamedTuple):
    """A slice and what is on it.

    Attributes:
        image: uint8 [H, W].
        truth: bool [H, W].
        result: bool [H, W].
        spacing: (row mm, column mm) of a pixel.
        title: for people.
    """

    image: np.ndarray
    truth: np.ndarray
    result: np.ndarray
    spacing: tuple[float, float]
    title: str


def contour_sheet(path: str | os.PathLike[str], rows: Mapping[str, Sequence[Outlined]]) -> Path:
    """Write a PNG and an SVG of slices in rows, cut to what is outlined and some of what is around it.

    Args:
        path: the PNG; the SVG lies beside it. Both are replaced atomically.
        rows: name of a row to its slices, one or more.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    columns = max(len(slices) for slices in rows.values())
    titles = {name: [wrapped(one.title, TILE - 0.15, TITLE) for one in slices] for name, slices in rows.items()}
    names = [wrapped(name, TILE - 0.1, NAME) for name in rows]
    left = 0.15 + max(name.count("\n") + 1 for name in names) * LINE * NAME / 72
    above = [0.1 + max(text.count("\n") + 1 for text in texts) * LINE * TITLE / 72 for texts in titles.values()]
    width = left + columns * TILE
    legend = fit_legend(["Reference", "Result"], width, NAME)
    height = len(rows) * TILE + sum(above) + legend.height + 0.1
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    top = height
    for number, (row, slices) in enumerate(rows.items()):
        top -= above[number] + TILE
        figure.text(
            (left - 0.08) / width, (top + TILE / 2) / height, names[number], rotation=90, ha="right", va="center",
            fontsize=NAME, linespacing=LINE - 0.05,
        )  # fmt: skip
        for column, one in enumerate(slices):
            box = (left + column * TILE + 0.04, top, TILE - 0.08, TILE)
            axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            _outlined(axes, one)
            axes.set_title(titles[row][column], fontsize=TITLE, pad=3)
    handles = [
        Line2D([], [], color=REFERENCE, linewidth=1.8),
        Line2D([], [], color=RESULT, linestyle=BROKEN, linewidth=1.8),
    ]
    legend.draw(figure, handles, "lower center", "black", gap=0.3)
    return write_figure(figure, path)


def _outlined(axes: Axes, one: Outlined) -> None:
    from matplotlib.patheffects import withStroke

    part = _around(one.truth | one.result, one.truth.shape)
    axes.set_axis_off()
    axes.imshow(one.image[part], cmap="gray", vmin=0, vmax=255, aspect=one.spacing[0] / one.spacing[1])
    drawn: list[tuple[np.ndarray, str, LineStyleType]] = [(one.truth, REFERENCE, "-"), (one.result, RESULT, BROKEN)]
    for mask, colour, style in drawn:
        if not mask[part].any():
            continue
        lines = outline(axes, mask[part], colour, 1.4, style)
        lines.set_path_effects([withStroke(linewidth=2.2, foreground="black", alpha=0.6)])


def outline(
    axes: Axes, mask: np.ndarray, colour: ColorType, width: float, style: LineStyleType = "-"
) -> QuadContourSet:
    """Draw the outline of a mask, bool [H, W], on a picture of the same size; ``width`` of the line in points."""
    # With an empty edge, so that outlines close there.
    padded = np.pad(mask.astype(float), 1)
    grid = [np.arange(-1, size - 1) for size in padded.shape[::-1]]
    return axes.contour(*grid, padded, [0.5], colors=[colour], linewidths=[width], linestyles=[style])


def _around(mask: np.ndarray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns to be shown: a square around what is outlined where the slice has so much."""
    found = bounds(mask)
    if found is None:
        return slice(None), slice(None)
    side = max(LEAST, *((1 + 2 * AROUND) * (part.stop - part.start) for part in found))
    cut = []
    for part, size in zip(found, shape, strict=True):
        length = min(size, round(side))
        start = min(max(0, round((part.start + part.stop - length) / 2)), size - length)
        cut.append(slice(start, start + length))
    return cut[0], cut[1]
