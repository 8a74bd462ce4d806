"""Step 2 of the panel: what synthesis may do to the exemplars."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptModuleLib.app.Pictures import FittedPicture
from SAMAdaptModuleLib.panel.ChildJob import ChildJob


class SynthesisStep:
    """Transformations and the preview sheet.

    Args:
        logic: the ``SAMAdaptLogic``.
        ui: all widgets of the panel by name.
    """

    def __init__(self, logic: Any, ui: Any) -> None:
        self.logic, self.ui = logic, ui
        self._parameterNode = None
        self._updating = False
        for name in self._spins():
            getattr(ui, name).connect("valueChanged(double)", self.onTransformationChanged)
        ui.resetSynthesisButton.connect("clicked(bool)", self.onReset)
        self._job = ChildJob(ui.previewButton, logic.newProcess(), self.onPreview)
        ui.transformBox.collapsed = True
        self._preview = FittedPicture(ui.previewLabel)

    def setParameterNode(self, parameterNode: Any) -> None:
        """Use another parameter node, or None while there is none."""
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._show(SynthesisConfig.from_dict(json.loads(parameterNode.synthesis or "{}")))

    def cleanup(self) -> None:
        """Stop what is going on."""
        self._job.close()

    def onTransformationChanged(self) -> None:
        """A transformation was changed: keep what differs from the defaults."""
        if self._updating or self._parameterNode is None:
            return
        default = SynthesisConfig().to_dict()
        shown = {field.name: self._read(field.name) for field in fields(SynthesisConfig)}
        self._parameterNode.synthesis = json.dumps({n: v for n, v in shown.items() if v != default[n]})

    def onReset(self) -> None:
        """Put all transformations back."""
        if self._parameterNode is not None:
            self._parameterNode.synthesis = "{}"
            self._show(SynthesisConfig())

    def onPreview(self) -> None:
        """Show synthetic slices beside their exemplars, once they are made."""
        node = self._parameterNode
        self.logic.installation.ensure()
        arguments = self.logic.previewArguments(None, node.previewCount, node.seed, json.loads(node.synthesis))
        self._job.start("preview", self._preview.show, **arguments)

    def _spins(self) -> list[str]:
        names = []
        for field in fields(SynthesisConfig):
            ends = ("Low", "High") if isinstance(field.default, tuple) else ("Value",)
            names += [field.name + end for end in ends]
        return names

    def _read(self, name: str) -> Any:
        # Spin boxes hold what was typed with errors in the last binary digit.
        if hasattr(self.ui, name + "Value"):
            return round(getattr(self.ui, name + "Value").value, 6)
        # A lowest value above the highest would be refused later, far from where it was typed.
        return sorted(round(getattr(self.ui, name + end).value, 6) for end in ("Low", "High"))

    def _show(self, config: SynthesisConfig) -> None:
        self._updating = True
        for name, value in config.to_dict().items():
            if isinstance(value, list):
                getattr(self.ui, name + "Low").value, getattr(self.ui, name + "High").value = value
            else:
                getattr(self.ui, name + "Value").value = value
        self._updating = False
