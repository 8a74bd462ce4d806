"""Names for the values of a label map, from the files in which people keep them."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.labels import Labels

KINDS = "a CSV file of VALUE,NAME, dataset.json of nnU-Net, a colour table of Slicer, or label descriptions of ITK-SNAP"
_VALUES = ("labelvalue", "value", "label", "index", "id")
_NAMES = ("name", "labelname", "structure")
# No label map holds more.
_VALUE = re.compile(r"[0-9]{1,10}")
# IDX R G B A VIS MSH "LABEL"
_ITK_SNAP = re.compile(r'\s*([0-9]{1,10})(?:\s+[\d.]+){6}\s+"(.*)"\s*')
# index name r g b a
_SLICER = re.compile(r"\s*([0-9]{1,10})\s+(\S+)(?:\s+[\d.]+){3,4}\s*")
_MADE_UP = re.compile(r"label_\d+")


def read_names(path: str | os.PathLike[str]) -> dict[int, str]:
    """Read the names of label values.

    JSON: {"labels": {"liver": 1}} as nnU-Net has it, {"labels": {"1": "liver"}} as it was before, or the inner part
    alone. CSV or TSV: a value and a name in each row, or columns named so (Slicer's are LabelValue and Name), apart by
    commas, semicolons or tabs. Any other text:
    Slicer's colour table, in which _ stands for a space, or ITK-SNAP's label descriptions. The background is left out.

    Raises:
        InputError: no such file; none of these kinds; a value with two names, a name that is empty or not printable.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("No such file of names", path, "Check the path") from error
    except (OSError, ValueError) as error:
        raise InputError("Cannot read the names", path, f"Give {KINDS}") from error
    read = {".json": _from_json, ".csv": _from_csv, ".tsv": _from_csv}.get(path.suffix.lower(), _from_text)
    names: dict[int, str] = {}
    for value, name in read(text, path):
        if value == 0:
            continue
        if names.setdefault(value, name) != name:
            raise InputError(f"Label {value} has two names, {names[value]} and {name}", path, "Leave one of them")
        if not name.strip() or not name.isprintable():
            raise InputError(f"Label {value} has no printable name", path, "Name it, or take its line out")
    if not names:
        raise InputError("There are no names in this file", path, f"Give {KINDS}")
    return names


def with_names(labels: Labels, names: dict[int, str], where: str | os.PathLike[str]) -> Labels:
    """Give the structures of a plain label map their names; those without one keep what was made up.

    Labels that came with names keep them, which is told in a note.

    Args:
        labels: of a file.
        names: of values, see :func:`read_names`.
        where: the label file, for messages.

    Raises:
        InputError: no value of the labels has a name, or two have the same.
    """
    if not labels.made_up:
        note("The labels have names of their own, which were kept in place of those given", where)
        return labels
    if labels.names and not set(labels.names.values()) & set(names):
        listed = ", ".join(map(str, labels.names.values()))
        raise InputError(f"None of the labels there ({listed}) has a name in the list", where, "Name them by value")
    found: dict[str, int] = {}
    for old, value in labels.names.items():
        name = names.get(value, old)
        if name in found:
            raise InputError(
                f"Labels {found[name]} and {value} are both named {name}",
                where,
                f"Name them differently, or join them by --merge '{name}={found[name]},{value}'",
            )
        found[name] = value
    return replace(labels, names=found, made_up=any(value not in names for value in found.values()))


def without_names(names: Iterable[str]) -> list[str]:
    """Those of the names that were made up for label values."""
    return [name for name in names if _MADE_UP.fullmatch(name)]


def _from_json(text: str, path: Path) -> Iterator[tuple[int, str]]:
    try:
        data: Any = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise InputError("The names are no JSON", path, f"Give {KINDS}") from error
    data = data.get("labels", data) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        raise InputError("There are no names in this file", path, f"Give {KINDS}")
    for key, value in data.items():
        if isinstance(value, list):
            raise InputError(
                f"{key} is a region of several values", path, f"Join them by --merge '{key}=1,2' with its values"
            )
        if isinstance(value, int) and not isinstance(value, bool):
            yield value, key
        elif isinstance(value, str) and _VALUE.fullmatch(key):
            yield int(key), value
        else:
            raise InputError(f"{key} is neither a value nor a name of a label", path, f"Give {KINDS}")


def _from_csv(text: str, path: Path) -> Iterator[tuple[int, str]]:
    lines = text.splitlines()
    # Spreadsheets of many countries separate by semicolons, BIDS by tabs.
    separator = max(",;\t", key=lines[0].count) if lines else ","
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"The names are no table ({error})", path, f"Give {KINDS}") from error
    at, named = 0, 1
    if rows and not _VALUE.fullmatch(rows[0][0].strip()):
        header = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in rows.pop(0)]
        try:
            at = next(header.index(word) for word in _VALUES if word in header)
            named = next(header.index(word) for word in _NAMES if word in header)
        except StopIteration:
            raise InputError("The table has no columns for value and name", path, f"Give {KINDS}") from None
    for row in rows:
        if len(row) <= max(at, named) or not _VALUE.fullmatch(row[at].strip()):
            raise InputError(f"Cannot understand the row {','.join(row)[:60]!r}", path, "Write VALUE,NAME")
        yield int(row[at]), row[named].strip()


def _from_text(text: str, path: Path) -> Iterator[tuple[int, str]]:
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if match := _ITK_SNAP.fullmatch(line):
            yield int(match[1]), match[2].strip()
        elif match := _SLICER.fullmatch(line):
            yield int(match[1]), match[2].replace("_", " ").strip()
        else:
            raise InputError(f"Cannot understand the line {line.strip()[:60]!r}", path, f"Give {KINDS}")
