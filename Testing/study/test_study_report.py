"""The report of a study whose figures follow a rule, so that means, differences and tests can be worked out by hand."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.figures import LabelResult
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.evaluation.plots import bland_altman, curves
from SAMAdaptLib.study.checklist import ITEMS, OPEN
from SAMAdaptLib.study.compare import against_first, compare
from SAMAdaptLib.study.effort import click_tables, clicks_to, dice_after
from SAMAdaptLib.study.outlines import slices_section
from SAMAdaptLib.study.report import write_study_report
from SAMAdaptLib.study.shown import keep_slices, kept_slice
from SAMAdaptLib.study.ways import read_ways, ways_of
from Testing.study.made_up import CELLS, LABELS, PATIENTS, dice, make_study

LORA = {"method": "lora", "slices": 12}


class Page(HTMLParser):
    """Text of the cells of a page's tables, row by row, and what it asks the network for."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.asked, self._cell = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = ""
        self.asked += [v for k, v in attrs if k in ("src", "href") and not v.startswith("data:")]

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self._cell)
            self._cell = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made") / "study")


@pytest.fixture(scope="module")
def page(folder):
    return write_study_report(folder).read_text(encoding="utf-8")


def wanted(seeds, cell, prompt):
    """Dice by seed, from the rule."""
    return [np.mean([dice(cell | {"seed": s}, prompt, p, label) for p in PATIENTS for label in LABELS]) for s in seeds]


def test_means_over_seeds_with_their_spread(folder, page):
    ways = {(way.name, way.prompt): way for way in read_ways(folder)}
    assert len(ways) == 10 and ("none", "box") in ways
    way = ways["lora, slices 12", "point"]
    seeds = wanted((0, 1), LORA, "point")
    found = way.spread("dice")
    assert found.mean == pytest.approx(np.mean(seeds)) and found.sd == pytest.approx(np.std(seeds, ddof=1))
    assert ways["none", "point"].spread("dice").sd is None
    anterior = [dice(LORA | {"seed": s}, "point", p, "anterior") for s in (0, 1) for p in PATIENTS]
    assert way.by_structure("dice")["anterior"] == pytest.approx(np.mean(anterior))
    rows = Page(page).rows
    (line,) = [row for row in rows if row[0] == "lora, slices 12" and row[1:3] == ["2", "4"] and "0.6" in row[3]]
    # 0.4 + 0.2 + 0.03 - 0.025, and half of 0.01 x 2.5 over seeds; the spread is 0.025 / sqrt(2).
    assert line[3] == "0.618 ± 0.018" and line[5] == "3.8 ± 0.2"


def test_differences_to_the_first_row_by_patient(folder):
    found = {(one.way.name, one.way.prompt): one for one in against_first(read_ways(folder), "dice")}
    assert len(found) == 8 and {one.reference.name for one in found.values()} == {"none"}
    one = found["lora, slices 12", "box"]
    # 0.2, and half of 0.01 to 0.04 over seeds.
    gains = [0.2 + 0.005 * number for number in (1, 2, 3, 4)]
    assert one.difference.mean == pytest.approx(np.mean(gains)) and one.difference.patients == 4
    # All four patients gain: 2 of 2^4 signs; eight lines are corrected for.
    assert one.difference.p == pytest.approx(0.125) and one.adjusted == 1.0


def test_two_studies_against_one_another(folder, tmp_path):
    other = make_study(tmp_path / "other", [cell for cell in CELLS if cell["method"] == "lora"])
    first, second = read_ways(folder), read_ways(other)
    # Rows of the same settings, which have the same figures.
    found = compare(first, second, "dice")
    assert [(one.way.name, one.way.prompt) for one in found] == [
        ("slices 4", "point"), ("slices 4", "box"), ("slices 12", "point"), ("slices 12", "box")
    ]  # fmt: skip
    assert all(one.difference.mean == 0 and one.difference.p == 1.0 for one in found)
    single = make_study(tmp_path / "single", [CELLS[-1]])
    assert compare(read_ways(single), [way for way in first if way.name == "none"], "dice")[0].difference.mean < 0
    with pytest.raises(InputError, match="no row in common"):
        compare(
            first,
            read_ways(make_study(tmp_path / "new", [CELLS[-1] | {"slices": 99}, CELLS[-2] | {"slices": 98}])),
            "dice",
        )
    strange = make_study(tmp_path / "strange", patients=("P1",))
    text = (strange / "results.csv").read_text().replace("P1", "Q1")
    (strange / "results.csv").write_text(text)
    with pytest.raises(InputError, match=r"no patient in common: P1, P2, P3 and P4 .* Q1"):
        compare(first, read_ways(strange), "dice")


