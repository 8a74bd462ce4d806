"""What Slicer builds and installs: the CMake lists, the index entry, the icon, and an installed copy that runs."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
TOP = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
MODULES = {"SAMAdapt": "", "SAMAdaptLib": "SAMAdaptLib"}


def load_tool():
    spec = importlib.util.spec_from_file_location("cmake_lists", ROOT / "Testing" / "tools" / "cmake_lists.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load_tool()


def cmake(folder: str) -> str:
    return (ROOT / folder / "CMakeLists.txt").read_text(encoding="utf-8")


def variables(text: str) -> dict[str, str]:
    return dict(re.findall(r'^set\((\w+) "?([^")]*)"?\)$', text, re.MULTILINE))


def commands(text: str) -> list[str]:
    """Calls of commands in order, comments left out, as "name(first word)"."""
    code = re.sub(r"(?m)#.*$", "", text)
    return [f"{name}({first})" for name, first in re.findall(r"^\s*(\w+)\(\s*([^\s)]*)", code, re.MULTILINE)]


@pytest.fixture
def checkout():
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: nothing tells which files belong to it")


@pytest.mark.parametrize("folder", MODULES)
def test_the_lists_name_every_file_that_git_knows(checkout, folder) -> None:
    names = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    known = subprocess.run(names, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    known = {name.partition("/")[2] for name in known if (ROOT / name).exists()} - {"CMakeLists.txt"}
    scripts = tool.read_list(cmake(folder), tool.SCRIPTS)
    resources = tool.read_list(cmake(folder), tool.RESOURCES)
    assert {name for name in known if name.endswith(".py")} == set(scripts)
    assert {name for name in known if not name.endswith(".py")} == set(resources)
    assert len(scripts) == len(set(scripts)) > 5 and len(resources) == len(set(resources))
    assert scripts == sorted(scripts) and resources == sorted(resources)


@pytest.mark.parametrize("folder", MODULES)
def test_every_listed_file_is_there_under_exactly_that_name(folder) -> None:
    for name in tool.read_list(cmake(folder), tool.SCRIPTS) + tool.read_list(cmake(folder), tool.RESOURCES):
        path = ROOT / folder
        for part in name.split("/"):
            assert part in os.listdir(path), name
            path = path / part
        assert path.is_file() and re.fullmatch(r"[\w./-]+", name, re.ASCII), name


def test_the_module_s_lists_hold_what_the_application_looks_for() -> None:
    resources = tool.read_list(cmake("SAMAdapt"), tool.RESOURCES)
    assert {"Resources/Icons/SAMAdapt.png", "Resources/UI/SAMAdapt.ui", "Resources/requirements.txt"} <= set(resources)
    assert "SAMAdapt.py" in tool.read_list(cmake("SAMAdapt"), tool.SCRIPTS)


def test_lists_are_rewritten_in_place_and_read_back() -> None:
    text = "set(MODULE_NAME x)\nset(MODULE_PYTHON_SCRIPTS\n  old.py\n  )\nset(OTHER keep)\n"
    changed = tool.with_list(text, tool.SCRIPTS, ["a.py", "b/c.py"])
    assert changed == "set(MODULE_NAME x)\nset(MODULE_PYTHON_SCRIPTS\n  a.py\n  b/c.py\n  )\nset(OTHER keep)\n"
    assert tool.read_list(changed, tool.SCRIPTS) == ["a.py", "b/c.py"]
    assert tool.with_list(changed, tool.SCRIPTS, ["a.py", "b/c.py"]) == changed
    assert tool.read_list(tool.with_list(changed, tool.SCRIPTS, []), tool.SCRIPTS) == []
    with pytest.raises(SystemExit, match="MODULE_PYTHON_RESOURCES"):
        tool.read_list(text, tool.RESOURCES)


def test_the_tool_sees_new_files_and_neither_ignored_nor_deleted_ones(tmp_path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    folder = tmp_path / "SAMAdapt"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    for name in ("a.py", "gone.py", "CMakeLists.txt", "b.ui"):
        (folder / name).write_text("")
    git("add", ".")
    (folder / "gone.py").unlink()
    (folder / "sub" / "new.py").write_text("")
    (folder / "x.pyc").write_text("")
    found = tool.known_files("SAMAdapt", tmp_path)
    assert found == ["a.py", "b.ui", "sub/new.py"]
    assert tool.wanted_lists(found) == {tool.SCRIPTS: ["a.py", "sub/new.py"], tool.RESOURCES: ["b.ui"]}


def test_the_top_level_goes_in_the_template_s_order() -> None:
    assert commands(TOP) == [
        "cmake_minimum_required(VERSION)",
        "project(SAMAdapt)",
        "set(EXTENSION_HOMEPAGE)",
        "set(EXTENSION_CONTRIBUTORS)",
        "set(EXTENSION_DESCRIPTION)",
        "set(EXTENSION_ICONURL)",
        "set(EXTENSION_SCREENSHOTURLS)",
        "set(EXTENSION_DEPENDS)",
        "find_package(Slicer)",
        "include(${Slicer_USE_FILE})",
        "add_subdirectory(SAMAdapt)",
        "add_subdirectory(SAMAdaptLib)",
        "include(${Slicer_EXTENSION_GENERATE_CONFIG})",
        "include(${Slicer_EXTENSION_CPACK})",
    ]
    # The Extension Wizard adds modules at this line.
    assert TOP.count("## NEXT_MODULE") == 1


def test_modules_are_built_as_slicer_builds_scripted_ones() -> None:
    module, library = cmake("SAMAdapt"), cmake("SAMAdaptLib")
    usual = ["set(MODULE_NAME)", "set(MODULE_PYTHON_SCRIPTS)", "set(MODULE_PYTHON_RESOURCES)"]
    assert commands(module) == [*usual, "slicerMacroBuildScriptedModule(NAME)", "if(BUILD_TESTING)",
                                "slicer_add_python_unittest(SCRIPT)", "endif()"]  # fmt: skip
    assert commands(library) == [*usual, "slicerMacroBuildScriptedModule(NAME)"]
    assert "set(MODULE_NAME SAMAdapt)" in module and "set(MODULE_NAME SAMAdaptLib)" in library
    for text, option in ((module, "WITH_GENERIC_TESTS"), (library, "WITH_SUBDIR")):
        call = re.search(r"slicerMacroBuildScriptedModule\(([^)]*)\)", text)[1].split()
        assert call == ["NAME", "${MODULE_NAME}", "SCRIPTS", "${MODULE_PYTHON_SCRIPTS}", "RESOURCES",
                        "${MODULE_PYTHON_RESOURCES}", option]  # fmt: skip


def test_the_index_entry_is_what_the_index_takes() -> None:
    data = (ROOT / "SAMAdapt.json").read_bytes()
    entry = json.loads(data)
    required = {"$schema", "category", "scm_url"}
    optional = {"scm_revision", "build_dependencies", "build_subdirectory", "enabled", "tier"}
    assert required <= set(entry) <= required | optional
    assert entry["$schema"].rstrip("#").endswith("/Schemas/slicer-extension-catalog-entry-schema-v1.0.1.json")
    assert b"\r" not in data and data.endswith(b"}\n") and entry["category"] == "Segmentation"
    assert entry["tier"] in (1, 3, 5) and entry["build_subdirectory"] == "."


def test_index_entry_and_build_agree() -> None:
    entry, found = json.loads((ROOT / "SAMAdapt.json").read_text()), variables(TOP)
    assert commands(TOP)[1] == "project(SAMAdapt)" and not "SAMAdapt".startswith("Slicer")
    assert entry["build_dependencies"] == found["EXTENSION_DEPENDS"].split() == ["PyTorch"]
    home = found["EXTENSION_HOMEPAGE"]
    assert entry["scm_url"].removesuffix(".git") == home and home.rpartition("/")[2].startswith("Slicer")
    raw = home.replace("github.com", "raw.githubusercontent.com") + f"/{entry['scm_revision']}/"
    urls = [found["EXTENSION_ICONURL"], *found["EXTENSION_SCREENSHOTURLS"].split()]
    assert len(urls) > 1
    for url in urls:
        assert url.startswith(raw) and (ROOT / url.removeprefix(raw)).read_bytes().startswith(b"\x89PNG")
    assert "research" in found["EXTENSION_DESCRIPTION"].lower() and found["EXTENSION_CONTRIBUTORS"]


@pytest.mark.parametrize("name", ["SAMAdapt.png", "SAMAdapt/Resources/Icons/SAMAdapt.png"])
def test_icons_are_128_pixels_wide_and_high_with_transparent_corners(name) -> None:
    from PIL import Image

    assert struct.unpack(">II", (ROOT / name).read_bytes()[16:24]) == (128, 128)
    with Image.open(ROOT / name) as icon:
        assert icon.mode == "RGBA" and icon.getpixel((0, 0))[3] == 0 and icon.getpixel((64, 64))[3] == 255


def test_the_licence_is_there_and_named() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence and "Version 2.0" in licence
    assert "Apache" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The listed files as the build installs them: the module's flat, the library's in a folder of its name."""
    target = tmp_path_factory.mktemp("lib") / "qt-scripted-modules"
    for folder, subfolder in MODULES.items():
        for variable in (tool.SCRIPTS, tool.RESOURCES):
            for name in tool.read_list(cmake(folder), variable):
                path = target / subfolder / name
                assert not path.exists(), f"two files become {path.relative_to(target)}"
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / folder / name, path)
    return target


