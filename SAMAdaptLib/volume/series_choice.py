"""Which of the DICOM series in a folder is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from SAMAdaptLib.errors import InputError, counted


class InSeries(Protocol):
    """What is asked about a file of a series: its SeriesInstanceUID, SeriesNumber, modality and number of slices."""

    @property
    def series(self) -> str: ...
    @property
    def number(self) -> int | None: ...
    @property
    def modality(self) -> str: ...
    @property
    def count(self) -> int: ...


Object = TypeVar("Object", bound=InSeries)


def choose_series(objects: Sequence[Object], series: str | int | None, path: Path) -> list[Object]:
    """The files of one series.

    Args:
        objects: all that were found.
        series: the number by which the list in the error names it, or a SeriesInstanceUID; None where there is but one.
        path: their folder.

    Raises:
        InputError: several without a choice, or none of that name.
    """
    groups: dict[str, list[Object]] = defaultdict(list)
    for one in objects:
        groups[one.series].append(one)
    ordered = sorted(groups.values(), key=lambda group: (group[0].number is None, group[0].number, group[0].series))
    numbers = [group[0].number for group in ordered]
    # The number that every viewer shows where it is unambiguous, else a place in the list.
    own = None not in numbers and len(set(numbers)) == len(numbers)
    names = [str(number) for number in numbers] if own else [str(place) for place in range(1, len(ordered) + 1)]
    if series is None and len(ordered) == 1:
        return ordered[0]
    for name, group in zip(names, ordered, strict=True):
        if str(series).strip() in (name, group[0].series):
            return group
    listed = "; ".join(
        f"{name}: {'' if own or group[0].number is None else f'series number {group[0].number}, '}"
        f"{group[0].modality or 'no modality'}, {counted(sum(one.count for one in group), 'slice')}, {group[0].series}"
        for name, group in zip(names, ordered, strict=True)
    )
    if series is None:
        # The first one is often a localizer.
        longest = max(range(len(ordered)), key=lambda place: sum(one.count for one in ordered[place]))
        raise InputError(
            f"{len(ordered)} DICOM series in this folder ({listed})",
            path,
            f"Choose one series with --series {names[longest]}, by its number or identifier",
        )
    raise InputError(f"No DICOM series {series} here, but {listed}", path, "Choose one of these with --series")
