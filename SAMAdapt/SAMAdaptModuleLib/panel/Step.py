"""What the panel asks of each of its steps, and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import InputError

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode


class Step:
    """One part of the panel; what a step has nothing to do for, it leaves as it is here.

    Args:
        logic: does the work.
        ui: all widgets of the panel by name.
    """

    def __init__(self, logic: SAMAdaptLogic, ui: Any) -> None:
        self.logic, self.ui = logic, ui
        self._parameterNode: SAMAdaptParameterNode | None = None

    @property
    def node(self) -> SAMAdaptParameterNode:
        """What is chosen in the panel, for what a user asks of it.

        Raises:
            InputError: the panel shows no scene, as while one is closed.
        """
        if self._parameterNode is None:
            raise InputError(_("The panel shows no scene now"), None, _("Open the module SAM Adapt again"))
        return self._parameterNode

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Take what belongs to the scene from this node now; None where there is none."""
        self._parameterNode = parameterNode

    def refresh(self) -> None:
        """Show what folders hold now."""

    def cleanup(self) -> None:
        """Let go of everything that would call a panel that is gone."""
