"""What people read in place of values that library and scene keep as words of code."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _


def titleOf(value: str) -> str:
    """The words for an axis or a source of grey levels; the value itself where there are none."""
    titles = {
        "axial": _("axial"),
        "coronal": _("coronal"),
        "sagittal": _("sagittal"),
        "library": _("library"),
        "displayed": _("displayed"),
    }
    return titles.get(value, value)


def showTitles(combo: Any) -> None:
    """Have a combo box show words where a parameter node has put its values; the node goes by their places."""
    for row in range(combo.count):
        combo.setItemText(row, titleOf(combo.itemText(row)))
