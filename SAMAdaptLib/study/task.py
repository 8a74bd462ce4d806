"""The work of a study: each training, or base model without one, with all its tests, by a key that stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from SAMAdaptLib import __version__
from SAMAdaptLib.adapters.info import read_adapter_info
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import json_text, read_json, read_mapping, sha256_file
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.study.config import SUGGESTED
from SAMAdaptLib.study.description import Cell
from SAMAdaptLib.study.draw import Share, draw
from SAMAdaptLib.study.scans import Fold, Scan
from SAMAdaptLib.study.survey import Reading, Surveyed
from SAMAdaptLib.study.trial import Trial

# A study's file, which is there as long as its folder is, and what the folder is in an error.
STUDY, FOLDER = "study.json", "The study's folder"
CELLS, LIBRARIES, PRETRAININGS, SCORES = "cells", "libraries", "pretrainings", "scores"
RUN, RECORD, ERROR = "run", "cell.json", "error.json"
# Long enough that no two of a study's cells ever share one.
DIGITS = 16
# Settings of a training that change nothing in its result.
IDLE = ("checkpoint_seconds",)


def digest(values: Any) -> str:
    """A key for plain values, whatever the order of names."""
    return hashlib.sha256(json_text(_ordered(values)).encode()).hexdigest()[:DIGITS]


def _ordered(values: Any) -> Any:
    if isinstance(values, Mapping):
        return {name: _ordered(values[name]) for name in sorted(values)}
    return [_ordered(one) for one in values] if isinstance(values, (list, tuple)) else values


@dataclass(frozen=True)
class Source:
    """A training scan and what it gives.

    Attributes:
        scan: the scan.
        share: its labelled slices.
        subject: text for the patient where several scans are of one, else None.
    """

    scan: Scan
    share: Share
    subject: str | None


@dataclass(frozen=True)
class Target:
    """A scan that is tested on, and what tells it from others."""

    scan: Scan
    fingerprint: str

    @property
    def file(self) -> str:
        """Name of the file of its scores."""
        return f"{self.fingerprint[:DIGITS]}.json"


@dataclass(frozen=True)
class Pretraining:
    """What comes before a training, the same for all cells that begin so.

    Attributes:
        key: hash of all that decides about it.
        config: of the run.
        scans: that it learns from.
    """

    key: str
    config: PretrainConfig
    scans: tuple[Scan, ...]


@dataclass(frozen=True)
class Task:
    """What is done as one, and never again once it is done.

    Attributes:
        key: hash of all that decides about the trained model; of a base model as it is, of that.
        cell: one of those that ask for it.
        fold: of a cross-validation, 0 without.
        reading: of scans.
        library: key of the exemplars, "" without training.
        sources: of the exemplars.
        pretraining: before the training; None for none.
        targets: scans that are tested on.
        trials: of all cells that ask for it.
        processes: that train it together.
    """

    key: str
    cell: Cell
    fold: int
    reading: Reading
    library: str
    sources: tuple[Source, ...]
    pretraining: Pretraining | None
    targets: tuple[Target, ...]
    trials: tuple[Trial, ...]
    processes: int

    def trial_key(self, trial: Trial) -> str:
        """What scores of a trial are kept under, among those of a scan."""
        return digest([trial.identity(), self.reading.axis, self.reading.intensity])

    def folder(self, output: Path) -> Path:
        """Of its results."""
        return output / CELLS / self.key

    def scores(self, output: Path, target: Target) -> dict[str, Any]:
        """What is known of a scan: key of a trial to "labels", and how they came about; also of trials that this task
        has no more."""
        path = self.folder(output) / SCORES / target.file
        if not path.is_file():
            return {}
        try:
            found = read_json(path, "scores of a scan")["trials"]
        except (InputError, KeyError, TypeError):
            # Found anew.
            return {}
        return found if isinstance(found, dict) else {}

    def finished(self, output: Path) -> bool:
        """Whether all scores are there."""
        return not any(self.missing(output, target) for target in self.targets)

    def missing(self, output: Path, target: Target) -> list[Trial]:
        """Trials of which a scan has no scores yet."""
        known = self.scores(output, target)
        return [trial for trial in self.trials if self.trial_key(trial) not in known]

    def record(self, output: Path) -> dict[str, Any]:
        """What is noted of it: "seconds" by what took them, "training" with what a table tells of one, "place"."""
        path = self.folder(output) / RECORD
        if not path.is_file():
            return {"seconds": {}}
        remedy = "Delete it: only what the cell took is lost"
        return read_mapping(path, "record of a cell", lambda found: isinstance(found.get("seconds"), dict), remedy)


@dataclass(frozen=True)
class Asked:
    """A cell on one fold, and what does it."""

    cell: Cell
    fold: int
    task: str


def tasks_of(
    cells: Sequence[Cell],
    folds: Sequence[Fold],
    scans: Sequence[Scan],
    surveyed: Sequence[Surveyed],
    reading: Reading,
    processes: int,
) -> tuple[list[Asked], list[Task]]:
    """What is to be done for the cells of a study; cells that differ in their tests only share a training.

    Each training that adapts a SAM is done by so many ``processes`` together, and has another key with another number:
    its sums are rounded otherwise, and in the same minutes it does more steps.

    Raises:
        InputError: more labelled slices than there are; weights that are not there.
    """
    asked: list[Asked] = []
    tasks: dict[str, Task] = {}
    hashes = _Hashes()
    for cell in cells:
        for fold in folds:
            made = _task(cell, _Given(fold, scans, surveyed, reading, hashes, processes))
            there = tasks.get(made.key)
            if there is not None:
                trials = tuple(dict.fromkeys((*there.trials, *made.trials)))
                made = Task(**{**vars(there), "trials": trials})
            tasks[made.key] = made
            asked.append(Asked(cell, fold.number, made.key))
    return asked, list(tasks.values())


class _Hashes:
    """Hashes of files that cells name, found once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, kind: str, path: str | None) -> str | None:
        if path is None:
            return None
        if (kind, path) not in self._known:
            if kind == "checkpoint" and not Path(path).is_file():
                raise InputError("There is no checkpoint file here", path, "Check the path")
            found = sha256_file(path) if kind == "checkpoint" else read_adapter_info(path).weights_sha256
            self._known[kind, path] = found
        return self._known[kind, path]


