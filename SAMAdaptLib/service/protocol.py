"""What application and worker say to each other.

Planes are in slice pixels, (x, y) = (column, row), as :class:`SAMAdaptLib.volume.planes.PlaneStack` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SAMAdaptLib.defaults import WEIGHTS
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.packed import PackedMask


@dataclass(frozen=True)
class SlicePlane:
    """A slice of the volume.

    Attributes:
        index: voxel index along the slice axis.
        axis: "axial", "coronal" or "sagittal".
    """

    index: int
    axis: str = "axial"


@dataclass(frozen=True, eq=False)
class Picture:
    """A plane that is no slice of the volume, such as an oblique one: the caller reslices it.

    Attributes:
        values: [H, W], of several channels [H, W, C], in the volume's unit; its intensity mapping is applied to them.
        pixel_spacing: (row, column) pixel size in mm.
    """

    values: np.ndarray
    pixel_spacing: tuple[float, float] = (1.0, 1.0)


Plane = SlicePlane | Picture


@dataclass(frozen=True)
class Message:
    """Base of all messages; ``id`` is that of the request, 0 where there is none."""

    id: int


# Requests


@dataclass(frozen=True)
class Load(Message):
    """Build a model and warm it up, or where only ``weights`` differ from the last, have the one that is there answer.
    ``entry`` holds the fields of a registry entry that the worker does not know."""

    model: str | None = None
    checkpoint: str | None = None
    adapter: str | None = None
    input_size: int | None = None
    device: str = "auto"
    precision: str = "auto"
    entry: dict[str, Any] | None = None
    cache_folder: str | None = None
    prefetch: int = 4
    weights: str = WEIGHTS


@dataclass(frozen=True, eq=False)
class SetVolume(Message):
    """Use the volume in a shared memory segment; with a segment in use already only the intensity mapping changes.

    Attributes:
        segment: its name.
        shape: [K, J, I], or of several channels [K, J, I, C].
        dtype: as ``np.dtype.str``.
        ijk_to_ras: float [4, 4].
        intensity: mapping as text; None: the adapter's, else one that suits the values.
        name: for error messages.
        modality: of the first channel, as DICOM spells it.
        colour: whether the channels are red, green and blue.
    """

    segment: str
    shape: tuple[int, ...]
    dtype: str
    ijk_to_ras: np.ndarray
    intensity: str | None = None
    name: str = ""
    modality: str = ""
    colour: bool = False


@dataclass(frozen=True)
class ForgetVolume(Message):
    """Let go of the volume; not answered."""


@dataclass(frozen=True, eq=False)
class SetNext(Message):
    """Prepare another volume in idle time; not answered, only ``Prefetched`` tells of it.

    Attributes:
        volume: that is likely to be worked on next, as the request will name it; None: none any more.
        planes: those that are likely to be looked at first, the likeliest first.
    """

    volume: SetVolume | None = None
    planes: list[SlicePlane] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Encode(Message):
    """Encode a plane ahead of the first prompt."""

    plane: Plane


@dataclass(frozen=True, eq=False)
class Predict(Message):
    """Answer a prompt on a plane."""

    plane: Plane
    prompt: Prompt
    multimask: bool = False
    want_logits: bool = False


@dataclass(frozen=True, eq=False)
class Propagate(Message):
    """Carry an object through the volume.

    Attributes:
        axis: of the prompts.
        prompts: slice index and prompt, in pixels.
        rules: fields of ``PropagationRules`` that are not to be as suits the model.
        all_axes: carry it along the other two axes as well, and take the majority.
    """

    axis: str
    prompts: list[tuple[int, Prompt]]
    rules: dict[str, Any] = field(default_factory=dict)
    all_axes: bool = False


@dataclass(frozen=True, eq=False)
class Correct(Message):
    """Mend an object that is there already, ``present`` as slice index and mask, with nothing on all others, and carry
    it on ``through`` other slices, of which ``accepted`` ones never change. The rest is as for ``Propagate``."""

    axis: str
    present: list[tuple[int, PackedMask]]
    prompts: list[tuple[int, Prompt]]
    accepted: list[int] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)
    through: bool = True


@dataclass(frozen=True)
class SegmentVolume(Message):
    """Segment the volume slice by slice, without prompts on any.

    Attributes:
        texts: of each object by its name; None for all that the adapter finds by itself.
        axis: of the slices; None takes the adapter's.
        clean: drop what is found on a single slice only.
    """

    texts: dict[str, str] | None = None
    axis: str | None = None
    clean: bool = True


@dataclass(frozen=True)
class Train(Message):
    """Fine-tune; ``config`` holds fields of ``TrainConfig``."""

    library: str
    output: str
    config: dict[str, Any]
    checkpoint: str | None = None
    entry: dict[str, Any] | None = None
    resume: bool = False


@dataclass(frozen=True, eq=False)
class Task(Message):
    """Do one of the short tasks in ``worker.tasks``; ``Done`` tells its "result"."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Cancel(Message):
    """Give the request ``id`` up."""


