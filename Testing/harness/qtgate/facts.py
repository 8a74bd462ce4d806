"""What PythonQt shows of each class, read from facts/qt.json."""

from __future__ import annotations

import functools
import json
from pathlib import Path


@functools.cache
def classes() -> dict[str, dict]:
    path = Path(__file__).resolve().parents[1] / "facts" / "qt.json"
    return json.loads(path.read_text(encoding="utf-8"))["classes"]


@functools.cache
def chain(name: str) -> tuple[str, ...]:
    """The class and its bases, most derived first."""
    entry = classes().get(name)
    return () if entry is None else (name, *(chain(entry["base"]) if entry.get("base") else ()))


@functools.cache
def merged(name: str, kind: str) -> dict:
    """Members of one kind ("properties", "signals", ...) along the base chain."""
    out: dict = {}
    for base in reversed(chain(name)):
        members = classes()[base].get(kind, {})
        out.update(members if isinstance(members, dict) else dict.fromkeys(members))
    return out


@functools.cache
def signals(name: str, signal: str) -> tuple[str, ...]:
    """The signatures of one signal, in the order of the header."""
    return tuple(s for s in merged(name, "signals") if s.split("(")[0] == signal)
