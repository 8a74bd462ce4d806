"""What goes wrong reaches the user, whoever has called."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from SAMAdaptLib.errors import Cancelled, SAMAdaptError


def reported(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that hands what goes wrong in it to its object's ``tell``, and answers None then.

    For what the application, a timer, an observer or the worker's answer calls: an exception would only be printed
    where no user looks.
    """

    @functools.wraps(method)
    def guarded(self: Any, *values: Any, **named: Any) -> Any:
        try:
            return method(self, *values, **named)
        except Cancelled:
            return None
        except Exception as error:
            if not isinstance(error, SAMAdaptError):
                logging.exception("SAM Adapt failed")
            self.tell(error)
            return None

    return guarded


def maskedAway() -> str:
    """What is said where the editor has let nothing through of what was to be written."""
    return _(
        "Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. "
        "Change the editable area, the intensity range or the geometry."
    )
