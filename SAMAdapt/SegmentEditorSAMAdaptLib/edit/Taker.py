"""Who takes marks in place of drafts."""

from __future__ import annotations

from SAMAdaptModuleLib.scene.FindPlane import ViewPlane

from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply


class Taker:
    """By itself it takes none."""

    @property
    def busy(self) -> bool:
        """Whether what was taken is not answered and written yet."""
        return False

    @property
    def canUndo(self) -> bool:
        """Whether there is a gesture to take back."""
        return False

    def wants(self, _plane: ViewPlane) -> bool:
        """Whether marks on a plane are for it."""
        return False

    def take(self, _plane: ViewPlane, _mark: Mark) -> None:
        """Take a mark on a plane that it wants. What goes wrong is shown."""

    def asked(self, _plane: ViewPlane, _mark: Mark) -> Reply[Done] | None:
        """Ask what a mark would make of a plane that it wants, and change nothing; None where it would be refused."""
        return None

    def undo(self) -> bool:
        """Take the last mark back; False when there is none."""
        return False
