"""Step 3 of the panel: fine-tuning in a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.defaults import MODEL
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptModuleLib.app.Downloads import confirmDownload, progressText
from SAMAdaptModuleLib.app.Messages import durationText, errorsShown, explain
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.panel.SettingTips import showTips
from SAMAdaptModuleLib.panel.Step import Step
from SAMAdaptModuleLib.panel.TrainingPlot import TrainingPlot

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

PROGRESS_PARTS = 1000
SECONDS_BETWEEN_LINES = 1.0
VALIDATIONS = ("auto", "crossed", "none", "0.1", "0.2", "0.3")
TIPS = {
    "modelSelector": "model",
    "methodSelector": "method",
    "budgetSpin": "budget_minutes",
    "validationSelector": "validation",
    "synthesisCheck": "synthesis",
}


class TrainingStep(Step):
    """Settings, Start, Stop, Resume, plot and log.

    Args:
        logic, ui: see :class:`Step`.
        onFinished: called without arguments when there is a new adapter.
    """

    def __init__(self, logic: SAMAdaptLogic, ui: Any, onFinished: Callable[[], None]) -> None:
        super().__init__(logic, ui)
        self.plot = TrainingPlot()
        self._onFinished = onFinished
        self._validation: Mapping[str, Any] | None = None
        self._loggedAt = 0.0
        self._estimated: tuple[str, str] | None = None
        self._tasks = logic.newTasks()
        self._fetching = False
        self._connections: list[tuple[Signal, Callable[..., Any]]] = [
            (logic.runs.progress, self.onProgress),
            (logic.runs.finished, self.onFinished),
            (logic.runs.failed, self.onFailed),
            (logic.runs.stopped, self.onStopped),
            (logic.runs.logged, self.log),
            (logic.runs.downloadProgress, self.onDownload),
        ]
        for signal, slot in self._connections:
            signal.connect(slot)
        showTips(ui, TrainConfig, TIPS)
        for name, entry in METHODS.items():
            ui.methodSelector.addItem(entry.title, name)
        self._fillModels()
        percent = _("{percent} % of the patients")
        titles = [_("Automatic"), _("Each patient in turn"), _("None")]
        titles += [percent.format(percent=p) for p in (10, 20, 30)]
        for title, value in zip(titles, VALIDATIONS, strict=True):
            ui.validationSelector.addItem(title, value)
        ui.trainingButton.connect("contentsCollapsed(bool)", self.updateMemory)
        ui.modelSelector.connect("currentIndexChanged(int)", self.onChoice)
        ui.methodSelector.connect("currentIndexChanged(int)", self.onChoice)
        ui.validationSelector.connect("currentIndexChanged(int)", self.onChoice)
        ui.runNameEdit.connect("textChanged(QString)", self.updateButtons)
        ui.startButton.connect("clicked(bool)", self.onStart)
        ui.stopButton.connect("clicked(bool)", self.onStop)
        ui.resumeButton.connect("clicked(bool)", self.onResume)
        ui.plotButton.connect("clicked(bool)", self.onPlot)

    def setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        """Show the choices that it holds."""
        super().setParameterNode(None)
        if parameterNode is not None:
            for name, combo in self._choices().items():
                combo.setCurrentIndex(max(0, combo.findData(getattr(parameterNode, name))))
        super().setParameterNode(parameterNode)
        self.onChoice()

    def refresh(self) -> None:
        """Show models, memory and buttons as they are now."""
        if self.ui.modelSelector.count != len(self.logic.models.titles()):
            self._fillModels()
        self.updateMemory()
        self.updateButtons()

    def cleanup(self) -> None:
        """Stop what is going on, and let go of the logic's signals."""
        self._tasks.close()
        for signal, slot in self._connections:
            signal.disconnect(slot)

    def onChoice(self) -> None:
        """Model, method or validation was chosen."""
        if self._parameterNode is not None:
            for name, combo in self._choices().items():
                combo.toolTip = combo.currentText
                if combo.currentData is not None:
                    setattr(self._parameterNode, name, combo.currentData)
        self.refresh()

    def updateMemory(self) -> None:
        """Estimate the memory before anything is started, once the step is open."""
        choice = (self.ui.modelSelector.currentData, self.ui.methodSelector.currentData)
        if self.ui.trainingButton.collapsed or choice == self._estimated or self.logic.installation.missing():
            return
        self._estimated = choice
        self.ui.memoryLabel.text = _("Estimating the memory ...")
        with errorsShown():
            self._tasks.ask("memory", **self.logic.models.memoryArguments(*choice)).on_done(self._onMemory)

    def updateButtons(self) -> None:
        """Enable what can be done now."""
        running = self.logic.runs.running
        self.ui.startButton.enabled = not running
        self.ui.stopButton.enabled = running
        self.ui.resumeButton.enabled = not running and self.logic.runs.resumable(self._name()) is not None

    def onStart(self) -> None:
        """Start a training with the settings shown."""
        self._begin(resume=False)

    def onResume(self) -> None:
        """Go on with the stopped training of this name."""
        self._begin(resume=True)

    def onStop(self) -> None:
        """Ask the training to stop; it writes a checkpoint first."""
        self.logic.runs.stop()
        self.ui.stopButton.enabled = False
        if not self._fetching:
            self.ui.trainingStatus.text = _("Stopping; a checkpoint is being written.")

    def onPlot(self) -> None:
        """Show the chart."""
        with errorsShown():
            self.plot.show()

    def onDownload(self, done: int, total: int | None) -> None:
        """The model is being fetched before the run begins."""
        self._fetching = True
        self.ui.trainingStatus.text = progressText(done, total)
        if total:
            self.ui.trainingProgress.value = int(PROGRESS_PARTS * done / total)

    def onProgress(self, values: Mapping[str, Any]) -> None:
        """Figures of a step, or of a validation."""
        self._fetching = False
        if values["stage"] is not None:
            self.ui.trainingStatus.text = values["stage"][0].upper() + values["stage"][1:] + " ..."
            return
        step, steps, held = values["step"], values["steps"], values["validation"]
        self.plot.add(values)
        if steps:
            self.ui.trainingProgress.value = int(PROGRESS_PARTS * step / steps)
        if held is not None and held is not self._validation:
            self._validation = held
            self.log(_("Step {step}: Dice {dice:.3f} on held-out slices").format(step=step, dice=held["dice"]))
        if values["loss"] is None:
            return
        text = _("Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}").format(
            step=step, steps=steps, loss=values["loss"], dice=values["dice"]
        )
        now = time.monotonic()
        if now - self._loggedAt >= SECONDS_BETWEEN_LINES:
            self._loggedAt = now
            self.log(text)
        left = values["seconds_left"]
        if left is not None:
            text = _("{text}, {left} left").format(text=text, left=durationText(left))
        self.ui.trainingStatus.text = text

    def onFinished(self, path: Path) -> None:
        """The adapter is on the shelf."""
        self.ui.trainingProgress.value = PROGRESS_PARTS
        self._end(_("Done: the adapter {name} is ready in step 4.").format(name=Path(path).name))
        self._onFinished()

    def onFailed(self, error: Exception) -> None:
        """The training broke off."""
        self._end(explain(error))
        with errorsShown():
            raise error

    def onStopped(self, resumable: bool) -> None:
        """The training was stopped."""
        if self._fetching:
            self._end(_("The download was stopped. What has come is kept; Start goes on with it."))
        elif resumable:
            self._end(_("Stopped. Resume goes on from here."))
        else:
            self._end(_("Stopped before the first checkpoint."))

    def log(self, text: str) -> None:
        """Add a line to the log."""
        self.ui.trainingLog.appendPlainText(f"{time.strftime('%H:%M:%S')}  {text}")

    def _onMemory(self, reply: Reply[Done]) -> None:
        if reply.error is not None:
            self.ui.memoryLabel.text = explain(reply.error)
        else:
            self.ui.memoryLabel.text = _("Memory: {text}").format(text=reply.result().values["result"])

    def _begin(self, resume: bool) -> None:
        with errorsShown():
            node = self.node
            if not self._name():
                raise InputError(_("The adapter has no name yet"), None, _("Type a name for it"))
            if not resume:
                self.logic.installation.ensure()
                confirmDownload(self.logic.models.choice(node.model))
            self._fetching = False
            self.logic.fineTune(
                name=self._name(),
                method=node.method,
                model=node.model,
                budgetMinutes=node.budgetMinutes,
                waitForCompletion=False,
                resume=resume,
                validation=node.validation,
                seed=node.seed,
                synthesis=node.useSynthesis,
                synthetic_count=node.syntheticCount,
                synthesis_config=json.loads(node.synthesis),
            )
            self.plot.start(_("Training of {name}").format(name=self._name()), keep=resume)
            self.ui.trainingStatus.text = _("Starting; the model is being loaded.")
            begun = _("Resumed {name}") if resume else _("Started {name}")
            self.log(begun.format(name=self._name()))
            if not resume:
                self.ui.trainingProgress.value = 0
        self.updateButtons()

    def _end(self, text: str) -> None:
        self.ui.trainingStatus.text = text
        self.log(text.replace("\n\n", " "))
        self.updateButtons()

    def _name(self) -> str:
        return self.ui.runNameEdit.text.strip()

    def _choices(self) -> dict[str, Any]:
        ui = self.ui
        return {"model": ui.modelSelector, "method": ui.methodSelector, "validation": ui.validationSelector}

    def _fillModels(self) -> None:
        chosen = self.ui.modelSelector.currentData or MODEL
        self.ui.modelSelector.blockSignals(True)
        self.ui.modelSelector.clear()
        for name, title in self.logic.models.titles().items():
            self.ui.modelSelector.addItem(title, name)
        self.ui.modelSelector.setCurrentIndex(max(0, self.ui.modelSelector.findData(chosen)))
        self.ui.modelSelector.blockSignals(False)
