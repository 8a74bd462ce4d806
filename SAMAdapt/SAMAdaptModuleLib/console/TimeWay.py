"""The way of a segment along the frames of a sequence, for whoever waits for answers or is called with them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import slicer

from SAMAdaptLib.jobs.policy import time_rules
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.volume.measures import millilitres
from SAMAdaptModuleLib.console.SliceSegmentation import masksOf, segmentBoxes, startingPrompts, storedPrompts
from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex
from SAMAdaptModuleLib.scene.SceneVolume import segmentationLabels
from SAMAdaptModuleLib.scene.SegmentPrompts import MENDS, readPrompts
from SAMAdaptModuleLib.scene.SegmentWriter import stackLabelmap
from SAMAdaptModuleLib.worker.Session import Session

if TYPE_CHECKING:
    from SAMAdaptLib.propagation.propagate import Ask, Propagated, Visited


class Step(NamedTuple):
    """Some of it is done, ``done`` of ``total``; ``frame`` is the index of one that is finished, if any."""

    done: int
    total: int
    frame: int | None = None


class FrameRow(NamedTuple):
    """The segment on a frame in the end: the frame from 1, its time as the sequence has it, and mL."""

    frame: int
    time: str
    millilitres: float


# Each reply is to be sent its answer.
Events = Generator[Reply[Any] | Step, Any, None]


@dataclass(frozen=True)
class TimeWish:
    """How a segment is carried along time.

    Attributes:
        rules: fields of ``PropagationRules``, which hold along time as along slices.
        through: carry it through the volume of each frame, too.
        keep: leave frames with prompts, and the one at hand, as they are, and carry on from the segment there.
    """

    rules: Mapping[str, Any]
    through: bool
    keep: bool = False


class TimeWay:
    """A segment on the frames of a sequence, of which the browser shows one at a time.

    Args:
        session: that answers.
        browser: of the frames.
        nodes: volume, segmentation, and the segment's ID.
        axis: of the prompts.
        intensity: how the session looks at the volume.
        write: adds a labelmap to the segment of the frame that is shown.

    Attributes:
        count: of frames.
        shown: the index of the frame that it has had shown last.
        rows: of the frames that are finished.
    """

    def __init__(
        self,
        session: Session,
        browser: slicer.vtkMRMLSequenceBrowserNode,
        nodes: tuple[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLSegmentationNode, str],
        axis: str,
        intensity: str | None,
        write: Callable[[slicer.vtkOrientedImageData], None],
    ) -> None:
        self._session, self._browser, self._axis, self._intensity = session, browser, axis, intensity
        self._volume, self._segmentation, self._segment = nodes
        self._write = write
        self.count = browser.GetNumberOfItems()
        self.rows: list[FrameRow] = []
        self._done = self._total = 0
        self.shown = browser.GetSelectedItemNumber()

    def steps(self, here: int, wish: TimeWish) -> Events:
        """All of it, from the frame at hand and those with prompts.

        Raises:
            InputError: nothing to carry on from, or rules that make no sense.
        """
        given: list[dict[int, Prompt]] = []
        for frame in range(self.count):
            given.append((yield from self._given(frame, frame == here, wish)))
        known = {frame for frame, one in enumerate(given) if any(prompt.starts for prompt in one.values())}
        asked: list[dict[int, Prompt]] = [{} for _frame in given]
        yield from self._alongTime(given, wish, asked)
        for frame in range(self.count):
            self._show(frame)
            if asked[frame] and not (wish.keep and frame in known):
                yield from self._carried(asked[frame], wish)
            self.rows.append(FrameRow(frame + 1, self._time(frame), self._millilitres()))
            self._done += 1
            yield Step(self._done, self._total, frame)

    def _show(self, frame: int) -> None:
        """Show a frame, and have the session look at it."""
        self._go(frame)
        self._session.useVolume(self._volume, self._intensity)

    def _go(self, frame: int) -> None:
        self.shown = frame
        self._browser.SetSelectedItemNumber(frame)

    def _time(self, frame: int) -> str:
        value: str = self._browser.GetMasterSequenceNode().GetNthIndexValue(frame)
        return value

    def _given(self, frame: int, here: bool, wish: TimeWish) -> Generator[Reply[Any], Any, dict[int, Prompt]]:
        """The prompts of a frame, by slice: those that are kept with the segment there, on the one at hand at least its
        boxes; where it is known on all slices, the boxes of all of them."""
        nodes = self._volume, self._segmentation, self._segment, self._axis
        self._go(frame)
        given = startingPrompts(*nodes) if here else storedPrompts(*nodes)
        if wish.keep and (given or readPrompts(self._segmentation, self._segment, MENDS)):
            # What the user has made of a frame says more than its prompts.
            return segmentBoxes(*nodes)
        if wish.through and any(prompt.starts for prompt in given.values()):
            self._show(frame)
            yield from self._carried(given, wish)
            given = {**segmentBoxes(*nodes), **given}
        return given

    def _alongTime(self, given: list[dict[int, Prompt]], wish: TimeWish, asked: list[dict[int, Prompt]]) -> Events:
        """Tell ``asked`` the prompts of each frame, by slice: those given, and boxes that what was found on the
        frame before gave. All slices go side by side, since to show another frame takes longer than an answer."""
        from SAMAdaptLib.propagation.propagate import asking

        wanted = time_rules({**wish.rules, "use_mask": False, "memory": False})
        starts = {index for one in given for index, prompt in one.items() if prompt.starts}
        ways = []
        for index in sorted(starts):
            prompts = {frame: one[index] for frame, one in enumerate(given) if index in one}
            walk = asking(prompts, self.count, planeOfIndex(self._volume, self._axis, index).shape, wanted)
            ways.append(_Slice(index, walk))
        self._total = self.count * (len(ways) + 1)
        for way in ways:
            way.take(None)
        while waiting := [way for way in ways if way.ask is not None]:
            shown = self._browser.GetSelectedItemNumber()
            way = min(waiting, key=lambda one: one.frame != shown)
            if way.frame != shown or self._done == 0:
                self._show(way.frame)
            found = yield self._session.predict(planeOfIndex(self._volume, self._axis, way.index), way.prompt)
            best = int(np.argmax(found.iou))
            way.take(SliceResult(found.masks[best].full(), np.zeros((1, 1), np.float32), float(found.iou[best])))
            self._done = sum(one.done for one in ways)
            yield Step(self._done, self._total)
        for way in ways:
            for frame in way.kept():
                asked[frame][way.index] = way.told[frame]

    def _carried(self, prompts: dict[int, Prompt], wish: TimeWish) -> Generator[Reply[Any], Any, None]:
        """Add what these prompts give to the segment of the frame that is shown."""
        ends = {} if wish.through else {"first": min(prompts), "last": max(prompts)}
        reply = self._session.propagate(self._axis, dict(prompts), {**wish.rules, **ends})
        masks = masksOf(reply, None if wish.through else {*prompts})
        yield reply
        labelmap = stackLabelmap(self._volume, self._axis, masks, self._segmentation)
        if labelmap is not None:
            self._write(labelmap)

    def _millilitres(self) -> float:
        """Of the segment on the frame that is shown."""
        labels = segmentationLabels(self._segmentation, self._volume, [self._segment])
        return millilitres(labels.array > 0, labels.geometry)


class _Slice:
    """One slice on its way along time."""

    def __init__(self, index: int, walk: Generator[Ask | Visited, SliceResult | None, Propagated]) -> None:
        self.index, self._walk = index, walk
        self.ask: Ask | None = None
        self.told: dict[int, Prompt] = {}
        self.done = 0
        self._found: Propagated | None = None

    @property
    def frame(self) -> int:
        """That it asks about."""
        return self._asked.index

    @property
    def prompt(self) -> Prompt:
        """That it asks."""
        return self._asked.prompt

    @property
    def _asked(self) -> Ask:
        if self.ask is None:
            raise RuntimeError("it asks nothing")
        return self.ask

    def take(self, answer: SliceResult | None) -> None:
        """Go on with an answer until the next one is asked for, or nothing is left to ask."""
        from SAMAdaptLib.propagation.propagate import Visited

        self.ask = None
        try:
            event = self._walk.send(answer)
            while isinstance(event, Visited):
                self.done = event.done
                event = next(self._walk)
        except StopIteration as end:
            self._found = end.value
            return
        self.ask = event
        self.told[event.index] = event.prompt

    def kept(self) -> list[int]:
        """The frames that something was found on."""
        return [] if self._found is None else np.flatnonzero(self._found.mask.any(axis=(1, 2))).tolist()
