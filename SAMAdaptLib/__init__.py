"""SAMAdapt: adapt Segment Anything to your anatomy with a handful of labelled slices.

The names below are all that a script needs; each is loaded when it is used first, so that importing this package costs
nothing. Positions are RAS mm as 3D Slicer shows them, slices are voxel indices along an axis, arrays are [K, J, I].

>>> import SAMAdaptLib as sa
>>> volume, labels = sa.read_volume("patient1.nrrd"), sa.read_labels("patient1.seg.nrrd")
>>> for index in sa.suggest(volume, labels):
...     sa.add_exemplar("LIB", volume, labels, index)
>>> sa.finetune("LIB", "RUN", budget_minutes=8)
>>> model = sa.load_model(adapter="RUN")
>>> prompts = {"liver": sa.RasPrompts(points=[[62, 14, 35]])}
>>> other = sa.read_volume("patient2.nrrd")
>>> found = sa.propagate(other, model, prompts)
>>> sa.write_segmentation("patient2.seg.nrrd", {"liver": found["liver"].mask}, other.geometry)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Where each name is; torch and everything else heavy is loaded with what needs it.
_PLACES = {
    "InputError": "errors",
    "Library": "exemplars.library",
    "Mark": "prompts.kinds",
    "RasPrompts": "prompts.ras",
    "ScanTask": "jobs.folder.task",
    "Shelf": "adapters.shelf",
    "add_exemplar": "jobs.exemplars",
    "correct": "jobs.segment",
    "evaluate": "jobs.evaluate",
    "fetch_adapter": "adapters.fetch",
    "finetune": "training.finetune",
    "join_channels": "volume.channels",
    "load_model": "jobs.load",
    "next_slices": "jobs.suggest.next_slices",
    "propagate": "jobs.segment",
    "propagate_film": "jobs.film",
    "publish_adapters": "adapters.publish",
    "published_adapters": "adapters.index",
    "read_film": "volume.film",
    "read_labels": "volume.segfile",
    "read_volume": "volume.volume",
    "run_study": "study.run",
    "segment": "jobs.segment",
    "segment_folder": "jobs.folder.run",
    "suggest": "exemplars.select",
    "synthesize": "jobs.synthesize",
    "write_film": "volume.film",
    "write_segmentation": "volume.segfile",
}

__all__ = [
    "InputError",
    "Library",
    "Mark",
    "RasPrompts",
    "ScanTask",
    "Shelf",
    "__version__",
    "add_exemplar",
    "correct",
    "evaluate",
    "fetch_adapter",
    "finetune",
    "join_channels",
    "load_model",
    "next_slices",
    "propagate",
    "propagate_film",
    "publish_adapters",
    "published_adapters",
    "read_film",
    "read_labels",
    "read_volume",
    "run_study",
    "segment",
    "segment_folder",
    "suggest",
    "synthesize",
    "write_film",
    "write_segmentation",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
