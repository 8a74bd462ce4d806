"""A folder of labelled slices that may leave the hospital: pixels and labels, nothing that names a patient.

On disk: ``library.json`` (manifest) and, per exemplar, ``<id>_image.nrrd`` and ``<id>_label.nrrd``, 2D, origin zero,
identity direction. The manifest is replaced last in every change, so a process killed at any moment leaves the library
as it was before or as it is after; files without a manifest entry are ignored and swept by a later change.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import atomic_path, read_json, sha256_array, writable_folder, write_json
from SAMAdaptLib.volume.intensity import Intensity, to_uint8
from SAMAdaptLib.volume.io import Volume
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SAMAdaptLib.volume.segmentation import Labels

FORMAT_VERSION = 1
MANIFEST = "library.json"
MAX_CLASSES = 255
# Another process may be between writing its files and its manifest; nothing takes this long.
ORPHAN_AGE_S = 600.0

_ID = re.compile(r"[0-9a-f]{12}")
_OURS = re.compile(r"(\.part-[^-]*-)?[0-9a-f]{12}_(image|label)\.nrrd|\.part-[^-]*-library\.json")


class DuplicateExemplar(InputError):
    """The library already holds a slice with these pixels and labels."""


@dataclass(frozen=True)
class ExemplarInfo:
    """What the manifest knows of an exemplar.

    Attributes:
        id: 12 hex digits, the start of ``hash``; also the start of the file names.
        classes: names of the classes on the slice; empty for a background.
        shape: (H, W) pixels.
        pixel_spacing: (row mm, column mm).
        axis: "axial", "coronal" or "sagittal".
        intensity: the intensity mapping as text.
        bounds: (lo, hi) raw values that the mapping sends to 0 and 255, found on the whole source volume.
        group: 12 hex digits shared by the slices of one source volume, or of one subject; for splits by patient.
        hash: SHA-256 of pixels and labels.
    """

    id: str
    classes: tuple[str, ...]
    shape: tuple[int, int]
    pixel_spacing: tuple[float, float]
    axis: str
    intensity: str
    bounds: tuple[float, float]
    group: str
    hash: str


@dataclass(frozen=True, eq=False)
class Exemplar:
    """A labelled slice.

    Attributes:
        info: what the manifest knows.
        pixels: [H, W], raw values in the type of the source volume.
        labels: uint8 [H, W], 0 or the library's value of a class.
    """

    info: ExemplarInfo
    pixels: np.ndarray
    labels: np.ndarray

    @cached_property
    def image(self) -> np.ndarray:
        """uint8 [H, W]: the pixels under the intensity mapping; read-only."""
        image = to_uint8(self.pixels, self.info.bounds)
        image.setflags(write=False)
        return image


class Library:
    """An exemplar library on disk; make one by :meth:`create`, :meth:`open` or :meth:`open_or_create`.

    Attributes:
        folder: where it lies.
        classes: names of the classes; the value of ``classes[i]`` in labels is ``i + 1``. Only ever appended to, so
            that labels written once keep their meaning.
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = Path(folder)
        self._read()

    @classmethod
    def create(cls, folder: str | os.PathLike) -> Library:
        """Start an empty library.

        Raises:
            InputError: the folder holds one already or cannot be written to.
        """
        folder = writable_folder(folder)
        if (folder / MANIFEST).exists():
            raise InputError("There is an exemplar library here already", folder, "Open it or choose another folder")
        write_json(folder / MANIFEST, _manifest(secrets.token_hex(16), (), {}))
        return cls(folder)

    @classmethod
    def open(cls, folder: str | os.PathLike) -> Library:
        """Open a library.

        Raises:
            InputError: no library here, its manifest is damaged, or a newer version wrote it.
        """
        return cls(folder)

    @classmethod
    def open_or_create(cls, folder: str | os.PathLike) -> Library:
        """:meth:`open` where there is a manifest, else :meth:`create`."""
        return cls.open(folder) if (Path(folder) / MANIFEST).exists() else cls.create(folder)

    def add(
        self,
        volume: Volume,
        labels: Labels,
        axis: str,
        index: int,
        intensity: Intensity,
        bounds: tuple[float, float] | None = None,
        subject: str | None = None,
        background: bool = False,
    ) -> ExemplarInfo:
        """Copy one slice into the library.

        Where two classes share a pixel, the one later in ``labels.names`` takes it.

        Args:
            volume: the scan.
            labels: its segmentation on the same grid. Classes new to the library are appended to ``classes``.
            axis: "axial", "coronal" or "sagittal".
            index: slice index along that axis (the volume's own voxel index).
            intensity: raw values to grey levels.
            bounds: (lo, hi) of ``intensity`` if known already; else found on the whole volume.
            subject: any text that is the same for all scans of one patient; only a salted hash of it is kept. The salt
                lies in the manifest, so a text that can be guessed can be confirmed by who holds the library.
            background: take a slice without any label, to paste organs onto or as an empty training slice.

        Raises:
            DuplicateExemplar: the slice is in the library already.
            InputError: grids differ, the index is outside, the slice holds no label (or, as a background, holds one),
                shows one grey level only, too many classes, or the folder cannot be written to.
        """
        if not labels.geometry.same_grid(volume.geometry):
            raise InputError("The labels lie on another grid than the image", None, "Resample the labels to the image")
        stack = PlaneStack(volume.geometry, axis)
        if not 0 <= index < stack.count:
            raise InputError(f"No {axis} slice {index}", None, f"Choose one from 0 to {stack.count - 1}")
        self._read()
        pixels = _storable(stack.view(volume.array)[index])
        plane, classes = self._label_plane(labels, stack, index)
        present = tuple(classes[value - 1] for value in np.unique(plane) if value)
        if not present and not background:
            raise InputError(
                f"The {axis} slice {index} holds no label", None, "Choose another slice or add it as a background"
            )
        if present and background:
            raise InputError(
                f"The {axis} slice {index} holds labels ({', '.join(present)})", None, "Choose another background slice"
            )
        bounds = tuple(
            float(b) for b in (intensity.bounds(volume.array, volume.name or None) if bounds is None else bounds)
        )
        if not (np.isfinite(bounds).all() and bounds[0] < bounds[1]):
            raise InputError("The intensity bounds are empty", f"{bounds[0]:g} to {bounds[1]:g}", "Give lower < upper")
        digest = sha256_array(pixels, plane)
        info = ExemplarInfo(
            id=digest[:12],
            classes=present,
            shape=plane.shape,
            pixel_spacing=stack.pixel_spacing,
            axis=axis,
            intensity=str(intensity),
            bounds=bounds,
            group=volume.content_hash[:12] if subject is None else self._pseudonym(subject),
            hash=digest,
        )
        image = Exemplar(info, pixels, plane).image
        if image.min() == image.max():
            raise InputError(
                f"The {axis} slice {index} shows a single grey level", None, "Choose another slice or intensity mapping"
            )
        if info.id in self._infos:
            raise DuplicateExemplar(f"The library holds this slice already, as {info.id}", None, "Choose another slice")
        write_slice(self._path(info.id, "image"), pixels, info.pixel_spacing)
        write_slice(self._path(info.id, "label"), plane, info.pixel_spacing)
        self._commit(classes, {**self._infos, info.id: info})
        return info

    def remove(self, exemplar_id: str) -> None:
        """Take an exemplar out and delete its files; the classes keep their values.

        Raises:
            InputError: no such exemplar, or the folder cannot be written to.
        """
        self._read()
        self._known(exemplar_id)
        rest = {key: info for key, info in self._infos.items() if key != exemplar_id}
        self._commit(self.classes, rest)
        for kind in ("image", "label"):
            self._path(exemplar_id, kind).unlink(missing_ok=True)

    def infos(self) -> list[ExemplarInfo]:
        """All exemplars, in the order in which they were added."""
        return list(self._infos.values())

    def load(self, exemplar_id: str) -> Exemplar:
        """Read an exemplar and check it against its hash.

        Raises:
            InputError: no such exemplar; a file is missing, unreadable or was altered (names the file).
        """
        info = self._known(exemplar_id)
        pixels, labels = (_read_plane(self._path(info.id, kind)) for kind in ("image", "label"))
        if sha256_array(pixels, labels) != info.hash:
            raise InputError(
                f"Exemplar {info.id} is not what was added",
                f"{self._path(info.id, 'image')} or {self._path(info.id, 'label').name}",
                "Restore both files from a copy or remove the exemplar",
            )
        return Exemplar(info, pixels, labels)

    def counts(self) -> dict[str, int]:
        """Class name to number of exemplars that hold it, in the order of ``classes``."""
        return {name: sum(name in info.classes for info in self.infos()) for name in self.classes}

    def __iter__(self) -> Iterator[Exemplar]:
        return (self.load(info.id) for info in self.infos())

    def __len__(self) -> int:
        return len(self._infos)

    def _known(self, exemplar_id: str) -> ExemplarInfo:
        if exemplar_id not in self._infos:
            raise InputError("No such exemplar in the library", exemplar_id, "List the library to see what it holds")
        return self._infos[exemplar_id]

    def _path(self, exemplar_id: str, kind: str) -> Path:
        return self.folder / f"{exemplar_id}_{kind}.nrrd"

    def _pseudonym(self, subject: str) -> str:
        return hashlib.sha256(f"{self._salt}\n{subject.strip()}".encode()).hexdigest()[:12]

    def _label_plane(self, labels: Labels, stack: PlaneStack, index: int) -> tuple[np.ndarray, tuple[str, ...]]:
        """The slice's labels in library values, uint8 [H, W], and the classes with new ones appended."""
        names = list(labels.names)
        painted = np.zeros(stack.shape, dtype=np.int64)
        for number, name in enumerate(names, start=1):
            painted[stack.view(labels.mask(name))[index]] = number
        # Only now is it known which classes show: one may be hidden by those painted later.
        shown = [names[number - 1] for number in np.unique(painted) if number]
        classes = (*self.classes, *(name for name in shown if name not in self.classes))
        if len(classes) > MAX_CLASSES:
            raise InputError(f"More than {MAX_CLASSES} classes", self.folder, "Start another library")
        values = np.array([0, *(classes.index(name) + 1 if name in shown else 0 for name in names)], dtype=np.uint8)
        return values[painted], classes

    def _commit(self, classes: tuple[str, ...], infos: dict[str, ExemplarInfo]) -> None:
        write_json(self.folder / MANIFEST, _manifest(self._salt, classes, infos))
        self.classes, self._infos = classes, infos
        self._sweep()

    def _sweep(self) -> None:
        kept = {self._path(key, kind).name for key in self._infos for kind in ("image", "label")}
        for path in self.folder.iterdir():
            if path.name in kept or not _OURS.fullmatch(path.name):
                continue
            try:
                if time.time() - path.stat().st_mtime > ORPHAN_AGE_S:
                    path.unlink()
            except OSError:
                # An orphan does no harm, and the change itself is complete.
                continue

    def _read(self) -> None:
        path = self.folder / MANIFEST
        data = read_json(path, "exemplar library")
        damaged = InputError("The exemplar library's manifest is damaged", path, "Restore it from a copy")
        version = data.get("format_version") if isinstance(data, dict) else None
        if not isinstance(version, int):
            raise damaged
        if version > FORMAT_VERSION:
            raise InputError("A newer SAMAdapt wrote this exemplar library", path, "Update SAMAdapt")
        try:
            classes = tuple(map(str, data["classes"]))
            infos = {entry["id"]: _info(entry) for entry in data["exemplars"]}
            salt = str(data["salt"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise damaged from error
        if any(name not in classes for info in infos.values() for name in info.classes):
            raise damaged
        self._salt, self.classes, self._infos = salt, classes, infos


def write_slice(path: Path, array: np.ndarray, pixel_spacing: tuple[float, float]) -> None:
    """Write a slice [H, W] as a 2D NRRD atomically; (row mm, column mm) is all that its header tells of the patient.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(pixel_spacing[::-1])
    with atomic_path(path) as temporary:
        try:
            sitk.WriteImage(image, str(temporary), useCompression=True)
        except RuntimeError as error:
            raise InputError("Cannot write the slice", path, "Check the free space and the permissions") from error


def _manifest(salt: str, classes: tuple[str, ...], infos: dict[str, ExemplarInfo]) -> dict[str, Any]:
    exemplars = [asdict(info) for info in infos.values()]
    return {"format_version": FORMAT_VERSION, "salt": salt, "classes": list(classes), "exemplars": exemplars}


def _info(entry: dict[str, Any]) -> ExemplarInfo:
    info = replace(
        ExemplarInfo(**entry),
        classes=tuple(entry["classes"]),
        shape=tuple(int(n) for n in entry["shape"]),
        pixel_spacing=tuple(float(mm) for mm in entry["pixel_spacing"]),
        bounds=tuple(float(b) for b in entry["bounds"]),
    )
    # Ids become file names, and the manifest may come from anywhere.
    sound = _ID.fullmatch(info.id) and info.hash.startswith(info.id) and info.axis in AXES
    if not sound or not len(info.shape) == len(info.pixel_spacing) == len(info.bounds) == 2:
        raise ValueError(info.id)
    return info


def _storable(pixels: np.ndarray) -> np.ndarray:
    """A contiguous copy in native byte order and a type that NRRD and SimpleITK both know."""
    widened = {"b": np.uint8, "f": np.float32}
    if pixels.dtype.kind == "b" or pixels.dtype == np.float16:
        return pixels.astype(widened[pixels.dtype.kind])
    return np.array(pixels, dtype=pixels.dtype.newbyteorder("="), order="C")


def _read_plane(path: Path) -> np.ndarray:
    try:
        return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError as error:
        state = "unreadable" if path.exists() else "missing"
        raise InputError(
            f"An exemplar's file is {state}", path, "Restore it from a copy or remove the exemplar"
        ) from error
