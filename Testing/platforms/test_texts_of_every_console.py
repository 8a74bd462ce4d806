"""Text on a system whose own encoding is not UTF-8: Windows in western Europe takes cp1252."""

from __future__ import annotations

import ast
import importlib
import io
import json
import locale
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import SAMAdaptLib.volume
from SAMAdaptLib import names
from SAMAdaptLib.cli.main import VERBS, main
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.tiny import scan

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for folder in ("SAMAdaptLib", "SAMAdapt") for path in sorted((ROOT / folder).rglob("*.py"))]
# In cp1252; in it by another code than in Latin-1; of other scripts; beyond 16 bits.
NAMES = ("Größe", "œdème", "肝臓", "ήπαρ", "\U0001fac1", "\x81")


def text_by_default(source: str) -> list[int]:
    """Lines that read, write or hear text in whatever encoding the system has."""
    lines = []
    for call in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]:
        given = {word.arg: word.value for word in call.keywords}
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        method = isinstance(call.func, ast.Attribute)
        owner = getattr(getattr(call.func, "value", None), "id", "")
        modes = [arg.value for arg in (*call.args, *given.values()) if isinstance(arg, ast.Constant)]
        modes = [mode for mode in modes if isinstance(mode, str) and set(mode) <= set("rwaxbt+") and mode]
        if "encoding" in given:
            continue
        if name in ("read_text", "write_text"):
            found = method
        elif name == "open" and owner not in ("os", "gzip", "zipfile", "tarfile"):
            # Other things have a method open as well; theirs take no mode.
            found = not any("b" in mode for mode in modes) and (owner == "io" or not method or bool(modes))
        elif name in ("TemporaryFile", "NamedTemporaryFile", "fdopen", "TextIOWrapper"):
            found = bool(modes) and not any("b" in mode for mode in modes)
        else:
            found = name in ("run", "Popen", "check_output") and bool({"text", "universal_newlines"} & set(given))
        if found:
            lines.append(call.lineno)
    return lines


def test_the_check_sees_what_it_is_for():
    wrong = """open(p)
open(p, "w")
io.open(p, mode="r+")
p.open("a")
Path(p).read_text()
p.write_text(text, newline="")
subprocess.run(command, text=True)
tempfile.NamedTemporaryFile("w")"""
    assert text_by_default(wrong) == list(range(1, 9))
    right = """open(p, "rb")
open(p, encoding="utf-8")
Library.open(p)
Image.open(p)
archive.open(member)
write_text(path, text)
tempfile.TemporaryFile("a+b")
subprocess.run(command, text=True, encoding="utf-8")
gzip.open(p)"""
    assert text_by_default(right) == []


def test_every_text_file_names_its_encoding():
    places = {path.relative_to(ROOT).as_posix(): text_by_default(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert len(places) > 200 and {path: lines for path, lines in places.items() if lines} == {}


@pytest.mark.parametrize("name", [name for name in NAMES if name.isprintable()])
def test_images_and_libraries_in_folders_of_every_script(tmp_path, name):
    """On Windows, SimpleITK's own C library would look for another folder (SimpleITK issues 651, 795 and 1255)."""
    volume, labels = scan()
    for ending in (".nrrd", ".nii.gz", ".mha"):
        path = tmp_path / name / f"{name}{ending}"
        write_volume(path, volume.array, volume.geometry)
        np.testing.assert_array_equal(read_volume(path).array, volume.array)
    library = Library.create(tmp_path / name / "library")
    info = library.add(volume, labels, "axial", 2, Intensity.parse("minmax"))
    np.testing.assert_array_equal(Library.open(library.folder).load(info.id).pixels, volume.array[2])


@pytest.mark.parametrize(("platform", "asked"), [("win32", [(locale.LC_CTYPE, ".UTF-8")]), ("linux", [])])
def test_paths_are_utf8_for_c_libraries(monkeypatch, platform, asked):
    """The locale that Microsoft's setlocale takes for UTF-8; an older Windows refuses it, and all goes on as before."""
    calls = []

    def refuse(category, name):
        calls.append((category, name))
        raise locale.Error("unsupported locale setting")

    monkeypatch.setattr(names, "sys", types.SimpleNamespace(platform=platform))
    monkeypatch.setattr(names.locale, "setlocale", refuse)
    importlib.reload(SAMAdaptLib.volume)
    assert calls == asked


@pytest.fixture
def console(monkeypatch):
    """Runs the command with a console of cp1252, which refuses what it lacks; returns exit code, output and errors."""

    def run(*argv):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding="cp1252") for _ in range(2)]
        # As Python sets it up.
        streams[1].reconfigure(errors="backslashreplace")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            try:
                code = main([str(arg) for arg in argv])
            except SystemExit as stop:
                code = stop.code
            for stream in streams:
                stream.flush()
        return code, *(stream.buffer.getvalue().decode("cp1252") for stream in streams)

    return run


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    library = Library.create(tmp_path_factory.mktemp("text") / "library")
    volume, labels = scan()
    for index, name in enumerate(NAMES[:4]):
        mask = np.roll(labels.mask("disc"), index, axis=2)
        one = Labels(mask.astype(np.uint8), labels.geometry, {name: 1}, {name: mask})
        library.add(volume, one, "axial", 2, Intensity.parse("minmax"))
    return library


def test_all_help_can_be_shown(console):
    for argv in (["--help"], ["--version"], *([verb, "--help"] for verb in VERBS)):
        code, out, _ = console(*argv)
        assert code == 0 and out.strip()


def test_names_of_every_script_can_be_listed(console, library):
    code, out, _ = console("exemplars", "list", "--library", library.folder)
    assert code == 0 and "Größe" in out and "œdème" in out and "\\u809d\\u81d3" in out
    assert console("models")[0] == 0


def test_json_is_json_whatever_the_console(console, library):
    code, out, _ = console("exemplars", "list", "--library", library.folder, "--json")
    assert code == 0 and out.isascii()
    assert list(json.loads(out)["classes"]) == list(NAMES[:4])


@pytest.mark.parametrize("name", NAMES)
def test_errors_name_files_of_every_script(console, tmp_path, name):
    code, _, words = console("exemplars", "list", "--library", tmp_path / name)
    assert code == 2 and "samadapt: error: No exemplar library here" in words
