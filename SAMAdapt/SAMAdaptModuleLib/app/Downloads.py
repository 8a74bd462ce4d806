"""Weights that are still to be fetched: what they are, and whether the user wants them."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import BaseModel, get_model
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice, noModel

# What is larger is asked for: minutes on a usual line, and room on the disk.
LARGE = 100_000_000


def toFetch(choice: ModelChoice) -> BaseModel | None:
    """The base model whose weights are not on this computer and would be fetched; None where there is nothing to do.

    Raises:
        InputError: an unknown model, an adapter that is none, or a checkpoint that is not there.
    """
    from SAMAdaptLib.adapters.info import read_adapter_info
    from SAMAdaptLib.sam.weights.locate import locate

    if choice.entry is not None:
        entry = choice.entry
    elif choice.model is not None:
        entry = get_model(choice.model)
    elif choice.adapter is not None:
        entry = get_model(read_adapter_info(choice.adapter).base)
    else:
        raise noModel()
    if entry.url is None:
        return None
    return entry if locate(entry, choice.checkpoint).source == "url" else None


def confirmDownload(choice: ModelChoice) -> None:
    """Ask before a large model is fetched; to be called upon a click only.

    Raises:
        InputError: the user does not want it; and what :func:`toFetch` raises.
    """
    model = toFetch(choice)
    if model is None or (model.size_bytes or 0) < LARGE:
        return
    question = _(
        "The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are "
        "downloaded once and kept; a download that is stopped goes on where it was.\n\nDownload them now?"
    )
    if not slicer.util.confirmOkCancelDisplay(
        question.format(title=model.title, size=megabytes(model.size_bytes or 0), licence=model.licence),
        windowTitle=_("SAM Adapt"),
    ):
        raise InputError(
            _("The model {title} is not on this computer").format(title=model.title),
            None,
            _("Choose it again to download it, or choose another model"),
        )


def megabytes(count: int) -> str:
    """Bytes for people."""
    if count >= 1_000_000_000:
        return _("{count:.1f} GB").format(count=count / 1e9)
    return _("{count:.0f} MB").format(count=count / 1e6)


def progressText(done: int, total: int | None) -> str:
    """How far a download is."""
    if not total:
        return _("The model is being fetched: {done}").format(done=megabytes(done))
    return _("The model is being fetched: {done} of {total}").format(done=megabytes(done), total=megabytes(total))
