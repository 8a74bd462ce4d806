"""The table of figures: a new metric has its column, tables of scenes from before it have none of its figures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from SAMAdaptLib.evaluation.compare import compare
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from Testing.evaluation.dummy_metric import FOUND
from Testing.extension.panel_job import rows


@pytest.fixture
def figures():
    """Of a structure of which 7 of 10 columns were found: all of it with the metric that is about to be added."""
    geometry = Geometry((20, 20, 6), np.diag([1.0, 1.0, 3.0, 1.0]))
    truth, found = np.zeros((2, 6, 20, 20), np.uint8)
    truth[1:5, 4:14, 4:14], found[1:5, 4:14, 7:17] = 1, 1
    return lambda: compare(Labels(truth, geometry, {"liver": 1}), Labels(found, geometry, {"liver": 1}))


def test_a_new_metric_has_its_column_and_its_box(application, figures, monkeypatch):
    from SAMAdaptModuleLib.console import Evaluation

    monkeypatch.setitem(METRICS, "found", FOUND)
    table = Evaluation.newTable()
    Evaluation.addCase(table, "one", figures())
    (row,) = rows(table)
    assert [*row] == ["Case", "Structure", "Model", "Dice", "IoU", "HD95 (mm)", "NSD", "Found", "Status"]
    assert (row["Dice"], row["Found"], row["Status"]) == (0.7, 0.7, "ok")
    assert Evaluation.plotted(table)["found"] == [("liver", "", [0.7])]


def test_cases_of_an_earlier_version_have_no_figure_of_it(application, figures, monkeypatch):
    """Neither a zero in the table nor a dot in the plot; as long as nothing is added, the plot is as it was."""
    from SAMAdaptModuleLib.console import Evaluation

    table = Evaluation.newTable()
    Evaluation.addCase(table, "old", figures())
    before = Evaluation.plotted(table)
    monkeypatch.setitem(METRICS, "found", FOUND)
    assert Evaluation.plotted(table) == before | {"found": []}
    Evaluation.addCase(table, "new", figures())
    old, new = rows(table)
    assert math.isnan(old["Found"]) and (new["Found"], old["Dice"]) == (0.7, 0.7)
    boxes = Evaluation.plotted(table)
    assert (boxes["found"], boxes["dice"]) == ([("liver", "", [0.7])], [("liver", "", [0.7, 0.7])])
    # The other way round: what this version does not know it does not invent.
    monkeypatch.delitem(METRICS, "found")
    Evaluation.addCase(table, "older again", figures())
    assert math.isnan(rows(table)[2]["Found"]) and "found" not in Evaluation.plotted(table)
