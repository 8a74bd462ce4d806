"""Habits that keep what Slicer loads working in Slicer, read from the sources; the application itself is not needed."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "SAMAdapt").rglob("*.py"))
OWN = {"SAMAdapt", "SAMAdaptModuleLib", "SegmentEditorSAMAdaptLib", "SAMAdaptLib"}
APPLICATION = {"slicer", "qt", "ctk", "vtk", "SegmentEditorEffects", "SampleData"}
PACKAGES = {"numpy", "scipy", "SimpleITK"}

SHOWN_PROPERTIES = {
    "text", "toolTip", "title", "windowTitle", "placeholderText", "statusTip", "whatsThis", "helpText",
    "acknowledgementText", "suffix", "prefix", "specialValueText", "labelText", "informativeText",
}  # fmt: skip
SHOWING_METHODS = {"set" + name[0].upper() + name[1:] for name in SHOWN_PROPERTIES} | {
    "addItem", "addAction", "addTab", "addLabeledOptionsWidget", "showStatusMessage", "showMessage", "setItemText",
}  # fmt: skip
ERRORS = {"InputError", "SAMAdaptError", "WorkerError", "Cancelled"}
SHOWING_CLASSES = {"QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QToolButton"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def loaded_at_once(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that run when the file is loaded."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING":
            yield from loaded_at_once(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for field in ("body", "orelse", "finalbody"):
                yield from loaded_at_once(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from loaded_at_once(handler.body)


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in loaded_at_once(tree.body):
        names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else {alias.name for alias in node.names}
    return names


def strangers(tree: ast.Module) -> list[str]:
    """Imports at file scope of what Slicer does not bring."""
    known = OWN | APPLICATION | PACKAGES | set(sys.stdlib_module_names)
    return sorted(name for name in imported(tree) if name.partition(".")[0] not in known)


def vtk_properties(tree: ast.Module) -> list[str]:
    """Lower-case attributes of nodes and of what VTK getters and constructors give.

    MRML and VTK have methods in CamelCase; what is written otherwise are VTK's Python properties, which older Slicer
    versions lack. The parameter node wrapper is Python.
    """
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not node.attr[0].islower():
            continue
        receiver = node.value
        if isinstance(receiver, ast.Call):
            called = last_name(receiver.func)
            odd = re.match(r"(Get|AddNewNode|New)[A-Z]|vtk[A-Z]", called) is not None
        else:
            called = last_name(receiver)
            odd = re.search(r"(?<!parameter)Node$", called) is not None and called.lower() != "_parameternode"
        if odd:
            found.append(f"line {node.lineno}: {called}.{node.attr}")
    return found


def bool_parameters(tree: ast.Module) -> list[str]:
    """Truth values given to setParameter, which takes numbers and text."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in ("setParameter", "setParameterDefault"):
            found += [f"line {node.lineno}" for value in node.args[1:] if _is_truth(value)]
    return found


def _is_truth(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, bool)
    if isinstance(value, ast.BoolOp):
        return all(map(_is_truth, value.values))
    if isinstance(value, ast.IfExp):
        return _is_truth(value.body) or _is_truth(value.orelse)
    if isinstance(value, ast.Call):
        return last_name(value.func) == "bool"
    negated = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    return negated or isinstance(value, ast.Compare) or last_name(value) in ("checked", "visible", "enabled")


def printed(tree: ast.Module) -> list[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [f"line {call.lineno}" for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def untranslated(tree: ast.Module) -> list[str]:
    """Words that go to a widget or a message box without passing through _()."""
    found: list[str] = []
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.Module)):
            given: dict[str, list[ast.expr]] = {}
            own = list(_own_nodes(function))
            for node in own if isinstance(function, ast.FunctionDef) else ():
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    given.setdefault(node.targets[0].id, []).append(node.value)
            for node in own:
                for value in _shown(node):
                    found += [f"line {node.lineno}: {text!r}" for text in _words(value, given)]
    return found


