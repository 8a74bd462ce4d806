"""No verb writes over, around or inside what it reads, whatever the spelling, and all know so before they work."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli import main as command
from SAMAdaptLib.cli.main import VERBS, main

pytestmark = pytest.mark.slow

# What each verb reads, by option or argument, and how it is called to write to a place. A file that a verb could take
# for its output has a name that it would accept.
CALLS = {
    "segment": (
        {"--image": "dicom", "--adapter": "RUN", "--checkpoint": "weights.nrrd", "--prompts": "markups.nrrd"},
        lambda out, given: ["segment", "--segment", "a", *given, "--output", out],
    ),
    "view": (
        {"image": "dicom", "--adapter": "RUN", "--checkpoint": "weights.nrrd"},
        lambda out, given: ["view", *(one for one in given if one != "image"), "--output", out],
    ),
    "segment, its cache": (
        {"--image": "dicom", "--adapter": "RUN"},
        lambda out, given: ["segment", "--segment", "a", *given, "--output", "other.nrrd", "--cache", out],
    ),
    "segment, a folder": (
        {"--images": "dicom", "--adapter": "RUN", "--checkpoint": "weights.nrrd", "--prompts": "LIB"},
        lambda out, given: ["segment", "--segment", "a", *given, "--output", out],
    ),
    "evaluate": (
        {"--image": "dicom", "--labels": "labels.nrrd", "--names": "names.csv", "--adapter": "RUN",
         "--checkpoint": "weights.nrrd", "--config": "settings.toml"},
        lambda out, given: ["evaluate", *given, "--output", out],
    ),
    "suggest": (
        {"--image": "dicom", "--labels": "labels.nrrd", "--names": "names.csv", "--adapter": "RUN",
         "--checkpoint": "weights.nrrd", "--library": "LIB"},
        lambda out, given: ["suggest", *given, "--cache", out],
    ),
    "exemplars add": (
        {"--image": "dicom", "--labels": "labels.nrrd", "--names": "names.csv"},
        lambda out, given: ["exemplars", "add", *given, "--library", out],
    ),
    "synthesize": (
        {"--library": "LIB", "--config": "settings.json"},
        lambda out, given: ["synthesize", *given, "--output", out],
    ),
    "finetune": (
        {"--library": "LIB", "--checkpoint": "weights.nrrd", "--start-from": "RUN", "--config": "settings.toml",
         "--synthetic": "dicom"},
        lambda out, given: ["finetune", *given, "--output", out],
    ),
    "pretrain": (
        {"--images": "dicom", "--checkpoint": "weights.nrrd"},
        lambda out, given: ["pretrain", *given, "--output", out],
    ),
    "study": (
        {"--index": "names.csv", "--names": "labels.nrrd"},
        lambda out, given: ["study", "methods", *given, "--output", out],
    ),
    "study of folders": (
        {"--images": "dicom", "--labels": "LIB"},
        lambda out, given: ["study", "methods", *given, "--output", out],
    ),
    "report": (
        {"study": "LIB"},
        lambda out, given: ["report", given[1], "--output", out],
    ),
    "adapters add": (
        {"source": "RUN"},
        lambda out, given: ["adapters", "add", "--shelf", Path(out).parent, given[1], Path(out).name],
    ),
    "adapters import": (
        {"file": "liver.zip"},
        lambda out, given: ["adapters", "import", "--shelf", Path(out).parent, given[1], "--name", Path(out).name],
    ),
    "adapters publish": (
        {"name": "SHELF/liver"},
        lambda out, given: ["adapters", "publish", "--shelf", Path(given[1]).parent, Path(given[1]).name, "--to", out],
    ),
    "adapters fetch": (
        {"source": "SHELF"},
        lambda out, given: ["adapters", "fetch", "--shelf", Path(out).parent, given[1], "x", "--name", Path(out).name],
    ),
    "adapters export": (
        {"name": "SHELF/liver"},
        lambda out, given: ["adapters", "export", "--shelf", Path(given[1]).parent, Path(given[1]).name, out],
    ),
    "adapters key": ({}, lambda out, given: ["adapters", "key", out]),
    "demo": ({}, lambda out, given: ["demo", "--output", out]),
}  # fmt: skip
WRITES_NOTHING_NEW = {
    "models", "methods", "exemplars list", "exemplars remove", "exemplars check", "adapters list", "adapters rename",
    "adapters delete", "adapters sign", "adapters browse", "cache show", "cache clear", "serve", "bench",
}  # fmt: skip
# Names that are taken and keys are refused with or without it.
NEVER_OVER_ANOTHER = ("adapters add", "adapters import", "adapters fetch", "adapters key")
REFUSALS = ("is one of the inputs", "lies inside an input", "holds an input")
CASES = [(verb, option) for verb, (inputs, _) in CALLS.items() for option in inputs]


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Every verb, or action of one, and its parser."""
    from importlib import import_module

    group = command._Parser(prog="samadapt").add_subparsers(parser_class=command._Parser)
    for verb in VERBS:
        import_module(f"SAMAdaptLib.cli.{verb}").add_parser(group)
    found = {}
    for verb, parser in group.choices.items():
        deeper = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        found |= {f"{verb} {name}": one for a in deeper for name, one in a.choices.items()} or {verb: parser}
    return found


