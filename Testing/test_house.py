"""Rules of the house that a machine keeps: sizes, types, lazy imports, contracts, packaging, the environment tool."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import SAMAdaptLib

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "SAMAdaptLib"
SOURCES = sorted(LIBRARY.rglob("*.py"))
EXTENSION = sorted((ROOT / "SAMAdapt").rglob("*.py"))
# The rooms that the application and the command line load before they know whether a network is needed.
LIGHT = ("volume", "prompts", "propagation", "exemplars", "synthesis", "evaluation", "cli")
HEAVY = ("torch", "torchvision", "peft", "transformers", "monai", "accelerate", "segment_anything")


def python(code, *path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(p) for p in (*path, ROOT))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*SOURCES, *EXTENSION], ids=name_of)
def test_files_and_functions_can_be_read_in_one_sitting(path):
    """400 lines a file, 60 a function without its docstring."""
    text = path.read_text(encoding="utf-8")
    large = {name_of(path)} if len(text.splitlines()) > 400 else set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            documented = ast.get_docstring(node, clean=False) is not None
            lines = node.end_lineno - node.lineno + 1 - documented * (first.end_lineno - first.lineno + 1)
            large |= {f"{name_of(path)}: {node.name}"} if lines > 60 else set()
    assert large == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_public_functions_carry_types(path):
    """Arguments of public functions, and of methods of public classes; ruff sees to the results."""
    untyped = []

    def visit(body):
        for node in body:
            public = not getattr(node, "name", "_").startswith("_") or getattr(node, "name", "") == "__init__"
            if isinstance(node, ast.ClassDef) and public:
                visit(node.body)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and public:
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                untyped.extend(
                    f"line {node.lineno}: {node.name}({a.arg})"
                    for a in given
                    if a.annotation is None and a.arg not in ("self", "cls")
                )

    visit(ast.parse(path.read_text(encoding="utf-8")).body)
    assert untyped == []


def test_importing_the_light_rooms_loads_no_network_library():
    found = python(
        f"""
import importlib, pkgutil, sys
import SAMAdaptLib
count, loaded = 0, []
for room in {LIGHT!r}:
    package = importlib.import_module("SAMAdaptLib." + room)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            count += 1
            loaded += [f"{{module.name}} loads {{heavy}}" for heavy in {HEAVY!r} if heavy in sys.modules]
