"""The bar with Stop in the options frame."""

from __future__ import annotations

from SegmentEditorSAMAdaptLib.edit.OneShot import OneShot
from SegmentEditorSAMAdaptLib.view.EffectOptions import BUSY_AFTER_MS, EffectOptions


class BusySign:
    """There while something lasts, but not for what is over at once.

    Args:
        options: whose bar it is.
    """

    def __init__(self, options: EffectOptions) -> None:
        self._options = options
        self._progress = (0, 0)
        self._timer = OneShot(BUSY_AFTER_MS, self._show)

    def follow(self, working: bool) -> None:
        """Whether something is under way now."""
        if not working:
            self._hide()
        elif not self._options.busy and not self._timer.active:
            self._timer.start()

    def setProgress(self, done: int, total: int | None) -> None:
        """How far it is; 0 or None in all where that is not known."""
        self._progress = (done, total or 0)
        if self._options.busy:
            self._show()

    def close(self) -> None:
        """Take it away for good."""
        self._timer.close()
        self._hide()

    def _hide(self) -> None:
        self._timer.stop()
        self._progress = (0, 0)
        self._options.setBusy(None)

    def _show(self) -> None:
        self._options.setBusy(self._progress)
