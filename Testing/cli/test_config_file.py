"""Options from a file: what is typed comes first, and nothing in the file is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from SAMAdaptLib.cli import evaluate, finetune, synthesize
from SAMAdaptLib.cli.main import main
from Testing.tiny import make_library
from Testing.tools import cli_docs


@pytest.fixture
def taken(monkeypatch, tmp_path):
    """The arguments that a verb gets, without its work."""
    monkeypatch.chdir(tmp_path)
    found = []
    for verb in (evaluate, finetune, synthesize):
        monkeypatch.setattr(verb, "run", lambda args, session: found.append(args) or {"answer": 1})
        monkeypatch.setattr(verb, "_writes", lambda args: [])
    return found


def refused(capsys, *words: str) -> str:
    try:
        code = main(words)
    except SystemExit as error:
        code = error.code
    lines = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert code == 2 and len(lines) == 1
    return lines[0]


def test_what_is_typed_comes_first(taken, capsys) -> None:
    Path("samadapt.toml").write_text(
        "[evaluate]\nprompt = 'box'\ntolerance-mm = 1\npropagate = true\nimage = ['a b.nrrd', 'c.nrrd']\n"
        "merge = ['tumour=1,2', 'liver=3']\n[finetune]\nsteps = 3\n"
    )
    assert main(["evaluate", "--labels", "x", "y", "--output", "o", "--prompt", "point", "--json"]) == 0
    [args] = taken
    assert (args.prompt, args.tolerance_mm, args.propagate) == ("point", 1.0, True)
    assert args.image == ["a b.nrrd", "c.nrrd"] and args.merge == [["tumour=1,2"], ["liver=3"]]
    out, err = capsys.readouterr()
    assert "samadapt.toml" in err and "samadapt.toml" in json.loads(out)["notes"][0]


def test_settings_reach_the_training(taken, monkeypatch) -> None:
    Path("mine.toml").write_text(
        "[finetune]\nlibrary = 'L'\nbudget_minutes = 4\nlr = 2e-3\nsynthesis = false\n"
        "synthesis_config = {shift_mm = 5}\n"
        "[finetune.method_settings]\nrank = 8\n"
    )
    assert main(["finetune", "--config", "mine.toml", "--output", "R", "--set", "lr=1e-4"]) == 0
    config = finetune._config(taken[0])
    assert taken[0].library == "L" and config.budget_minutes == 4 and config.lr == 1e-4
    assert config.synthesis is False and config.synthesis_config == {"shift_mm": 5}
    assert config.method_config == {"rank": 8}


def test_the_set_is_made_with_the_file_s_ranges(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_library(tmp_path / "LIB", patients=1)
    Path("samadapt.toml").write_text("[synthesize]\nlibrary = 'LIB'\ncount = 2\nrotation_degrees = 0\nshift_mm = 4\n")
    assert main(["synthesize", "--output", "made"]) == 0
    recipe = json.loads(Path("made/manifest.json").read_text(encoding="utf-8"))["recipe"]
    assert recipe["config"]["rotation_degrees"] == 0 and recipe["config"]["shift_mm"] == 4
    assert len(list(Path("made").rglob("*.nrrd"))) == 4 or recipe["count"] == 2


@pytest.mark.parametrize(
    "text, words",
    [
        ("[finetune]\nstep = 3", "'step'. Did you mean steps? Known are library"),
        ("[finetun]\nsteps = 3", "'finetun' outside of a table"),
        ("steps = 3", "'steps' outside of a table"),
        ("[finetune]\nsteps = 'many'", "invalid int value: 'many'"),
        ("[finetune]\nsteps = [1, 2]", "steps cannot be [1, 2]"),
        ("[finetune\nsteps = 3", "no TOML"),
        ("[finetune]\nmethod_settings = 3", "must be a table"),
    ],
)
def test_what_the_file_cannot_say_is_refused(taken, capsys, text, words) -> None:
    Path("samadapt.toml").write_text(text)
    assert words in refused(capsys, "finetune", "--library", "L", "--output", "R")
    assert not taken


def test_a_file_that_is_named_must_be_there(taken, capsys) -> None:
    assert "nowhere.toml" in refused(capsys, "evaluate", "--config=nowhere.toml", "--output", "R")


def test_the_page_is_what_the_command_says() -> None:
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.page(), "python -m Testing.tools.cli_docs"
    assert "--tolerance-mm" in cli_docs.page() and "`rotation_degrees` | `" in cli_docs.page()
