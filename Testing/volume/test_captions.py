"""Words fit into the width that they are given, as matplotlib itself draws them."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from SAMAdaptLib.volume.captions import fit_legend, wrapped

NAMES = ["liver", "left lateral ventricle of the brain, posterior horn", "kidney_right_upper_pole_cyst_with_septa", "M"]


@pytest.mark.parametrize("dpi", [90, 180])
@pytest.mark.parametrize("width", [1.0, 2.9, 6.0])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_no_line_is_wider_than_asked_and_no_letter_is_lost(dpi, width, weight):
    figure = Figure(figsize=(10, 4), dpi=dpi)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for name in NAMES:
        text = wrapped(name, width, 10, weight)
        drawn = figure.text(0, 0, text, fontsize=10, fontweight=weight).get_window_extent(renderer)
        assert drawn.width <= width * dpi
        assert "".join(text.split()) == "".join(name.split())
    assert wrapped("liver, slice 3", 6.0, 10) == "liver, slice 3"
    assert wrapped("kidney_right_upper", 0.8, 10).split("\n")[0] == "kidney_"


@pytest.mark.parametrize("names", [NAMES, ["a", "b", "c"], [f"organ {i}" for i in range(20)], ["x" * 80]])
@pytest.mark.parametrize("width", [1.5, 2.9, 8.0])
def test_a_legend_lies_within_its_width_and_height(names, width):
    fitted = fit_legend(names, width, 10)
    figure = Figure(figsize=(width, fitted.height), dpi=100)
    legend = fitted.draw(figure, [Patch() for _ in names], "lower center", "black", gap=0.2)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    for text in legend.get_texts():
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 100 * width and box.y1 <= 100 * fitted.height
    assert fitted.columns == 1 or width > 1.5 or len(names[0]) < 10
