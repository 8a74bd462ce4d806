"""Objects in an image over time: a heart that beats, a contrast agent on its way, a cine of ultrasound."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import write_text
from SAMAdaptLib.jobs.load import Model, ready
from SAMAdaptLib.jobs.over_time import OverTime, over_time
from SAMAdaptLib.jobs.policy import propagation_rules, time_rules
from SAMAdaptLib.jobs.segment import Look, Progress, narrowed
from SAMAdaptLib.jobs.slices import Stop
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import PROPAGATION
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.volume.film import Film
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.measures import millilitres
from SAMAdaptLib.volume.moments import indices_of


class Size(NamedTuple):
    """Of an object on one frame.

    Attributes:
        frame: its number, from 1.
        seconds: when it was taken; None where that is not known.
        ml: the volume in mL.
        cm2: the area in cm², where the image is a single slice; None of a volume.
    """

    frame: int
    seconds: float | None
    ml: float
    cm2: float | None


def propagate_film(
    film: Film,
    model: Model,
    wanted: Mapping[str, Mapping[int, RasPrompts]],
    *,
    through: bool = False,
    all_axes: bool = False,
    rules: Mapping[str, Any] | None = None,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    tile: int | None = None,
    cache: EmbeddingCache | None = None,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> dict[str, OverTime]:
    """Segment objects on the frames of their prompts and carry them on to all frames, earlier and later.

    On the slices with prompts an object is carried along time, by the rules that hold from slice to slice but for wider
    boxes, see :func:`SAMAdaptLib.jobs.policy.time_rules`. ``through`` carries it through the volume of the frames with
    prompts first, then all slices that it is on there along time, and on each frame on to slices beside these. The
    mapping to grey levels is the one that suits the first frame with prompts; its bounds are each frame's own, as if it
    were alone. The other arguments and errors are as for :func:`SAMAdaptLib.jobs.segment.propagate`.

    Args:
        film: the image over time.
        wanted: name of each object to the number of each frame with prompts, from 1, to the prompts there, in RAS mm.
        through: carry it through the volume of each frame, too; otherwise it stays on the slices of its prompts.
        progress: called with (done, total, number of the frame).

    Raises:
        InputError: a frame that is not there; rules by memory, which is one of slices.
    """
    loaded = ready(model)
    masks = loaded.predictor.answering(PROPAGATION).model.mask_prompts
    chosen = propagation_rules(rules, masks)
    if chosen.memory:
        raise InputError("Along time an object is carried by masks", None, "Leave out memory")
    kept = EmbeddingCache() if cache is None else cache
    numbers = sorted({number for given in wanted.values() for number in given})
    if not numbers or not all(wanted.values()):
        raise InputError("There is no prompt to start from", None, "Give one on a frame for each object")
    start = film.volumes[indices_of(numbers, len(film.volumes))[0]]
    first = Look(start, loaded, axis, intensity, kept, None, tile)
    looks = [
        first if volume is start else Look(volume, loaded, axis, first.intensity, kept, None, tile)
        for volume in film.volumes
    ]
    found: dict[str, OverTime] = {}
    for name, given in wanted.items():
        placed = {number - 1: looks[number - 1].placed(prompts) for number, prompts in sorted(given.items())}
        limits = [limit for *_, limit in placed.values() if limit is not None]
        within = chosen
        if limits:
            within = narrowed(chosen, min(low for low, _ in limits), max(high for _, high in limits))
        events = over_time(
            [look.slices for look in looks],
            first.axis,
            name,
            {place: every for place, (_, every, _) in placed.items()},
            within,
            time_rules(rules, masks),
            through=through or all_axes,
            all_axes=all_axes,
            cancelled=cancelled,
        )
        one = finish(events, None if progress is None else lambda event: progress(event.done, event.total, event.frame))
        frames = tuple(replace(frame, intensity=str(first.intensity)) for frame in one.frames)
        found[name] = replace(one, frames=frames)
        if one.cancelled:
            break
    return found


def sizes(mask: np.ndarray, film: Film) -> list[Size]:
    """How large an object, bool [T, K, J, I], is on each frame."""
    seconds = None if film.times is None else film.times.seconds
    flat = min(film.geometry.size) == 1
    thin = film.geometry.spacing[film.geometry.size.index(1)] if flat else 1.0
    found = []
    for place, one in enumerate(mask):
        ml = millilitres(one, film.geometry)
        # A picture has no thickness; mL are thousands of mm³, cm² hundreds of mm².
        found.append(Size(place + 1, None if seconds is None else seconds[place], ml, 10 * ml / thin if flat else None))
    return found


def told_sizes(found: list[Size]) -> str:
    """In words: the largest, the smallest, and by how much the one is less (of a ventricle the ejection fraction)."""
    unit = "mL" if found[0].cm2 is None else "cm²"
    values = [one.ml if one.cm2 is None else one.cm2 for one in found]
    largest, smallest = int(np.argmax(values)), int(np.argmin(values))
    if not values[largest]:
        return "not found"
    if not values[smallest]:
        # Lost there, more likely than gone: no share is told that looks like a finding.
        return f"largest {values[largest]:.4g} {unit} on frame {found[largest].frame}, nothing on others"
    less = 100 * (1 - values[smallest] / values[largest])
    return (
        f"largest {values[largest]:.4g} {unit} on frame {found[largest].frame}, "
        f"smallest {values[smallest]:.4g} {unit} on frame {found[smallest].frame}, {less:.0f} % less"
    )


def write_sizes(path: str | os.PathLike[str], found: Mapping[str, list[Size]]) -> None:
    """Write how large objects are on each frame as a table (CSV), a row for each object and frame.

    Raises:
        InputError: a folder that cannot be written to, a full disk.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["structure", "frame", "time_s", "volume_ml", "area_cm2"])
    for name, rows in found.items():
        for row in rows:
            # A single slice has an area; how thick it is, films do not say.
            values = (row.seconds, row.ml if row.cm2 is None else None, row.cm2)
            lines.writerow([name, row.frame, *("" if value is None else f"{value:.6g}" for value in values)])
    write_text(path, text.getvalue())
