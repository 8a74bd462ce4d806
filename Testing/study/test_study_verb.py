"""``samadapt study`` as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import write_json
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.description import presets, read_study
from SAMAdaptLib.study.plan import make_plan
from SAMAdaptLib.study.run import failures
from SAMAdaptLib.study.scans import find_scans
from SAMAdaptLib.study.task import RECORD, SCORES
from SAMAdaptLib.study.times import Times, timetable
from Testing.study.scene import NAME, QUICK, described, write_scans, write_weights
from Testing.tiny import TINY_VIT

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with an index, weights and a description, in which the command is called."""
    monkeypatch.setitem(MODELS, NAME, TINY_VIT)
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_scans(tmp_path / "data", 4, split=["train", "train", "test", "test"])
    write_weights(tmp_path / "w.safetensors")
    keys = {**QUICK, "checkpoint": "w.safetensors", "seed": [0, 1], "test_prompts": ["box"]}
    lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
    text = '[data]\nindex = "data/index.csv"\n[cells]\n' + "\n".join(lines)
    rows = '\n[[rows]]\nmethod = "none"\n[[rows]]\nmethod = "decoder"\nslices = ["1 per scan", "1 per 2 scans"]\n'
    (tmp_path / "mine.toml").write_text(text + rows, encoding="utf-8")
    return tmp_path


def call(capsys, *words: object, code: int = 0) -> tuple[str, str]:
    try:
        found = main([str(word) for word in words])
    except SystemExit as stop:
        found = stop.code
    told = capsys.readouterr()
    assert found == code, told.err
    return told.out, told.err


def test_plan_tells_cells_and_time_and_writes_nothing(place, capsys) -> None:
    out, _ = call(capsys, "study", "mine.toml", "--plan", "--set", "steps=1", "--set", "budget_minutes=3")
    assert "4 scans: 2 to learn from with 8 labelled slices, 2 to test on\nstructures: disc, bean" in out
    rows = [line.split() for line in out.splitlines() if line.startswith(("none", "decoder"))]
    # Zero-shot boxes are the same for all seeds.
    assert [row[:2] for row in rows] == [["none", "2"], ["decoder,", "1"], ["decoder,", "1"]]
    assert "6 cells, 0 done; about" in out and "by a rough count" in out
    assert sorted(path.name for path in place.iterdir()) == ["data", "mine.toml", "w.safetensors"]
    told = json.loads(call(capsys, "study", "mine.toml", "--plan", "--json")[0])
    assert told["cells"] == 6 and told["seconds_left"] > 0 and not told["known"]


