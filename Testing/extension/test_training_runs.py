"""A run that goes on has the exemplars that it was started with, whatever the panel shows by then."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import write_json
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.run_folder import RunFolder

NAME = "organs-20260101-120000"


class Session:
    """Keeps what a training was started with."""

    running = False

    def __init__(self):
        from SAMAdaptModuleLib.app.Signal import Signal

        for name in ("progress", "finished", "failed", "stopped", "logged", "downloadProgress"):
            setattr(self, name, Signal())
        self.started = []

    def start(self, library, output, config, **options):
        self.started.append((library, output, dict(config), options["resume"]))


@pytest.fixture
def job(application, tmp_path):
    """A run of this computer, stopped, with its library beside all runs."""
    from SAMAdaptModuleLib.console.TrainingRuns import TrainingRuns

    library = tmp_path / "study" / "library"
    library.mkdir(parents=True)
    run = RunFolder(
        tmp_path / "study" / "runs" / NAME, TrainConfig(steps=5, seed=3).to_dict(), False, {"library": library}
    )
    (run.checkpoints / "step-00000002.safetensors").write_bytes(b"")
    session = Session()
    choices = []

    def resume(given=None, folder=run.folder.parent):
        runs = TrainingRuns(session, None, folder)
        return runs.resume(
            "organs", given, lambda name: choices.append(name) or SimpleNamespace(checkpoint=None, entry=None)
        )

    return SimpleNamespace(
        root=tmp_path, library=library, run=run.folder, session=session, choices=choices, resume=resume
    )


def test_the_run_remembers_its_library(job):
    assert job.resume() == job.run
    ((library, output, config, resumed),) = job.session.started
    assert (library, output, resumed) == (job.library, job.run, True)
    assert (config["steps"], config["seed"]) == (5, 3) and job.choices == [config["model"]]


def test_a_study_that_was_moved_as_a_whole(job):
    shutil.move(job.root / "study", job.root / "elsewhere")
    job.resume(folder=job.root / "elsewhere" / "runs")
    assert job.session.started[0][0] == job.root / "elsewhere" / "library"


def test_a_library_that_has_gone_is_named_by_the_user(job):
    job.library.rename(job.root / "moved")
    with pytest.raises(InputError, match=r"no longer there: .*library\. .*library=\.\.\., resume=True"):
        job.resume()
    assert job.session.started == []
    job.resume(job.root / "moved")
    assert job.session.started[0][0] == job.root / "moved"


def test_runs_that_ended_without_their_adapter_on_the_shelf_are_found_in_one_look(job, application, monkeypatch):
    from SAMAdaptModuleLib.console.TrainingRuns import TrainingRuns

    shelf = Shelf(job.root / "shelf")
    first, second, third = (job.run.with_name(f"organs-2026010{day}-120000") for day in (2, 3, 4))
    for run in (first, second, third):
        ended(run)
    (third / "adapter" / "adapter.json").write_text("[")
    shelf.add(first, "organs")
    looks = []
    monkeypatch.setattr(shelf, "list", lambda: looks.append(1) or Shelf(shelf.folder).list())
    runs = TrainingRuns(job.session, shelf, job.run.parent)
    assert runs.resumable("organs") == second and looks == [1]
    shelf.add(second, "organs 2")
    # That of the first day was stopped before its end.
    assert runs.resumable("organs") == job.run


def ended(run):
    """A run with an adapter, whose weights nobody reads."""
    (run / "adapter").mkdir(parents=True)
    weights = run / "adapter" / "adapter.safetensors"
    weights.write_text(run.name)
    info = AdapterInfo(
        method="lora", config={}, base="sam_vit_b", base_hash="", input_size=64, intensity="minmax", axis="axial",
        classes=("organ",), steps=1, weights_sha256=hashlib.sha256(weights.read_bytes()).hexdigest(),
    )  # fmt: skip
    write_json(run / "adapter" / "adapter.json", asdict(info))
