"""From scanner values to the 0..255 that the models were trained on, the same way for a whole volume."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.evidence import fill_limit, sample

FORMS = "Use window:LEVEL/WIDTH (window:40/400), percentile:LOW/HIGH (percentile:0.5/99.5) or minmax"
GREY_LEVELS = 256
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

    Raises:
        InputError: unknown kind, width <= 0, percentiles out of order or range, NaN or infinite numbers.
    """

    kind: str
    level: float = 0.0
    width: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in _FIELDS:
            raise InputError("Unknown intensity mapping", self.kind, FORMS)
        for name in ("level", "width", "low", "high"):
            object.__setattr__(self, name, float(getattr(self, name)))
        if not np.isfinite(self._numbers()).all():
            raise InputError("The numbers of the intensity mapping must be finite", str(self), FORMS)
        if self.kind == "window" and self.width <= 0:
            raise InputError("The width of the intensity window must be above 0", str(self), FORMS)
        if self.kind == "percentile" and not 0 <= self.low < self.high <= 100:
            raise InputError("The percentiles must rise within 0 to 100", str(self), FORMS)

    @classmethod
    def parse(cls, text: str) -> Intensity:
        """Read "window:40/400", "percentile:0.5/99.5" or "minmax".

        Raises:
            InputError: any other text; the remedy lists the forms.
        """
        kind, _, rest = text.strip().partition(":")
        fields = _FIELDS.get(kind)
        parts = rest.split("/") if rest else []
        if fields is None or len(parts) != len(fields):
            raise InputError("Cannot understand the intensity mapping", repr(text), FORMS)
        try:
            return cls(kind, **{field: float(part) for field, part in zip(fields, parts, strict=True)})
        except InputError:
            raise
        except ValueError as error:
            raise InputError("Cannot understand the intensity mapping", repr(text), FORMS) from error

    def __str__(self) -> str:
        numbers = "/".join(repr(number).removesuffix(".0") for number in self._numbers())
        return f"{self.kind}:{numbers}" if numbers else self.kind

    def _numbers(self) -> list[float]:
        return [getattr(self, field) for field in _FIELDS[self.kind]]

    def to_dict(self) -> dict[str, Any]:
        """The kind and the numbers that belong to it."""
        return {"kind": self.kind, **{field: getattr(self, field) for field in _FIELDS[self.kind]}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Intensity:
        """The inverse of :meth:`to_dict`.

        Raises:
            InputError: fields that do not belong to the kind, or unusable values.
        """
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in _FIELDS or set(data) != {"kind", *_FIELDS[kind]}:
            raise InputError("Cannot understand the intensity mapping", repr(data), FORMS)
        try:
            return cls(**data)
        except InputError:
            raise
        except (TypeError, ValueError) as error:
            raise InputError("Cannot understand the intensity mapping", repr(data), FORMS) from error

    def bounds(self, array: np.ndarray, name: str | None = None) -> tuple[float, float]:
        """The values that become 0 and 255, from all voxels of the volume [K, J, I].

        Percentiles interpolate linearly between voxels and count every voxel, background too, but not fill
        (:func:`SAMAdaptLib.volume.evidence.fill_limit`).

        Args:
            array: any numeric dtype.
            name: of the volume, for the error message.

        Raises:
            InputError: NaN or infinite voxels; all voxels are equal, or so many that both percentiles meet in one
                value; values so large that double precision does not tell their grey levels apart.
        """
        lowest, highest = array.min(), array.max()
        if not np.isfinite([lowest, highest]).all():
            raise InputError("The volume holds NaN or infinite voxels", name, "Replace them first")
        if lowest == highest:
            raise InputError(
                f"The volume is constant, all voxels are {lowest:g}", name, "Give an image that shows something"
            )
        if self.kind == "window":
            return _told_apart(self.level - self.width / 2, self.level + self.width / 2, name)
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


def to_uint8(array: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """Map values to grey levels: floor(255 t + 0.5) with t = (value - low) / (high - low) clipped to 0..1.

    Computed in float64 whatever the input, so that one anatomy gives one picture in every storage type.

    Args:
        array: any shape, any real dtype.
        bounds: (low, high) from :meth:`Intensity.bounds`, low < high.

    Returns:
        uint8, of the same shape.
    """
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
    """Whether pixels of any shape show a single value, so that there is nothing to see."""
    result: bool = pixels.min() == pixels.max()
    return result
