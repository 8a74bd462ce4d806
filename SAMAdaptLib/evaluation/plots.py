"""Curves of a training run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def loss_curve(path: str | os.PathLike, metrics: list[dict[str, Any]]) -> Path:
    """Write a PNG of loss and training Dice over the steps, a smoothed line over the faint single steps.

    Args:
        path: the PNG file; replaced atomically.
        metrics: lines with "step", "loss" and "dice", and lines with "step" and "validation" (a dict with "dice").

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), dpi=110, layout="constrained", facecolor="white")
    for axes, name, title, colour in zip(
        figure.subplots(1, 2), ("loss", "dice"), ("Loss", "Dice on the training slices"), ("#c2410c", "#0369a1"),
        strict=True,
    ):  # fmt: skip
        lines = [line for line in metrics if line.get(name) is not None]
        _curve(axes, [line["step"] for line in lines], [line[name] for line in lines], colour)
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("Step")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if name == "dice":
            axes.set_ylim(0, 1)
            held = [line for line in metrics if line.get("validation")]
            if held:
                values = [line["validation"]["dice"] for line in held]
                axes.plot([line["step"] for line in held], values, "D", color="#111827", label="Held-out slices")
                axes.legend(frameon=False, loc="lower right")
        else:
            axes.set_ylim(bottom=0)
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
