"""Pictures of slices with masks and prompts drawn on them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from SAMAdaptLib.files import writable_folder
from SAMAdaptLib.names import safe_name
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.volume import masks
from SAMAdaptLib.volume.captions import LINE, fit_legend, wrapped, write_png
from SAMAdaptLib.volume.intensity import in_colour

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from SAMAdaptLib.evaluation.figures import LabelResult
    from SAMAdaptLib.sam.predictor import VolumePredictor

PREDICTION = (0, 170, 255)
TRUTH = (255, 210, 0)
POSITIVE = (40, 220, 60)
NEGATIVE = (255, 50, 50)
BOX = (255, 255, 255)
TINT = 0.5
_TILE_INCHES = 2.9
# Heights of a picture in units of its tile's width: more would fill a screen with one narrow slice, and beside less
# there is no room for the name of a row.
_TALLEST, _LOWEST_NAMED = 2.0, 0.5
_TITLE, _ROW_TITLE, _LEGEND = 10.5, 12, 10  # font sizes


class Panel(NamedTuple):
    """One picture of a sheet; see :func:`overlay` for the first five."""

    image: np.ndarray
    truth: np.ndarray | None
    prediction: np.ndarray | None
    prompt: Prompt | None
    title: str
    spacing: tuple[float, float] = (1.0, 1.0)


def overlay(
    image: np.ndarray,
    truth: np.ndarray | None = None,
    prediction: np.ndarray | None = None,
    prompt: Prompt | None = None,
    spacing: tuple[float, float] = (1.0, 1.0),
    size: int = 600,
) -> np.ndarray:
    """Draw masks and a prompt on a slice: the prediction as a tint, the truth as a line, points as dots, the box
    or the line around the object.

    Args:
        image: uint8 [H, W], or in colour [H, W, 3].
        truth: bool [H, W] or None.
        prediction: bool [H, W] or None.
        prompt: in pixels of the slice, or None.
        spacing: (row mm, column mm) of a pixel; the picture has the shape that the slice has in the patient.
        size: longer side of the picture in pixels.

    Returns:
        uint8 [h, w, 3], max(h, w) = ``size``; pixel (x, y) of the slice lies around ((x + 0.5) w / W, (y + 0.5) h / H).
    """
    from scipy.ndimage import binary_dilation, binary_erosion
    from skimage.draw import disk, polygon_perimeter, rectangle_perimeter
    from skimage.transform import resize

    extent = np.array(image.shape[:2]) * spacing
    shape = tuple(int(n) for n in np.maximum(1, np.round(size * extent / extent.max())))
    scale = np.array(shape) / image.shape[:2]
    picture = resize(in_colour(image).astype(np.float32), shape, order=1, mode="edge", anti_aliasing=False)

    def enlarged(mask: np.ndarray) -> np.ndarray:
        result: np.ndarray = resize(mask.astype(np.float32), shape, order=1, mode="constant", anti_aliasing=False) > 0.5
        return result

    if prediction is not None:
        inside = enlarged(prediction)
        picture[inside] = (1 - TINT) * picture[inside] + TINT * np.array(PREDICTION, np.float32)
    if truth is not None:
        inside = enlarged(truth)
        side = max(3, 2 * round(size / 400) + 1)
        picture[inside & ~binary_erosion(inside, np.ones((side, side)))] = TRUTH
    if prompt is not None and prompt.outline is not None:
        corners = (prompt.outline[:, ::-1] + 0.5) * scale - 0.5
        line = np.zeros(shape, bool)
        line[polygon_perimeter(*np.round(corners).astype(int).T, shape=shape, clip=True)] = True
        picture[binary_dilation(line, np.ones((2, 2))) if size >= 400 else line] = BOX
    elif prompt is not None and prompt.box is not None:
        x0, y0, x1, y1 = prompt.box
        # The corners are pixel centres of the outermost pixels, and the line runs around those pixels.
        start, end = (np.array([y0, x0])) * scale, (np.array([y1, x1]) + 1) * scale - 1
        line = np.zeros(shape, bool)
        line[rectangle_perimeter(start.astype(int), end=end.astype(int), shape=shape, clip=True)] = True
        picture[binary_dilation(line, np.ones((2, 2))) if size >= 400 else line] = BOX
    if prompt is not None:
        radius = max(2.5, size / 90)
        for (x, y), label in zip(prompt.points, prompt.labels, strict=True):
            centre = (np.array([y, x]) + 0.5) * scale - 0.5
            picture[disk(centre, 1.4 * radius, shape=shape)] = 0
            picture[disk(centre, radius, shape=shape)] = POSITIVE if label == 1 else NEGATIVE
    drawn: np.ndarray = np.clip(np.round(picture), 0, 255).astype(np.uint8)
    return drawn


def overlay_sheet(
    path: str | os.PathLike[str],
    panels: Sequence[Panel],
    columns: int,
    dpi: int = 110,
    row_titles: Sequence[str] = (),
) -> Path:
    """Write a PNG of overlays on black, with titles and a legend of what is drawn.

    Args:
        path: the PNG file; replaced atomically.
        panels: the pictures, row by row.
        columns: pictures in a row.
        dpi: pixels per inch; a picture is 2.9 inches wide.
        row_titles: names of the rows, written along their left side.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    panels = [Panel(*panel) for panel in panels]
    rows = -(-len(panels) // columns)
    tile, gap = _TILE_INCHES, 0.03
    lengths = [panel.image.shape[:2] * np.array(panel.spacing) for panel in panels]
    heights = [min(_TALLEST, float(tall / wide)) for tall, wide in lengths]
    pictures = [
        overlay(*panel[:4], spacing=panel.spacing, size=int(tile * dpi * max(1.0, height)))
        for panel, height in zip(panels, heights, strict=True)
    ]
    # Each row is as tall as its tallest picture.
    lowest = _LOWEST_NAMED if row_titles else 0.0
    tall = [tile * max(lowest, *heights[row * columns : (row + 1) * columns]) for row in range(rows)]
    names = [wrapped(name, inches, _ROW_TITLE, "bold") for name, inches in zip(row_titles, tall, strict=False)]
    left = 0.1 + _lines(names) * LINE * _ROW_TITLE / 72 if names else 0.0
    titles = [wrapped(panel.title, tile - 2 * gap, _TITLE) for panel in panels]
    above = [
        0.28 + (_lines(titles[row * columns : (row + 1) * columns]) - 1) * LINE * _TITLE / 72 for row in range(rows)
    ]
    width = left + columns * tile
    handles = _legend(panels)
    legend = fit_legend([str(handle.get_label()) for handle in handles], width, _LEGEND)
    total = sum(tall) + sum(above) + legend.height
    figure = Figure(figsize=(width, total), dpi=dpi, facecolor="black")
    top = total
    for row in range(rows):
        top -= tall[row] + above[row]
        if row < len(names):
            middle = (top + tall[row] / 2) / total
            figure.text(
                left / 2 / width, middle, names[row], color="white", rotation=90, ha="center", va="center",
                fontsize=_ROW_TITLE, fontweight="bold", linespacing=LINE - 0.05,
            )  # fmt: skip
        for column, number in enumerate(range(row * columns, min(len(panels), (row + 1) * columns))):
            box = (left + column * tile + gap, top, tile - 2 * gap, tall[row])
            axes = figure.add_axes((box[0] / width, box[1] / total, box[2] / width, box[3] / total))
            axes.set_axis_off()
            axes.imshow(pictures[number], interpolation="antialiased")
            axes.set_title(titles[number], color="white", fontsize=_TITLE, pad=3.5)
    legend.draw(figure, handles, "lower center", "white", gap=0.2)
    return write_png(figure, path)


def save_overlays(
    folder: str | os.PathLike[str],
    results: dict[str, LabelResult],
    predictor: VolumePredictor,
    count: int = 6,
) -> list[Path]:
    """Write a few overlays of each label: scored slices evenly apart, the best and the worst among them.

    Args:
        folder: where ``<number>_<label>_<slice index>.png`` go; a label's name is made one that files can have.
        results: of an evaluation; the prompts that were given there are drawn.
        predictor: with which it was made; gives the images.
        count: at most this many pictures of a label, at least 2.

    Returns:
        the files.

    Raises:
        InputError: the folder cannot be written to.
    """
    folder = writable_folder(folder)
    paths = []
    for number, (name, result) in enumerate(results.items(), start=1):
        safe = safe_name(name).replace(" ", "_")
        scores = slice_dice(result)
        for index in choose_slices(scores, count):
            panel = Panel(
                predictor.image(index), result.truth[index], result.prediction[index], result.prompts.get(index),
                f"{name}, slice {index}: Dice {scores[index]:.2f}", predictor.stack.pixel_spacing,
            )  # fmt: skip
            paths.append(overlay_sheet(folder / f"{number:02d}_{safe}_{index:04d}.png", [panel], 1, dpi=180))
    return paths


def slice_dice(result: LabelResult) -> dict[int, float]:
    """Dice of every scored slice that holds truth or prediction, by slice index."""
    shown = (index for index in result.slices if result.truth[index].any() or result.prediction[index].any())
    return {index: masks.dice(result.truth[index], result.prediction[index]) for index in shown}


def choose_slices(dice: dict[int, float], count: int) -> list[int]:
    """Up to ``count`` slices in rising order: the best, the worst, and others as evenly apart as they allow."""
    indices = sorted(dice)
    if len(indices) <= count:
        return indices
    extremes = {min(indices, key=lambda index: dice[index]), max(indices, key=lambda index: dice[index])}
    rest = [index for index in indices if index not in extremes]
    places = np.linspace(0, len(rest) - 1, max(0, count - len(extremes))).round().astype(int)
    return sorted(extremes | {rest[place] for place in places})


def _lines(texts: Sequence[str]) -> int:
    return max((text.count("\n") + 1 for text in texts), default=1)


def _legend(panels: Sequence[Panel]) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    prompts = [panel.prompt for panel in panels if panel.prompt is not None]

    def colour(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
        red, green, blue = rgb
        return red / 255, green / 255, blue / 255

    def dot(rgb: tuple[int, int, int], label: str) -> Line2D:
        return Line2D([], [], color=colour(rgb), marker="o", linestyle="", label=label)

    def frame(label: str) -> Patch:
        return Patch(fill=False, edgecolor=colour(BOX), label=label)

    wanted = [
        (any(p.truth is not None for p in panels), Line2D([], [], color=colour(TRUTH), lw=2, label="Truth")),
        (any(p.prediction is not None for p in panels), Patch(color=colour(PREDICTION), label="Prediction")),
        (any((p.labels == 1).any() for p in prompts), dot(POSITIVE, "Point on the object")),
        (any((p.labels == 0).any() for p in prompts), dot(NEGATIVE, "Point outside")),
        (any(p.box is not None and p.outline is None for p in prompts), frame("Box")),
        (any(p.outline is not None for p in prompts), frame("Lasso")),
    ]
    return [handle for shown, handle in wanted if shown]
