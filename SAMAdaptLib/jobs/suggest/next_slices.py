"""The next slices worth labelling: those that stand for many which no exemplar is like, and what the model doubts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.defaults import NEXT
from SAMAdaptLib.errors import Cancelled, InputError, listed
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.load import LoadedModel, Model, load_model, ready
from SAMAdaptLib.jobs.policy import base_of
from SAMAdaptLib.jobs.suggest.candidates import Candidates, Known
from SAMAdaptLib.jobs.suggest.doubt import boxes_on, doubts
from SAMAdaptLib.jobs.suggest.ranking import Pick
from SAMAdaptLib.jobs.suggest.reasons import reason
from SAMAdaptLib.jobs.suggest.scans import Scan, Slice, axis_of, check_classes, free_slices, library_of
from SAMAdaptLib.jobs.suggest.sight import Sight
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.policy import choose_axis
from SAMAdaptLib.volume.volume import Volume

T = TypeVar("T")

# Slices of which the model is asked for answers, for each that is wanted.
ASKED = 4


@dataclass(frozen=True)
class NextSlice:
    """A slice that is worth labelling.

    Attributes:
        place: of its scan among those given, from 0.
        image: name of the scan.
        axis: "axial", "coronal" or "sagittal".
        index: the volume's own voxel index along the axis.
        position_mm: its middle, RAS.
        score: what it is ranked by, 0 or more.
        parts: of what the score is made, by name: see :func:`next_slices`.
        reason: in words.
    """

    place: int
    image: str
    axis: str
    index: int
    position_mm: tuple[float, float, float]
    score: float
    parts: dict[str, float]
    reason: str


@dataclass(frozen=True)
class NextSlices:
    """What was found.

    Attributes:
        slices: the best first.
        looked_at: slices that were compared.
        stride: step from one of them to the next.
        exemplars: so many they were compared with.
        library: its folder, or None.
    """

    slices: list[NextSlice]
    looked_at: int
    stride: int
    exemplars: int
    library: str | None


def next_slices(
    volumes: Sequence[Scan | Volume],
    adapter: str | Path | None = None,
    *,
    library: Library | str | Path | None = None,
    count: int = NEXT,
    stride: int | None = None,
    among: Sequence[Collection[int]] | None = None,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    doubt: float = 0.0,
    seed: int = 0,
    model: Model | None = None,
    cache: EmbeddingCache | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NextSlices:
    """Rank slices that nobody has labelled by what labelling them would add to the exemplars.

    Args:
        volumes: the scans.
        adapter: adapter or run folder; without one the base model looks, and nothing is doubted.
        library: the exemplars so far; by default those that the run was trained on.
        count: how many slices.
        stride: look at every so manieth slice only; by default such that no more than 120 are looked at.
        among: of each scan, slices that may be suggested; by default all.
        axis: of the slices; by default the adapter's, else that of the exemplars, else axial.
        intensity: mapping to grey levels; by default the adapter's, the library's, or the one that suits the values.
        doubt: how much doubts weigh in the score, which is multiplied by 1 + doubt times their mean; with 0 the adapter
            is asked about the suggested slices alone, so that the reasons can tell.
        seed: of the boxes with which the adapter is asked again.
        model: in place of the usual one for ``adapter``, loaded with ``keep_base=True``.
        cache: of embeddings; one on disk spares later calls the encoding.
        progress: called with (slices done, slices in all).
        cancelled: asked before every slice.

    Raises:
        InputError: a count or stride below 1, a negative doubt; no adapter there, or one that answers no
            prompts; a library without any structure of the adapter; scans that cannot be read, show nothing, or of
            which every slice is an exemplar already.
        Cancelled: ``cancelled`` said so.
    """
    for what, number in (("number of slices to suggest", count), ("step from slice to slice", stride)):
        if number is not None and number < 1:
            raise InputError(f"The {what} is {number}", None, "Give 1 or more")
    if not doubt >= 0:
        raise InputError(f"The weight of doubts is {doubt:g}", None, "Give 0 or more")
    scans = [one if isinstance(one, Scan) else _in_memory(one, n) for n, one in enumerate(volumes, start=1)]
    info = model.info if isinstance(model, LoadedModel) else base_of(None, adapter)[1]
    if info is not None and not info.prompted:
        raise InputError(
            "This adapter labels whole slices by itself, and suggesting asks it with boxes",
            adapter,
            "Give one that was trained with prompts, or none: then the base model looks, beside the --library",
        )
    known = _library(library, adapter, info)
    along = _axis(axis, info, known)
    exemplars = [] if known is None else list(known)
    slices, step = free_slices(scans, along, exemplars, stride, among, 0 if info is None else info.tile)
    loaded = ready(model or (lambda: load_model(adapter=adapter, keep_base=True)))
    sight = Sight(loaded, scans, along, intensity, known, cache or EmbeddingCache())
    asked = min(count * (ASKED if doubt else 1), len(slices)) if info is not None else 0
    done = _Counter(len(exemplars) + len(slices) + asked, progress, cancelled)
    labelled = [done(sight.cells_of_exemplar, one) for one in exemplars]
    seen = [(one, done(sight.cells, one.place, one.index)) for one in slices]
    shown = [(one, cells) for one, cells in seen if cells is not None]
    if not shown:
        raise InputError("No slice shows anything", listed([one.image for one in scans]), "Give another --intensity")
    candidates = Candidates([cells for _, cells in shown], Known.of(known, exemplars, labelled))
    first = candidates.take(asked or count)
    doubted = {}
    # One scan after the other, of which one is in memory.
    for place in sorted(pick.place for pick in first) if asked else ():
        doubted[place] = done(_doubts_on, sight, candidates, shown[place][0], place, seed)
    picks = candidates.take(count, *_weighed(doubted, len(shown), doubt)) if asked else first
    found = []
    for pick in picks:
        one = shown[pick.place][0]
        found.append(_told(scans[one.place], along, one, candidates, pick, doubted.get(pick.place, {}), doubt))
    return NextSlices(found, len(shown), step, len(exemplars), None if known is None else str(known.folder))


def _weighed(doubted: dict[int, dict[str, float]], count: int, doubt: float) -> tuple[np.ndarray, np.ndarray]:
    """Which of so many slices may be suggested, and what their gains are multiplied by."""
    among, factor = np.zeros(count, bool), np.ones(count)
    for place, told in doubted.items():
        among[place], factor[place] = True, _factor(told, doubt)
    return among, factor


def _doubts_on(sight: Sight, candidates: Candidates, one: Slice, place: int, seed: int) -> dict[str, float]:
    scan = sight.scan(one.place)
    expected = None if candidates.expected is None else candidates.expected[place]
    sight.share_embedding(one.place, one.index)
    return doubts(scan.on, one.index, boxes_on(scan, one.index, expected), (seed, one.place, one.index))


def _told(
    scan: Scan, axis: str, one: Slice, candidates: Candidates, pick: Pick, told: dict[str, float], doubt: float
) -> NextSlice:
    parts = {"adds": pick.gain, "stands_for": pick.stands_for, "expected": float(candidates.presence[pick.place])}
    if candidates.away is not None:
        parts["unlike_exemplars"] = float(candidates.away[pick.place])
    parts |= told
    score = pick.gain * _factor(told, doubt)
    words = reason(parts, len(candidates.presence))
    return NextSlice(one.place, scan.image, axis, one.index, one.position_mm, score, parts, words)


def _factor(told: dict[str, float], doubt: float) -> float:
    """What doubts make of the gain of a slice."""
    return 1 + doubt * float(np.mean([*told.values()] or [0.0]))


def _library(
    library: Library | str | Path | None, adapter: str | Path | None, info: AdapterInfo | None
) -> Library | None:
    if library is None and adapter is not None:
        library = library_of(adapter)
    if library is None:
        return None
    known = library if isinstance(library, Library) else Library.open(library)
    if info is not None:
        check_classes(info, known)
    return known


def _axis(given: str | None, info: AdapterInfo | None, library: Library | None) -> str:
    if given is None and info is None and library is not None:
        given = axis_of(library)
    return choose_axis(given or None, "" if info is None else info.axis)


def _in_memory(volume: Volume, number: int) -> Scan:
    return Scan(volume.name or f"scan {number}", lambda: (volume, None))


class _Counter:
    """Does one thing after the other, and tells how many are done."""

    def __init__(
        self, total: int, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self._done, self._total, self._progress, self._cancelled = 0, total, progress, cancelled

    def __call__(self, act: Callable[..., T], *given: object) -> T:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled()
        result = act(*given)
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)
        return result
