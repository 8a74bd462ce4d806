"""Each patient left out in turn: what short trainings without a patient are worth on that patient.

Slices of patients of whom a training saw others flatter it, and a patient held out for good is lost to it. So a part of
the run goes into trainings that do without one patient each, and whose adapters are compared with the base on that one;
the adapter itself then learns from all. What it is worth is not measured, only what shorter trainings on fewer patients
are.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.comparison import is_sound, pooled
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.files import read_mapping, write_json
from SAMAdaptLib.paths import folder_within
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.team import Team

# Of a run's steps and minutes, for all short trainings together.
SHARE = 0.25
FOLDER = "left-out"


def short(config: TrainConfig, patients: int) -> TrainConfig:
    """Settings of each of the trainings without one of so many patients."""
    steps, minutes = config.steps, config.budget_minutes
    return replace(
        config,
        steps=None if steps is None else max(1, int(SHARE * steps / patients)),
        budget_minutes=None if minutes is None else SHARE * minutes / patients,
    )


def steps_left(config: TrainConfig, patients: int) -> int | None:
    """Steps of the adapter's own training, where they are limited."""
    if config.steps is None:
        return None
    return max(1, config.steps - patients * (short(config, patients).steps or 0))


def compared_in_turn(
    patients: Sequence[str], run: Path, team: Team, train: Callable[[int, Path], AdapterInfo]
) -> dict[str, Any]:
    """What :attr:`AdapterInfo.comparison` holds, by short trainings, each without one of the patients.

    Those that an earlier session has finished are not done again.

    Args:
        patients: who are left out.
        run: folder of the long run.
        team: of it.
        train: does the training without the patient of that number, in a folder, or goes on with it.
    """
    found = []
    for number in range(len(patients)):
        folder = run / FOLDER / str(number + 1)
        written = folder.with_suffix(".json")
        known = team.from_main(partial(_read, written))
        if known is None:
            info = train(number, team.from_main(partial(folder_within, run, folder)))
            known = {"comparison": info.comparison, "steps": info.steps}
            team.from_main(partial(_keep, written, known, folder))
        found.append(known)
    comparison = pooled([one["comparison"] for one in found])
    return comparison and comparison | {"steps": [one["steps"] for one in found]}


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    return read_mapping(path, "comparison on a patient", _is_known, "Delete it: its training is done again")


def _is_known(known: dict[str, Any]) -> bool:
    comparison = known.get("comparison")
    return isinstance(known.get("steps"), int) and isinstance(comparison, dict) and is_sound(comparison)


def _keep(path: Path, known: dict[str, Any], folder: Path) -> None:
    """Write what is known after a training, and remove that: adapters of large models are large."""
    write_json(path, known, anew=False)
    shutil.rmtree(folder, ignore_errors=True)