def test_a_study_and_its_table(place, capsys) -> None:
    words = ("study", "mine.toml", "--output", "out", "--set", "seed=4", "--set", "steps=1")
    out, err = call(capsys, *words)
    assert "cell 3 of 3: decoder, slices 1 per 2 scans, seed 4 (about" in out and "written out/results.csv and" in out
    assert out.count(" box ") >= 3 and "decoder 1 per 2 scans" in out
    # Written as on the page: three decimals of a share, one of millimetres.
    page = Path("out/results.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("| decoder | 1 per 2 scans | 1 | 0.")]
    figures = line.split(" | ")[3:7]
    assert re.fullmatch(r"0\.\d{3} 0\.\d{3} \d+\.\d 0\.\d{3}", " ".join(figures))
    assert [line.split()[-4:] for line in out.splitlines() if line.startswith("decoder 1 per 2 scans")] == [figures]
    told = json.loads(call(capsys, *words, "--json")[0])
    assert [*told["cells"].values()] == ["done"] * 3 and len(told["table"]) == 3
    out, _ = call(capsys, *words, "--plan")
    assert "3 cells, 3 done; about 0 s left" in out
    assert "written out/report.html" in call(capsys, "report", "out")[0]
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "decoder, slices 1 per 2 scans" in page and "Where the scans come from" in page
    # Boxes and volumes of three rows, curves over slices and minutes, and the worst, median and best case.
    assert page.count("data:image/svg+xml") == 5
    call(capsys, "report", "out", "--output", "board/page.html")
    assert len([*Path("board/pictures").glob("*.png")]) == len([*Path("board/pictures").glob("*.svg")]) == 5
    call(capsys, "report", "out", "--output", "board/page.html")
    assert "input" in call(capsys, "report", "out", "--output", "out/results.csv", "--overwrite", code=2)[1]
    Path("thesis.html").write_text("<p>mine</p>", encoding="utf-8")
    assert "--overwrite" in call(capsys, "report", "out", "--output", "thesis.html", code=2)[1]
    # A second study of the same cells has the same figures.
    told = json.loads(call(capsys, "study", "--compare", "out", "out", "--json")[0])
    assert [row["mean"] for row in told["rows"]] == [0.0] * 3 and {row["patients"] for row in told["rows"]} == {2}
    out, _ = call(capsys, "study", "--compare", "out", "out")
    assert "+0.000" in out and "Dice of out minus that of out" in out
    assert "or two things" in call(capsys, "study", "mine.toml", "--compare", "out", "out", code=2)[1]
    assert "No results of a study" in call(capsys, "study", "--compare", "out", "data", code=2)[1]
    # The folder is its own, and of nobody else.
    Path("other").mkdir()
    Path("other/thesis.txt").write_text("mine")
    assert "--overwrite" in call(capsys, *words[:3], "other", code=2)[1]
    assert "--output" in call(capsys, "study", "mine.toml", code=2)[1]
    assert "lies inside an input" in call(capsys, "study", "methods", "--images", "data", "--labels", "data",
                                          "--output", "data/out", code=2)[1]  # fmt: skip


def test_all_cells_fail(place, capsys, monkeypatch) -> None:
    monkeypatch.setattr("SAMAdaptLib.study.cell._test_all", lambda *given: 1 / 0)
    _, err = call(capsys, "study", "mine.toml", "--output", "out", "--set", "steps=1", "--set", "seed=0", code=2)
    assert "All 3 cells failed, the first: ZeroDivisionError" in err
    with pytest.raises(InputError, match=r"^The only cell failed: No memory left\. Take less: out\. See results\.md"):
        failures({"cells": {"key": "No memory left. Take less."}}, "out")


def test_a_preset_can_be_printed_and_kept(place, capsys) -> None:
    for name, path in presets().items():
        out, _ = call(capsys, "study", name, "--show")
        assert out == path.read_text(encoding="utf-8")
    Path("kept.toml").write_text(out, encoding="utf-8")
    kept = read_study("kept.toml", data={"index": "data/index.csv"})
    assert [cell.told() for cell in kept.cells] == [
        cell.told() for cell in read_study(name, data={"index": "data/index.csv"}).cells
    ]
    assert "Did you mean methods?" in call(capsys, "study", "method", "--plan", code=2)[1]
    assert "names no scans. Give --index FILE" in call(capsys, "study", "methods", "--plan", code=2)[1]


def planned(index, weights, *rows, **cells):
    description = read_study(described(index, weights, *rows, **cells))
    return make_plan(description, find_scans(description.data))


def test_time_follows_what_cells_took(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(MODELS, NAME, TINY_VIT)
    index, weights = write_scans(tmp_path / "data", 4), write_weights(tmp_path / "w.safetensors")
    plan = planned(index, weights, {"method": "decoder"}, {"method": "none"}, steps=[50, 100], test_prompts=["box"])
    short, long, bare = plan.tasks
    times = Times(tmp_path)
    assert not times.estimate(short, plan).known
    write_json(short.folder(tmp_path) / RECORD, {"seconds": {}, "training": {"seconds": 100.0, "steps": 50}})
    (key,) = map(short.trial_key, short.trials)
    # The first scan had to wait for something else.
    for target, seconds in zip(short.targets, (900.0, 15.0), strict=True):
        write_json(short.folder(tmp_path) / SCORES / target.file, {"trials": {key: {"seconds": seconds}}})
    times.learn(short, plan, tmp_path)
    one, two = (Times(tmp_path).estimate(task, plan) for task in (short, long))
    assert one.known and two.known and two.seconds - one.seconds == pytest.approx(100)
    assert one.seconds == pytest.approx(100 + 30, abs=10.01)
    # A budget is what it says, and the base model has no training.
    budget = planned(index, weights, {"method": "decoder"}, steps=100, budget_minutes=2).tasks[0]
    assert Times(tmp_path).estimate(budget, plan).seconds == pytest.approx(120 + 30, abs=10.01)
    assert Times(tmp_path).estimate(bare, plan).seconds < 50
    rows = timetable(plan)
    assert [row["cells"] for row in rows] == [1, 1, 1] and not any(row["done"] for row in rows)


def test_operations_of_the_usual_encoder() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from SAMAdaptLib.sam.build import build_sam
    from SAMAdaptLib.sam.registry import get_model

    with torch.device("meta"):
        built = build_sam("lite_medsam", weights=False)
        built.sam.to("meta").requires_grad_(False)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        built.sam.image_encoder(torch.empty(1, 3, 256, 256, device="meta"))
    assert get_model("lite_medsam").gflop == pytest.approx(counter.get_total_flops() / 1e9, rel=0.01)
