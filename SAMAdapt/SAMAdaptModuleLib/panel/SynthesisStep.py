"""Step 2 of the panel: what synthesis may do to the exemplars."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.settings import Setting
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptModuleLib.app.Pictures import FittedPicture
from SAMAdaptModuleLib.panel.SettingTips import showTips
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TaskButton import TaskButton

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

TIPS = {"syntheticCountSpin": "synthetic_count", "seedSpin": "seed"}


class SynthesisStep(Step):
    """Transformations and the preview sheet."""

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        super().__init__(logic, ui)
        self._updating = False
        showTips(ui, TrainConfig, TIPS)
        for setting in SynthesisConfig.known().values():
            label = setting.name + ("LayoutLabel" if tuple in setting.kinds else "ValueLabel")
            getattr(ui, label).toolTip = setting.tip
            for spin in self._spins(setting):
                spin.toolTip = setting.tip
                spin.minimum, spin.maximum = setting.low, setting.high
                spin.connect("valueChanged(double)", self.onTransformationChanged)
        ui.resetSynthesisButton.connect("clicked(bool)", self.onReset)
        self._job = TaskButton(ui.previewButton, logic.newTasks(), self.onPreview)
        ui.transformBox.collapsed = True
        self._preview = FittedPicture(ui.previewLabel)

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Show the transformations that it holds."""
        super().setParameterNode(parameterNode)
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
        shown = {name: self._read(setting) for name, setting in SynthesisConfig.known().items()}
        self._parameterNode.synthesis = json.dumps({n: v for n, v in shown.items() if v != default[n]})

    def onReset(self) -> None:
        """Put all transformations back."""
        if self._parameterNode is not None:
            self._parameterNode.synthesis = "{}"
            self._show(SynthesisConfig())

    def onPreview(self) -> None:
        """Show synthetic slices beside their exemplars, once they are made."""
        node = self.node
        self.logic.installation.ensure()
        arguments = self.logic.previewArguments(None, node.previewCount, node.seed, json.loads(node.synthesis))
        self._job.start("preview", self._preview.show, **arguments)

    def _spins(self, setting: Setting) -> list[Any]:
        ends = ("Low", "High") if tuple in setting.kinds else ("Value",)
        return [getattr(self.ui, setting.name + end) for end in ends]

    def _read(self, setting: Setting) -> float | list[float]:
        # Spin boxes hold what was typed with errors in the last binary digit. A lowest value above the highest would be
        # refused later, far from where it was typed.
        values = sorted(round(spin.value, 6) for spin in self._spins(setting))
        return values if tuple in setting.kinds else values[0]

    def _show(self, config: SynthesisConfig) -> None:
        self._updating = True
        for name, value in config.to_dict().items():
            values = value if isinstance(value, list) else [value]
            for spin, one in zip(self._spins(SynthesisConfig.known()[name]), values, strict=True):
                spin.value = one
        self._updating = False
