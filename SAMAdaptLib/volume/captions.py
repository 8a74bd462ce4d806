"""Words on pictures: as many lines and columns as they need, so that none is cut off. Sizes in inches and points.

Figures are drawn without pyplot: its global state and choice of window system belong to the application.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from SAMAdaptLib.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

# Agg rounds the advance of every letter to whole pixels, so that a line may turn out a little wider than its outlines.
SLACK = 1.06
PRINT_DPI = 300
LINE = 1.25  # line height, in font sizes
HANDLE, PAD, APART = 1.3, 0.8, 1.6  # of a legend: its marks, the gap behind them, the gap between columns
Place = Literal["lower center", "outside lower center"]


class FittedLegend(NamedTuple):
    """How a legend fits: wrapped names, number of columns, height in inches; and its font size in points."""

    names: list[str]
    columns: int
    height: float
    fontsize: float

    def draw(self, figure: Figure, handles: Sequence[Artist], loc: Place, colour: str, gap: float) -> Legend:
        """Draw it with these marks at matplotlib's ``loc``, ``gap`` font sizes from the figure's edge."""
        for handle, name in zip(handles, self.names, strict=True):
            handle.set_label(name)
        return figure.legend(
            handles=handles, loc=loc, ncols=self.columns, frameon=False, labelcolor=colour, fontsize=self.fontsize,
            handlelength=HANDLE, handletextpad=PAD, columnspacing=APART, borderaxespad=gap,
        )  # fmt: skip


@lru_cache(maxsize=4096)
def text_width(text: str, fontsize: float, weight: str = "normal") -> float:
    """Width of one line in matplotlib's default font, inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    if not text:
        return 0.0
    points = TextToPath().get_text_width_height_descent(text, FontProperties(size=fontsize, weight=weight), False)[0]
    return SLACK * points / 72


def wrapped(text: str, width: float, fontsize: float, weight: str = "normal") -> str:
    """The text with line breaks, so that no line is wider than ``width`` inches.

    Breaks lie at spaces; a word that is too wide by itself is broken, behind _, - or / where it has any.
    """
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".lstrip()
        if text_width(joined, fontsize, weight) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while text_width(word, fontsize, weight) > width:
            most = max(1, sum(text_width(word[:n], fontsize, weight) <= width for n in range(1, len(word))))
            cut = max((word.rfind(mark, 0, most) + 1 for mark in "_-/"), default=0) or most
            lines[-1], word = word[:cut], word[cut:]
            lines.append("")
        lines[-1] = word
    return "\n".join(lines)


def fit_legend(names: Sequence[str], width: float, fontsize: float) -> FittedLegend:
    """Arrange a legend within a width."""
    em = fontsize / 72
    room = width - (HANDLE + PAD + 0.8) * em
    broken = [wrapped(name, room, fontsize) for name in names]
    lines = max((text.count("\n") + 1 for text in broken), default=1)
    widths = [max(text_width(line, fontsize) for line in text.split("\n")) for text in broken]
    columns = 1
    for count in range(len(names), 1, -1):
        # matplotlib fills column by column, as evenly as it can.
        parts = np.array_split(widths, count)
        if sum(part.max() for part in parts) + (count * (HANDLE + PAD) + (count - 1) * APART + 0.8) * em <= width:
            columns = count
            break
    rows = max(1, -(-len(names) // columns))
    # As matplotlib: half a font size between rows, and a border around all.
    return FittedLegend(broken, columns, em * (rows * (LINE * lines + 0.5) + 0.8), fontsize)


def write_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure for print: a PNG of 300 dots an inch, and beside it an SVG with letters as outlines; each
    atomically, and the same for the same figure.

    Args:
        figure: to be written.
        path: the PNG, which is returned.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    path = Path(path)
    with atomic_path(path.with_suffix(".svg")) as temporary, rc_context({"svg.hashsalt": "SAMAdapt"}):
        FigureCanvasSVG(figure).print_svg(str(temporary), metadata={"Date": None})
    figure.set_dpi(PRINT_DPI)
    return write_png(figure, path)


def write_png(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure atomically; returns the path.

    Raises:
        InputError: the folder cannot be written to.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    path = Path(path)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_png(str(temporary))
    return path
