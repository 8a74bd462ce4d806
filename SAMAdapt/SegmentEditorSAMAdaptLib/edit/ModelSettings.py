"""From the effect's parameters to what the session understands."""

from __future__ import annotations

from typing import Any

from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.scene.SceneVolume import displayedWindow
from SAMAdaptModuleLib.worker.InferenceSession import ModelChoice

from SAMAdaptLib.adapters.info import find_adapter, read_adapter_info
from SAMAdaptLib.adapters.shelf import AdapterShelf
from SAMAdaptLib.volume.intensity import Intensity

# The editor keeps no empty text.
NO_ADAPTER = "none"


def modelChoice(model: str, adapter: str) -> ModelChoice:
    """The network for parameters "Model" and "Adapter" (a folder, or NO_ADAPTER).

    Raises:
        InputError: no such adapter, or a damaged one.
    """
    device = Settings().device
    if adapter == NO_ADAPTER:
        return ModelChoice(model=model, device=device)
    folder = find_adapter(adapter)
    info = read_adapter_info(folder)
    return ModelChoice(model=info.base, adapter=str(folder), inputSize=info.input_size, device=device)


def intensityText(parameter: str, volumeNode: Any) -> str | None:
    """The mapping for the parameter "Intensity": None lets the adapter decide, else the values.

    Raises:
        InputError: a text that is no mapping.
    """
    if parameter == "auto":
        return None
    if parameter == "displayed":
        return displayedWindow(volumeNode)
    return str(Intensity.parse(parameter))


def shelvedAdapters() -> list[tuple[str, str]]:
    """(name, folder) of the usable adapters on the shelf."""
    shelf = AdapterShelf(Settings().adapterShelf)
    return [(entry.name, str(entry.path)) for entry in shelf.list() if entry.info is not None]