def test_the_page_needs_nothing_else_and_escapes_what_it_is_told(page):
    assert Page(page).asked == [] and "<script" not in page
    assert "A scan &lt;cannot&gt; be read" in page
    # Boxes, two pictures of volumes for five rows, and two curves, for each of two prompts.
    assert page.count("data:image/svg+xml;base64,") == 10 and "image/png" not in page


def clicked(method, seed, scan, label, values, status="ok"):
    """Rows of results.csv of a structure that was clicked, by its Dice after each click from the first on."""
    head = {"cell": method, "row": "", "method": method, "seed": seed, "fold": "", "test_prompt": "each-click:3"}
    whose = {"scan": scan, "patient": scan, "modality": "", "label": label}
    return [head | whose | {"clicks": k, "dice": v, "status": status} for k, v in enumerate(values, start=1)]


def test_clicks_are_counted_to_a_dice_and_what_never_gets_there_counts_with_all():
    rows = [
        *clicked("none", 0, "P1", "disc", [0.5, 0.8, 0.9]), *clicked("none", 0, "P2", "disc", [0.1, 0.2, 0.3]),
        *clicked("none", 1, "P1", "disc", [0.8, 0.8, 0.8]), *clicked("none", 1, "P2", "disc", [0.3, 0.4, 0.86]),
        # Neither there nor found: nobody's click.
        *clicked("none", 1, "P1", "bean", [1.0, 1.0, 1.0], "both empty"),
        *clicked("lora", 0, "P1", "disc", [0.85, 0.85, 0.85]),
    ]  # fmt: skip
    none, lora = ways_of(rows)
    # A way's own figures are those after the last click.
    assert none.by_seed("dice")["0"] == pytest.approx(0.6) and len(lora.cases) == 1
    after = dice_after(lora)
    assert {k: (one.mean, one.sd, one.n) for k, one in after.items()} == {k: (0.85, None, 1) for k in (1, 2, 3)}
    # Seed 0: 2 and, never, 3; seed 1: 1 and 3.
    to_80, every = clicks_to(none, 0.8)
    assert to_80.mean == pytest.approx(2.25) and to_80.sd == pytest.approx(np.std([2.5, 2.0], ddof=1))
    assert every == (2.25, 3, 4)
    ((prompt, (dice, needed)),) = click_tables([none, lora])
    assert prompt == "each-click:3" and [*dice.header] == ["row", "1", "2", "3"]
    assert [*map(list, needed.rows)] == [
        ["none", "2.2 ± 0.4 (3 of 4)", "3.0 ± 0.0 (2 of 4)", "3.0 ± 0.0 (1 of 4)"],
        ["lora", "1.0 (1 of 1)", "1.0 (1 of 1)", "3.0 (0 of 1)"],
    ]


def test_limits_of_agreement_are_those_of_the_formula(tmp_path, monkeypatch):
    lines, texts = [], []
    monkeypatch.setattr("matplotlib.axes.Axes.axhline", lambda self, y=0, **look: lines.append(y))
    monkeypatch.setattr("matplotlib.axes.Axes.annotate", lambda self, text, *where, **look: texts.append(text))
    bland_altman(tmp_path / "volumes.png", {"row": [(10, 11), (20, 18), (30, 34)]}, "volume", "mL")
    # Differences 1, -2 and 4: mean 1, and a standard deviation of the sample of 3.
    assert lines == pytest.approx([1.0, 1 + 1.96 * 3, 1 - 1.96 * 3, 0]) and texts == ["+1.0", "+6.9", "-4.9"]


def test_the_lowest_come_first_and_failures_are_counted(page):
    all_dice = sorted(
        dice(cell, prompt, p, label)
        for cell in CELLS
        for prompt in ("point", "box")
        for p in PATIENTS
        for label in LABELS
    )
    below = sum(value < 0.5 for value in all_dice)
    assert f"{below} of {len(all_dice)} scored structures have a Dice below 0.5." in page
    lowest = [row for row in Page(page).rows if row[2:4] == ["P1-1", "posterior"] and row[1] == "point"]
    assert lowest[0] == ["none", "point", "P1-1", "posterior", "0", f"{all_dice[0]:.3f}"]


