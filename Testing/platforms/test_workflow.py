"""The checks that run on three systems are those of ``make test``, and the tool below it knows all three."""

from __future__ import annotations

import importlib.util
import io
import itertools
import os
import re
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def tool(monkeypatch):
    """The environment tool, imported where there is no fcntl."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    spec = importlib.util.spec_from_file_location("developers_environment", ROOT / "Testing" / "tools" / "venv.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def workflow():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))


def recipe(**variables):
    """What ``make test`` would run."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    given = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        [make, "-n", "test", *given], cwd=ROOT, capture_output=True, encoding="utf-8",
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_three_systems_two_pythons_and_both_ends_of_the_dependencies(workflow):
    (job,) = workflow["jobs"].values()
    matrix = job["strategy"]["matrix"]
    excluded = [set(each.items()) for each in matrix["exclude"]]
    axes = ("os", "python", "dependencies")
    cases = [dict(zip(axes, values, strict=True)) for values in itertools.product(*(matrix[axis] for axis in axes))]
    run = {tuple(case.values()) for case in cases if not any(left_out <= set(case.items()) for left_out in excluded)}
    assert run == {
        (system, *rest)
        for system in ("ubuntu-latest", "windows-latest", "macos-latest")
        for rest in (("3.10", "newest"), ("3.10", "oldest"), ("3.13", "newest"))
    }
    lowest = re.search(r'requires-python = ">=([\d.]+)"', PYPROJECT)[1]
    assert lowest in matrix["python"] and job["runs-on"] == "${{ matrix.os }}"
    assert {True, "on"} & set(workflow) and job["defaults"]["run"]["shell"] == "bash"


def test_its_last_step_is_make_test_with_what_the_makefile_knows(workflow):
    (job,) = workflow["jobs"].values()
    command = job["steps"][-1]["run"]
    assert command == "make test PYTHON=python DEPENDENCIES=${{ matrix.dependencies }}"
    for dependencies in job["strategy"]["matrix"]["dependencies"]:
        text = recipe(PYTHON="python", DEPENDENCIES=dependencies)
        assert ("--oldest" in text) == (dependencies == "oldest")
        assert all(each in text for each in ("python Testing/tools/venv.py", '/ruff" check', "lint-imports", "pytest"))


def test_the_makefile_on_windows():
    text = recipe(OS="Windows_NT", SHELL="sh")
    assert 'bin="$venv/Scripts"' in text and "${PYTHONPATH:+;$PYTHONPATH}" in text and '="$(python Testing' in text
    text = recipe(OS="")
    assert 'bin="$venv/bin"' in text and "${PYTHONPATH:+:$PYTHONPATH}" in text


def test_where_the_interpreter_of_an_environment_lies(tool, monkeypatch):
    """As the documentation of venv has it."""
    for windows, place in ((False, "v/bin/python"), (True, "v/Scripts/python.exe")):
        monkeypatch.setattr(tool, "WINDOWS", windows)
        assert tool.python_in(Path("v")) == Path(place)


def test_without_fcntl_the_lock_is_windows_own(tool, monkeypatch, tmp_path):
    """``msvcrt.locking`` gives up after ten tries with an OSError, of which the documentation speaks."""
    calls = []

    def locking(fd, mode, count):
        calls.append((os.fstat(fd).st_size, mode, count))
        if len(calls) < 3:
            raise OSError(36, "Resource deadlock avoided")

    monkeypatch.setattr(tool, "WINDOWS", True)
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_LOCK=1))
    filled = []
    tool.ensure(tmp_path / "venv-1", lambda folder: (folder.mkdir(), filled.append(folder)))
    assert calls == [(0, 1, 1)] * 3 and filled == [tmp_path / "venv-1"]


def test_the_oldest_dependencies_are_the_lower_bounds(tool):
    """By pip's own reading of versions."""
    requirements = pytest.importorskip("packaging.requirements")
    wanted = {one.name: one for text in tool._lists(PYPROJECT).values() for one in map(requirements.Requirement, text)}
    pins = [requirements.Requirement(line) for line in tool.oldest(PYPROJECT).splitlines()]
    users = {one.name for name in ("dependencies", "demo", "dicom", "text", "sign", "cluster", "view")
             for one in map(requirements.Requirement, tool._lists(PYPROJECT)[name])}  # fmt: skip
    assert {pin.name for pin in pins} == users and len(pins) == len(users) > 15
    for pin in pins:
        (bound,) = [each.version for each in wanted[pin.name].specifier if each.operator == ">="]
        assert pin.specifier.contains(bound) and str(pin.marker) == str(wanted[pin.name].marker)
        major, _, minor = bound.partition(".")
        newer = f"{major}.{int(minor.partition('.')[0]) + 1}" if minor else str(int(major) + 1)
        assert not pin.specifier.contains(newer)


@pytest.mark.parametrize("options", [[], ["--oldest"]])
def test_the_last_line_ends_without_a_carriage_return(tool, monkeypatch, tmp_path, options):
    """On Windows print ends lines with one, which a shell would take for a part of the folder's name."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\r\n")
    filled = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tool, "install", lambda folder, needed, pins: filled.append(pins.read_text(encoding="utf-8")))
    monkeypatch.setattr(tool, "ensure", lambda folder, fill: (folder.parent.mkdir(), fill(folder)))
    monkeypatch.setattr(sys, "argv", ["venv.py", *options])
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        tool.main()
        out.flush()
    text = out.buffer.getvalue().decode()
    assert re.fullmatch(re.escape(f"{tmp_path.as_posix()}/samadapt/venv-") + r"[0-9a-f]{16}\n", text)
    lowest = re.search(r'"torch>=([\d.]+)"', PYPROJECT)[1]
    assert (f"torch=={lowest}.*" in filled[0]) == bool(options)
