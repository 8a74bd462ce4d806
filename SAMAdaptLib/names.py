"""Names for files and folders: Windows' rules hold on every system, so that what one has written opens on another."""

from __future__ import annotations

import contextlib
import locale
import re
import sys
import unicodedata
from collections.abc import Collection

from SAMAdaptLib.errors import InputError

MAX_NAME = 80

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# The devices that Windows sees in every folder, whatever follows the first dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE)


def take_utf8_paths() -> None:
    """Have C libraries read the bytes of a path as UTF-8, as Python and the other systems do.

    SimpleITK gives its UTF-8 to the C library of Windows, which reads it in the code page of the country: no file of a
    user whose name has an umlaut could be opened. Its FAQ names the character locale as the way out; Windows knows
    this one from version 1803 on.
    """
    if sys.platform == "win32":
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, ".UTF-8")


def check_name(name: str) -> str:
    """The name itself, if a file or folder can have it on every system.

    Raises:
        InputError: it cannot.
    """
    sound = 0 < len(name) <= MAX_NAME and name.isprintable() and not _FORBIDDEN.search(name)
    if not sound or name != name.strip() or name[0] == "." or name[-1] == "." or _DEVICES.fullmatch(name):
        raise InputError(
            "This name cannot be a file's", repr(name), f"Use up to {MAX_NAME} letters, digits, spaces, - and _"
        )
    return name


def safe_name(text: str, taken: Collection[str] = ()) -> str:
    """A name for any text that :func:`check_name` accepts and that is none of ``taken``; the text itself where it can.

    Letters of every script stay; what no file may have becomes ``_``, and a name that is taken gets a number.
    """
    kept = "".join(c if c.isprintable() else "_" for c in unicodedata.normalize("NFC", text))
    # Room for the number.
    kept = _FORBIDDEN.sub("_", kept)[: MAX_NAME - 6].strip(" .") or "_"
    if _DEVICES.fullmatch(kept):
        kept = "_" + kept
    there = {file_key(name) for name in taken}
    number, choice = 1, kept
    while file_key(choice) in there:
        number += 1
        choice = f"{kept} {number}"
    return check_name(choice)


def file_key(name: str) -> str:
    """What is the same for names of one file: on some disks case and the composition of letters do not count."""
    return unicodedata.normalize("NFC", name).casefold()