def test_a_learning_curve_has_the_points_in_their_order_with_their_spread(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("matplotlib.axes.Axes.errorbar", lambda self, *points, **look: drawn.append(points))
    curves(tmp_path / "curve.png", {"lora": [(12, 0.8, 0.02), (4, 0.6, None)]}, "Labelled slices", "Dice")
    assert drawn == [((4, 12), (0.6, 0.8), [0.0, 0.02])]


def test_the_checklist_is_filled_in_where_it_can_be(page):
    rows = {row[2]: row for row in Page(page).rows if len(row) == 4}
    assert {item.asked for item in ITEMS} <= rows.keys()
    assert rows["Structures"][3] == "anterior and posterior."
    assert "4 patients with 4 scans" in rows["Sample size and how it was found"][3]
    assert rows["De-identification, ethics approval"][3] == f"{OPEN}."
    # Every item of CLAIM's methods and results but those on explanation and ensembles, which there are not.
    numbers = {n for item in ITEMS for part in item.claim.split(", ") for n in _range(part)}
    assert numbers == {*range(5, 43)} - {27, 31}


def _range(part):
    first, last = re.fullmatch(r"(\d+)(?:-(\d+))?", part).groups()
    return range(int(first), int(last or first) + 1)


def test_a_folder_without_results(tmp_path):
    with pytest.raises(InputError, match=r"No results of a study: .*results.csv\. Give a folder"):
        write_study_report(tmp_path)
    (tmp_path / "results.csv").write_text("cell,row\n")
    with pytest.raises(InputError, match="No results of a study yet"):
        write_study_report(tmp_path)


def test_a_slice_is_kept_for_what_it_shows_and_for_the_weights_that_answered(tmp_path, monkeypatch):
    shapes = {"left": np.zeros((3, 12, 12), bool), "right": np.zeros((3, 12, 12), bool)}
    shapes["left"][1, 2:8, 2:5], shapes["right"][1, 2:9, 7:10] = True, True
    image = np.arange(144, dtype=np.uint8).reshape(12, 12)

    def keep(names, cut, axis=1.0):
        """Of these structures, with as many rows missing from the results."""
        results = {n: LabelResult(shapes[n] & (np.arange(12) >= 2 + cut)[:, None], shapes[n], [1], {}) for n in names}
        return keep_slices(tmp_path, "scan", results, lambda index: image, (axis, 1.0))

    # A row that knows one structure only, and the same study along another axis.
    both, one, other = keep(("left", "right"), 1), keep(("right",), 2), keep(("left",), 0, axis=3.0)
    assert np.array_equal(kept_slice(tmp_path, one["right"], "").truth, shapes["right"][1])
    assert kept_slice(tmp_path, other["left"], "").spacing == (3.0, 1.0)
    assert one["right"]["file"] == both["right"]["file"]
    # Two rows of one training, which other weights answer.
    trials, rows = {}, []
    for weights, cut in (("adapted", 1), ("base", 3)):
        figures = dict.fromkeys(METRICS, 1 - cut / 10) | {"hd95_mm": None}
        kept = keep(("right",), cut)
        trials[weights] = {"prompt": "box", "seed": 0, "labels": {"right": figures}, "shown": kept}
        head = {"cell": "key", "row": "", "weights": weights, "seed": 0, "fold": "", "test_prompt": "box"}
        rows.append(head | {"scan": "P1", "patient": "P1", "modality": "", "label": "right"} | figures)
    (tmp_path / "cells" / "key" / "scores").mkdir(parents=True)
    (tmp_path / "cells" / "key" / "scores" / "1.json").write_text(json.dumps({"scan": "P1", "trials": trials}))
    drawn = {}
    monkeypatch.setattr("SAMAdaptLib.study.outlines.contour_sheet", lambda path, shown: drawn.update(shown))
    slices_section(tmp_path, ways_of(rows)[::-1], tmp_path)
    areas = {name: int(slices[0].result.sum()) for name, slices in drawn.items()}
    assert areas == {"weights adapted": 18, "weights base": 12}
