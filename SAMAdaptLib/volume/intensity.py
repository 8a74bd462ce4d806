"""From scanner values to the 0..255 that the models were trained on, the same way for a whole volume.

A model sees three channels. One volume is in all of them; of two the first is seen twice, in the first and the third.
Models that saw grey pictures are lost in vivid colours, so a further sequence may show as a tint of the first one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.volume.evidence import fill_limit, sample

FORMS = "Use window:LEVEL/WIDTH (window:40/400), percentile:LOW/HIGH (percentile:0.5/99.5) or minmax"
GREY_LEVELS = 256
# Of pictures that a model sees, and therefore the most volumes that it can see together.
CHANNELS = 3
# Between the mappings of channels.
AND = " + "
# Between the share of a further channel and its mapping.
TIMES = "*"
_FIELDS = {"window": ("level", "width"), "percentile": ("low", "high"), "minmax": ()}


@dataclass(frozen=True)
class Intensity:
    """Which scanner values become black and white.

    Attributes:
        kind: "window", "percentile" or "minmax".
        level: window centre in the image's unit (HU for CT); only for "window".
        width: window width in the image's unit, > 0; only for "window".
        low: percentile that becomes black, 0..100; only for "percentile".
        high: percentile that becomes white, 0..100, above ``low``; only for "percentile".
        others: the mappings of the second and third channel, of a scan that has some.
        share: of a second or third channel: how much is seen of what it differs from the first one, above 0 to 1.

    Raises:
        InputError: unknown kind or share, width <= 0, percentiles out of order or range, NaN or infinite numbers, too
            many channels.
    """

    kind: str
    level: float = 0.0
    width: float = 0.0
    low: float = 0.0
    high: float = 0.0
    others: tuple[Intensity, ...] = ()
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in _FIELDS:
            raise InputError("Unknown intensity mapping", self.kind, FORMS)
        for name in ("level", "width", "low", "high", "share"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if not np.isfinite(self._numbers()).all():
            raise InputError("The numbers of the intensity mapping must be finite", str(self), FORMS)
        if self.kind == "window" and self.width <= 0:
            raise InputError("The width of the intensity window must be above 0", str(self), FORMS)
        if self.kind == "percentile" and not 0 <= self.low < self.high <= 100:
            raise InputError("The percentiles must rise within 0 to 100", str(self), FORMS)
        if not 0 < self.share <= 1 or (self.others and self.share != 1):
            raise _wrong_share(str(self))
        if len(self.others) >= CHANNELS:
            raise InputError(f"There are {CHANNELS} channels at most", str(self), "Give fewer intensity mappings")

    @classmethod
    def parse(cls, text: str) -> Intensity:
        """Read "window:40/400", "percentile:0.5/99.5" or "minmax", or one for each channel with " + " between them;
        before that of a further channel may stand its share, "0.2*minmax".

        Raises:
            InputError: any other text; the remedy lists the forms.
        """
        first, *others = [cls._parse_one(part) for part in text.split(AND.strip())]
        if first.share != 1:
            raise _wrong_share(text)
        return cls.joined([first, *others])

    @classmethod
    def _parse_one(cls, text: str) -> Intensity:
        before, times, mapping = text.strip().rpartition(TIMES)
        kind, _, rest = mapping.strip().partition(":")
        fields = _FIELDS.get(kind)
        parts = rest.split("/") if rest else []
        if fields is None or len(parts) != len(fields):
            raise InputError("Cannot understand the intensity mapping", repr(text), FORMS)
        try:
            numbers: dict[str, Any] = {field: float(part) for field, part in zip(fields, parts, strict=True)}
            return cls(kind, **numbers, share=float(before) if times else 1.0)
        except InputError:
            raise
        except ValueError as error:
            raise InputError("Cannot understand the intensity mapping", repr(text), FORMS) from error

    @classmethod
    def joined(cls, channels: Sequence[Intensity]) -> Intensity:
        """One for several channels, from one for each.

        Raises:
            InputError: too many.
        """
        return replace(channels[0], others=tuple(channels[1:]))

    @property
    def channels(self) -> tuple[Intensity, ...]:
        """One for each channel."""
        return (replace(self, others=()), *self.others)

    def __str__(self) -> str:
        numbers = "/".join(repr(number).removesuffix(".0") for number in self._numbers())
        share = "" if self.share == 1 else f"{self.share:g}{TIMES}"
        return AND.join([f"{share}{self.kind}:{numbers}" if numbers else f"{share}{self.kind}", *map(str, self.others)])

    def _numbers(self) -> list[float]:
        return [getattr(self, field) for field in _FIELDS[self.kind]]

    def to_dict(self) -> dict[str, Any]:
        """The kind and the numbers that belong to it, and where there are other channels a list of theirs."""
        told = {"kind": self.kind, **{field: getattr(self, field) for field in _FIELDS[self.kind]}}
        told |= {} if self.share == 1 else {"share": self.share}
        return told | ({"others": [one.to_dict() for one in self.others]} if self.others else {})

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Intensity:
        """The inverse of :meth:`to_dict`.

        Raises:
            InputError: fields that do not belong to the kind, or unusable values.
        """
        if "others" in data:
            first = {name: value for name, value in data.items() if name != "others"}
            return cls.joined([cls.from_dict(one) for one in (first, *data["others"])])
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in _FIELDS or set(data) - {"share"} != {"kind", *_FIELDS[kind]}:
            raise InputError("Cannot understand the intensity mapping", repr(data), FORMS)
        try:
            return cls(**data)
        except InputError:
            raise
        except (TypeError, ValueError) as error:
            raise InputError("Cannot understand the intensity mapping", repr(data), FORMS) from error

    @property
    def shares(self) -> tuple[float, ...]:
        """How much is seen of each channel; empty where it is all of them."""
        found = tuple(one.share for one in self.channels)
        return found if min(found) < 1 else ()

    def seen(self, array: np.ndarray, bounds: tuple[float, ...]) -> np.ndarray:
        """What a model sees: :func:`to_uint8`, and of several channels c the first and its tints,
        floor(first + share (c - first) + 0.5).

        Args:
            array: any shape, any real dtype; of several channels [..., C].
            bounds: from :meth:`bounds`.

        Returns:
            uint8, of the same shape; of several channels [..., 3].
        """
        image = to_uint8(array, bounds)
        for place, share in enumerate(self.shares):
            if share < 1:
                first, other = (image[..., one].astype(np.float32) for one in (0, place))
                image[..., place] = np.floor(first + share * (other - first) + 0.5)
        return image

    def bounds(self, array: np.ndarray, name: str | None = None) -> tuple[float, ...]:
        """The values that become 0 and 255, from all voxels of the volume [K, J, I]; of a volume [K, J, I, C] those of
        each channel one after the other.

        Percentiles interpolate linearly between voxels and count every voxel, background too, but not fill
        (:func:`SAMAdaptLib.volume.evidence.fill_limit`).

        Args:
            array: any numeric dtype.
            name: of the volume, for the error message.

        Raises:
            InputError: NaN or infinite voxels; all voxels are equal, or so many that both percentiles meet in one
                value; values so large that double precision does not tell their grey levels apart; another number of
                channels.
        """
        if array.ndim > 3:
            if array.shape[-1] != len(self.channels):
                many = f"{counted(array.shape[-1], 'channel')}, and {counted(len(self.channels), 'intensity mapping')}"
                raise InputError(many, name, f"Give one for each, with {AND.strip()} between them")
            # What is black in one channel may be seen in another.
            names = [name, *(f"channel {place + 1} of {name or 'the volume'}" for place in range(1, array.shape[-1]))]
            parts = [
                one._window(names[place]) if one.kind == "window" else one.bounds(array[..., place], names[place])
                for place, one in enumerate(self.channels)
            ]
            return tuple(value for part in parts for value in part)
        if self.others:
            many = f"One channel, and {len(self.channels)} intensity mappings"
            raise InputError(many, name, "Give one, or the volumes of the other channels")
        lowest, highest = array.min(), array.max()
        if not np.isfinite([lowest, highest]).all():
            raise InputError("The volume holds NaN or infinite voxels", name, "Replace them first")
        if lowest == highest:
            raise InputError(
                f"The volume is constant, all voxels are {lowest:g}", name, "Give an image that shows something"
            )
        if self.kind == "window":
            return self._window(name)
        whole = _told_apart(float(lowest), float(highest), name)
        if self.kind == "minmax":
            return whole
        low, high = _percentiles(array, (self.low, self.high), fill_limit(sample(array)))
        if low == high:
            raise InputError(
                f"Most voxels have one value ({low:g}), in which both ends of {self} meet",
                name,
                "Choose percentiles further apart, a window, or minmax",
            )
        return _told_apart(low, high, name)

    def _window(self, name: str | None) -> tuple[float, float]:
        return _told_apart(self.level - self.width / 2, self.level + self.width / 2, name)


def _wrong_share(text: str) -> InputError:
    what = "What is seen of a further channel is more than 0 and at most 1, and of the first one 1"
    return InputError(what, repr(text), f"Use FIRST{AND}0.2{TIMES}SECOND")


def _told_apart(low: float, high: float, name: str | None) -> tuple[float, float]:
    """Bounds between which float64, in which grey levels are found, has a value for each of them."""
    with np.errstate(over="ignore"):
        width = np.subtract(high, low)
    if not GREY_LEVELS * np.spacing(max(abs(low), abs(high))) <= width < np.inf:
        raise InputError(
            f"The values, from {low:g} to {high:g}, are too large to tell grey levels apart",
            name,
            "Subtract the lowest from them, or divide them by a number, before",
        )
    return low, high


def _percentiles(array: np.ndarray, wanted: tuple[float, ...], limit: float | None) -> list[float]:
    """Exact percentiles (numpy's "linear") of what lies above ``limit``; whole numbers of small range are counted
    instead of sorted."""
    lowest, highest = array.min(), array.max()
    if not np.issubdtype(array.dtype, np.integer) or int(highest) - int(lowest) >= 1 << 17:
        return [float(value) for value in np.percentile(array if limit is None else array[array > limit], wanted)]
    lowest, highest = int(lowest), int(highest)
    counts = np.zeros(highest - lowest + 1, np.int64)
    for part in array:
        counts += np.bincount((part.astype(np.int64) - lowest).ravel(), minlength=len(counts))
    if limit is not None:
        counts[: math.floor(limit) - lowest + 1] = 0
    upto = np.cumsum(counts)
    rank = np.asarray(wanted) / 100 * (upto[-1] - 1)
    below = np.searchsorted(upto, np.floor(rank), side="right")
    above = np.searchsorted(upto, np.ceil(rank), side="right")
    return [float(value) for value in lowest + below + (above - below) * (rank - np.floor(rank))]


def to_uint8(array: np.ndarray, bounds: tuple[float, ...]) -> np.ndarray:
    """Map values to what a model sees: floor(255 t + 0.5) with t = (value - low) / (high - low) clipped to 0..1.

    Computed in float64 whatever the input, so that one anatomy gives one picture in every storage type.

    Args:
        array: any shape, any real dtype; of several channels [..., C].
        bounds: from :meth:`Intensity.bounds`: (low, high), low < high, of each channel.

    Returns:
        uint8, of the same shape; of several channels [..., 3].
    """
    if len(bounds) > 2:
        seen = [to_uint8(array[..., place], bounds[2 * place : 2 * place + 2]) for place in range(len(bounds) // 2)]
        return np.stack((*seen, seen[0])[:CHANNELS], axis=-1)
    low, high = bounds
    if not low < high:
        raise ValueError(f"bounds {bounds} are not in rising order")
    if array.ndim > 2:
        out = np.empty(array.shape, np.uint8)
        # Slice by slice, or a float64 copy of a large CT would take gigabytes.
        for index, part in enumerate(array):
            out[index] = to_uint8(part, bounds)
        return out
    scaled = np.clip((array.astype(np.float64) - low) / (high - low), 0.0, 1.0)
    return np.floor(255.0 * scaled + 0.5).astype(np.uint8)


def is_constant(pixels: np.ndarray) -> bool:
    """Whether pixels [H, W] or [H, W, C] are all alike, so that there is nothing to see."""
    result: bool = (pixels == pixels[:1, :1]).all()
    return result


def in_colour(image: np.ndarray) -> np.ndarray:
    """A slice uint8 [H, W] or [H, W, 3] as a picture [H, W, 3]."""
    return image if image.ndim == 3 else np.repeat(image[..., None], CHANNELS, axis=2)


def in_grey(image: np.ndarray) -> np.ndarray:
    """A slice uint8 [H, W] or [H, W, 3] as grey levels [H, W], the mean of the channels."""
    return image if image.ndim == 2 else image.mean(axis=2).round().astype(np.uint8)
