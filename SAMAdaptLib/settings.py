"""What the settings of a run or a method are, in a few words each, for who has named one that there is not."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Collection

from SAMAdaptLib.errors import InputError


def words_of(kind: type) -> dict[str, str]:
    """What the docstring of a dataclass says of its attributes, up to the first stop; empty where Python has dropped
    it."""
    section = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := re.fullmatch(r" {4}(\w+): (.*)", line):
            name, found[match[1]] = match[1], match[2]
        elif name and line.startswith(" " * 8):
            found[name] += " " + line.strip()
        elif line.strip():
            break
    return {name: re.split(r"[.;] |\.$", text)[0] for name, text in found.items()}


def unknown_setting(what: str, name: str, known: Collection[str]) -> InputError:
    """The error that names the setting, the one that may have been meant, and all that there are.

    Args:
        what: "Unknown training setting" and the like.
        name: that there is not.
        known: names that there are.
    """
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return InputError(f"{what} {name!r}", None, f"{meant}Known are {', '.join(known)}")
