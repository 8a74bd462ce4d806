"""A model that is ready to answer, from the names that a user knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.defaults import DEVICE, PRECISION
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.policy import base_of
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.device import pick_device
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.sam.text import text_tokens
from SAMAdaptLib.training.prompting import teaches_points


class LoadedModel(NamedTuple):
    """A base model on its device.

    Attributes:
        predictor: answers on slices.
        info: of the adapter on it; None without one.
    """

    predictor: Predictor
    info: AdapterInfo | None = None


Model = LoadedModel | str | Callable[[], LoadedModel]


def ready(model: Model) -> LoadedModel:
    """A model from itself, from the name of a base model, or from what loads it when it is needed first."""
    if isinstance(model, LoadedModel):
        return model
    return load_model(model) if isinstance(model, str) else model()


def load_model(
    model: str | None = None,
    *,
    adapter: str | Path | None = None,
    checkpoint: str | Path | None = None,
    input_size: int | None = None,
    device: str = DEVICE,
    precision: str = PRECISION,
    plain_points: bool = False,
    allow_download: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
) -> LoadedModel:
    """Build a base model, put an adapter on it, and move it to the device.

    Args:
        model: name of the base model; the adapter's own by default, and without an adapter the usual one.
        adapter: adapter or run folder.
        checkpoint: local file with the base model's weights.
        input_size: side of the model input in pixels; the adapter's own, else the native one, by default.
        device: see :func:`SAMAdaptLib.sam.device.pick_device`.
        precision: of the encoder: "auto", "fp32" or "bf16".
        plain_points: give points to the model also where it was trained with boxes only.
        allow_download: False refuses to fetch weights.
        progress: called with (bytes done, bytes in all) while downloading.

    Raises:
        InputError: an adapter of another base model; anything that building or reading raises.
    """
    base, info = base_of(model, adapter)
    if info is not None:
        input_size = input_size or info.input_size
    built = build_sam(base, checkpoint, input_size, allow_download=allow_download, progress=progress)
    if adapter is not None:
        info = apply_adapter(built, adapter)
        built.points |= teaches_points(info.prompts)
    built.points |= plain_points
    built.sam.to(pick_device(device))
    return LoadedModel(Predictor(built, precision), info)


def require_finder(model: SamModel) -> None:
    """Raises InputError for a model that does not find objects by itself."""
    if model.find is None:
        raise InputError(
            "This model does not find objects by itself",
            None,
            "Give prompts, or an --adapter that was trained with --method sammix",
        )


def reads_texts(model: SamModel) -> bool:
    """Whether the model was trained with texts."""
    return getattr(model.sam, "text_prompter", None) is not None


def require_texts(model: SamModel, texts: Sequence[str]) -> None:
    """Raises InputError for texts that the model cannot read, before any slice has been encoded."""
    if not texts:
        raise InputError("There is no text", None, "Name what is to be segmented, say liver")
    text_tokens(model.sam, texts)
