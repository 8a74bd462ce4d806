"""Adapted and base weights, as panel, effect and console offer and tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.adapters.comparison import CHOICES, told
from SAMAdaptLib.service.protocol import Ready


def fillWeights(combo: Any) -> None:
    """Offer the choices of weights in a combo box."""
    titles = (_("Better ones for each prompt"), _("Always the adapter's"), _("Always the base model's"))
    for title, name in zip(titles, CHOICES, strict=True):
        combo.addItem(title, name)


def answeredByBase(info: Ready | None, kinds: Iterable[str]) -> str:
    """What to say where the base weights have answered prompts of these kinds; "" for none.

    Args:
        info: of the model in use.
        kinds: as ``Predicted.by_base`` and the answer to a propagation have them.
    """
    adapter = None if info is None else info.adapter
    text = told({} if adapter is None else adapter["comparison"], kinds)
    return text and _("{text}.").format(text=text[0].upper() + text[1:])
