"""The objects that ``samadapt segment`` is asked for, each with the prompts that follow its --segment."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark, parse

if TYPE_CHECKING:
    from SAMAdaptLib.prompts.ras import RasPrompts


@dataclass
class Object:
    """What --segment names, and its prompts as they are written."""

    name: str
    given: list[tuple[str, str]] = field(default_factory=list)
    # The frame of each, where --at names one, and of those that follow.
    frames: list[int | None] = field(default_factory=list)
    at: int | None = None


class Collect(argparse.Action):
    """Prompts belong to the --segment before them."""

    def __call__(self, parser: Any, namespace: Any, value: Any, option: str | None = None) -> None:
        objects = namespace.objects = list(namespace.objects or [])
        if self.dest == "segment":
            objects.append(Object(value))
            return
        by_text = self.dest == "text"
        if not objects and by_text and value is None:
            parser.error("--text without words takes the name of a --segment before it")
        if not objects:
            objects.append(Object(value if by_text else "Segment_1"))
        if self.dest == "at":
            objects[-1].at = value
            return
        objects[-1].given.append((self.dest, value))
        objects[-1].frames.append(objects[-1].at)


def words_of(one: Object) -> str:
    """The text of an object, which may not have other prompts as well: those are on slices of their own."""
    if [kind for kind, _ in one.given] != ["text"]:
        raise InputError(
            "Objects by --text take one text each and no other prompts", one.name, "Segment the others in another call"
        )
    text = one.given[0][1]
    return one.name if text is None else text


def options() -> str:
    """Those that give prompts, as text."""
    return ", ".join(f"--{name}" for name in KINDS)


def prompts_of(one: Object) -> RasPrompts:
    """All prompts of an object; raises InputError where there is none."""
    from SAMAdaptLib.prompts.ras import RasPrompts

    return RasPrompts(marks=[mark for _, mark in _marks(one)])


def prompts_by_frame(one: Object, frame: int) -> dict[int, RasPrompts]:
    """The prompts of each frame; those for which none is named are of this one. Raises InputError where there is none.
    """
    from SAMAdaptLib.prompts.ras import RasPrompts

    found: dict[int, RasPrompts] = {}
    for at, mark in _marks(one):
        number = frame if at is None else at
        found[number] = found.get(number, RasPrompts()).joined(RasPrompts(marks=[mark]))
    return found


def _marks(one: Object) -> list[tuple[int | None, Mark]]:
    from SAMAdaptLib.prompts.markups import read_markups

    found: list[tuple[int | None, Mark]] = []
    for at, (kind, value) in zip(one.frames, one.given, strict=True):
        marks = read_markups(value).marks if kind == "prompts" else [parse(kind, value)]
        found += [(at, mark) for mark in marks]
    if not found:
        remedy = f"Give {options()}, --prompts or --text after --segment"
        raise InputError("An object has no prompt", one.name, remedy)
    return found
