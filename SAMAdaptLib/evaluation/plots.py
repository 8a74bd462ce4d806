"""Curves of a training run, and boxes of scores."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.volume.captions import fit_legend, text_width, wrapped, write_figure, write_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Label = str | tuple[str, str]

WARM, COOL = "#c2410c", "#0369a1"
# Okabe and Ito's colours, which everybody can tell apart, and pale ones of the same hues.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#1f2937", "#E69F00", "#56B4E9")
FILLS = ("#cfe6f4", "#fbdccb", "#c9ebe0", "#f6e3ed", "#e5e7eb", "#fcecc8", "#ddf0fb")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
NO_MODEL = "model not known"
TICK = 10


def loss_curve(path: str | os.PathLike[str], metrics: list[dict[str, Any]]) -> Path:
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
    return write_png(figure, path)


def box_plot(path: str | os.PathLike[str], scores: Mapping[str, Mapping[Label, list[float | None]]]) -> Path:
    """Write a PNG and an SVG with a panel a metric and a box a label: median, quartiles, whiskers to 1.5 times their
    distance.

    Every value is a dot as well, since there are often few of them; None and values that are not finite are left out.
    Values of two models never share a box: those of one label stand side by side, in a colour for each model.

    Args:
        path: the PNG, which is returned; the SVG lies beside it. Both are replaced atomically.
        scores: metric (one of :data:`SAMAdaptLib.evaluation.metrics.METRICS` or any other) to label to values. A label
            is a name, or a name and the model whose values they are.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    keyed = {metric: {_pair(label): v for label, v in labels.items()} for metric, labels in scores.items()}
    boxes = list(dict.fromkeys(pair for labels in keyed.values() for pair in labels))
    names = list(dict.fromkeys(name for name, _ in boxes))
    models = list(dict.fromkeys(model for _, model in boxes))
    slot = 0.95 * max(1.0, 0.6 * len(models))
    longest = max((len(word) for name in names for word in name.split()), default=0)
    # Names lie aslant as soon as they would touch.
    slant = longest > 10 or any(wrapped(name, 0.9 * slot, TICK).count("\n") > 1 for name in names)
    captions = {name: wrapped(name, 2.2 if slant else 0.9 * slot, TICK) for name in names}
    lines = [line for text in captions.values() for line in text.split("\n")]
    reach = max((text_width(line, TICK) for line in lines), default=0.0) if slant else 0.0
    below = 0.5 * reach + 0.15 * max((text.count("\n") for text in captions.values()), default=0)
    panels = max(1, len(keyed))
    size = (panels * (max(3.0, 0.6 + slot * len(names)) + max(0.0, 0.87 * reach - 1.0)), 3.4 + below)
    legend = fit_legend([model or NO_MODEL for model in models], size[0], TICK) if len(models) > 1 else None
    figure = Figure(
        figsize=(size[0], size[1] + (legend.height if legend else 0)), dpi=110, layout="constrained", facecolor="white"
    )
    for axes, (metric, labels) in zip(figure.subplots(1, panels, squeeze=False)[0], keyed.items(), strict=False):
        values = {pair: [v for v in found if v is not None and np.isfinite(v)] for pair, found in labels.items()}
        for pair, found in values.items():
            _box(axes, found, names.index(pair[0]), models.index(pair[1]), len(models))
        counts = {name: [len(found) for (other, _), found in values.items() if other == name] for name in names}
        ticks = [f"{captions[name]}\nn = {', '.join(map(str, counts[name] or [0]))}" for name in names]
        axes.set_xticks(
            range(len(names)), ticks, rotation=30 if slant else 0, ha="right" if slant else "center",
            rotation_mode="anchor", fontsize=TICK,
        )  # fmt: skip
        axes.set_xlim(-0.6, max(len(names), 1) - 0.4)
        known = METRICS.get(metric)
        axes.set_title(known.title if known else metric, fontsize=11)
        if known and not known.unit:
            axes.set_ylim(-0.02, 1.02)
        elif any(values.values()):
            axes.set_ylim(bottom=min(0, min(min(found) for found in values.values() if found)))
        _plain(axes)
    if legend:
        handles = [
            Patch(facecolor=FILLS[i % len(FILLS)], edgecolor=LINES[i % len(LINES)], linewidth=1.5)
            for i in range(len(models))
        ]
        legend.draw(figure, handles, "outside lower center", "black", gap=0.5)
    return write_figure(figure, path)


