"""Base models by name, and which of them an adapter goes with."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.adapters.info import check_base, find_adapter, read_adapter_info
from SAMAdaptLib.defaults import MODEL
from SAMAdaptLib.sam.registry import MODELS, get_model
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice, noModel

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.shelf import Shelf
    from SAMAdaptModuleLib.app.Settings import Settings


class ModelChoices:
    """The registry's base models and one's own.

    >>> models.own["my_sam"] = ModelChoice(model="sam_vit_b", checkpoint="my_weights.pth")

    Attributes:
        own: base models beside the registry's, by name.

    Args:
        shelf: where adapters are found by name.
        settings: say on which device; one's own models may name another.
    """

    def __init__(self, shelf: Shelf, settings: Settings) -> None:
        self.own: dict[str, ModelChoice] = {}
        self._shelf, self._settings = shelf, settings

    def titles(self) -> dict[str, str]:
        """Name to title with licence, of all models."""
        titles = {name: f"{model.title} ({model.licence})" for name, model in MODELS.items()}
        return {**titles, **{name: name for name in self.own}}

    def choice(self, name: str) -> ModelChoice:
        """What is to be loaded for a base model without an adapter.

        Raises:
            InputError: unknown name.
        """
        if name in self.own:
            return self.own[name]
        return ModelChoice(model=get_model(name).name, device=self._settings.device)

    def withAdapter(self, nameOrPath: str | Path | None, model: str | None = None) -> ModelChoice:
        """What is to be loaded for an adapter.

        Args:
            nameOrPath: name on the shelf, or folder; None for the base model as it is.
            model: base model; the adapter's own by default.

        Raises:
            InputError: no such adapter, a damaged one, or one made for another base model.
        """
        if nameOrPath is None:
            return self.choice(model or MODEL)
        named = self._shelf.folder / str(nameOrPath)
        path = find_adapter(named if named.is_dir() else nameOrPath)
        info = read_adapter_info(path)
        choice = self.choice(model or info.base)
        check_base(info, path.name, baseName(choice))
        return replace(choice, adapter=str(path), inputSize=info.input_size)

    def memoryArguments(self, name: str, method: str) -> dict[str, Any]:
        """What the task "memory" takes, to estimate a training of this model by this method.

        Raises:
            InputError: unknown model.
        """
        from SAMAdaptLib.training.config import TrainConfig

        config, choice = TrainConfig(), self.choice(name)
        return {
            "model": choice.model if choice.entry is None else asdict(choice.entry),
            "method": method,
            "batch_size": config.batch_size,
            "prompts_per_slice": config.prompts_per_slice,
            "input_size": choice.inputSize,
        }


def baseName(choice: ModelChoice) -> str:
    """Name of the base model, as adapters and runs note it.

    Raises:
        InputError: neither a model is chosen nor an adapter, which has one, or the adapter is damaged.
    """
    name: str | None = choice.model if choice.entry is None else choice.entry.name
    if name is None and choice.adapter is not None:
        name = read_adapter_info(choice.adapter).base
    if name is None:
        raise noModel()
    return name
