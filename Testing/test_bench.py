"""The table of ``samadapt bench``: goals judged on made-up numbers, and nothing missing from it without a word."""

from __future__ import annotations

import json
import math

import pytest
import torch

from SAMAdaptLib.cli.main import main
from Testing.benchmarks import bench, encoder
from Testing.benchmarks.active import compared
from Testing.benchmarks.growth import grown
from Testing.benchmarks.rows import (
    CannotRun,
    Check,
    Found,
    Machine,
    Row,
    Step,
    alternate,
    faster,
    judged,
    outcome,
    share,
    this_machine,
    within,
)

MACHINE = Machine(gemm=100e9, gemm_bf16=400e9, threads=2)


@pytest.mark.parametrize(
    ("goal", "found", "met"),
    [
        (faster(1.5), Found(2.0, 3.0), True),
        (faster(1.5), Found(2.0, 2.9), False),
        (faster(1.5), Found(2.0, 9.0, ratio=1.4), False),
        (share(5.0), Found(5.0, 1.0), True),
        (share(5.0), Found(5.1, 1.0), False),
        (within(6.0), Found(6.0), True),
        (within(6.0), Found(6.1, 100.0), False),
        (faster(1.5), Found(2.0, 3.0, checks=(Check("difference", 1e-3, "<=", 1e-4),)), False),
        (faster(1.5), Found(2.0, 3.0, checks=(Check("mask IoU", 0.995, ">=", 0.99),)), True),
        (within(6.0), Found(math.nan), False),
        (None, Found(6.0), None),
    ],
)
def test_goals(goal, found, met):
    assert judged(goal, found, MACHINE)["met"] is met


def test_the_share_of_gemm_is_that_of_the_number_type():
    assert judged(None, Found(2.0, flops=100e9), MACHINE)["gemm_share"] == pytest.approx(0.5)
    assert judged(None, Found(500.0, unit="ms", flops=100e9, bf16=True), MACHINE)["gemm_share"] == pytest.approx(0.5)
    assert judged(None, Found(2.0), MACHINE)["gemm_share"] is None


def test_a_processor_without_bfloat16(monkeypatch):
    """Emulated, the product of 2048 x 2048 that is measured elsewhere takes minutes."""
    monkeypatch.setattr("Testing.benchmarks.rows.encoder_dtype", lambda precision, device: torch.float32)
    monkeypatch.setattr("Testing.benchmarks.rows.GEMM_SIDE", 64)
    here = this_machine()
    assert here.gemm > 1e6 and here.gemm_bf16 is None
    assert judged(None, Found(2.0, flops=100e9, bf16=True), here)["gemm_share"] is None
    rows = [outcome(row, here) for row in encoder.ROWS if row.name.endswith("bf16")]
    assert [row["missing"] for row in rows] == ["the processor has no bfloat16"] * 4
    told = bench.markdown(bench.described(here), rows)
    assert "GFLOP/s in float32; the processor has no bfloat16." in told


def test_runs_alternate_and_their_medians_are_taken(monkeypatch):
    calls = []
    ticks = iter([0.0, 1.0, 9.0, 2.0, 8.0, 3.0, 9.0])

    def timed(run):
        run()
        return next(ticks)

    next(ticks)
    monkeypatch.setattr("Testing.benchmarks.rows.timed", timed)
    found = alternate(lambda: calls.append("a"), lambda: calls.append("b"), fewest=3, most=3, warm=0, unit="ms")
    assert calls == list("abbaab")
    # Ours took 1, 8 and 3, theirs 9, 2 and 9: the median of the pairs' ratios 9, 0.25 and 3 is not that of the medians.
    assert (found.value, found.reference, found.ratio) == (3000.0, 9000.0, 3.0)


def gone(machine):
    raise CannotRun("no GPU")


def broken(machine):
    raise ValueError("a shape")


ROWS = (
    Row("quick", "quick row", "slow one", faster(2.0), lambda machine: Found(1.0, 3.0, note="made up")),
    Row("quick-too", "slow row", "slow one", faster(4.0), lambda machine: Found(1.0, 3.0)),
    Row("gpu", "row of the GPU", "a CPU", within(1.0), gone),
    Row("broken", "row that breaks", "", None, broken),
)


@pytest.fixture
def made_up(monkeypatch):
    monkeypatch.setattr(bench, "all_rows", lambda: ROWS)
    monkeypatch.setattr(bench, "this_machine", lambda: MACHINE)


