"""What docstrings and pages refer to by its name is there; renamed and moved things leave no old names behind."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"SAMAdaptLib": ROOT, "SAMAdaptModuleLib": ROOT / "SAMAdapt", "SegmentEditorSAMAdaptLib": ROOT / "SAMAdapt"}
ROLE = re.compile(r":(?:mod|func|class|meth|attr|data|exc):`~?([\w.]+)`")
# A module's dotted name in running text, such as SAMAdaptLib.sam.build, or a page's path.
DOTTED = re.compile(rf"\b(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
PATHS = re.compile(r"`((?:SAMAdaptLib|SAMAdapt|Testing|docs)/[\w/.-]+)`")


def members(body: list[ast.stmt]) -> set[str]:
    """The names that statements make, with those in classes as Class.name, and attributes set on self."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
            if isinstance(node, ast.ClassDef):
                names |= {f"{node.name}.{name}" for name in members(node.body) | own_attributes(node)}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        elif isinstance(node, (ast.If, ast.Try)):
            names |= members([*node.body, *node.orelse])
    return names


def own_attributes(node: ast.ClassDef) -> set[str]:
    return {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self"
    }


def sources() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in (folder / package).rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


SOURCES = sources()
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}
NAMES = {module: members(tree.body) for module, tree in TREES.items()}


def is_there(name: str) -> bool:
    """Whether a dotted name from a package on is a module, or something in one."""
    if name in NAMES:
        return True
    parts = name.split(".")
    modules = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    module = next((one for one in modules if one in NAMES), None)
    return module is not None and name.removeprefix(module + ".") in NAMES[module]


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_docstrings_refer_to_what_is_there(module):
    tree, anywhere = TREES[module], set().union(*NAMES.values())
    # Names of a class, or of its parent, may stand alone in its docstrings.
    own = anywhere | {name.split(".", 1)[1] for name in anywhere if "." in name}
    missing = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = ast.get_docstring(node) or ""
            roles = ROLE.findall(text)
            missing += [name for name in roles if name.split(".")[0] not in PACKAGES and name not in own]
            full = {name for name in (*roles, *DOTTED.findall(text)) if name.split(".")[0] in PACKAGES}
            missing += [name for name in full if not is_there(name)]
    assert missing == []


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]))
def test_pages_refer_to_what_is_there(page):
    text = page.read_text(encoding="utf-8")
    assert [name for name in DOTTED.findall(text) if not is_there(name)] == []
    assert [path for path in PATHS.findall(text) if not (ROOT / path).exists()] == []
