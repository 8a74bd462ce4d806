"""What the worker does of the volume that is likely to come next, while nothing else is to be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from SAMAdaptLib.errors import notes_to
from SAMAdaptLib.sam.cache import EmbeddingCache, SpareRoom
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.service.protocol import Answer, Prefetched, SetNext, SetVolume, SlicePlane
from SAMAdaptLib.service.worker.scan import Scan, around

# How long a request may wait for the end of a step.
STEP_SECONDS = 0.01


class NextScan:
    """Encodes slices of a volume that nobody has asked for yet, into the room of the cache that is left.

    Args:
        say: takes what there is to tell.
        go_on: called between the parts of the work; raises to give it up for now.
    """

    def __init__(self, say: Callable[[Answer], None], go_on: Callable[[], None]) -> None:
        self._say, self._go_on = say, go_on
        self._told: SetNext | None = None
        self._scan: Scan | None = None
        self._aside = ThreadPoolExecutor(1)
        self._measured: Future[None] | None = None
        self._left: list[SlicePlane] | None = None
        self._given_up = False

    def set(self, told: SetNext) -> None:
        """Work on this one from now on; see ``SetNext``.

        Raises:
            InputError: its segment is gone.
        """
        self.begin_anew()
        self._told = None
        if self._scan is not None and (told.volume is None or not self._scan.is_of(told.volume)):
            scan, self._scan = self._scan, None
            # After whatever looks at the voxels just now.
            self._aside.submit(scan.detach)
        if told.volume is not None and self._scan is None:
            # Now, so that it is removed if the application dies.
            self._scan = Scan(told.volume)
        self._told = told

    def begin_anew(self) -> None:
        """What was planned is of another model or mapping."""
        self._measured, self._left, self._given_up = None, None, False
        if self._scan is not None:
            self._scan.forget_slices()

    def give_up(self) -> None:
        """Do no more of it until something else is told; the volume stays at hand."""
        self._given_up = True

    def hand_over(self, told: SetVolume) -> Scan | None:
        """The volume if it is the one that is meant, with all that is known of it; then this is done with it."""
        scan = self._scan
        if scan is None or scan.told.segment != told.segment:
            return None
        if self._measured is not None:
            wait([self._measured])
        if not scan.is_of(told):
            self.set(SetNext(0))
            return None
        self.begin_anew()
        self._told = self._scan = None
        return scan

    def work(self, predictor: Predictor, answering: Sequence[Predictor], cache: EmbeddingCache, reach: int) -> bool:
        """Encode one slice; returns False when there is nothing left to do.

        Args:
            predictor: the model.
            answering: who answers what users ask, see :meth:`Predictor.answering`.
            cache: what it is put into, as far as there is room.
            reach: neighbours on each side of the planes that were told; without any there is nothing to do.

        Raises:
            InputError: the volume cannot be used.
        """
        scan, told = self._scan, self._told
        if scan is None or told is None or told.volume is None or self._given_up or not reach:
            return False

        def slices(axis: str) -> VolumePredictor:
            return scan.slices(predictor, axis, SpareRoom(cache))

        if self._left is None:
            self._measure(scan, told.volume, predictor.model.intensity)
            self._left = around(told.planes, reach, lambda axis: slices(axis).stack.count)
        while self._left and not self._given_up:
            plane = self._left[0]
            encoded = self._encode(slices(plane.axis), plane, answering, cache)
            self._left.remove(plane)
            if encoded:
                return True
        return False

    def orphaned(self) -> None:
        """The application is gone: remove its segment in its place."""
        if self._scan is not None:
            self._scan.remove()

    def _measure(self, scan: Scan, told: SetVolume, trained: str) -> None:
        """Do what takes all voxels, in a thread: it cannot be given up in the middle, and nobody shall wait for it."""
        if self._measured is None:
            scan.told = told
            # Who chooses the volume will hear them.
            with notes_to(lambda text: None):
                mapping = scan.mapping(trained)

            def look() -> None:
                scan.check()
                mapping.bounds(scan.volume.array, scan.volume.name or None)
                _ = scan.volume.content_hash

            self._measured = self._aside.submit(look)
        while not wait([self._measured], STEP_SECONDS).done:
            self._go_on()
        self._measured.result()

    def _encode(
        self, slices: VolumePredictor, plane: SlicePlane, answering: Sequence[Predictor], cache: EmbeddingCache
    ) -> bool:
        """Encode a slice for all who do not know it yet; returns whether there was one, and gives up without room."""
        unknown = [one for one in map(slices.under, answering) if not cache.holds(one.key(plane.index))]
        if slices.is_constant(plane.index) or not unknown:
            return False
        for one in unknown:
            one.embedding(plane.index)
            if not cache.holds(one.key(plane.index)):
                self.give_up()
                return True
        self._say(Prefetched(0, plane.axis, plane.index, next=True))
        return True
