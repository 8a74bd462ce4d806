"""A combo box with what networks can run on."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.defaults import DEVICE
from SAMAdaptModuleLib.app.Settings import Settings


def fillDevices(combo: Any, settings: Settings) -> None:
    """List what was there when a worker looked last, and choose what the settings name; emits no signal.

    Automatic and the CPU are always there. A card that is chosen but gone is listed, and said to be gone.
    """
    found = settings.devices
    blocked = combo.blockSignals(True)
    combo.clear()
    combo.addItem(_("Automatic"), DEVICE)
    for name, title in found.items():
        if name != "cpu":
            combo.addItem(_("{title} ({name})").format(title=title, name=name), name)
    combo.addItem(_("CPU"), "cpu")
    if combo.findData(settings.device) < 0:
        combo.addItem(_("{name} (not found)").format(name=settings.device), settings.device)
    combo.currentIndex = combo.findData(settings.device)
    combo.blockSignals(blocked)
