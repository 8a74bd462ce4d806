"""Tries of a work that is killed, or loses its disk, at one of its changes of it."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from Testing.faults.interrupted import Ended, again, forked, look, prepare, work_on
from Testing.faults.moments import AWAY, CLOCK, DENIED, FULL, KILLED, NO_FILES, READ_ONLY, STALE, Fault, away
from Testing.faults.record import PLACE, record

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="processes are forked, and killed by a signal"),
]
ALL = bool(os.environ.get(PLACE))
KINDS = (KILLED, FULL, NO_FILES, READ_ONLY, DENIED, AWAY, STALE, CLOCK)
# These are alike to most of what does the work: tried once less in `make test`, and so often in `make faults`.
SELDOM, SELDOM_MORE = (AWAY, STALE, CLOCK), 12
# Ends by force in `make faults`, at least: at moments that are counted, and for the rest at times by chance.
KILLS = 100


class Amount(NamedTuple):
    """How many moments are tried of each kind of fault.

    Attributes:
        few: in `make test`.
        kills: of a process that is killed, in `make faults`; 0 for all moments.
        more: of the other kinds there; 0 for all moments.
    """

    few: int
    kills: int = 0
    more: int = 0

    def of(self, kind: str) -> int:
        """How many of a kind; 0 for none in `make test`, and for all moments in `make faults`."""
        if ALL and kind in SELDOM:
            return self.more or SELDOM_MORE
        if ALL:
            return self.kills if kind == KILLED else self.more
        return self.few - (kind in SELDOM)


def pairs(amounts: dict[str, Amount]) -> list[tuple[str, str]]:
    """Works and kinds of faults that are tried."""
    return [(name, kind) for name, amount in amounts.items() for kind in KINDS if ALL or amount.of(kind) > 0]


class Whole(NamedTuple):
    """An uninterrupted work.

    Attributes:
        given: what it is done with.
        states: what was finished before it, after each of its pieces where it has some, and at its end.
        count: changes of its folder.
        seconds: that it takes.
    """

    given: Path
    states: list[Any]
    count: int
    seconds: float


def done_whole(name: str, given: Path) -> Whole:
    """Do a work without an interruption."""
    before = forked(prepare, name, given).value
    place = given / "whole"
    shutil.copytree(given / "before", place)
    ended = forked(work_on, name, given, place, None)
    assert not ended.killed and ended.error is None, ended
    last = forked(look, name, given, place).value
    states = ended.states or [last]
    assert states[-1] == last is not None and ended.value > 3
    return Whole(given, [before, *states], ended.value, ended.seconds)


# Who goes on with these removes what was not finished.
SWEPT = ("training", "pretraining", "synthesis")


def check(name: str, on: Whole, place: Path, ended: Ended, kind: str) -> None:
    """What was finished is there, nothing is left behind that could be helped, and the rest can be done."""
    if kind == AWAY:
        bring_back(name, on, place, ended)
    elif kind != KILLED:
        assert not ended.killed
        # Some files may be missing without harm; what has to be written is missed with its name.
        assert ended.error is None or str(place) in ended.error, ended.error
    if kind == CLOCK:
        assert ended.error is None and forked(look, name, on.given, place).value == on.states[-1]
    if kind in (FULL, NO_FILES):
        assert not [*place.rglob(".part-*")]
    after = forked(again, name, on.given, place, on.states)
    assert after.error is None, after.error
    before, now = after.value
    number = len(ended.states)
    allowed = on.states[number : number + 2] if len(on.states) > 2 else on.states
    assert before in allowed, f"finished were {number} pieces"
    assert now == on.states[-1], f"went on to {now} in place of {on.states[-1]}"
    if name in SWEPT:
        assert not [*place.rglob(".part-*")]


def bring_back(name: str, on: Whole, place: Path, ended: Ended) -> None:
    """A folder that was away is there again. In its place the whole work was done anew, or no file was written."""
    assert not ended.killed
    if place.exists() and away(place).exists():
        made = [path for path in place.rglob("*") if path.is_file()]
        whole = ended.error is None and forked(look, name, on.given, place).value == on.states[-1]
        assert whole or not made, made
        shutil.rmtree(place)
    if away(place).exists():
        away(place).rename(place)


def tried_once(name: str, on: Whole, kind: str, place: Path, moment: int = -1, kill_after: float | None = None) -> None:
    """Do a work with a fault, and what is left of it without one; raises AssertionError where something is lost."""
    shutil.copytree(on.given / "before", place)
    fault = None if moment < 0 else Fault(kind, moment)
    ended = forked(work_on, name, on.given, place, fault, kill_after=kill_after)
    check(name, on, place, ended, kind)
    shutil.rmtree(place)


def tried(name: str, kind: str, amount: Amount, on: Whole, place: Path) -> None:
    """Let a work be interrupted at moments drawn from all that there are, and write down what became of it."""
    chance = random.Random(f"{name} {kind}")
    wanted = amount.of(kind) or on.count
    ends: list[dict[str, Any]] = [
        {"moment": moment} for moment in sorted(chance.sample(range(on.count), min(wanted, on.count)))
    ]
    if ALL and kind == KILLED:
        ends += [{"kill_after": on.seconds * chance.random()} for _ in range(max(20, KILLS - len(ends)))]
    wrong = []
    for number, end in enumerate(ends):
        try:
            tried_once(name, on, kind, place / str(number), **end)
        except AssertionError as error:
            wrong.append(f"{end}: {error}")
    record(f"{name}, {kind}", len(ends), len(wrong))
    assert not wrong, f"{len(wrong)} of {len(ends)}\n" + "\n".join(wrong)
