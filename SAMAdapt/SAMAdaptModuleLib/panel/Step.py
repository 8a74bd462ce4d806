"""What the panel asks of each of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode


class Step(Protocol):
    """One part of the panel; what a step has nothing to do for, it leaves as it is here."""

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Take what belongs to the scene from this node now; None where there is none."""

    def refresh(self) -> None:
        """Show what folders hold now."""

    def cleanup(self) -> None:
        """Let go of everything that would call a panel that is gone."""
