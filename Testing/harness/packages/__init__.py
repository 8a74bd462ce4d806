"""Slicer's own Python packages that the slicer-core wheel lacks.

`install(slicer)` puts them into sys.modules under their real names. `packaging.calls` and `sample_data.SampleDataLogic`
keep what was asked for; tests may replace their functions.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_NAMES = {
    "slicer.i18n": "i18n",
    "slicer.ScriptedLoadableModule": "scripted_module",
    "slicer.parameterNodeWrapper": "parameter_node",
    "slicer.packaging": "packaging",
    "SampleData": "sample_data",
    "SegmentEditorEffects": "segment_editor_effects",
}


def install(slicer: ModuleType) -> None:
    """After `qtgate.install()` and once `slicer` has its Qt classes."""
    for public, own in _NAMES.items():
        module = importlib.import_module(f"{__name__}.{own}")
        sys.modules[public] = module
        if public.startswith("slicer."):
            setattr(slicer, public.split(".")[1], module)
