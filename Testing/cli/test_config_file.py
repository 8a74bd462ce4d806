"""Options from a file: what is typed comes first, and nothing in the file is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from SAMAdaptLib.cli import evaluate, finetune, synthesize
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.cli.run_options import run_config
from SAMAdaptLib.training.config import TrainConfig
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
    assert (args.prompt, args.tolerance_mm, args.propagate) == ("point", 1.0, "masks")
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
    config = run_config(taken[0], TrainConfig, finetune.METHOD_OPTIONS)
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
        ("[finetun]\nsteps = 3", "Unknown table in samadapt.toml: 'finetun'. Did you mean finetune?"),
        ("finetun = 3", "'finetun' outside of a table"),
        ("steps = 3", "'steps' outside of a table"),
        ("[finetune]\nsteps = 'many'", "steps cannot be 'many': samadapt.toml. Give a whole number of 1 or more"),
        ("[finetune]\nsteps = [1, 2]", "steps cannot be [1, 2]"),
        ("[finetune\nsteps = 3", "no TOML"),
        ("[finetune]\nmethod_settings = 3", "must be a table"),
        ("[finetune]\nsteps = true", "steps cannot be True: samadapt.toml. Give a whole number"),
        ("[finetune]\nlr = 'fast'", "lr cannot be 'fast': samadapt.toml. Give a number above 0"),
        ("[finetune]\nlr = -1", "lr cannot be -1: samadapt.toml. Give a number above 0"),
        ("[finetune]\nlr = 2020-01-01", "samadapt.toml. Give a number above 0"),
        ("[finetune]\nsynthesis_config = {shift = 2020-01-01}", "cannot be a date or time: samadapt.toml"),
        ("[finetune]\nsynthesis_config = {shift = 2}", "synthesis_config: shift is 2: samadapt.toml. Give a"),
        ("[finetune]\nsteps = -1", "steps cannot be -1: samadapt.toml. Give a whole number of 1 or more"),
        ("[finetune]\nprecision = 'half'", "precision cannot be 'half': samadapt.toml. Give auto, fp32 or bf16"),
        ("[finetune.method_settings]\nrnak = 4", "method_settings] of samadapt.toml: 'rnak'. Did you mean rank?"),
        ("[finetune.method_settings]\nrank = 0", "method_settings.rank cannot be 0: samadapt.toml. Give a whole"),
        ("[finetune]\nmethod = 'msa'\nmethod_config = {rank = 4}", "of samadapt.toml: 'rank'. Known are ratio, scale"),
        ("[finetune]\nmethod = 'sammix'\nmethod_settings = {classes = 4}", "of samadapt.toml: 'classes'"),
        ("[finetune]\nsize = 'big'", "size cannot be 'big' (invalid choice"),
        ("[finetune]\nestimate = 'yes'", "estimate cannot be 'yes': samadapt.toml. Give true or false"),
        ("[finetune]\nmodel = true", "model cannot be True: samadapt.toml"),
        ("[finetune]\nresume = true", "Unknown key in [finetune] of samadapt.toml: 'resume'"),
        ("[finetune]\nbudget-minutes = 1\nbudget_minutes = 2", "has budget_minutes twice"),
    ],
)
def test_what_the_file_cannot_say_is_refused(taken, capsys, text, words) -> None:
    Path("samadapt.toml").write_text(text)
    assert words in refused(capsys, "finetune", "--library", "L", "--output", "R")
    assert not taken


@pytest.mark.parametrize(
    "text, typed, wanted",
    [
        ("synthesis = true", ["--no-synthesis"], {"synthesis": False}),
        ("no_synthesis = true", ["--set", "synthesis=true"], {"synthesis": True}),
        ("method = 'msa'\nmethod_settings = {depth = 5, ratio = 0.5}", ["--depth", "3"],
         {"method_config": {"depth": 3, "ratio": 0.5}}),
        ("method_settings = {rank = 4}", ["--method-set=rank=2"], {"method_config": {"rank": 2}}),
        ("method_config = {rank = 4}", ["--set", 'method_config={"rank": 2}'], {"method_config": {"rank": 2}}),
        ("seed = 4\nlr = 1e-3", ["--set", "seed=2", "--set=lr=2"], {"seed": 2, "lr": 2}),
        ("steps = 'many'", ["--ste", "5"], {"steps": 5}),
        ("method_settings = {depth = 3}", ["--set", "method=msa"], {"method_config": {"depth": 3}}),
        ("method = 'lora'\nmethod_settings = {depth = 3}", ["--method", "msa"], {"method_config": {"depth": 3}}),
    ],
)  # fmt: skip
def test_whichever_way_it_is_typed(taken, text, typed, wanted) -> None:
    Path("samadapt.toml").write_text("[finetune]\n" + text)
    assert main(["finetune", "--library", "L", "--output", "R", *typed]) == 0
    config = run_config(taken[0], TrainConfig, finetune.METHOD_OPTIONS)
    assert {name: getattr(config, name) for name in wanted} == wanted


def test_a_list_that_is_typed_is_not_added_to_that_of_the_file(taken) -> None:
    Path("samadapt.toml").write_text("[evaluate]\nmerge = ['tumour=1,2', 'liver=3']\n")
    assert main(["evaluate", "--image", "i", "--labels", "l", "--output", "o", "--merge", "tumour=1"]) == 0
    assert taken[0].merge == [["tumour=1"]]


def test_a_shortened_option_names_the_file_too(taken) -> None:
    Path("samadapt.toml").write_text("[finetune]\nsteps = 3\n")
    # As editors on Windows write it.
    Path("mine.toml").write_bytes(b"\xef\xbb\xbf[finetune]\r\nsteps = 7\r\n")
    assert main(["finetune", "--library", "L", "--output", "R", "--conf", "mine.toml"]) == 0
    assert taken[0].steps == 7


def test_a_run_that_goes_on_has_its_own_settings(taken, capsys) -> None:
    Path("samadapt.toml").write_text("[finetune]\nlibrary = 'other'\noutput = 'R'\nsteps = 3\nlr = 1.0\n")
    assert main(["finetune", "--resume"]) == 0
    assert (taken[0].library, taken[0].output, taken[0].steps, taken[0].set) == (None, "R", None, [])
    assert "note: The run goes on with its own settings, not with those of samadapt.toml" in capsys.readouterr().err
    # A file that is named for it is meant, and what contradicts the run is refused as options are.
    assert main(["finetune", "--resume", "--config", "samadapt.toml"]) == 0 and taken[1].steps == 3


def test_a_file_without_the_verb_is_not_told_of(taken, capsys) -> None:
    Path("samadapt.toml").write_text("[evaluate]\nprompt = 'box'\n")
    assert main(["finetune", "--library", "L", "--output", "R"]) == 0 and capsys.readouterr().err == ""


def test_a_file_that_is_named_must_be_there(taken, capsys) -> None:
    assert "nowhere.toml" in refused(capsys, "evaluate", "--config=nowhere.toml", "--output", "R")


def test_the_page_is_what_the_command_says() -> None:
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.page(), "python -m Testing.tools.cli_docs"
    assert "--tolerance-mm" in cli_docs.page() and "`rotation_degrees` | `" in cli_docs.page()