def not_literal(tree: ast.Module) -> list[str]:
    """Texts for _() that lupdate could not find: it collects literals only."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in ("_", "translate"):
            text = node.args[-1]
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                found.append(f"line {node.lineno}")
    return found


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function, or of a module outside of functions, but for functions within."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own_nodes(child)


def _shown(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        shown = any(isinstance(target, ast.Attribute) and target.attr in SHOWN_PROPERTIES for target in node.targets)
        return [node.value] if shown else []
    if not isinstance(node, ast.Call):
        return []
    called = last_name(node.func)
    if called in ERRORS:
        # What is wrong, and the remedy; where it is are names and paths.
        named = [word.value for word in node.keywords if word.arg in ("what", "remedy")]
        return [*node.args[:1], *node.args[2:3], *named]
    if called in SHOWING_METHODS or called in SHOWING_CLASSES:
        return node.args[:1]
    # Not delayDisplay of the test in Slicer, which talks to developers.
    if called.endswith("Display") and isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "util":
        return [*node.args[:1], *(word.value for word in node.keywords if word.arg in ("text", "windowTitle"))]
    return []


def _words(value: ast.expr, given: dict[str, list[ast.expr]]) -> list[str]:
    """Literal words of which the text is made."""
    parts: list[ast.expr] = []
    if isinstance(value, ast.Constant):
        return [value.value] if isinstance(value.value, str) and re.search(r"[^\W\d_]{2}", value.value) else []
    if isinstance(value, ast.JoinedStr):
        parts = [part for part in value.values if isinstance(part, ast.Constant)]
    elif isinstance(value, ast.BinOp):
        parts = [value.left, value.right]
    elif isinstance(value, ast.BoolOp):
        parts = value.values
    elif isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    elif isinstance(value, (ast.List, ast.Tuple)):
        parts = value.elts
    elif isinstance(value, ast.Name):
        parts, given = given.get(value.id, []), {}
    elif isinstance(value, ast.Call) and last_name(value.func) in ("format", "join"):
        parts = [getattr(value.func, "value", value.func), *(value.args if last_name(value.func) == "join" else [])]
    return [text for part in parts for text in _words(part, given)]


RULES = {
    rule.__name__: rule for rule in (strangers, vtk_properties, bool_parameters, printed, untranslated, not_literal)
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_sources_keep_the_rule(path, rule) -> None:
    assert RULES[rule](ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_there_is_something_to_read() -> None:
    assert {"SAMAdapt.py", "SegmentEditorEffect.py", "Logic.py"} <= {path.name for path in SOURCES}


def test_library_modules_at_file_scope_load_only_what_slicer_brings() -> None:
    """What they import in turn counts as well: loaded in a fresh interpreter, they bring no other package."""
    names = {
        name
        for path in SOURCES
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.partition(".")[0] == "SAMAdaptLib"
    }
    code = (
        "import sys; before = set(sys.modules); import importlib\n"
        f"for name in {sorted(names)!r}: importlib.import_module(name)\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)\n"
        # Without a spec it is a name that compiled modules share, and no package.
        "print(*sorted(top for top in tops if not top.startswith('__') and sys.modules[top].__spec__))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "SAMAdaptLib.errors" in names and set(done.stdout.split()) <= {"SAMAdaptLib", *PACKAGES}


BREACHES = {
    "strangers": [
        "import torch", "from PIL import Image", "try:\n    import pandas\nexcept ImportError:\n    pass",
        "class A:\n    import requests_cache", "if x:\n    import PyTorchUtils",
    ],
    "vtk_properties": [
        "volumeNode.name", "self.segmentationNode.display_node", "plane.volumeNode.image_data",
        "volumeNode.GetImageData().dimensions", "vtk.vtkMatrix4x4().data", "sliceNode.slice_to_ras = 1",
        "slicer.mrmlScene.AddNewNodeByClass('x').name",
    ],
    "bool_parameters": [
        "e.setParameter('a', True)", "e.setParameter('a', box.checked)", "e.setParameter('a', x > 1)",
        "e.setParameter('a', not x)", "e.setParameter('a', bool(x))", "e.setParameterDefault('a', False)",
        "e.setParameter('a', 1 if x else False)",
    ],
    "printed": ["print('x')", "def f():\n    print(1)"],
    "untranslated": [
        "label.text = 'Ready'", "w.toolTip = f'Slice {n} of {m}'", "b.setText('Go')", "x.title = a or 'None here'",
        "slicer.util.errorDisplay('It failed')", "slicer.util.infoDisplay(_('a'), windowTitle='SAM title')",
        "label.text = '{} slices'.format(n)", "label.text = _('One') + ' and two'", "qt.QLabel('Volume')",
        "def f():\n    text = 'Words'\n    label.text = text", "combo.addItem('None', 1)",
        "label.text = _('a') if x else 'other'", "label.text = ', '.join(['one', b])",
        "raise InputError('No volume', None, _('Load one'))", "raise InputError(_('No volume'), x, 'Load one')",
        "raise InputError(f'No slice {n}')", "raise WorkerError(what=_('A') + ' ended')",
    ],
    "not_literal": ["_(HELP)", "_(f'{n} slices')", "_('a ' + b)", "x.text = _(names[0])", "translate('A', word)"],
}  # fmt: skip
FINE = {
    "strangers": [
        "import json, numpy as np\nimport SimpleITK\nfrom slicer.i18n import tr as _", "def f():\n    import torch",
        "if TYPE_CHECKING:\n    import torch", "from SAMAdaptLib.errors import InputError",
        "class A:\n    def f(self):\n        import torch",
    ],
    "vtk_properties": [
        "volumeNode.GetName()", "self._parameterNode.modelName", "parameterNode.inputVolume", "plane.pixel_spacing",
        "image.mask_logits", "volumeNode.GetImageData().GetDimensions()", "self.node_count", "node_list.append",
    ],
    "bool_parameters": [
        "e.setParameter('a', 1 if x else 0)", "e.setParameter('a', int(x))", "e.setParameter('a', 'b')",
    ],
    "printed": ["logging.info('x')", "self.print(1)"],
    "untranslated": [
        "label.text = _('Ready')", "w.toolTip = _('Slice {n}').format(n=n)", "label.text = ''", "x.text = str(error)",
        "slicer.util.errorDisplay(explain(error), windowTitle=TITLE)", "label.text = f'{a} x {b}, {c}'",
        "node.SetName('Words')", "self.delayDisplay('Passed')", "def f():\n    text = _('W')\n    label.text = text",
        "label.text = parts['name']", "combo.addItem(model.title, 'value')", "label.text = translate('A', 'b c')",
        "raise InputError(_('No slice {n}').format(n=n), 'some place', _('Choose another'))", "InputError(*words)",
    ],
    "not_literal": ["_('Ready')", "_('one '\n  'two')", "translate('A', 'b c')", "_('{n}').format(n=f'{x}')"],
}  # fmt: skip


@pytest.mark.parametrize("rule, code", [(rule, code) for rule, codes in BREACHES.items() for code in codes])
def test_rules_notice_breaches(rule, code) -> None:
    assert len(RULES[rule](ast.parse(code))) >= 1


@pytest.mark.parametrize("rule, code", [(rule, code) for rule, codes in FINE.items() for code in codes])
def test_rules_leave_good_code_alone(rule, code) -> None:
    assert RULES[rule](ast.parse(code)) == []
