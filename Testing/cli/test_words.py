"""What the command says: why propagation ended, which settings there are, where help is, and its grammar."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.jobs.slices import Segmented
from SAMAdaptLib.training.config import TrainConfig


def said(capsys, *words: object, code: int = 2) -> list[str]:
    try:
        found = main([str(w) for w in words])
    except SystemExit as stop:
        found = stop.code
    captured = capsys.readouterr()
    assert found == code, captured.err
    return [*captured.out.splitlines(), *captured.err.splitlines()]


@pytest.fixture
def one_slice(tmp_path) -> str:
    """A disk on slice 2 of 5 with noise on the others, so that there is nothing to carry it on to."""
    y, x = np.mgrid[:64, :64]
    array = np.random.default_rng(0).normal(40, 10, (5, 64, 64))
    array[2, (y - 32) ** 2 + (x - 30) ** 2 < 200] += 150
    sitk.WriteImage(sitk.GetImageFromArray(array.astype(np.int16)), str(tmp_path / "scan.nrrd"))
    return str(tmp_path / "scan.nrrd")


def test_propagation_that_ends_at_once_says_why_and_what_helps(capsys, one_slice, tmp_path, lite_medsam_file) -> None:
    words = ("segment", "--image", one_slice, "--segment", "disk", "--box=-16,-18,2,-44,-46,2", "--propagate",
             "--min-iou", "0.99", "--max-missing", "1", "--output", tmp_path / "o.nrrd")  # fmt: skip
    lines = said(capsys, *words, code=0)
    assert any(line.startswith("disk: ") and line.endswith(" on 1 slice") for line in lines)
    (note,) = [line for line in lines if line.startswith("samadapt: note: disk: propagation ended at once")]
    assert "at once: at slice 1, " in note and "; at slice 3, " in note and "under 0.99" in note
    assert "a box" in note and "nearby slice" in note
    assert main([str(w) for w in (*words, "--json")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["notes"][0] in note
    assert {(s["index"], s["direction"]) for s in report["segments"]["disk"]["stops"]} == {(1, "down"), (3, "up")}


def record(index: int, source: str, area: int) -> dict:
    return {"index": index, "axis": "axial", "source": source, "area": area}


def stop(index: int, direction: str, reason: str) -> dict:
    return {"index": index, "direction": direction, "reason": reason, "axis": "axial"}


def test_an_end_is_told_only_where_nothing_was_kept() -> None:
    def ended(*given, **more):
        return Segmented(np.zeros((1, 1, 1), bool), "axial", *given, **more).ended_at_once

    prompted = record(5, "prompted", 9)
    ends = [stop(6, "up", "missing: x"), stop(7, "up", "stopped: nothing was found")]
    assert ended([prompted], ends) == "at slice 7, nothing was found"
    empty = [stop(5, way, "stopped: the prompt found nothing") for way in ("down", "up")]
    assert ended([record(5, "prompted", 0)], empty) == "at slice 5, the prompt found nothing"
    assert ended([prompted, record(4, "propagated", 3)], ends) == ""
    assert "does not touch" in ended([prompted, record(4, "propagated", 0)], [])
    assert ended([prompted], ends, cancelled=True) == ""
    assert ended([prompted], []) == ""


@pytest.mark.parametrize("verb", ["segment", "finetune", "exemplars add", "adapters import"])
def test_a_wrong_option_points_to_the_help_of_its_verb(capsys, verb) -> None:
    needed = {"segment": ("--image", "i", "--output", "o"), "exemplars add": ("--image", "i", "--library", "L"),
              "adapters import": ("--shelf", "S", "f")}.get(verb, ())  # fmt: skip
    (line,) = said(capsys, *verb.split(), *needed, "--intenstiy", "minmax")
    assert "--intenstiy" in line and line.endswith(f"See `samadapt {verb} --help`.")


def test_the_list_after_a_wrong_prompt_is_complete(capsys, tmp_path) -> None:
    line = said(capsys, "evaluate", "--image", "i", "--labels", "l", "--output", tmp_path / "o", "--prompt", "dot")[-1]
    for word in ("point", "box-px:PIXELS", "clicks:N", "joined by +", "auto", "whole-image"):
        assert word in line
    line = said(capsys, "finetune", "--estimate", "--prompts", "dot=1")[-1]
    assert "neighbour" in line and "text:varied" in line and "whole-image" not in line


def test_a_wrong_setting_lists_all_with_a_word_each(capsys) -> None:
    *listed, line = said(capsys, "finetune", "--estimate", "--set", "lrr=1")
    assert "Unknown training setting 'lrr'. Did you mean lr? Known are model, method" in line
    described = dict(text.strip().split(maxsplit=1) for text in listed[1:])
    assert list(described) == [f.name for f in fields(TrainConfig)]
    assert described["lr"].startswith("peak learning rate")
    *listed, line = said(capsys, "finetune", "--estimate", "--method-set", "rnak=1")
    assert "Did you mean rank?" in line and any(text.split()[0] == "rank" and len(text.split()) > 2 for text in listed)
    *listed, line = said(capsys, "pretrain", "--images", "i", "--output", "none", "--set", "nope=1")
    assert "mask_ratio" in line and any("share of the patches" in text for text in listed)


@pytest.mark.parametrize(
    "what, where, remedy, text",
    [
        ("It is so", None, "Do that", "It is so. Do that."),
        ("It is so.", None, "Do that.", "It is so. Do that."),
        ("It is so", "x.nrrd", "Was it another?", "It is so: x.nrrd. Was it another?"),
        ("It is so", "x.nrrd", None, "It is so: x.nrrd"),
    ],
)
def test_one_full_stop(what, where, remedy, text) -> None:
    assert str(InputError(what, where, remedy)) == text


def test_one_is_not_several() -> None:
    assert [counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
