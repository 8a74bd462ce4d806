"""What widgets say of the settings that they show, in the words of the command line and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SAMAdaptLib.settings import Settings


def showTips(ui: Any, kind: type[Settings], names: Mapping[str, str]) -> None:
    """Give widgets and their labels the tips of settings.

    Args:
        ui: all widgets of the panel by name; the label of a widget that has one is called as it, with Label.
        kind: of the settings.
        names: of the settings by those of the widgets.
    """
    for widget, name in names.items():
        for shown in (widget, widget + "Label"):
            if shown in vars(ui):
                getattr(ui, shown).toolTip = kind.known()[name].tip
