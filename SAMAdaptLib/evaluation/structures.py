"""Sheets of slices with several structures on them, each in a colour of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from SAMAdaptLib.evaluation.contours import outline
from SAMAdaptLib.files import atomic_path, removed
from SAMAdaptLib.volume.captions import LINE, fit_legend, wrapped, write_png
from SAMAdaptLib.volume.colours import class_colours
from SAMAdaptLib.volume.intensity import in_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, ROWS = 6, 4
TILE, TITLE, LEGEND = 2.1, 8.0, 9.0  # inches and points
TINT = 0.35
SHEET = "overlays-{}.png"


class Tile(NamedTuple):
    """A slice and what is on it.

    Attributes:
        title: for people.
        image: uint8 [H, W].
        labels: int [H, W], 0 for the background and from 1 on the structures.
        spacing: (row mm, column mm) of a pixel.
        names: of the structures, in the order of their values.
    """

    title: str
    image: np.ndarray
    labels: np.ndarray
    spacing: tuple[float, float]
    names: tuple[str, ...]


def write_tile(path: str | os.PathLike[str], tile: Tile) -> None:
    """Keep a slice for a sheet.

    Raises:
        InputError: the folder cannot be written to.
    """
    values: dict[str, Any] = {name: np.array(value) for name, value in tile._asdict().items()}
    with atomic_path(path) as temporary, open(temporary, "wb") as stream:
        np.savez_compressed(stream, **values)


def read_tile(path: str | os.PathLike[str]) -> Tile | None:
    """What :func:`write_tile` wrote; None where it is gone or damaged, since a sheet does without."""
    try:
        with np.load(path, allow_pickle=False) as found:
            row, column = found["spacing"]
            names = tuple(str(name) for name in found["names"])
            return Tile(str(found["title"]), found["image"], found["labels"], (float(row), float(column)), names)
    except Exception:
        # zipfile and numpy raise whatever the broken bytes lead them to.
        return None


def structure_sheets(folder: str | os.PathLike[str], tiles: Sequence[Tile]) -> list[Path]:
    """Write PNGs of up to 24 slices each, ``overlays-1.png`` and so on, and remove those of an earlier call.

    Args:
        folder: where they go.
        tiles: the slices; a structure has the same colour in all of them.

    Returns:
        the files.

    Raises:
        InputError: the folder cannot be written to.
    """
    folder = Path(folder)
    names = list(dict.fromkeys(name for tile in tiles for name in tile.names))
    size = COLUMNS * ROWS
    pages = [tiles[start : start + size] for start in range(0, len(tiles), size)]
    files = [_sheet(folder / SHEET.format(number), page, names) for number, page in enumerate(pages, start=1)]
    number = len(files) + 1
    while (leftover := folder / SHEET.format(number)).is_file() and removed(leftover):
        number += 1
    return files


def _sheet(path: Path, tiles: Sequence[Tile], names: Sequence[str]) -> Path:
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    colours = class_colours(len(names)) / 255
    columns = min(COLUMNS, len(tiles))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    titles = [[wrapped(tile.title, TILE - 0.1, TITLE) for tile in row] for row in rows]
    above = [0.1 + max(text.count("\n") + 1 for text in row) * LINE * TITLE / 72 for row in titles]
    width = columns * TILE
    legend = fit_legend(names, width, LEGEND)
    height = len(rows) * TILE + sum(above) + legend.height + 0.1
    figure = Figure(figsize=(width, height), dpi=110, facecolor="black")
    top = height
    for number, row in enumerate(rows):
        top -= above[number] + TILE
        for column, tile in enumerate(row):
            box = (column * TILE + 0.03, top, TILE - 0.06, TILE)
            axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
            _draw(axes, tile, [colours[names.index(name) + 1] for name in tile.names])
            axes.set_title(titles[number][column], color="white", fontsize=TITLE, pad=3)
    legend.draw(figure, [Patch(color=colour) for colour in colours[1:]], "lower center", "white", gap=0.3)
    return write_png(figure, path)


def _draw(axes: Axes, tile: Tile, colours: Sequence[np.ndarray]) -> None:
    axes.set_axis_off()
    picture = in_colour(tile.image) / 255
    for value, colour in enumerate(colours, start=1):
        inside = tile.labels == value
        picture[inside] = (1 - TINT) * picture[inside] + TINT * colour
    axes.imshow(picture, aspect=tile.spacing[0] / tile.spacing[1])
    for value, colour in enumerate(colours, start=1):
        if (tile.labels == value).any():
            outline(axes, tile.labels == value, tuple(colour), 1.2)
