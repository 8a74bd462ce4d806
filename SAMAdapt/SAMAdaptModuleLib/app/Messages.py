"""How an error reaches the person at the screen: cause, then the way out."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, SAMAdaptError

TITLE = "SAM Adapt"


def explain(error: Exception) -> str:
    """An error as text for a dialogue: what and where, an empty line, the remedy."""
    if not isinstance(error, SAMAdaptError):
        text = _(
            "An unexpected error occurred: {error}\n\nTry again. If it comes back, the application log tells more "
            "(Help, Report a Bug)."
        )
        return text.format(error=str(error) or type(error).__name__)
    cause = error.what if error.where is None else f"{error.what}: {error.where}"
    return cause + "." if error.remedy is None else f"{cause}.\n\n{error.remedy}."


def durationText(seconds: float) -> str:
    """A time as one reads it: 40 s, 2 min 30 s, 3 h 5 min."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    if minutes:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    return _("{seconds} s").format(seconds=rest)


@contextlib.contextmanager
def errorsShown() -> Iterator[None]:
    """Show what goes wrong in the block instead of raising it; for slots of the panel.

    >>> with errorsShown():
    ...     logic.addExemplar(volumeNode, segmentationNode, 12)
    """
    try:
        yield
    except Cancelled:
        return
    except SAMAdaptError as error:
        slicer.util.errorDisplay(explain(error), windowTitle=TITLE)
    except Exception as error:
        logging.exception("SAM Adapt failed")
        slicer.util.errorDisplay(explain(error), windowTitle=TITLE)
