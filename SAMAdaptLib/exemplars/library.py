"""A folder of labelled slices that may leave the hospital: pixels and labels, nothing that names a patient.

On disk: ``library.json`` (manifest) and, per exemplar, ``<id>_image.nrrd`` and ``<id>_label.nrrd``, 2D, and where
neighbours are kept ``<id>_neighbours.nrrd``, 3D; origin zero, identity direction. The manifest is replaced last in
every change, so a process killed at any moment leaves the library as it was before or as it is after; files without a
manifest entry are ignored and swept by a later change.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.manifest import MANIFEST, ExemplarInfo, Manifest
from SAMAdaptLib.exemplars.slices import (
    check_neighbours,
    check_slice,
    digest_of,
    ordered_bounds,
    read_slice,
    slice_pixels,
    write_slice,
)
from SAMAdaptLib.files import file_stamp, removed, sweep, writable_folder
from SAMAdaptLib.locks import changing
from SAMAdaptLib.volume.intensity import Intensity, is_constant
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume

P = ParamSpec("P")
T = TypeVar("T")

MAX_CLASSES = 255
# Another process may be between writing its files and its manifest; nothing takes this long.
ORPHAN_AGE_S = 600.0

KINDS = ("image", "label", "neighbours")
_ENDS = {f"_{kind}.nrrd" for kind in KINDS}
_ID = re.compile(r"[0-9a-f]{12}")


def _alone(change: Callable[P, T]) -> Callable[P, T]:
    """A method between whose reading and writing of the manifest no other process writes it."""

    @wraps(change)
    def alone(*given: P.args, **options: P.kwargs) -> T:
        library = given[0]
        assert isinstance(library, Library)
        with changing(library.folder):
            return change(*given, **options)

    return alone


class DuplicateExemplar(InputError):
    """The library already holds a slice with these pixels and labels.

    Args:
        info: of the exemplar that it is.
    """

    def __init__(self, info: ExemplarInfo) -> None:
        super().__init__(f"The library holds this slice already, as {info.id}", None, "Choose another slice")
        self.info = info


class Library:
    """An exemplar library on disk; make one by :meth:`create`, :meth:`open` or :meth:`open_or_create`.

    Attributes:
        folder: where it lies.
    """

    _manifest: Manifest
    _stamp: tuple[int, ...] | None = None

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._read()

    @classmethod
    def create(cls, folder: str | os.PathLike[str], salt: str | None = None) -> Library:
        """Start an empty library; a stated salt of its pseudonyms makes it the same each time that it is made.

        Raises:
            InputError: the folder holds one already or cannot be written to.
        """
        folder = writable_folder(folder)
        if (folder / MANIFEST).exists():
            raise InputError("There is an exemplar library here already", folder, "Open it or choose another folder")
        Manifest(salt or secrets.token_hex(16), (), {}).write(folder)
        return cls(folder)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Library:
        """Open a library.

        Raises:
            InputError: no library here, its manifest is damaged, or a newer version wrote it.
        """
        return cls(folder)

    @classmethod
    def open_or_create(cls, folder: str | os.PathLike[str]) -> Library:
        """:meth:`open` where there is a manifest, else :meth:`create`."""
        return cls.open(folder) if (Path(folder) / MANIFEST).exists() else cls.create(folder)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; the value of ``classes[i]`` in labels is ``i + 1``. Only ever appended to, so that
        labels written once keep their meaning: a class of which no slice is left keeps its value, should it come back,
        and is otherwise forgotten, see :meth:`counts`."""
        return self._manifest.classes

    @_alone
    def add(
        self,
        volume: Volume,
        labels: Labels | None,
        axis: str,
        index: int,
        intensity: Intensity,
        bounds: tuple[float, ...] | None = None,
        subject: str | None = None,
        background: bool = False,
        present: Sequence[str] = (),
        neighbours: int = 0,
        replaced: Collection[str] = (),
        blanked_mm: float | None = None,
        tile: int = 0,
        place: tuple[int, int] | None = None,
    ) -> ExemplarInfo:
        """Copy one slice into the library.

        Where two classes share a pixel, the one later in ``labels.names`` takes it.

        Args:
            volume: the scan.
            labels: its segmentation on the same grid. Classes new to the library are appended to ``classes``. None for
                a slice without outlines, of which ``background`` or ``present`` says what is on it.
            axis: "axial", "coronal" or "sagittal".
            index: slice index along that axis (the volume's own voxel index).
            intensity: raw values to grey levels.
            bounds: of ``intensity`` if known already; else found on the whole volume.
            subject: any text that is the same for all scans of one patient; only a salted hash of it is kept. The salt
                lies in the manifest, so a text that can be guessed can be confirmed by who holds the library.
            background: take a slice without any label, to paste organs onto or as an empty training slice.
            present: classes that are on the slice although nobody has outlined them, for methods that learn from that.
            neighbours: slices on each side to keep with it, for methods that see several slices; beyond the end of the
                volume its last slice is repeated.
            replaced: ids of exemplars whose place it takes in one step, and whose patient without a ``subject``.
            blanked_mm: blank what is farther from the outlines, see :func:`SAMAdaptLib.exemplars.deface.blanked`.
            tile: side of the tiles in which the library holds large slices, 0 for whole slices.
            place: (top, left) of the tile that the volume is, see :func:`SAMAdaptLib.exemplars.tiles.cut`.

        Raises:
            DuplicateExemplar: the slice is in the library already.
            InputError: grids differ, the index is outside, the slice holds no label (or, as a background, holds one),
                shows one grey level only, too many classes or neighbours, or the folder cannot be written to.
        """
        if labels is not None and not labels.geometry.same_grid(volume.geometry):
            raise InputError("The labels lie on another grid than the image", None, "Resample the labels to the image")
        stack = PlaneStack(volume.geometry, axis)
        check_neighbours(neighbours, stack, volume.name)
        self.check_channels(volume)
        plane, names = check_slice(stack, labels, index, background, present, blanked_mm)
        pixels, around = slice_pixels(volume, stack, index, plane, neighbours, blanked_mm)
        self._read()
        classes = self._with(*names, *present)
        plane = np.array([0, *(classes.index(name) + 1 for name in names)], np.uint8)[plane]
        digest = digest_of(pixels, plane, present, around)
        info = ExemplarInfo(
            id=digest[:12],
            classes=tuple(names),
            shape=plane.shape,
            pixel_spacing=stack.pixel_spacing,
            axis=axis,
            intensity=str(intensity),
            bounds=ordered_bounds(bounds or intensity.bounds(volume.array, volume.name or None)),
            group=self._group(volume, subject, replaced),
            hash=digest,
            present=tuple(present),
            neighbours=neighbours,
            blanked_mm=blanked_mm,
            tile=tile,
            place=place,
        )
        if is_constant(Exemplar(info, pixels, plane).image):
            raise InputError(
                f"The {axis} slice {index} shows a single grey level", None, "Choose another slice or intensity mapping"
            )
        if info.id in self._manifest.infos:
            raise DuplicateExemplar(self._manifest.infos[info.id])
        several = info.channels > 1
        write_slice(self.path(info.id, "image"), pixels, info.pixel_spacing, several)
        write_slice(self.path(info.id, "label"), plane, info.pixel_spacing)
        if around is not None:
            write_slice(self.path(info.id, "neighbours"), around, info.pixel_spacing, several)
        self._commit(classes, self._manifest.infos_with(info, replaced))
        self._delete(replaced)
        return info

    @_alone
    def remove(self, exemplar_id: str) -> None:
        """Take an exemplar out and delete its files; the classes keep their values, also those that it was the last of.

        Raises:
            InputError: no such exemplar, or the folder cannot be written to.
        """
        self._read()
        self._known(exemplar_id)
        rest = {key: info for key, info in self._manifest.infos.items() if key != exemplar_id}
        self._commit(self.classes, rest)
        self._delete([exemplar_id])

    def infos(self) -> list[ExemplarInfo]:
        """All exemplars, in the order in which they were added."""
        return list(self._manifest.infos.values())

    def load(self, exemplar_id: str) -> Exemplar:
        """Read an exemplar and check it against its hash.

        Raises:
            InputError: no such exemplar; a file is missing, unreadable or was altered (names the file).
        """
        info = self._known(exemplar_id)
        seen = info.shape if info.channels == 1 else (*info.shape, info.channels)
        pixels, labels = (
            read_slice(self.path(info.id, kind), shape) for kind, shape in (("image", seen), ("label", info.shape))
        )
        stacked = (2 * info.neighbours, *seen)
        around = read_slice(self.path(info.id, "neighbours"), stacked) if info.neighbours else None
        if digest_of(pixels, labels, info.present, around) != info.hash:
            raise InputError(
                f"Exemplar {info.id} is not what was added",
                f"{self.path(info.id, 'image')} or {self.path(info.id, 'label').name}",
                "Restore its files from a copy or remove the exemplar",
            )
        return Exemplar(info, pixels, labels, around)

    def counts(self) -> dict[str, int]:
        """Class name to number of exemplars on which it is outlined, in the order of ``classes``, for every class that
        an exemplar names."""
        infos = self.infos()
        named = {name for info in infos for name in info.classes + info.present}
        return {name: sum(name in info.classes for info in infos) for name in self.classes if name in named}

    def learnable(self) -> tuple[str, ...]:
        """The classes that exemplars name, all of which are outlined on some.

        Raises:
            InputError: a class that nobody has outlined, only named.
        """
        counts = self.counts()
        bare = [name for name, count in counts.items() if not count]
        if bare:
            raise InputError(
                f"No exemplar has an outline of {', '.join(bare)}, which other slices are said to show",
                self.folder,
                "Add a slice where it is outlined with `samadapt exemplars add --labels`, or take those that only name "
                "it out with `samadapt exemplars remove`",
            )
        return tuple(counts)

    def __iter__(self) -> Iterator[Exemplar]:
        return (self.load(info.id) for info in self.infos())

    def __len__(self) -> int:
        return len(self._manifest.infos)

    def check_channels(self, volume: Volume) -> None:
        """Raises InputError where a scan has not as many channels as the library's slices."""
        known = next((info.channels for info in self.infos()), volume.channels)
        if known != volume.channels:
            raise InputError(
                f"The library's slices are of {counted(known, 'channel')}, and this scan has {volume.channels}",
                volume.name or None,
                "Give as many volumes, in the same order, or start another library",
            )

    def _known(self, exemplar_id: str) -> ExemplarInfo:
        if exemplar_id not in self._manifest.infos:
            raise InputError("No such exemplar in the library", exemplar_id, "List the library to see what it holds")
        return self._manifest.infos[exemplar_id]

    def path(self, exemplar_id: str, kind: str) -> Path:
        """Of an exemplar's "image", "label" or "neighbours"."""
        return self.folder / f"{exemplar_id}_{kind}.nrrd"

    def _pseudonym(self, subject: str) -> str:
        return hashlib.sha256(f"{self._manifest.salt}\n{subject.strip()}".encode()).hexdigest()[:12]

    def _group(self, volume: Volume, subject: str | None, replaced: Collection[str]) -> str:
        if subject is not None:
            return self._pseudonym(subject)
        known = (info.group for key, info in self._manifest.infos.items() if key in replaced)
        return next(known, (volume.film or volume.content_hash)[:12])

    def _delete(self, ids: Collection[str]) -> None:
        """Delete the files of exemplars that the manifest does not hold any more."""
        held = [path.name for one in ids for kind in KINDS if not removed(path := self.path(one, kind))]
        if held:
            what = f"{held[0]} cannot be deleted now, and will be at a later change"
            note(what, self.folder, "Close the programs that have it open, or check the permissions")

    def _with(self, *names: str) -> tuple[str, ...]:
        """The classes with new ones appended."""
        classes = tuple(dict.fromkeys((*self.classes, *names)))
        if len(classes) > MAX_CLASSES:
            raise InputError(f"More than {MAX_CLASSES} classes", self.folder, "Start another library")
        return classes

    def _commit(self, classes: tuple[str, ...], infos: dict[str, ExemplarInfo]) -> None:
        manifest = Manifest(self._manifest.salt, classes, infos)
        manifest.replace(self.folder)
        self._manifest, self._stamp = manifest, file_stamp(self.folder / MANIFEST)
        self._sweep()

    def _sweep(self) -> None:
        sweep(self.folder)
        for name in os.listdir(self.folder):
            if name[12:] not in _ENDS or name[:12] in self._manifest.infos or not _ID.fullmatch(name[:12]):
                continue
            # An orphan does no harm, and the change itself is complete.
            with contextlib.suppress(OSError):
                if time.time() - (self.folder / name).stat().st_mtime > ORPHAN_AGE_S:
                    (self.folder / name).unlink()

    def _read(self) -> None:
        # A manifest is never changed in place, so a file that is the same one still has the same content.
        stamp = file_stamp(self.folder / MANIFEST)
        if stamp is None or stamp != self._stamp:
            self._manifest, self._stamp = Manifest.read(self.folder), stamp