def supersedes(new: Message, old: Message) -> bool:
    """Whether a newer request makes an older one pointless: the one place where the newest wins.

    Another model or volume does so with everything but the choice of the other; a prompt or an encoding with those
    before. What goes through the volume, and what else there is to do, waits its turn. What to do in idle time bears on
    itself only.
    """
    if isinstance(new, SetNext) or isinstance(old, SetNext):
        return isinstance(new, SetNext) and isinstance(old, SetNext)
    if isinstance(new, Load):
        return not isinstance(old, (SetVolume, ForgetVolume))
    if isinstance(new, (SetVolume, ForgetVolume)):
        return not isinstance(old, Load)
    return isinstance(new, (Encode, Predict)) and isinstance(old, (Encode, Predict))


# Answers


@dataclass(frozen=True)
class Hello(Message):
    """The worker's first words, for which a launcher may have started another process than itself."""

    pid: int


@dataclass(frozen=True)
class Answer(Message):
    """Anything that a worker says about a request."""


@dataclass(frozen=True)
class Final(Answer):
    """The last answer to a request; each request gets exactly one."""


@dataclass(frozen=True)
class Ready(Final):
    """The model is loaded and warm.

    Attributes:
        device, model: where it runs, and the name of the base model.
        adapter: the fields of its ``AdapterInfo``, None without.
        ms: milliseconds for "load" and "warm_up".
        finds, texts, memory: whether it finds the adapter's classes by itself, reads texts, and carries objects by a
            memory of other slices.
        points: whether it was trained to answer points, as base model or by the adapter; taken for granted of adapters
            that do not say with which prompts they were trained.
        devices: what is there: name as ``Load.device`` takes it, to a title.
    """

    device: str
    model: str
    adapter: dict[str, Any] | None
    ms: dict[str, float]
    finds: bool = False
    texts: bool = False
    memory: bool = False
    points: bool = True
    devices: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VolumeReady(Final):
    """The volume is in use; ``low`` and ``high`` are the values of its first channel that become black and white."""

    low: float
    high: float


@dataclass(frozen=True)
class Encoded(Final):
    """The plane's embedding is ready."""

    ms: dict[str, float]


@dataclass(frozen=True, eq=False)
class Predicted(Final):
    """The answer to a prompt.

    Attributes:
        masks: the M candidates.
        iou: the model's own estimate for each.
        low_res: float32 [M, 4g, 4g] where asked for.
        ms: milliseconds for "queue", "encode", "decode", "pack"; the client adds "transfer" (everything between
            request and answer that is none of these) and "total".
        by_base: the prompt's kind where the base weights have answered in place of the adapter's, else "".
    """

    masks: list[PackedMask]
    iou: list[float]
    low_res: np.ndarray | None
    ms: dict[str, float]
    by_base: str = ""


@dataclass(frozen=True, eq=False)
class SliceMask(Answer):
    """An object on a slice. A tentative one may still be dropped; the final ones come at the end.

    Attributes:
        axis, index: of the slice.
        mask: the object there.
        iou: the model's own estimate; None where the mask is no answer to a single prompt.
        source: how it came about.
        tentative: not final.
        name: which object, where there are several.
    """

    axis: str
    index: int
    mask: PackedMask
    iou: float | None
    source: str
    tentative: bool = False
    name: str = ""


@dataclass(frozen=True)
class Progress(Answer):
    """``done`` of ``total`` (None: unknown) slices, steps or bytes."""

    done: int
    total: int | None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done(Final):
    """A propagation, the segmentation of a volume, a training or a task is over; ``values`` says how."""

    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Superseded(Final):
    """A newer request made this one pointless."""


@dataclass(frozen=True)
class Stopped(Final):
    """Cancelled; ``resumable`` says whether a training can go on from here."""

    resumable: bool = False


@dataclass(frozen=True)
class Failed(Final):
    """The request could not be answered.

    Attributes:
        what, where, remedy: see :class:`SAMAdaptLib.errors.SAMAdaptError`.
        trace: the end of the traceback, or the worker's last words; empty for a mistake in the input.
        out_of_memory: there was too little memory.
    """

    what: str
    where: str | None = None
    remedy: str | None = None
    trace: str = ""
    out_of_memory: bool = False


@dataclass(frozen=True)
class Log(Answer):
    """Something that the user should read; ``level`` is "info" or "warning"."""

    level: str
    text: str


@dataclass(frozen=True)
class Prefetched(Answer):
    """The embedding of a slice is ready that nobody has asked for: of a neighbour, or, where ``next``, of the volume
    that is likely to come next."""

    axis: str
    index: int
    next: bool = False


@dataclass(frozen=True)
class Died(Answer):
    """The worker ended by itself.

    Attributes:
        exit_code: negative for a signal on POSIX; None where it could not be started.
        last_words: the last lines that it wrote.
        what: what has happened, as the start of a sentence; empty where it was ended on purpose.
        remedy: see :class:`SAMAdaptLib.errors.SAMAdaptError`.
    """

    exit_code: int | None
    last_words: str
    what: str = ""
    remedy: str = "Try again, which starts it anew; its last words are in the log"