def curves(
    path: str | os.PathLike[str],
    lines: Mapping[str, Sequence[tuple[float, float, float | None]]],
    x_title: str,
    y_title: str,
) -> Path:
    """Write a PNG and an SVG of what more of something brings: a line each, whose points have their spread as bars.

    Args:
        path: the PNG, which is returned; the SVG lies beside it. Both are replaced atomically.
        lines: name to points (x, mean, spread or None), in any order.
        x_title: with its unit.
        y_title: of a share from 0 to 1.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    width = 6.0
    # With more lines than colours these come again, with hollow marks.
    looks: list[dict[str, Any]] = [
        {"color": LINES[i % len(LINES)], "marker": MARKERS[i % len(MARKERS)], "markersize": 5}
        | ({"markerfacecolor": "white"} if i // len(LINES) % 2 else {})
        for i in range(len(lines))
    ]
    legend = fit_legend([*lines], width, TICK) if len(lines) > 1 else None
    figure = Figure(
        figsize=(width, 3.6 + (legend.height if legend else 0)), dpi=110, layout="constrained", facecolor="white"
    )
    axes = figure.subplots()
    for look, points in zip(looks, lines.values(), strict=True):
        x, means, spreads = zip(*sorted(points), strict=True)
        axes.errorbar(x, means, [s or 0.0 for s in spreads], capsize=3, **look)
    axes.set_xlabel(x_title)
    axes.set_ylabel(y_title)
    axes.set_ylim(-0.02, 1.02)
    every = [x for points in lines.values() for x, *_ in points]
    axes.set_xlim(0, 1.05 * max(every))
    # There is no half a click.
    axes.xaxis.set_major_locator(MaxNLocator(integer=all(float(x).is_integer() for x in every)))
    _plain(axes)
    if legend:
        handles = [Line2D([], [], **look) for look in looks]
        legend.draw(figure, handles, "outside lower center", "black", gap=0.5)
    return write_figure(figure, path)


def bland_altman(
    path: str | os.PathLike[str], pairs: Mapping[str, Sequence[tuple[float, float]]], quantity: str, unit: str
) -> Path:
    """Write a PNG and an SVG of how far results are from the truth, against the mean of the two (Bland and Altman
    1986): a panel each, with the mean difference and the limits of agreement, 1.96 standard deviations of the sample to
    either side.

    Args:
        path: the PNG, which is returned; the SVG lies beside it. Both are replaced atomically.
        pairs: title of a panel to (truth, result), one or more.
        quantity: what was measured, as "volume".
        unit: of both.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.9 * max(1, len(pairs)), 3.4), dpi=110, layout="constrained", facecolor="white")
    for axes, (title, values) in zip(
        figure.subplots(1, max(1, len(pairs)), squeeze=False)[0], pairs.items(), strict=False
    ):
        truth, result = np.array(values, np.float64).T
        apart = result - truth
        axes.plot((truth + result) / 2, apart, "o", color=COOL, alpha=0.6, markersize=4)
        bias, sd = float(apart.mean()), float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
        # To their right there is room for their values.
        for level, style in ((bias, "-"), *((bias + sign * 1.96 * sd, "--") for sign in (1, -1) if sd)):
            axes.axhline(level, color=WARM, linestyle=style, linewidth=1.5)
            axes.annotate(
                f"{level:+.1f}", (1.02, level), xycoords=("axes fraction", "data"), va="center", color=WARM, fontsize=9
            )
        axes.axhline(0, color="#9ca3af", linewidth=0.8, zorder=0)
        axes.set_title(wrapped(f"{title}, n = {len(values)}", 3.4, 11), fontsize=11)
        axes.set_xlabel(f"Mean {quantity} of truth and result ({unit})")
        axes.set_ylabel(f"Result - truth ({unit})")
        _plain(axes)
    return write_figure(figure, path)


def _pair(label: Label) -> tuple[str, str]:
    return (label, "") if isinstance(label, str) else label


def _box(axes: Axes, values: list[float], place: int, model: int, models: int) -> None:
    """One box; those of several models share the width of one label."""
    width = 0.5 if models == 1 else 0.8 / models
    # Of few values a box is hardly more than its lines.
    line = LINES[model % len(LINES)]
    middle = place + (model - (models - 1) / 2) * width
    axes.boxplot(
        [values], positions=[middle], widths=width if models == 1 else 0.8 * width, showfliers=False,
        patch_artist=True, manage_ticks=False, boxprops={"facecolor": FILLS[model % len(FILLS)], "edgecolor": line},
        medianprops={"color": WARM if models == 1 else line, "linewidth": 2}, whiskerprops={"color": line},
        capprops={"color": line},
    )  # fmt: skip
    # Evenly apart rather than by chance: the same figures give the same picture.
    spread = 0.32 * width * np.sin(2.4 * np.arange(len(values)))
    axes.plot(middle + spread, values, ".", color="#111827", alpha=0.45, markersize=5, zorder=3)


def _plain(axes: Axes) -> None:
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _curve(axes: Axes, steps: list[int], values: list[float], colour: str) -> None:
    from scipy.ndimage import gaussian_filter1d

    axes.plot(steps, values, ".", color=colour, alpha=0.25, markersize=4)
    if len(values) > 1:
        smooth = gaussian_filter1d(np.asarray(values, dtype=float), max(1.0, len(values) / 30), mode="nearest")
        axes.plot(steps, smooth, color=colour, linewidth=2)
