"""What a library knows of its exemplars, and the file in which it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.deface import check_margin
from SAMAdaptLib.files import json_text, read_json, refuse_newer, write_text
from SAMAdaptLib.paths import require_still
from SAMAdaptLib.volume.intensity import CHANNELS
from SAMAdaptLib.volume.planes import AXES

FORMAT_VERSION = 1
MANIFEST = "library.json"

# Slices that may be kept on each side of one, and more pixels along a side than any slice has.
MAX_NEIGHBOURS = 16
MAX_SIDE = 1 << 16
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class ExemplarInfo:
    """What the manifest knows of an exemplar.

    Attributes:
        id: 12 hex digits, the start of ``hash``; also the start of the file names.
        classes: names of the classes outlined on the slice.
        shape: (H, W) pixels.
        pixel_spacing: (row mm, column mm).
        axis: "axial", "coronal" or "sagittal".
        intensity: the intensity mapping as text.
        bounds: (lo, hi) raw values that the mapping sends to 0 and 255, found on the whole source volume; of several
            channels those of one after the other.
        group: 12 hex digits shared by the slices of one source volume, or of one subject; for splits by patient.
        hash: SHA-256 of pixels, labels and, where there are some, ``present`` and neighbours.
        present: names of classes that are known to be on the slice without being outlined.
        neighbours: slices of the same volume that are kept on each side of it.
        blanked_mm: distance from the labels beyond which the pixels, and those of the neighbours, were blanked, see
            :mod:`SAMAdaptLib.exemplars.deface`; None where all are those of the scan.
        tile: side in pixels of the tiles that large slices are cut into for it; 0 for whole slices.
        place: (top, left) in pixels of the slice that it was cut out of; None where it is all of a slice.
    """

    id: str
    classes: tuple[str, ...]
    shape: tuple[int, int]
    pixel_spacing: tuple[float, float]
    axis: str
    intensity: str
    bounds: tuple[float, ...]
    group: str
    hash: str
    present: tuple[str, ...] = ()
    neighbours: int = 0
    blanked_mm: float | None = None
    tile: int = 0
    place: tuple[int, int] | None = None

    @property
    def channels(self) -> int:
        """How many scans a model sees together."""
        return len(self.bounds) // 2

    @property
    def background(self) -> bool:
        """Whether none of the classes is on the slice."""
        return not self.classes and not self.present

    @cached_property
    def entry(self) -> str:
        """Its JSON in the manifest. Kept, since every change of a library writes all of them."""
        return "    " + json_text(asdict(self)).replace("\n", "\n    ")


@dataclass(frozen=True)
class Manifest:
    """The content of the manifest file.

    Attributes:
        salt: of the pseudonyms.
        classes: names of the classes, in the order of their values.
        infos: exemplars by id, in the order in which they were added.
    """

    salt: str
    classes: tuple[str, ...]
    infos: dict[str, ExemplarInfo]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read and check it.

        Raises:
            InputError: no library here, its manifest is damaged, or a newer version wrote it.
        """
        path = folder / MANIFEST
        data = read_json(path, "exemplar library")
        damaged = InputError("The exemplar library's manifest is damaged", path, "Restore it from a copy")
        version = data.get("format_version") if isinstance(data, dict) else None
        if not isinstance(version, int):
            raise damaged
        refuse_newer(version, FORMAT_VERSION, "exemplar library", path)
        try:
            classes = tuple(data["classes"])
            infos = {entry["id"]: _info(entry) for entry in data["exemplars"]}
            salt = str(data["salt"])
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise damaged from error
        if any(name not in classes for info in infos.values() for name in (*info.classes, *info.present)):
            raise damaged
        texts = isinstance(data["classes"], list) and all(isinstance(name, str) for name in classes)
        if not texts or len(set(classes)) < len(classes) or len(infos) < len(data["exemplars"]):
            raise damaged
        return cls(salt, classes, infos)

    def infos_with(self, new: ExemplarInfo, replaced: Collection[str] = ()) -> dict[str, ExemplarInfo]:
        """The exemplars with a new one, where the first of those that it replaces was, else at the end."""
        result: dict[str, ExemplarInfo] = {}
        for key, info in self.infos.items():
            if key not in replaced:
                result[key] = info
            else:
                result[new.id] = new
        return {**result, new.id: new}

    def replace(self, folder: Path) -> None:
        """:meth:`write` where there was one before.

        Raises:
            InputError: that one is gone, or the folder cannot be written to.
        """
        require_still(folder / MANIFEST, "The library")
        self.write(folder)

    def write(self, folder: Path) -> None:
        """Write it atomically.

        Raises:
            InputError: the folder is gone or cannot be written to.
        """
        values = {"format_version": FORMAT_VERSION, "salt": self.salt, "classes": list(self.classes), "exemplars": []}
        before, after = json_text(values).split('"exemplars": []')
        entries = ",\n".join(info.entry for info in self.infos.values())
        listed = f"[\n{entries}\n  ]" if entries else "[]"
        write_text(folder / MANIFEST, f'{before}"exemplars": {listed}{after}\n', anew=False)


def _info(entry: dict[str, Any]) -> ExemplarInfo:
    height, width = entry["shape"]
    row, column = entry["pixel_spacing"]
    info = replace(
        ExemplarInfo(**entry),
        classes=tuple(entry["classes"]),
        shape=(int(height), int(width)),
        pixel_spacing=(float(row), float(column)),
        bounds=tuple(map(float, entry["bounds"])),
        present=tuple(entry.get("present", ())),
        neighbours=int(entry.get("neighbours", 0)),
        blanked_mm=None if entry.get("blanked_mm") is None else check_margin(float(entry["blanked_mm"])),
        place=None if entry.get("place") is None else _place(*entry["place"]),
    )
    # Ids become file names, and the manifest may come from anywhere.
    sound = _ID.fullmatch(info.id) and info.hash.startswith(info.id) and info.axis in AXES
    sizes = all(0 < side < MAX_SIDE for side in info.shape) and all(0 < mm < math.inf for mm in info.pixel_spacing)
    pairs = zip(info.bounds[::2], info.bounds[1::2], strict=True)
    grey = all(math.isfinite(low) and math.isfinite(high) and low < high for low, high in pairs)
    grey &= 1 <= info.channels <= CHANNELS
    texts = (info.intensity, info.group, *info.classes, *info.present)
    cut = isinstance(info.tile, int) and (max(info.shape) <= info.tile < MAX_SIDE or info.tile == 0)
    cut &= info.place is None or info.tile > 0
    told = all(isinstance(text, str) for text in texts) and 0 <= info.neighbours <= MAX_NEIGHBOURS
    if not (sound and sizes and grey and told and cut):
        raise ValueError(info.id)
    return info


def _place(top: int, left: int) -> tuple[int, int]:
    if not (0 <= top < math.inf and 0 <= left < math.inf):
        raise ValueError(f"{top}, {left}")
    return int(top), int(left)
