"""Makes ``import torchvision`` work beside a torch build for another device, and SAM's networks without it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from typing import Any

from SAMAdaptLib.errors import InputError

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_lock = threading.Lock()
# The operators live as long as this object does.
_library: Any = None


def ensure_sam() -> None:
    """Let ``segment_anything.modeling`` be imported alone; call it before.

    The package itself imports its predictor, and with it torchvision and torch's compiler, which take longer than
    torch and serve no network here. It is put in place without them and loads them when they are first asked for. Where
    it has been imported already, nothing is changed.

    Raises:
        InputError: segment_anything is missing.
    """
    with _lock:
        if "segment_anything" in sys.modules:
            return
        spec = importlib.util.find_spec("segment_anything")
        if spec is None or spec.loader is None:
            raise InputError(
                "The package segment_anything is not installed", None, "Install it with: pip install segment-anything"
            )
        package, loader = importlib.util.module_from_spec(spec), spec.loader

        def rest(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            ensure_torchvision()
            del package.__dict__["__getattr__"]
            loader.exec_module(package)
            return getattr(package, name)

        package.__dict__["__getattr__"] = rest
        sys.modules["segment_anything"] = package


def ensure_torchvision() -> None:
    """Import torchvision, if need be without its compiled operators; call it before peft or transformers.

    torchvision's compiled part is built for one kind of device. Beside a torch of another kind it does not load, and
    then ``import torchvision`` fails because it registers a fake kernel for an operator that nobody has defined
    (pytorch/vision issue 9085). Naming the two operators is enough for everything that SAMAdapt uses; calling them
    still fails. Where torchvision imports by itself, nothing is changed. May be called any number of times.

    Raises:
        InputError: torch or torchvision is missing, or torchvision fails for another reason.
    """
    global _library
    with _lock:
        if "torchvision" in sys.modules:
            return
        for name in ("torch", "torchvision"):
            if importlib.util.find_spec(name) is None:
                raise InputError(f"The package {name} is not installed", None, f"Install it with: pip install {name}")
        try:
            importlib.import_module("torchvision")
        except RuntimeError as error:
            if "torchvision::nms" not in str(error):
                raise _unusable(error) from error
        except ImportError as error:
            raise _unusable(error) from error
        else:
            return
        _forget_torchvision()
        _library = _define_operators()
        try:
            importlib.import_module("torchvision")
        except (ImportError, RuntimeError) as error:
            _forget_torchvision()
            raise _unusable(error) from error


def _define_operators() -> Any:
    import torch

    library = _library or torch.library.Library("torchvision", "FRAGMENT")
    if library is not _library:
        for schema in _SCHEMAS:
            library.define(schema)
    return library


def _forget_torchvision() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]


def _unusable(error: Exception) -> InputError:
    return InputError(
        f"torchvision does not fit the installed torch ({error})",
        None,
        "Install a matching pair of torch and torchvision, see the table in torchvision's documentation",
    )
