"""Curves of a training run, and boxes of scores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES = {"dice": "Dice", "iou": "IoU", "nsd": "NSD", "hd95_mm": "HD95 (mm)"}
SHARES = ("dice", "iou", "nsd")
WARM, COOL = "#c2410c", "#0369a1"


def loss_curve(path: str | os.PathLike, metrics: list[dict[str, Any]]) -> Path:
    """Write a PNG of loss and training Dice over the steps, a smoothed line over the faint single steps.

    Args:
        path: the PNG file; replaced atomically.
        metrics: lines with "step", "loss" and "dice", and lines with "step" and "validation" (a dict with "dice").

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), dpi=110, layout="constrained", facecolor="white")
    for axes, name, title, colour in zip(
        figure.subplots(1, 2), ("loss", "dice"), ("Loss", "Dice on the training slices"), (WARM, COOL),
        strict=True,
    ):  # fmt: skip
        lines = [line for line in metrics if line.get(name) is not None]
        _curve(axes, [line["step"] for line in lines], [line[name] for line in lines], colour)
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("Step")
        _plain(axes)
        if name == "dice":
            axes.set_ylim(0, 1)
            held = [line for line in metrics if line.get("validation")]
            if held:
                values = [line["validation"]["dice"] for line in held]
                axes.plot([line["step"] for line in held], values, "D", color="#111827", label="Held-out slices")
                axes.legend(frameon=False, loc="lower right")
        else:
            axes.set_ylim(bottom=0)
    return _write(figure, path)


def box_plot(path: str | os.PathLike, scores: dict[str, dict[str, list[float | None]]]) -> Path:
    """Write a PNG with a panel a metric and a box a label: median, quartiles, whiskers to 1.5 times their distance.

    Every value is a dot as well, since there are often few of them; None and values that are not finite are left out.

    Args:
        path: the PNG file; replaced atomically.
        scores: metric ("dice", "iou", "nsd", "hd95_mm" or any other) to label to values.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    count = max((len(labels) for labels in scores.values()), default=0)
    panels = max(1, len(scores))
    # Names lie aslant as soon as they would touch.
    longest = max((len(name) for labels in scores.values() for name in labels), default=0)
    slant = 30 if longest > 10 else 0
    figure = Figure(
        figsize=(panels * max(3.0, 0.6 + 0.95 * count), 3.4), dpi=110, layout="constrained", facecolor="white"
    )
    for axes, (metric, labels) in zip(figure.subplots(1, panels, squeeze=False)[0], scores.items(), strict=False):
        values = [[v for v in found if v is not None and np.isfinite(v)] for found in labels.values()]
        places = np.arange(len(values))
        axes.boxplot(
            values, positions=places, widths=0.5, showfliers=False, patch_artist=True, manage_ticks=False,
            boxprops={"facecolor": "#dbeafe", "edgecolor": COOL}, medianprops={"color": WARM, "linewidth": 2},
            whiskerprops={"color": COOL}, capprops={"color": COOL},
        )  # fmt: skip
        for place, found in zip(places, values, strict=True):
            # Evenly apart rather than by chance: the same figures give the same picture.
            spread = 0.16 * np.sin(2.4 * np.arange(len(found)))
            axes.plot(place + spread, found, ".", color="#111827", alpha=0.45, markersize=5, zorder=3)
        names = [f"{name}\nn = {len(found)}" for name, found in zip(labels, values, strict=True)]
        axes.set_xticks(places, names, rotation=slant, ha="right" if slant else "center", rotation_mode="anchor")
        axes.set_xlim(-0.6, max(len(values), 1) - 0.4)
        axes.set_title(TITLES.get(metric, metric), fontsize=11)
        if metric in SHARES:
            axes.set_ylim(-0.02, 1.02)
        elif any(values):
            axes.set_ylim(bottom=min(0, min(min(found) for found in values if found)))
        _plain(axes)
    return _write(figure, path)


def _plain(axes: Axes) -> None:
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _write(figure: Figure, path: str | os.PathLike) -> Path:
    # Not pyplot: its global state and choice of window system belong to the application.
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    path = Path(path)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary))
    return path


def _curve(axes: Axes, steps: list[int], values: list[float], colour: str) -> None:
    from scipy.ndimage import gaussian_filter1d

    axes.plot(steps, values, ".", color=colour, alpha=0.25, markersize=4)
    if len(values) > 1:
        smooth = gaussian_filter1d(np.asarray(values, dtype=float), max(1.0, len(values) / 30), mode="nearest")
        axes.plot(steps, smooth, color=colour, linewidth=2)
