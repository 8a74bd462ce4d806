"""Which network answers prompts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from SAMAdaptLib.defaults import DEVICE, MODEL, WEIGHTS
from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptLib.sam.registry import BaseModel


@dataclass(frozen=True)
class ModelChoice:
    """Which network answers.

    Attributes:
        model: name of the base model; None takes the adapter's own.
        adapter: adapter or run folder.
        checkpoint: local file with the base model's weights.
        inputSize: side of the model's input in pixels; the adapter's own, else the native one, by default.
        device: "auto", "cpu", "mps", "cuda" or "cuda:1".
        entry: a ``BaseModel`` that the registry does not know, instead of ``model``.
        weights: "auto" answers each kind of prompt with what was better on held-out slices, adapter or base;
            "adapted" and "base" always with the one or the other.
    """

    model: str | None = MODEL
    adapter: str | Path | None = None
    checkpoint: str | Path | None = None
    inputSize: int | None = None
    device: str = DEVICE
    entry: BaseModel | None = None
    weights: str = WEIGHTS

    @property
    def title(self) -> str:
        """What people know it by: the adapter's name, else the base model's."""
        if self.adapter is not None:
            return Path(self.adapter).name
        return self.model or "" if self.entry is None else self.entry.name

    def check(self) -> None:
        """Raises InputError without a model, for an adapter that is none or was trained on another model, and for
        unknown weights."""
        from SAMAdaptLib.adapters.comparison import answering
        from SAMAdaptLib.adapters.info import check_base, read_adapter_info

        base = self.model if self.entry is None else self.entry.name
        if self.adapter is None:
            if base is None:
                raise noModel()
            return
        info = read_adapter_info(self.adapter)
        check_base(info, self.adapter, base or info.base)
        answering(info.comparison, self.weights)


def noModel() -> InputError:
    """What to say where no model is chosen."""
    return InputError(_("No model is chosen"), None, _("Choose a base model or an adapter first"))
