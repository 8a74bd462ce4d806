"""The synthetic data set: any number of slices from a few exemplars, the same ones for the same seed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.exemplars.slices import write_slice
from SAMAdaptLib.files import finite, read_json, refuse_newer, sha256_file, sweep, writable_folder, write_json
from SAMAdaptLib.paths import keep_apart
from SAMAdaptLib.processes import pool
from SAMAdaptLib.synthesis.compose import Synthetic, compose, fill_background, whole_slice
from SAMAdaptLib.synthesis.config import SynthesisConfig

FORMAT_VERSION = 2  # 2: organs stay in the body
MANIFEST = "manifest.json"


class SyntheticSet:
    """Synthetic slices made on demand.

    Sample ``i`` depends on the exemplars, the config, the seed and ``i`` alone, whatever was made before it and in
    which process. Samples take the classes in turn, and for each class the exemplars that hold it in turn; the class in
    turn is always pasted. Classes that share slices with the others still come more often.

    Args:
        library: the exemplars.
        count: number of samples.
        seed: 0 or above.
        config: ranges of the transformations.
        exemplar_ids: use these exemplars only, backgrounds included (for a split by patient); all by default.
        classes: names of the classes to take in turn; by default all that exemplars of the library name. Others on the
            same exemplars are pasted and labelled as well.
        depth: slices of a stack. Above 1 every sample is a whole exemplar with its neighbours: an organ's continuation
            in the neighbours is not known, so it cannot be pasted alone.

    Attributes:
        classes: the library's class names; the value of ``classes[i]`` in labels is ``i + 1``.

    Raises:
        InputError: count or seed below its limit, an unknown exemplar or class, or a class without exemplar.
    """

    def __init__(
        self,
        library: Library,
        count: int,
        seed: int,
        config: SynthesisConfig | None = None,
        exemplar_ids: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        depth: int = 1,
    ) -> None:
        if count < 1:
            raise InputError("A synthetic set needs at least one sample", str(count), "Give a count of 1 or more")
        if seed < 0:
            raise InputError("The seed is negative", str(seed), "Give 0 or more")
        self.library, self.count, self.seed = library, int(count), int(seed)
        self.config = config or SynthesisConfig()
        self.depth = depth
        self.classes = library.classes
        known = {info.id: info for info in library.infos()}
        for exemplar_id in exemplar_ids or ():
            if exemplar_id not in known:
                raise InputError("No such exemplar in the library", exemplar_id, "Choose from those it holds")
        wanted = known if exemplar_ids is None else set(exemplar_ids)
        # Sorted, so that the order in which a library was filled does not change the set.
        self._infos = [known[exemplar_id] for exemplar_id in sorted(wanted)]
        self._turns = [(self._value(name), self._holding(name)) for name in classes or library.learnable()]
        if not self._turns:
            raise InputError("The library holds no labelled exemplar", library.folder, "Add an exemplar first")
        self._loaded: dict[str, Exemplar] = {}
        self._filled: dict[str, Exemplar] = {}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Synthetic:
        """Make sample ``index`` (0 to count - 1)."""
        value, info = self.source(index)
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, index]))
        exemplar = self._load(info.id)
        if self.depth > 1:
            return whole_slice(exemplar, rng, self.config, self.depth)
        return compose(exemplar, self._backgrounds(exemplar), rng, self.config, keep=value)

    def source(self, index: int) -> tuple[int, ExemplarInfo]:
        """The class value in turn and the exemplar of sample ``index``, without making it."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        value, infos = self._turns[index % len(self._turns)]
        return value, infos[index // len(self._turns) % len(infos)]

    def write(
        self,
        folder: str | os.PathLike[str],
        progress: Callable[[int, int], None] | None = None,
        workers: int = 0,
        overwrite: bool = False,
    ) -> Path:
        """Write all samples as ``<index>_image.nrrd`` and ``<index>_label.nrrd`` (2D) and a ``manifest.json``.

        Can be stopped at any moment and called again: whole samples that are there are kept. The manifest's
        ``complete`` says whether all were written.

        Args:
            folder: new, empty, or begun by the same set.
            progress: called with (samples done, all samples); an exception from it stops the work.
            workers: processes beside this one; 0 works in this one.
            overwrite: write into a folder that holds files of something else, too.

        Returns:
            the manifest's path.

        Raises:
            InputError: the folder holds another set or files of something else, is or holds or lies in the library, or
                cannot be written to.
        """
        keep_apart(folder, [self.library.folder])
        folder = writable_folder(folder)
        manifest = folder / MANIFEST
        recipe = finite(self._recipe())
        written: dict[int, dict[str, Any]] = {}
        if manifest.exists():
            before = read_set(folder)
            if before.get("recipe") != recipe:
                raise InputError("The folder holds another synthetic set", folder, "Choose another folder")
            written = dict(enumerate(before.get("samples", [])))
        elif not overwrite and any(not path.name.startswith(".") for path in folder.iterdir()):
            raise InputError("The folder is not empty", folder, "Choose an empty folder")
        else:
            write_json(manifest, {"recipe": recipe, "complete": False, "samples": []}, anew=False)
        sweep(folder, 0)
        samples = []
        with contextlib.closing(self._write_all(folder, written, workers)) as entries:
            for entry in entries:
                samples.append(entry)
                if progress is not None:
                    progress(len(samples), self.count)
        write_json(manifest, {"recipe": recipe, "complete": True, "samples": samples}, anew=False)
        return manifest

    def _write_all(
        self, folder: Path, written: dict[int, dict[str, Any]], workers: int
    ) -> Generator[dict[str, Any], None, None]:
        jobs = [(folder, index, written.get(index)) for index in range(self.count)]
        if workers < 1:
            for job in jobs:
                yield self._write_sample(*job)
            return
        hands = pool(workers, _start_worker, self)
        try:
            yield from hands.map(_work, jobs, chunksize=8)
        finally:
            hands.shutdown(cancel_futures=True)

    def _write_sample(self, folder: Path, index: int, before: dict[str, Any] | None) -> dict[str, Any]:
        paths = {kind: folder / f"{index:06d}_{kind}.nrrd" for kind in ("image", "label")}
        _, info = self.source(index)
        if all(path.is_file() for path in paths.values()):
            entry = _entry(index, info, paths)
            if before in (None, entry):
                return entry
        sample = self[index]
        write_slice(paths["image"], sample.image, sample.pixel_spacing, info.channels > 1)
        write_slice(paths["label"], sample.labels, sample.pixel_spacing)
        return _entry(index, info, paths)

    def _recipe(self) -> dict[str, Any]:
        return {
            "format_version": FORMAT_VERSION,
            "count": self.count,
            "seed": self.seed,
            "config": self.config.to_dict(),
            "classes": list(self.classes),
            "turns": [value for value, _ in self._turns],
            "exemplars": [asdict(info) for info in self._infos],
        }

    def _value(self, name: str) -> int:
        if name not in self.classes:
            raise InputError("No such class in the library", name, f"Choose from {', '.join(self.classes)}")
        return self.classes.index(name) + 1

    def _holding(self, name: str) -> list[ExemplarInfo]:
        infos = [info for info in self._infos if name in info.classes]
        if not infos:
            raise InputError(
                "None of the exemplars to use holds this class", name, "Take one that does, or fewer classes"
            )
        return infos

    def _load(self, exemplar_id: str) -> Exemplar:
        if exemplar_id not in self._loaded:
            self._loaded[exemplar_id] = self.library.load(exemplar_id)
        return self._loaded[exemplar_id]

    def _backgrounds(self, exemplar: Exemplar) -> list[Exemplar]:
        """Backgrounds seen along the same axis under the same mapping; else the exemplar with its organs filled in."""
        alike = [
            info.id
            for info in self._infos
            if info.background and (info.axis, info.intensity) == (exemplar.info.axis, exemplar.info.intensity)
        ]
        if alike:
            return [self._load(exemplar_id) for exemplar_id in alike]
        if exemplar.info.id not in self._filled:
            self._filled[exemplar.info.id] = fill_background(exemplar)
        return [self._filled[exemplar.info.id]]

    def __getstate__(self) -> dict[str, Any]:
        # Worker processes read what they need themselves.
        return {**self.__dict__, "_loaded": {}, "_filled": {}}


def read_set(folder: Path) -> dict[str, Any]:
    """The manifest of a written set.

    Raises:
        InputError: there is none, it is damaged, or a newer version wrote it.
    """
    found = read_json(folder / MANIFEST, "manifest of a synthetic set")
    if not isinstance(found, dict) or not isinstance(found.get("recipe"), dict):
        raise InputError("This is no synthetic set", folder, "Give a folder that `samadapt synthesize` wrote")
    version = found["recipe"].get("format_version")
    refuse_newer(version if isinstance(version, int) else 0, FORMAT_VERSION, "synthetic set", folder)
    return found


def _entry(index: int, info: ExemplarInfo, paths: dict[str, Path]) -> dict[str, Any]:
    files = {kind: {"file": path.name, "sha256": sha256_file(path)} for kind, path in paths.items()}
    return {"index": index, "exemplar": info.id, **files}


_worker_set: SyntheticSet | None = None


def _start_worker(dataset: SyntheticSet) -> None:
    global _worker_set
    _worker_set = dataset


def _work(job: tuple[Path, int, dict[str, Any] | None]) -> dict[str, Any]:
    assert _worker_set is not None  # it started with it
    return _worker_set._write_sample(*job)