def test_every_row_is_in_the_table_with_the_reason_where_it_cannot_run(made_up, capsys):
    assert main(["bench"]) == 0
    out, err = capsys.readouterr()
    told = out.splitlines()
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in told if line.startswith("| ")}
    assert [*lines] == ["row", *(row.title for row in ROWS)]
    assert lines["quick row"] == "| quick row | 1 s | 3 s | slow one | 3x as fast | – | ≥ 2x | yes |"
    assert lines["slow row"].endswith("| ≥ 4x | **no** |")
    assert lines["row of the GPU"].endswith("| no GPU |")
    assert lines["row that breaks"].endswith("| failed: ValueError: a shape |")
    assert "- 1 of 2 goals met, 2 rows could not run." in told and "- quick row: made up" in told
    # And each as soon as it is there.
    assert [one for one in err.splitlines() if one.startswith("| ")] == [*lines.values()][1:]


KEYS = {"name": str, "title": str, "against": str, "missing": str, "seconds": float}
MEASURED = {
    "value": float,
    "unit": str,
    "reference": (float, type(None)),
    "speed": (float, type(None)),
    "gemm_share": (float, type(None)),
    "goals": list,
    "met": (bool, type(None)),
    "note": str,
    "growth": list,
}


def test_the_json_has_the_same_keys_for_every_row(made_up, capsys):
    assert main(["bench", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"cores", "threads", "gemm", "gemm_bf16", "gpu", "torch", "date"} <= found["machine"].keys()
    assert [row["name"] for row in found["rows"]] == [row.name for row in ROWS]
    for row in found["rows"]:
        types = KEYS if row["missing"] else KEYS | MEASURED
        assert row.keys() == types.keys() and all(isinstance(row[key], kind) for key, kind in types.items())
    goal = {"what": "speed", "value": 3.0, "sense": ">=", "limit": 2.0, "met": True}
    assert found["rows"][0]["goals"] == [goal]


def test_growth_is_the_exponent_and_is_drawn(monkeypatch, made_up, tmp_path, capsys):
    steps = [Step(number, 0.5 * number**1.5, 20.0 + number) for number in (1, 10, 100, 200)]
    found = grown(steps)
    assert found.value == pytest.approx(1.5) and found.growth == tuple(steps)
    assert [(check.value, check.met) for check in found.checks] == [(199.0, False)]
    row = Row("growth-things", "exponent of growth with things, 1 to 200", "", within(1.6), lambda machine: found)
    monkeypatch.setattr(bench, "all_rows", lambda: (*ROWS, row))
    drawn = []
    monkeypatch.setattr("Testing.benchmarks.growth.write_png", lambda figure, path: drawn.append((figure, path)))
    assert main(["bench", "--plot", str(tmp_path / "growth.png")]) == 0
    ((figure, path),) = drawn
    times, memory = figure.axes
    assert path.name == "growth.png" and times.lines[0].get_label() == "things: exponent 1.50"
    assert [*memory.lines[0].get_ydata()] == [21.0, 30.0, 120.0, 220.0]
    # The line of linear growth ends where the largest is.
    assert times.lines[1].get_ydata()[-1] == times.lines[0].get_ydata()[-1] == pytest.approx(steps[-1].seconds)


def test_a_drawing_that_cannot_be_written_is_told_before_the_work(made_up, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "this_machine", lambda: pytest.fail("work began"))
    (tmp_path / "file").write_text("")
    assert main(["bench", "--plot", str(tmp_path / "file" / "growth.png")]) == 2
    capsys.readouterr()


def test_only_takes_rows_by_the_beginning_of_their_names(made_up, capsys):
    assert [row.name for row in bench.chosen(["quick"])] == ["quick", "quick-too"]
    assert main(["bench", "--only", "gpu", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_the_registered_rows_have_names_of_their_own():
    names = [row.name for row in bench.all_rows()]
    assert len(set(names)) == len(names) > 0
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


def test_slices_that_suggestions_need_lie_on_the_line_between_two_points():
    suggested = [(0, 0.5), (4, 0.7), (8, 0.7), (12, 0.8)]
    lot = [(0, 0.5), (4, 0.6), (8, 0.75), (12, 0.9)]
    assert compared(suggested, lot) == [
        {"random": 4, "dice": 0.6, "suggested": pytest.approx(2), "share": pytest.approx(0.5)},
        {"random": 8, "dice": 0.75, "suggested": pytest.approx(10), "share": pytest.approx(1.25)},
        {"random": 12, "dice": 0.9, "suggested": None, "share": None},
    ]
