"""The work on the page with its worker: what is asked for, what is under way, and what is shown."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from SAMAdaptLib.arrays import Mask, Single
from SAMAdaptLib.defaults import AXIS
from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError, in_words
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import (
    Died,
    Done,
    Failed,
    Final,
    Log,
    Message,
    Predicted,
    Progress,
    Ready,
    SliceMask,
    SlicePlane,
)
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.view.board import Answer, Board, Placed, box_between, pixel_at
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume

# A slice that is looked at so long is encoded, with its neighbours, unless something else is to be done.
DWELL_SECONDS = 0.2


class ViewSession:
    """Does what the page asks for; nothing here waits for the worker. All is called from one thread.

    Args:
        volume: the scan.
        client: its worker, which has been told model and volume.
        windows: the values that are black and white at first, (low, high) of each channel one after the other.
        output: the file that is saved, as it is told of.
        axis: of the slices that are shown first.
        masks: name to bool [K, J, I], of segments to go on with.
        channels: names of the volumes that are seen together.

    Attributes:
        board: what has been made so far.
        first: the slice to begin with.
        changed: whether what is shown is not what it was when this was last set to False.
        words: what the user should read, and ``wrong``, whether it tells of an error.
        model: what answers; empty until it is ready.
        ended: the user is done.

    Raises:
        InputError: another axis name.
    """

    def __init__(
        self,
        volume: Volume,
        client: Client,
        windows: tuple[float, ...],
        output: str,
        axis: str = AXIS,
        masks: Mapping[str, Mask] | None = None,
        channels: Sequence[str] = (),
    ) -> None:
        self.board = Board(volume.geometry, masks)
        self.first = self.board.plane(axis, PlaneStack(volume.geometry, axis).count // 2)
        self.changed, self.ended = True, False
        self.words, self.wrong, self.model = "", False, ""
        self._volume, self._client, self._windows = volume, client, windows
        # Colours are shown together.
        self._channels = [] if volume.colour or volume.channels < 2 else list(channels)
        self._output = output
        self._asked: Reply[Predicted] | None = None
        self._carrying: Reply[Done] | None = None
        self._progress: tuple[int, int | None] = (0, None)
        self._preview: dict[SlicePlane, PackedMask] = {}
        self._found: dict[int, tuple[PackedMask, float | None]] = {}
        self._dwell: tuple[SlicePlane, float] | None = None
        client.hear = self._hear
        client.error_of = _told

    def follow(self, loading: Reply[Ready]) -> None:
        """Tell of the model that is being loaded."""
        loading.on_progress(lambda progress: self._say(f"Fetching weights: {progress.done / 1e6:.0f} MB"))
        loading.on_done(self._loaded)

    def turn(self) -> None:
        """Pass on what the worker has said, and have it do what is due; takes some 10 ms at most."""
        self._client.poll()
        if self._dwell is not None and not self._client.pending and time.monotonic() > self._dwell[1]:
            self._client.encode(self._dwell[0])
            self._dwell = None

    # What the page shows

    def about(self) -> dict[str, Any]:
        """What never changes: the scan's name, the names of its channels where there are several to choose from, the
        first window of each, its first slice, and of each axis the number of slices, their size (H, W) and the size of
        a pixel (row, column) in mm."""
        axes = {
            axis: {"count": stack.count, "shape": stack.shape, "spacing": stack.pixel_spacing}
            for axis, stack in self.board.stacks.items()
        }
        first = {"axis": self.first.axis, "index": self.first.index}
        windows = [self._windows[place : place + 2] for place in range(0, len(self._windows), 2)]
        told = {"channels": self._channels, "windows": windows, "colour": self._volume.colour}
        return {"about": self._volume.name, "axes": axes, **told, **first}

    def picture(self, axis: str, index: int, channel: int = 0) -> Single:
        """The values of a slice, float32 [H, W]; in colour [H, W, 3], whichever channel.

        Raises:
            InputError: there is no such slice or channel.
        """
        plane, volume = self.board.plane(axis, index), self._volume
        if not 0 <= channel < volume.channels:
            raise InputError("There is no such channel", str(channel), "Choose another one")
        self._dwell = (plane, time.monotonic() + DWELL_SECONDS)
        array = volume.array if volume.colour else volume.channel(channel).array
        return np.ascontiguousarray(self.board.stacks[axis].view(array)[index], np.float32)

    def shown(self, plane: SlicePlane) -> dict[str, Any]:
        """All that the page shows beside the values of a slice."""
        board, work = self.board, self.board.work
        answer = work.answers.get(plane)
        current = work.segments[work.current]
        layers = [
            _layer(PackedMask.of(board.stacks[plane.axis].view(one.mask)[plane.index]), one.colour)
            for one in work.segments if one.ml
        ]  # fmt: skip
        draft = self._preview.get(plane) if answer is None else answer.masks[answer.chosen]
        if draft is not None:
            layers.append(_layer(draft, current.colour, draft=True))
        done, total = self._progress
        return {
            "axis": plane.axis,
            "index": plane.index,
            "layers": layers,
            "marks": [{"kind": one.kind, "at": one.at, "label": one.label} for one in board.on(plane)],
            "iou": None if answer is None else answer.iou[answer.chosen],
            "answered": sorted(one.index for one in {*work.answers, *self._preview} if one.axis == plane.axis),
            "segments": [{"name": one.name, "colour": one.colour, "ml": one.ml} for one in work.segments],
            "current": work.current,
            "busy": self._asked is not None,
            "carrying": None if self._carrying is None else {"done": done, "total": total},
            "undo": board.can_undo,
            "unsaved": board.unsaved,
            "model": self.model,
            "words": self.words,
            "wrong": self.wrong,
        }

    # What the page asks for

    def do(self, what: str, plane: SlicePlane, given: Mapping[str, Any]) -> None:
        """Do what was asked for on a slice; what cannot be done is told by ``words``."""
        actions: dict[str, Callable[[], Any]] = {
            "point": lambda: self._mark(plane, "point", given, given["at"]),
            "box": lambda: self._mark(plane, "box", given, given["from"], given["at"]),
            "other": lambda: self._other(plane),
            "undo": self.board.undo,
            "clear": self.board.clear,
            "accept": lambda: self.board.accept(bool(given.get("remove"))),
            "add": self.board.add,
            "select": lambda: self.board.select(int(given["number"])),
            "rename": lambda: self.board.rename(str(given["name"])),
            "propagate": lambda: self._propagate(plane.axis),
            "end": lambda: self._end(bool(given.get("discard"))),
        }
        self._say("")
        try:
            if what == "stop":
                self._stop()
            elif self._carrying is not None:
                raise InputError("The propagation is still under way", None, "Wait for it, or stop it")
            else:
                actions[what]()
        except SAMAdaptError as error:
            self.fail(error)
        self._ask()

    async def save(self, write: Callable[[dict[str, Mask]], None]) -> None:
        """Have the segments that hold something written, in a thread.

        Raises:
            SAMAdaptError: there are none, or ``write`` has raised it.
        """
        segments = self.board.work.segments
        masks = {one.name: one.mask for one in segments if one.ml}
        if not masks:
            raise InputError("Nothing is accepted yet", None, "Accept an answer first")
        await asyncio.to_thread(write, masks)
        self.board.saved(segments)
        more = "; what is not accepted yet is not in it" if self.board.work.answers else ""
        self._say(f"Saved {self._output}{more}")

    def fail(self, error: SAMAdaptError) -> None:
        """Tell of an error, in one line."""
        self._say(in_words(error), wrong=True)

    def _say(self, text: str, wrong: bool = False) -> None:
        self.words, self.wrong, self.changed = text, wrong, True

    def _mark(self, plane: SlicePlane, kind: str, given: Mapping[str, Any], *at: tuple[float, float]) -> None:
        shape = self.board.stacks[plane.axis].shape
        pixels = [pixel_at(one, given["frame"], shape) for one in at]
        places = box_between(pixels[0], pixels[1]) if kind == "box" else tuple((float(x), float(y)) for x, y in pixels)
        self.board.mark(Placed(plane, kind, places, int(bool(given.get("label", 1)))))
        if self.board.prompt(plane).starts:
            self._predict(plane)
        else:
            self._say("On a slice without a mark on the object this click counts for the propagation only")

    def _predict(self, plane: SlicePlane) -> None:
        marks = self.board.on(plane)
        reply = self._asked = self._client.predict(plane, self.board.prompt(plane))
        reply.on_done(lambda done: self._answered(plane, marks, done))

    def _ask(self) -> None:
        """Have the next slice answered that waits for it: a newer mark on another one may have come in between."""
        if self._asked is None and self._carrying is None:
            plane = next(self.board.waiting(), None)
            if plane is not None:
                self._predict(plane)

    def _answered(self, plane: SlicePlane, marks: tuple[Placed, ...], reply: Reply[Predicted]) -> None:
        self.changed = True
        if reply is not self._asked:
            return
        self._asked = None
        answer = reply.answer
        if isinstance(answer, Predicted):
            self.board.answered(plane, Answer(marks, (answer.masks[0],), (answer.iou[0],)))
        elif reply.error is not None and not reply.superseded:
            self.board.refused(plane)
            self.fail(reply.error)
        self._ask()

    def _other(self, plane: SlicePlane) -> None:
        answer = self.board.work.answers.get(plane)
        if answer is None or not answer.marks:
            raise InputError("There is no answer to a mark on this slice", None, "Click on the object first")
        if len(answer.masks) > 1:
            self.board.choose(plane)
            return
        reply = self._asked = self._client.predict(plane, self.board.prompt(plane), multimask=True)

        def take(done: Reply[Predicted]) -> None:
            if done is self._asked:
                self._asked, self.changed = None, True
            told = done.answer
            if isinstance(told, Predicted) and self.board.work.answers.get(plane) is answer:
                # One of the candidates can be the mask that is shown.
                known = answer.masks[0].full()
                every = zip(told.masks, told.iou, strict=True)
                more = [(mask, iou) for mask, iou in every if (mask.full() != known).any()]
                if more:
                    self.board.choose(plane, more)
                else:
                    self._say("The model has no other candidate")
            elif done.error is not None and not done.superseded:
                self.fail(done.error)

        reply.on_done(take)

    def _propagate(self, axis: str) -> None:
        reply = self._client.propagate(self.board.prompts(axis), axis)
        self._carrying, self._progress, self._found = reply, (0, None), {}
        reply.on_slice(self._reached)
        reply.on_progress(self._went_on)
        reply.on_done(lambda done: self._carried(axis, done))

    def _stop(self) -> None:
        if self._carrying is not None:
            self._carrying.cancel()

    def _reached(self, found: SliceMask) -> None:
        self._preview[SlicePlane(found.index, found.axis)] = found.mask
        if not found.tentative:
            self._found[found.index] = (found.mask, found.iou)
        self.changed = True

    def _went_on(self, progress: Progress) -> None:
        self._progress, self.changed = (progress.done, progress.total), True

    def _carried(self, axis: str, reply: Reply[Done]) -> None:
        self._carrying, self._preview, self.changed = None, {}, True
        answer = reply.answer
        if isinstance(answer, Done):
            self.board.carried(axis, self._found)
            if answer.values["cancelled"]:
                self._say("Stopped; what was found until then is shown")
            elif answer.values["ended_at_once"]:
                self._say(f"The propagation ended at once: {answer.values['ended_at_once']}", wrong=True)
        elif reply.error is not None:
            self.fail(reply.error)

    def _end(self, discard: bool) -> None:
        if self.board.unsaved and not discard:
            raise InputError("There is unsaved work", None, "Save it, or end without it")
        self.ended = True

    def _loaded(self, reply: Reply[Ready]) -> None:
        answer = reply.answer
        if isinstance(answer, Ready):
            known = MODELS.get(answer.model)
            adapted = "" if answer.adapter is None else " with an adapter"
            self.model = f"{answer.model if known is None else known.title}{adapted} on {answer.device}"
            self._say("" if answer.points else "This model was trained with boxes: draw one; a click alone is a guess")
        elif reply.error is not None:
            self.fail(reply.error)

    def _hear(self, told: Message) -> None:
        if isinstance(told, Died) and told.what:
            logging.error("%s\n%s", told.what, told.last_words)
            self._say(f"{told.what}. {told.remedy}", wrong=True)
        elif isinstance(told, Log):
            self._say(told.text)


def _told(answer: Final) -> SAMAdaptError:
    """The error that a final answer amounts to, without the lines of a traceback, which go to the console."""
    if not isinstance(answer, Failed):
        return Cancelled()
    if answer.trace:
        logging.error("%s\n%s", answer.what, answer.trace)
    return SAMAdaptError(answer.what, answer.where, answer.remedy)


def _layer(mask: PackedMask, colour: str, draft: bool = False) -> dict[str, Any]:
    """A mask for the page: its box (y0, x0, y1, x1), and the bits in it by base64."""
    bits = base64.b64encode(mask.bits.tobytes()).decode()
    return {"box": mask.box, "bits": bits, "colour": colour, "draft": draft}