@pytest.mark.parametrize("verb", parsers())
def test_every_verb_says_what_it_writes_and_is_tried_here(verb) -> None:
    parser = parsers()[verb]
    if parser.get_default("writes") is None:
        assert verb in WRITES_NOTHING_NEW
        return
    places = {"IMG", "LAB", "FILE", "DIR", "RUN", "LIB", "OUT"}
    options = {(a.option_strings or [a.dest])[-1] for a in parser._actions if a.metavar in places}
    own = {"exemplars add": "--library", "adapters export": "file", "adapters key": "file",
           "adapters publish": "--to"}  # fmt: skip
    written = {"--output", "--cache", own.get(verb)}
    assert options - written <= {option for call in CALLS if call.startswith(verb) for option in CALLS[call][0]}


@pytest.fixture
def world(tmp_path, monkeypatch) -> Path:
    """Something of every kind that a verb may be given; nothing of it can be read, and nothing should be."""
    monkeypatch.chdir(tmp_path)
    for name in ("weights.nrrd", "markups.nrrd", "labels.nrrd", "names.csv", "settings.json", "liver.zip"):
        (tmp_path / name).write_text(name)
    (tmp_path / "settings.toml").write_text("# It has to be read before anything is known of the inputs.\n")
    for name in ("dicom/1.dcm", "LIB/library.json", "RUN/adapter/adapter.json", "RUN/adapter/adapter.safetensors",
                 "SHELF/liver/adapter.json", "SHELF/liver/adapter.safetensors"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def content(folder: Path) -> dict[str, str]:
    """MD5 of every file below a folder, and its links."""
    return {
        p.relative_to(folder).as_posix(): os.readlink(p) if p.is_symlink() else hashlib.md5(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_symlink() or p.is_file()
    }


def error_of(capsys, words) -> str:
    capsys.readouterr()
    try:
        code = main([str(w) for w in words])
    except SystemExit as stop:
        code = stop.code
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("samadapt: error:")]
    assert code == 2 and len(lines) == 1, (code, lines)
    return lines[0]


def spellings(place: Path, root: Path) -> list:
    link = root / f"link-{place.name}"
    link.symlink_to(place)
    around = root / "around"
    around.symlink_to(root)
    return [place, place.relative_to(root), f"{root}/dicom/../{place.relative_to(root)}", link, around / link.name]


@pytest.mark.parametrize("verb, option", CASES)
def test_an_output_that_is_or_lies_in_or_holds_an_input_is_refused_untouched(capsys, world, verb, option) -> None:
    inputs, call = CALLS[verb]
    source = world / inputs[option]
    if verb == "adapters export":
        # The shelf's own folder is as the user gives it; only the file written varies.
        places = [f"{one}/adapter.safetensors" for one in spellings(source, world)]
    elif source.is_dir():
        places = [f"{one}/new.nrrd" for one in spellings(source, world)]
        places += [] if verb in ("segment", "view") else [source, world]
    else:
        places = spellings(source, world)
        places += [] if verb in ("segment", "view", "adapters import") else [world]
    if verb == "adapters add":
        places.remove(world)
    rest = [part for other, path in inputs.items() if other != option for part in (other, world / path)]
    before = content(world)
    for place in places:
        line = error_of(capsys, call(place, [option, source, *rest]))
        assert any(words in line for words in REFUSALS), (place, line)
        assert content(world) == before
    # The other way round: the input under another spelling.
    around = world / "around" / inputs[option]
    line = error_of(capsys, call(places[0], [option, around, *rest]))
    assert any(words in line for words in REFUSALS) and content(world) == before


@pytest.mark.parametrize("verb", [verb for verb in CALLS if verb not in NEVER_OVER_ANOTHER])
def test_something_else_at_the_place_of_the_output_needs_overwrite(capsys, world, tmp_path, verb) -> None:
    inputs, call = CALLS[verb]
    given = [part for option, path in inputs.items() for part in (option, world / path)]
    if "--cache" in call("taken", given):
        pytest.skip("a cache replaces nothing that is not its own")
    folder = verb not in ("segment", "view", "report", "adapters export")
    taken = world / "taken" if folder else world / "taken.nrrd"
    if folder:
        taken.mkdir()
    (taken / "metrics.json" if folder else taken).write_text('{"mine": 1}')
    before = content(world)
    line = error_of(capsys, call(taken, given))
    assert "--overwrite" in line and "taken" in line and content(world) == before
    # With it the next complaint is another one, as nothing here can be read.
    if verb != "demo":
        assert "--overwrite" not in error_of(capsys, [*call(taken, given), "--overwrite"])
        assert content(world) == before


@pytest.fixture
def scan(tmp_path) -> Path:
    """A bright disk in each of three slices, as of the field."""
    y, x = np.mgrid[:64, :64]
    array = np.random.default_rng(0).normal(40, 10, (3, 64, 64))
    array[:, (y - 32) ** 2 + (x - 30) ** 2 < 200] += 150
    path = tmp_path / "scan.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(array.astype(np.int16)), str(path), True)
    return path


def box(image: Path, output: Path, *more: str) -> list:
    return ["segment", "--image", image, "--segment", "a", "--box=-16,-18,1,-44,-46,1", "--output", output, *more]


def test_the_scan_itself_as_output(capsys, scan) -> None:
    before = scan.read_bytes()
    for more in ((), ("--overwrite",)):
        assert "is one of the inputs" in error_of(capsys, box(scan, scan, *more))
    assert scan.read_bytes() == before


@pytest.mark.parametrize(
    "name, words",
    [("o.gif", ".nrrd, .nii, .nii.gz, .mha"), ("o", ".nrrd"), ("x" * 245 + ".nrrd", "too long"), (".", "file format"),
     ("scan.nrrd/o.nrrd", "scan.nrrd")],
)  # fmt: skip
def test_a_place_that_cannot_be_is_refused_before_any_work(capsys, scan, tmp_path, monkeypatch, name, words) -> None:
    from SAMAdaptLib.jobs import load
    from SAMAdaptLib.volume import volume as io

    for module, function in ((io, "read_volume"), (load, "load_model")):
        monkeypatch.setattr(module, function, lambda *_, **__: pytest.fail("work was begun"))
    assert words in error_of(capsys, box(scan, tmp_path / name))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scan.nrrd"]


def test_a_format_that_cannot_hold_the_scan_is_refused_before_the_model_is_loaded(
    capsys, scan, tmp_path, monkeypatch
) -> None:
    from SAMAdaptLib.cli import segment

    monkeypatch.setattr(segment, "open_model", lambda *_: pytest.fail("work was begun"))
    assert "no slices with a place and a size" in error_of(capsys, box(scan, tmp_path / "o.png"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scan.nrrd"]


def test_names_that_cannot_be_written_are_refused_before_any_work(capsys) -> None:
    words = ["segment", "--image", "none.nrrd", "--segment", "a\tb", "--point", "0,0,0", "--output", "o.nrrd"]
    assert "printable name" in error_of(capsys, words)


def test_a_folder_that_is_made_is_told(capsys, scan, tmp_path, lite_medsam_file) -> None:
    out = tmp_path / "new" / "folder" / "o.nrrd"
    assert main([str(w) for w in box(scan, out, "--json")]) == 0
    captured = capsys.readouterr()
    (note,) = json.loads(captured.out)["notes"]
    assert f"will be made: {out.parent}" in note and out.is_file()
    assert main([str(w) for w in box(scan, out)]) == 0
    assert "will be made" not in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".seg.nrrd", ".nrrd", ".nii", ".nii.gz", ".mha"])
def test_an_own_segmentation_is_replaced_and_a_corrected_one_is_not(capsys, scan, tmp_path, lite_medsam_file, suffix):
    out = tmp_path / f"o{suffix}"
    for _ in range(2):
        assert main([str(w) for w in box(scan, out)]) == 0
    image = sitk.ReadImage(str(out))
    image[0, 0, 0] = 1
    sitk.WriteImage(image, str(out), True)
    corrected = out.read_bytes()
    assert "--overwrite" in error_of(capsys, box(scan, out)) and out.read_bytes() == corrected
    assert main([str(w) for w in box(scan, out, "--overwrite")]) == 0
    assert sitk.GetArrayFromImage(sitk.ReadImage(str(out)))[0, 0, 0] == 0


def test_an_exported_adapter_is_replaced_and_another_archive_is_not(capsys, tmp_path, run_folder) -> None:
    shelf, file = tmp_path / "S", tmp_path / "o.zip"
    export = ["adapters", "export", "--shelf", shelf, "liver", file]
    assert main([str(w) for w in ("adapters", "add", "--shelf", shelf, run_folder, "liver")]) == 0
    for _ in range(2):
        assert main([str(w) for w in export]) == 0
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("thesis.txt", "mine")
    before = file.read_bytes()
    assert "--overwrite" in error_of(capsys, export) and file.read_bytes() == before
    assert main([str(w) for w in (*export, "--overwrite")]) == 0
    assert "adapter.json" in zipfile.ZipFile(file).namelist()
