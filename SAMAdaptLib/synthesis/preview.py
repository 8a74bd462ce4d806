"""A sheet of synthetic samples beside their exemplars, to judge by eye (as figure 1 of arXiv 2308.14133)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.volume.captions import fit_legend, write_png
from SAMAdaptLib.volume.colours import class_colours
from SAMAdaptLib.volume.intensity import in_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from SAMAdaptLib.exemplars.exemplar import Exemplar
    from SAMAdaptLib.synthesis.compose import Synthetic

_TILE_INCHES = 1.9
_LEGEND = 9  # font size


def preview_sheet(
    dataset: SyntheticSet, path: str | os.PathLike[str], rows: int = 2, columns: int = 6, dpi: int = 110
) -> Path:
    """Write a PNG: per exemplar a row of images above a row of labels, the exemplar first, then its samples.

    The exemplars are those of the first samples that differ, those with more classes first; a cell stays black where
    the set has no further sample of an exemplar.

    Args:
        dataset: the synthetic set.
        path: the PNG file; replaced atomically.
        rows: number of exemplars.
        columns: at most so many pictures in a row, the exemplar included.
        dpi: pixels per inch; a picture is 1.9 inches wide.

    Returns:
        the path.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    chosen = _choose(dataset, rows, columns - 1)
    columns = min(columns, 1 + max(map(len, chosen.values())))
    exemplars = [dataset.library.load(exemplar_id) for exemplar_id in chosen]
    colours = class_colours(len(dataset.classes))
    heights = [_height(exemplar.info.shape, exemplar.info.pixel_spacing) for exemplar in exemplars]
    tall = [height for height in heights for _ in range(2)]
    shown = sorted({name for exemplar in exemplars for name in exemplar.info.classes}, key=dataset.classes.index)
    width = columns * _TILE_INCHES
    legend = fit_legend(shown, width, _LEGEND)
    title = 0.3
    total = sum(tall) * _TILE_INCHES + legend.height + title
    figure = Figure(figsize=(width, total), dpi=dpi, facecolor="black")
    grid = figure.add_gridspec(
        len(tall), columns, height_ratios=tall, left=0, right=1, wspace=0.02, hspace=0.02,
        bottom=legend.height / total, top=1 - title / total,
    )  # fmt: skip
    for row, (exemplar, indices) in enumerate(zip(exemplars, chosen.values(), strict=True)):
        made: list[Exemplar | Synthetic] = [exemplar, *(dataset[index] for index in indices)]
        for column in range(columns):
            upper, lower = (figure.add_subplot(grid[2 * row + part, column]) for part in range(2))
            _show(upper, lower, made[column] if column < len(made) else None, exemplar.info.pixel_spacing, colours)
            if row == 0:
                text = "Exemplar" if column == 0 else f"Synthetic {column}"
                upper.set_title(text, color="white", fontsize=10, pad=5)
    handles = [Patch(color=colours[dataset.classes.index(name) + 1] / 255) for name in shown]
    legend.draw(figure, handles, "lower center", "white", gap=0.3)
    return write_png(figure, path)


def _choose(dataset: SyntheticSet, rows: int, samples: int) -> dict[str, list[int]]:
    """Exemplar id to sample indices, for ``rows`` exemplars."""
    found: dict[str, list[int]] = {}
    richness = {}
    for index in range(len(dataset)):
        info = dataset.source(index)[1]
        found.setdefault(info.id, []).append(index)
        richness[info.id] = len(info.classes)
    best = sorted(found, key=lambda exemplar_id: -richness[exemplar_id])[:rows]
    return {exemplar_id: found[exemplar_id][:samples] for exemplar_id in best}


def _height(shape: tuple[int, int], pixel_spacing: tuple[float, float]) -> float:
    """Height of a picture in units of its width, within what fits on a sheet."""
    return float(np.clip(shape[0] * pixel_spacing[0] / (shape[1] * pixel_spacing[1]), 0.3, 2.0))


def _show(
    upper: Axes,
    lower: Axes,
    shown: Exemplar | Synthetic | None,
    pixel_spacing: tuple[float, float],
    colours: np.ndarray,
) -> None:
    """The image above its labels, or nothing."""
    for axes in (upper, lower):
        axes.set_axis_off()
    if shown is not None:
        aspect = pixel_spacing[0] / pixel_spacing[1]
        upper.imshow(in_colour(shown.image), interpolation="nearest", aspect=aspect)
        lower.imshow(colours[shown.labels], interpolation="nearest", aspect=aspect)
