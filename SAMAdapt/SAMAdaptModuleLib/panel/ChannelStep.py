"""The row below the panel's volume: what a model sees together with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer

from SAMAdaptModuleLib.app.Messages import errorsShown
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.scene.ChannelChoice import ChannelChoice

if TYPE_CHECKING:
    from SAMAdaptLib.errors import SAMAdaptError
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode


class ChannelStep(Step):
    """Follows the chosen volume.

    Args:
        logic, ui: see :class:`Step`.
        panel: the whole of it.
    """

    def __init__(self, logic: SAMAdaptLogic, ui: Any, panel: Any) -> None:
        super().__init__(logic, ui)
        self.choice = ChannelChoice(slicer.util.findChild(panel, "inputsLayout"), 1, _shown)
        ui.volumeSelector.connect("currentNodeChanged(vtkMRMLNode*)", self.onVolume)

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Show what is noted on its volume."""
        super().setParameterNode(parameterNode)
        self.choice.setVolume(None if parameterNode is None else parameterNode.volume)

    def onVolume(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Another volume was chosen."""
        self.choice.setVolume(None if self._parameterNode is None else volumeNode)

    def cleanup(self) -> None:
        """Let go of the volume."""
        self.ui.volumeSelector.disconnect("currentNodeChanged(vtkMRMLNode*)", self.onVolume)
        self.choice.close()


def _shown(error: SAMAdaptError) -> None:
    with errorsShown():
        raise error
