"""Bad inputs made of good ones: bytes that are cut, flipped or put in, and values of another type, size or place."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from Testing.faults.record import PLACE

# How many more are tried where they are counted.
MORE = 5 if os.environ.get(PLACE) else 1
SCRIPT = "<script>alert(1)</script>"
# Stand for JSON that Python would not write: whole numbers of 5000 digits, and 50,000 lists in one another.
RAW = {'"@huge"': "9" * 5000, '"@deep"': "[" * 50_000 + "]" * 50_000}
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 0.5, 10**12, 10**300, float("nan"), float("inf"), "", " ", "x" * 250, "x" * 100_000, "1",
    "nan", "../../x", "/etc/passwd", "..\\x", "a\0b", "\x1b[2J", "Å\u0308\U0001f9e0'\"", "\ud800", SCRIPT, [], {}, [[]],
    [None], {"a": 1}, [1, 2, 3, 4], "@huge", "@deep",
)  # fmt: skip


def tries(examples: int) -> settings:
    """Always the same ones, so many of them in the suite."""
    return settings(
        max_examples=examples * MORE,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )


@st.composite
def damaged(draw: st.DrawFn, whole: bytes, begin: int = 0) -> bytes:
    """Bytes that were cut, flipped, doubled, put in or overwritten somewhere behind ``begin``."""
    at = draw(st.integers(begin, len(whole) - 1))
    how = draw(st.sampled_from(["cut", "flip", "flip", "double", "put", "fill"]))
    if how == "cut":
        return whole[:at]
    if how == "flip":
        flipped = bytearray(whole)
        for place in [at, *draw(st.lists(st.integers(begin, len(whole) - 1), max_size=3))]:
            flipped[place] ^= 1 << draw(st.integers(0, 7))
        return bytes(flipped)
    if how == "double":
        return whole[: at + 1] + whole[begin:]
    if how == "put":
        return whole[:at] + draw(st.binary(min_size=1, max_size=40)) + whole[at:]
    return whole[:at] + draw(st.sampled_from([b"\0", b"\xff", b"9"])) * draw(st.integers(1, 16)) + whole[at + 16 :]


def _places(tree: Any) -> list[tuple[Any, ...]]:
    """Ways to all that lies in a tree of dicts and lists."""
    found: list[tuple[Any, ...]] = [()]
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        found += [(key, *rest) for rest in _places(value)]
    return found


@st.composite
def twisted(draw: st.DrawFn, tree: Any) -> Any:
    """A tree in which one or two things are of another kind, gone, doubled, or named otherwise."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 2))):
        way = draw(st.sampled_from(_places(tree)))
        junk = draw(st.sampled_from(JUNK))
        if not way:
            return junk
        around = tree
        for key in way[:-1]:
            around = around[key]
        how = draw(st.sampled_from(["junk", "junk", "gone", "twice", "named"]))
        last = way[-1]
        if how == "junk" or (isinstance(around, list) and how == "named"):
            around[last] = copy.deepcopy(junk)
        elif how == "gone":
            del around[last]
        elif isinstance(around, list):
            around.insert(last, copy.deepcopy(around[last]))
        else:
            name = last.upper() if how == "twice" else str(draw(st.sampled_from([j for j in JUNK if j is not None])))
            around[name] = copy.deepcopy(around[last])
    return tree


def as_json(tree: Any) -> bytes:
    """Its text, in which RAW stands for itself."""
    text = json.dumps(tree)
    for name, raw in RAW.items():
        text = text.replace(name, raw)
    return text.encode()
