"""Whatever happens to scene, module and application at whichever stage of a training that the panel has begun: it goes
on, or can be gone on with, and its adapter is not lost."""

from __future__ import annotations

import itertools
import logging
import sys
from pathlib import Path

import pytest

from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.run_folder import RunFolder
from Testing.extension.panel_job import MODULE
from Testing.faults.application.incidents import INCIDENTS, Place
from Testing.faults.trials import ALL
from Testing.tiny import TINY_VIT
from Testing.untrained import make_quick

NAME = "organs"
STAGES = ("ready", "running", "arrived", "shelved")
# These end the training, which belongs to the panel.
ENDING = ("module reloaded", "application quit")
FEW = [
    ("ready", "scene closed"),
    ("running", "scene closed"),
    ("arrived", "volume removed"),
    ("running", "module reloaded"),
    ("arrived", "application quit"),
]


class Training:
    """The panel with a training whose process is a stand-in: what it says, the test says.

    Args:
        place: where; a library of one slice of its segmentation is made.
        logic: makes another logic for each panel.
        weights: of the small model.
    """

    def __init__(self, place, logic, weights):
        self.place, self.logic, self.weights = place, logic, weights
        self.begun = []
        self.open()
        self.now.addExemplar(place.volume, place.segmentation, 3)

    def open(self):
        """The panel of an application that has been started, or of a module that has been loaded."""
        from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

        from SAMAdaptLib.service.link.place import Local
        from SAMAdaptLib.service.training import TrainingClient

        self.place.unload()
        self.now, self.client = self.logic(), TrainingClient(Local(sys.executable))
        self.client._launch = self.begun.append
        self.now.runs._session._client = self.client
        self.now.models.own[TINY_VIT.name] = ModelChoice(entry=TINY_VIT, checkpoint=self.weights, device="cpu")
        module = self.place.application.loadModule(MODULE)
        module.source.SAMAdaptLogic = lambda: self.now
        self.place.modules.append(module)
        self.ui = module.widget().ui
        module.enter()
        self._choose()

    def to_running(self):
        from SAMAdaptLib.service.protocol import Progress

        # The choices lie in the scene.
        self._choose()
        self.ui.startButton.click()
        if self.begun:
            asked = self.begun[-1]
            if not Path(asked.output).exists():
                config = TrainConfig.from_dict(asked.config).to_dict()
                RunFolder(asked.output, config, False, {"library": asked.library})
            figures = {"loss": 0.5, "dice": 0.5, "seconds_left": 60.0}
            self.client._take(Progress(self.begun[-1].id, 3, 10, figures))
            self.place.application.pump(until=lambda: "Step 3 of 10" in self.ui.trainingStatus.text)

    def to_arrived(self):
        from SAMAdaptLib.service.protocol import Done

        if self.client.pending:
            # What the process has written by then.
            adapter = Path(self.begun[-1].output) / "adapter"
            if not adapter.exists():
                make_quick(adapter, self.weights)
            self.client._take(Done(self.begun[-1].id, {"adapter": str(adapter), "info": {}}))

    def to_shelved(self):
        self.place.application.pump(until=lambda: not self.now.runs._session._polling.interval)

    def _choose(self):
        self.ui.modelSelector.setCurrentIndex(self.ui.modelSelector.findData(TINY_VIT.name))
        self.ui.runNameEdit.text = NAME

    def walk(self, *stages):
        for stage in stages:
            getattr(self, f"to_{stage}")()


@pytest.fixture
def training(application, session, settings, tiny_weights, monkeypatch):
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

    # Tasks would start processes.
    monkeypatch.setattr("SAMAdaptModuleLib.panel.TrainingStep.TrainingStep.updateMemory", lambda step: None)
    place = Place(application, session)
    place.fill()
    yield Training(place, lambda: SAMAdaptLogic(inference=session, settings=settings), tiny_weights)
    place.unload()


@pytest.mark.parametrize("stage, incident", [*itertools.product(STAGES, INCIDENTS)] if ALL else FEW)
def test_no_training_is_lost(application, training, tally, caplog, stage, incident):
    one = tally(f"training: {incident}")
    key = one.given(stage.encode())
    caplog.set_level(logging.ERROR)
    place, number = training.place, STAGES.index(stage)
    training.walk(*STAGES[1 : number + 1])
    old = training.client
    if incident == "undo pressed":
        place.editor.logic.SaveStateForUndo()
    INCIDENTS[incident](place)
    if incident in ENDING:
        assert not old.pending and not training.now.runs.running
        training.open()
        shelved = stage == "shelved"
        assert (NAME in [entry.name for entry in training.now.shelf.list()]) == shelved
        # Of a training that had written its adapter but could not say so any more, the panel fetches it.
        assert training.ui.resumeButton.enabled == (stage == "arrived")
        if stage == "arrived":
            training.ui.resumeButton.click()
            assert training.begun[-1].resume and training.begun[-1].output == training.begun[-2].output
            training.walk("arrived", "shelved")
        elif not shelved:
            training.walk(*STAGES[1:])
    else:
        training.walk(*STAGES[number + 1 :])
    assert application.dialogs.texts("errorDisplay") == []
    assert not application.faults and not caplog.records
    assert [entry.name for entry in training.now.shelf.list()] == [NAME]
    assert training.ui.startButton.enabled and not training.ui.resumeButton.enabled
    one.survived(key)