def test_the_installed_library_runs(installed, tmp_path) -> None:
    code = (
        "import importlib, pathlib, pkgutil, SAMAdaptLib, SAMAdaptLib.cli.main, SAMAdaptLib.service.client\n"
        "names = [m.name for m in pkgutil.walk_packages(SAMAdaptLib.__path__, 'SAMAdaptLib.')]\n"
        "[importlib.import_module(n) for n in names if not n.endswith('__main__')]\n"
        "print(pathlib.Path(SAMAdaptLib.__file__).parent, len(names))"
    )
    environment = os.environ | {"PYTHONPATH": str(installed)}

    def python(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where, count = python("-c", code).split()
    assert Path(where) == installed / "SAMAdaptLib" and int(count) > 60
    names = {row["name"] for row in json.loads(python("-m", "SAMAdaptLib.cli", "models", "--json"))}
    assert "lite_medsam" in names


def test_the_application_finds_one_module_and_no_strangers_on_its_path(installed) -> None:
    """Every .py at the top is taken for a module, and every folder there is on the path that all extensions share."""
    assert [p.name for p in installed.glob("*.py")] == ["SAMAdapt.py"]
    packages = {p.parent.name for p in installed.glob("*/__init__.py")}
    assert packages and all(re.match("(SAMAdapt|SegmentEditorSAMAdapt)", name) for name in packages)
