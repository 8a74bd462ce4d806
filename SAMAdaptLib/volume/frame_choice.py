"""Which frames of a DICOM series make the volume: all, those of the one stack in it, or those that the user names."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.stack import Frame, stack_grid, stacks

# A perfusion has a hundred phases, of which the first few show how the others are counted.
MOST_STACKS = 12


def choose_frames(frames: list[Frame], chosen: str | Sequence[int] | None, path: Path) -> tuple[list[int], Geometry]:
    """The indices of the frames of the volume, from the first slice to the last, and the grid."""
    whole = _without_copies(frames, path) if chosen is None else list(range(len(frames)))
    parts = [[whole[index] for index in part] for part in stacks([frames[index] for index in whole])]
    parts.sort(key=lambda part: part[0])
    listed = "; ".join(
        f"{frame_text(part)}: {counted(len(part), 'slice')}{_marked(frames, part, parts)}"
        for part in parts[:MOST_STACKS]
    )
    listed += f"; ..., {len(parts)} in all" if len(parts) > MOST_STACKS else ""
    if chosen is None and len(parts) > 1:
        differ = any(frames[parts[0][0]].differs(frames[part[0]]) for part in parts)
        raise InputError(
            "The slices of the DICOM series differ in size, spacing or orientation"
            if differ
            else f"The DICOM series holds {len(parts)} stacks of slices",
            path,
            f"Choose one of them with --frames ({listed})",
        )
    wanted = whole if chosen is None else _wanted(chosen, len(frames), path)
    picked = [frames[index] for index in wanted]
    if chosen is not None:
        # Those of one phase among others have gaps in their numbers.
        picked = [replace(frame, instance=None) for frame in picked]
    order, geometry = stack_grid(picked, path)
    touched = sum(not set(part).isdisjoint(wanted) for part in parts)
    if touched > 1:
        note(f"The chosen slices are of {touched} stacks", path, f"Choose those of one ({listed})")
    return [wanted[index] for index in order], geometry


def _without_copies(frames: list[Frame], path: Path) -> list[int]:
    """Indices of all frames but those of files that are copies of others, byte by byte."""
    suspects: dict[tuple[int, int, tuple[float, ...]], list[int]] = defaultdict(list)
    for index, frame in enumerate(frames):
        place = () if frame.position is None else tuple(frame.position)
        suspects[frame.index, frame.file.stat().st_size, place].append(index)
    kept, copies = [], 0
    for group in suspects.values():
        seen: set[bytes | None] = set()
        for index in group:
            content = hashlib.sha256(frames[index].file.read_bytes()).digest() if len(group) > 1 else None
            if content in seen:
                copies += 1
            else:
                kept.append(index)
            seen.add(content)
    if copies:
        what = counted(copies, "file", "is a copy of another", "are copies of others")
        note(f"{what} in the DICOM series and left out", path)
    return sorted(kept)


def _marked(frames: list[Frame], part: list[int], parts: list[list[int]]) -> str:
    """What sets a stack apart from the others, as far as the headers say it."""
    first = frames[part[0]]
    telling = [
        f"{name} {value}"
        for name, value in first.marks.items()
        if value
        and all(frames[index].marks.get(name) == value for index in part)
        and any(frames[other[0]].marks.get(name) != value for other in parts)
    ]
    return f" ({', '.join(telling)})" if telling else ""


def frame_text(indices: Sequence[int]) -> str:
    """Frame indices (from 0) as text that ``--frames`` takes (from 1): "1-20", "1-39:2", "1,5,6"."""
    numbers, parts, at = [index + 1 for index in sorted(indices)], [], 0
    while at < len(numbers):
        step = numbers[at + 1] - numbers[at] if at + 1 < len(numbers) else 1
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] - numbers[end] == step:
            end += 1
        if end - at < 2:
            end = at
        first, last = numbers[at], numbers[end]
        parts.append(str(first) if first == last else f"{first}-{last}{'' if step == 1 else f':{step}'}")
        at = end + 1
    return ",".join(parts)


def _wanted(chosen: str | Sequence[int], count: int, path: Path) -> list[int]:
    """Indices (from 0) of the frames that the user names."""
    numbers: list[int] = []
    for part in chosen.split(",") if isinstance(chosen, str) else map(str, chosen):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*(?::\s*(\d+)\s*)?)?", part, re.ASCII)
        if not match or match[3] == "0":
            raise InputError("Cannot read which frames to take", repr(chosen), "Write 1-20, 1,3,5 or 1-39:2")
        first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        # One beyond the end is enough to be refused, and a slip of the finger may name millions.
        numbers += range(first, min(last, first + count) + 1, step)
    if not numbers or min(numbers) < 1 or max(numbers) > count:
        raise InputError(f"No such frames among the {count} of the DICOM series", f"--frames {chosen}", "Count from 1")
    return sorted({number - 1 for number in numbers})
