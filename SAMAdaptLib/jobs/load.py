"""A model that is ready to answer, from the names that a user knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from SAMAdaptLib.adapters.comparison import ADAPTED, SHARE, answering
from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.defaults import BASE, DEVICE, HALFWAY, PLAIN, PRECISION, WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.policy import base_of
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.device import pick_device
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.sam.text import text_tokens
from SAMAdaptLib.training.prompting import teach


class LoadedModel(NamedTuple):
    """A base model on its device.

    Attributes:
        predictor: answers on slices.
        info: of the adapter on it; None without one.
    """

    predictor: Predictor
    info: AdapterInfo | None = None

    def with_weights(self, weights: str) -> LoadedModel:
        """The same with another choice of base and adapter, where both are kept; see :func:`load_model`."""
        one = self.predictor
        ways = answering(self.info.comparison, weights) if self.info is not None else {}
        return LoadedModel(Predictor(one.model, one.precision, one.kept, ways), self.info)


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
    weights: str = WEIGHTS,
    keep_base: bool = False,
    allow_download: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
) -> LoadedModel:
    """Build a base model, put an adapter on it, and move it to the device.

    Where other weights answer some prompts in place of the adapter's, those of the base or halfway to them, all that
    answer are kept; tensors that the adapter left alone are in memory once. Points that it answered better without a
    box grown from them are answered so, whichever weights are wanted but the base's.

    Args:
        model: name of the base model; the adapter's own by default, and without an adapter the usual one.
        adapter: adapter or run folder.
        checkpoint: local file with the base model's weights.
        input_size: side of the model input in pixels; the adapter's own, else the native one, by default.
        device: see :func:`SAMAdaptLib.sam.device.pick_device`.
        precision: of the encoder: "auto", "fp32" or "bf16".
        plain_points: give points to the model also where it was trained with boxes only.
        weights: which answer: "auto" takes for each kind of prompt those that the slices which the adapter's training
            held out speak for, see :data:`SAMAdaptLib.adapters.comparison.RULE`; "adapted" and "base" always the ones
            or the others.
        keep_base: keep all that might answer, so that ``LoadedModel.with_weights`` can turn to them.
        allow_download: False refuses to fetch weights.
        progress: called with (bytes done, bytes in all) while downloading.

    Raises:
        InputError: an adapter of another base model; unknown weights, or the base's in place of an adapter that labels
            whole slices, which no base does; anything that building or reading raises.
    """
    base, info = base_of(model, adapter)
    if info is not None and not info.prompted and weights == BASE:
        raise InputError(
            "The adapter labels whole slices, which the base weights cannot do in its place",
            adapter,
            f"Leave out --weights {BASE}, or the adapter",
        )
    if info is not None:
        input_size = input_size or info.input_size
    built = build_sam(base, checkpoint, input_size, allow_download=allow_download, progress=progress)
    built.points |= plain_points
    built.grown &= not plain_points
    ways: dict[str, str] = {}
    kept: dict[str, Predictor] = {}
    if adapter is not None and info is not None:
        ways = answering(info.comparison, weights)
        wanted = {*ways.values()}
        if keep_base:
            wanted |= {BASE, *(way for one in (WEIGHTS, ADAPTED) for way in answering(info.comparison, one).values())}
        for way in sorted(wanted - {PLAIN}):
            kept[way] = Predictor(deepcopy(built), precision)
        if HALFWAY in kept:
            # Asked as the base is, see SAMAdaptLib.training.comparison.
            apply_adapter(kept[HALFWAY].model, adapter, share=SHARE)
            kept[HALFWAY].model.mask_prompts = built.mask_prompts
        info = apply_adapter(built, adapter)
        teach(built, info.prompts)
        if PLAIN in wanted:
            kept[PLAIN] = Predictor(replace(built, grown=False), precision)
    predictor = Predictor(built, precision, kept, ways)
    predictor.to(pick_device(device))
    return LoadedModel(predictor, info)


def finds_objects(model: SamModel) -> bool:
    """Whether the model segments the adapter's classes without prompts."""
    return model.labels or model.find is not None


def reads_texts(model: SamModel) -> bool:
    """Whether the model was trained with texts."""
    return getattr(model.sam, "text_prompter", None) is not None


def require_texts(model: SamModel, texts: Sequence[str]) -> None:
    """Raises InputError for texts that the model cannot read, before any slice has been encoded."""
    if not texts:
        raise InputError("There is no text", None, "Name what is to be segmented, say liver")
    text_tokens(model.sam, texts)