print(count, loaded[:1])
"""
    )
    count, _, loaded = found.partition(" ")
    wanted = [p for p in SOURCES if p.parent.name in LIGHT and not p.name.startswith("__")]
    assert int(count) >= len(wanted) > 5 and loaded == "[]"


VIOLATIONS = {
    "Imports point down the walk of data": {"volume/_a.py": "from SAMAdaptLib.prompts import types"},
    "No circles, between rooms or inside one": {
        "prompts/_a.py": "from SAMAdaptLib.prompts import _b",
        "prompts/_b.py": "from SAMAdaptLib.prompts import _a",
    },
    "The library knows neither Slicer nor Qt": {"training/_a.py": "import slicer"},
    "Slices, exemplars and propagation know no network": {"propagation/_a.py": "def later():\n    import torch"},
    "Exemplars know volumes only": {"exemplars/_a.py": "from SAMAdaptLib.prompts import types"},
    "Methods know no data": {"methods/_a.py": "import SimpleITK"},
    "The extension's rooms stand on one another": {
        "SAMAdaptModuleLib/scene/A.py": "from SAMAdaptModuleLib.worker import StageLog"
    },
    "The effect stands on top": {
        "SegmentEditorSAMAdaptLib/edit/A.py": "from SegmentEditorSAMAdaptLib.view import SliceView"
    },
    "The application stands on its parts": {"Testing/harness/util.py": "from Testing.harness import views"},
    "The stand-in for the application knows nothing of what is tested on it": {
        "Testing/harness/layout.py": "import SAMAdaptLib.errors"
    },
    "Evaluation knows nothing of training": {"evaluation/_a.py": "import SAMAdaptLib.training"},
}


def test_import_contracts_hold_and_notice_violations(tmp_path):
    for folder in ("SAMAdaptLib", "SAMAdapt", "Testing/harness"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def lint():
        code = "from importlinter.cli import lint_imports; lint_imports(no_cache=True)"
        path = os.pathsep.join((str(tmp_path), str(tmp_path / "SAMAdapt")))
        environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
        )
        lines = [line.strip() for line in done.stdout.splitlines()]
        return {name: name + " KEPT" in lines for name in VIOLATIONS}, done.stdout + done.stderr

    kept, output = lint()
    assert all(kept.values()), output
    for files in VIOLATIONS.values():
        for name, text in files.items():
            roots = {"SAMAdaptModuleLib": "SAMAdapt", "SegmentEditorSAMAdaptLib": "SAMAdapt", "Testing": ""}
            (tmp_path / roots.get(name.split("/")[0], "SAMAdaptLib") / name).write_text(text + "\n")
    kept, output = lint()
    assert not any(kept.values()), output


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that no build folder stays in the checkout."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, source / "tree", ignore=shutil.ignore_patterns(".git", "__pycache__", "*.egg-info", "build"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "-w", str(target), str(source / "tree")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_holds_the_whole_library_and_nothing_else(wheel):
    ours = {name_of(p) for p in LIBRARY.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    # Of use to the application's build only.
    ours.remove("SAMAdaptLib/CMakeLists.txt")
    info = f"samadapt-{SAMAdaptLib.__version__}.dist-info/"
    packed = {name for name in wheel.namelist() if not name.startswith(info)}
    assert packed == ours
    assert info + "licenses/LICENSE" in wheel.namelist()


def test_the_wheel_states_version_licence_and_command(wheel):
    info = f"samadapt-{SAMAdaptLib.__version__}.dist-info/"
    metadata = Parser().parsestr(wheel.read(info + "METADATA").decode())
    assert metadata["Name"] == "samadapt" and metadata["Version"] == SAMAdaptLib.__version__
    assert metadata["License-Expression"] == "Apache-2.0" and metadata["Requires-Python"] == ">=3.10"
    extras = {"cluster", "demo", "dicom", "docs", "sam2", "sign", "test", "text", "view"}
    assert set(metadata.get_all("Provides-Extra")) == extras
    assert "samadapt = SAMAdaptLib.cli.main:main" in wheel.read(info + "entry_points.txt").decode()


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("developers_environment", ROOT / "Testing" / "tools" / "venv.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_environment_tool_reads_all_dependencies(tool):
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no TOML reader to compare with")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    assert tool.requirements(text) == [name for name in wanted if not name.startswith("samadapt[")]
    assert tool.requirements(text)[0].startswith("torch>")


def test_the_environment_follows_dependencies_and_pins(tool, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folders = {tool.folder_for(n, c) for n, c in ((["a"], ""), (["a", "b"], ""), (["a"], "a==1"), (["a"], ""))}
    assert len(folders) == 3 and all(folder.parent == tmp_path / "samadapt" for folder in folders)


def test_a_killed_installation_is_done_again(tool, tmp_path):
    def killed(folder):
        folder.mkdir()
        (folder / "half").touch()
        raise KeyboardInterrupt

    def whole(folder):
        folder.mkdir()
        (folder / "whole").touch()

    folder = tmp_path / "venv-1"
    with pytest.raises(KeyboardInterrupt):
        tool.ensure(folder, killed)
    tool.ensure(folder, whole)
    assert (folder / "whole").exists() and not (folder / "half").exists()
    tool.ensure(folder, lambda _: pytest.fail("installed again"))


def test_installations_at_the_same_time_wait_for_the_first(tool, tmp_path):
    filled, meeting = [], threading.Barrier(4)

    def fill(folder):
        folder.mkdir()
        filled.append(folder)

    def ask():
        meeting.wait()
        tool.ensure(tmp_path / "venv-1", fill)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(filled) == 1


def test_segment_anything_and_peft_import_whatever_torchvision_was_built_for():
    code = """
from SAMAdaptLib._compat import ensure_torchvision
ensure_torchvision(); ensure_torchvision()
import torchvision, segment_anything, peft
from torchvision.transforms.functional import resize
from PIL import Image
print(resize(Image.new("L", (4, 2)), [6, 12]).size)
"""
    assert python(code) == "(12, 6)"


def test_sam_s_networks_load_without_what_only_its_predictor_needs():
    code = """
import sys
from SAMAdaptLib._compat import ensure_sam
ensure_sam(); ensure_sam()
from segment_anything.modeling import Sam
print([name for name in ("torchvision", "torch._dynamo", "segment_anything.predictor") if name in sys.modules])
import segment_anything
from segment_anything import SamPredictor, sam_model_registry
print(segment_anything.SamPredictor is SamPredictor, SamPredictor.__module__, segment_anything.modeling.Sam is Sam)
"""
    assert python(code).splitlines() == ["[]", "True segment_anything.predictor True"]


FAKE = {
    "fits": ("", "fine None"),
    "other device": (
        "import torch\ntorch.library.register_fake('torchvision::nms')(lambda *a: None)",
        "fine Library",
    ),
    "broken": ("raise RuntimeError('no such symbol')", "torchvision does not fit the installed torch (no such symbol)"),
    "absent": (None, "The package torchvision is not installed"),
}


@pytest.mark.parametrize("case", FAKE)
def test_torchvision_is_only_helped_where_it_needs_help(tmp_path, case):
    body, expected = FAKE[case]
    if body is not None:
        (tmp_path / "torchvision").mkdir()
        (tmp_path / "torchvision" / "__init__.py").write_text(body)
    code = f"""
import importlib.util, sys
real = importlib.util.find_spec
if {body is None}:
    importlib.util.find_spec = lambda name: None if name == "torchvision" else real(name)
from SAMAdaptLib import _compat
try:
    _compat.ensure_torchvision()
    print("fine", None if _compat._library is None else type(_compat._library).__name__)
except _compat.InputError as error:
    print(error)
"""
    assert python(code, tmp_path).startswith(expected)
