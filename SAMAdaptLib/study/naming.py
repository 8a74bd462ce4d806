"""What tells the rows of a study's tables apart, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SAMAdaptLib.study.description import Cell

# Settings that tell no row from another: what is repeated, prompts, which have tables of their own, and what changes no
# result.
REPEATED = ("seed", "name", "test_prompts", "checkpoint_seconds")


def row_key(cell: Cell) -> tuple[str, ...]:
    """The same for cells that stand in one row."""
    return (cell.own.name, *(f"{name}={value!r}" for name, value in cell.told().items() if name not in REPEATED))


def varying(cells: Sequence[Cell]) -> list[str]:
    """Settings in which cells differ, beside those that tell no row from another; what a cell without training lacks
    makes no difference."""
    told = [cell.told() for cell in cells]
    names = dict.fromkeys(name for one in told for name in one if name not in REPEATED)
    return [name for name in names if len({repr(one[name]) for one in told if name in one}) > 1]


def row_header(cells: Sequence[Cell]) -> list[str]:
    """Columns that tell rows apart: names where cells have any, and what differs among those of one name."""
    names = dict.fromkeys(cell.own.name for cell in cells)
    within = [column for name in names for column in varying([cell for cell in cells if cell.own.name == name])]
    named = ["row"] if any(names) else []
    return [*named, *dict.fromkeys(within)] or ["method"]


def row_words(cell: Cell, header: Sequence[str]) -> list[str]:
    """What a row says in those columns."""
    told = cell.told() | {"row": cell.own.name}
    return [_words(told.get(name)) for name in header]


def cell_name(cell: Cell, fold: int, cells: Sequence[Cell]) -> str:
    """A cell of a study among the others, in a line."""
    header = row_header(cells)
    words = zip(header, row_words(cell, header), strict=True)
    told = [word if name in ("row", "method") else f"{name} {word}" for name, word in words if word != "-"]
    return ", ".join([*told, f"seed {cell.config.seed}", *([f"fold {fold}"] if fold else [])])


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "with" if value else "without"
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "-"
    return "-" if value is None or value == "" else str(value)