class _Given(NamedTuple):
    """What a cell is done on: a fold of the scans, what was found on them, how they are read, hashes of files; and by
    how many processes."""

    fold: Fold
    scans: Sequence[Scan]
    surveyed: Sequence[Surveyed]
    reading: Reading
    hashes: _Hashes
    processes: int


def _task(cell: Cell, given: _Given) -> Task:
    own = cell.own
    fold, scans, surveyed, reading, hashes, processes = given
    targets = tuple(Target(scans[place], surveyed[place].fingerprint) for place in fold.test)
    identity: dict[str, Any] = {"version": __version__, "checkpoint": hashes("checkpoint", own.checkpoint)}
    processes = 1 if cell.other else processes
    library, sources = "", tuple[Source, ...]()
    before = None
    if cell.trained:
        library, sources = _exemplars(cell, given)
        values = {name: value for name, value in cell.training().items() if name not in IDLE}
        identity |= {"library": library, "start": hashes("start", own.start_from), "training": values}
        before = _pretraining(cell, given)
        # A cell without one has the key of before there were any.
        identity |= {} if before is None else {"pretraining": before.key}
        identity |= _together(processes)
    else:
        identity |= _base(cell)
        # Each fold has other test scans, and a key of its own.
        identity["fold"] = fold.number
    return Task(digest(identity), cell, fold.number, reading, library, sources, before, targets, cell.trials, processes)


def _together(processes: int) -> dict[str, Any]:
    """What decides about a training beside its settings; one process alone has the key of before there were more."""
    return {} if processes == 1 else {"processes": processes}


def _base(cell: Cell) -> dict[str, Any]:
    """What decides about a base model as it is, beside its weights."""
    return {name: getattr(cell.config, name) for name in ("model", "input_size", "device", "precision")}


def _pretraining(cell: Cell, given: _Given) -> Pretraining | None:
    if cell.pretraining is None:
        return None
    fold, scans, surveyed, reading, hashes, processes = given
    config = replace(cell.pretraining, axis=reading.axis, intensity=reading.intensity)
    values = {name: value for name, value in config.to_dict().items() if name not in IDLE}
    images = sorted(surveyed[place].image_hash for place in fold.train)
    checkpoint = hashes("checkpoint", cell.own.checkpoint)
    identity = {"version": __version__, "images": images, "checkpoint": checkpoint, "config": values}
    identity |= _together(processes)
    return Pretraining(digest(identity), config, tuple(scans[place] for place in fold.train))


def _exemplars(cell: Cell, given: _Given) -> tuple[str, tuple[Source, ...]]:
    """Key and sources of what a cell learns from; neither depends on the names of files and patients."""
    own, seed = cell.own, cell.config.seed
    fold, scans, surveyed, reading, hashes, _ = given
    places = sorted(fold.train, key=lambda place: surveyed[place].fingerprint)
    patients = [scans[place].patient for place in places]
    numbers = {patient: number for number, patient in enumerate(dict.fromkeys(patients))}
    several = len(numbers) < len(patients)
    shares = draw([surveyed[place].labelled() for place in places], own.slices, own.rule, seed, own.slice_labels)
    subjects = [str(numbers[patient]) if several else None for patient in patients]
    sources = tuple(Source(scans[places[at]], share, subjects[at]) for at, share in shares.items())
    key = digest(
        {
            "version": __version__,
            "scans": [[surveyed[place].fingerprint, subject] for place, subject in zip(places, subjects, strict=True)],
            "shares": {str(at): asdict(share) for at, share in shares.items()},
            "rule": own.rule,
            "backgrounds": own.backgrounds,
            "neighbours": own.neighbours,
            "slice_labels": own.slice_labels,
            "axis": reading.axis,
            "intensity": reading.intensity,
        }
        | (_chooser(cell, hashes) if own.rule == SUGGESTED else {})
    )
    return key, sources


def _chooser(cell: Cell, hashes: _Hashes) -> dict[str, Any]:
    """What decides which of the slices that scans offer are taken, where the base model does."""
    return {"slices": cell.own.slices, "checkpoint": hashes("checkpoint", cell.own.checkpoint), **_base(cell)}
