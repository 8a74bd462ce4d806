"""The errors that a user may see: each names what is wrong, where, and the remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

# Control characters but for tab and line end, those that turn the direction of writing, and halves of characters.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# What a system says of a disk or network folder that has gone away; Windows has numbers of its own for some.
_LOST = {errno.ENOENT, errno.ENOTCONN, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT, errno.EHOSTUNREACH}
_LOST |= {getattr(errno, name) for name in ("ESTALE", "EHOSTDOWN", "ENETDOWN", "ENETUNREACH") if hasattr(errno, name)}
_LOST_ON_WINDOWS = {21, 53, 55, 59, 64, 67, 1117, 1231, 1232}
STILL_THERE = "See whether the disk or the network folder is still there, and try again"


class SAMAdaptError(Exception):
    """Base of every error that SAMAdapt raises on purpose.

    Args:
        what: what is wrong, as the start of a sentence without a full stop.
        where: the file, option or object concerned; only the name, never a value read from a patient.
        remedy: what the user can do, as a sentence without a full stop.
    """

    exit_code = 1

    def __init__(self, what: str, where: str | os.PathLike[str] | None = None, remedy: str | None = None) -> None:
        self.what = what = visible(what)
        self.where = None if where is None else str(where)
        self.remedy = remedy = None if remedy is None else visible(remedy)
        text = what if self.where is None else f"{what}: {visible(self.where)}"
        super().__init__(text if remedy is None else f"{_stopped(text)} {_stopped(remedy)}")


def visible(text: str) -> str:
    """With what moves a console's cursor, turns its writing or is no text written out: files' words go into errors."""
    return _HIDDEN.sub(lambda match: ascii(match[0])[1:-1], text)


def _stopped(text: str) -> str:
    """With a full stop, unless it has an end already, as where another error's words were taken over."""
    return text if text.endswith((".", "!", "?")) else text + "."


def is_lost(error: OSError) -> bool:
    """Whether the system says that a file, its disk or its network folder has gone away."""
    return error.errno in _LOST or getattr(error, "winerror", None) in _LOST_ON_WINDOWS


def in_words(error: BaseException) -> str:
    """What went wrong, in a line."""
    text = str(error) if isinstance(error, SAMAdaptError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def counted(number: int, thing: str, one: str = "", several: str = "") -> str:
    """A number of things in words: 1 slice, 2 slices; what follows may agree with it: 1 slice is, 2 slices are."""
    return f"{number} {thing} {one}".rstrip() if number == 1 else f"{number} {thing}s {several}".rstrip()


def listed(names: Sequence[str]) -> str:
    """Names in words: Dice, IoU and NSD."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


class InputError(SAMAdaptError, ValueError):
    """Something that the user gave cannot be used as it is."""

    exit_code = 2


class Cancelled(SAMAdaptError):
    """The user asked to stop; everything finished until then is kept."""

    exit_code = 130

    def __init__(
        self, what: str = "Stopped on request", where: str | os.PathLike[str] | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(what, where, remedy)


class Note(UserWarning):
    """Something that a user should know although the work goes on: a choice made for them, a value that disagrees."""


def note(what: str, where: str | os.PathLike[str] | None = None, remedy: str | None = None) -> None:
    """Tell the user something without stopping: a Python warning, which the command prints and adds to its JSON.

    Args:
        what: what was seen and what was done about it, as the start of a sentence without a full stop.
        where: the file, option or object concerned; only the name, never a value read from a patient.
        remedy: what the user can do, as a sentence without a full stop.
    """
    warnings.warn(Note(str(SAMAdaptError(what, where, remedy))), stacklevel=3)


@contextlib.contextmanager
def notes_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Give every note to ``tell``, the same one each time that it comes; other warnings stay what they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Note)
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, Note):
                tell(str(message))
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield
