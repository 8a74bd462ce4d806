"""What the panel does and the console can do: nodes in, nodes out, no window needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

from SAMAdaptLib.defaults import METHOD, MODEL, TOLERANCE_MM, WEIGHTS
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.app.Pictures import pictureNode
from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.console import Evaluation
from SAMAdaptModuleLib.console.DicomExport import DicomExport
from SAMAdaptModuleLib.console.ExemplarLogic import ExemplarLogic
from SAMAdaptModuleLib.console.ManyVolumes import ManyVolumes
from SAMAdaptModuleLib.console.ModelChoices import ModelChoices
from SAMAdaptModuleLib.console.NextSliceLogic import NextSliceLogic
from SAMAdaptModuleLib.console.TimeLogic import TimeLogic
from SAMAdaptModuleLib.console.TrainingRuns import TrainingRuns
from SAMAdaptModuleLib.scene.SceneSegments import checkSegmentation
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, segmentationLabels
from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession
from SAMAdaptModuleLib.worker.Tasks import Tasks
from SAMAdaptModuleLib.worker.TrainingSession import TrainingSession


class SAMAdaptLogic(ExemplarLogic, NextSliceLogic, TimeLogic, ScriptedLoadableModuleLogic):
    """The whole job for scripts; every method raises ``InputError`` with a cause and a way out.

    >>> logic = SAMAdaptLogic()
    >>> segmentation = logic.segmentSlice(volume, segmentName="liver", points=[(-40, 10, 25, 1)])

    RAS are world RAS in mm, as the application shows them. All work on networks is done in other processes.

    Attributes:
        runs: trainings, with signals ``progress``, ``finished``, ``failed``, ``stopped`` and ``logged``.
        tasks: short work of scripts; the panel's steps have their own, see :meth:`newTasks`.
        choiceChanged: emitted after another model or adapter was activated.
        manyVolumes: segments all loaded volumes beside other work, see :meth:`segmentVolumes`.
        models: the base models, :class:`ModelChoices`; those of one's own are added to ``models.own``.

    Args:
        inference: the session that answers prompts; the one shared with the Segment Editor effect by default.
        training: the session that trains.
        settings: folders.
        installation: Python packages.
    """

    def __init__(
        self,
        inference: InferenceSession | None = None,
        training: TrainingSession | None = None,
        settings: Settings | None = None,
        installation: Installation | None = None,
    ) -> None:
        super().__init__()
        from SAMAdaptLib.adapters.shelf import Shelf

        self.settings = settings or Settings()
        self.installation = installation or Installation()
        self.shelf = Shelf(self.settings.adapterShelf)
        self.models = ModelChoices(self.shelf, self.settings)
        self._tasks: list[Tasks] = []
        self.tasks = self.newTasks()
        self.choiceChanged = Signal()
        self._inference = inference
        self.manyVolumes = ManyVolumes(self.newSession)
        self.runs = TrainingRuns(
            training or TrainingSession(installation=self.installation), self.shelf, self.settings.runFolder
        )

    def newTasks(self) -> Tasks:
        """For short work beside the application; it ends with the logic at the latest."""
        self._tasks.append(Tasks(self.installation))
        return self._tasks[-1]

    def newSession(self) -> InferenceSession:
        """A worker beside the one that answers prompts; whoever asks for it closes it."""
        return InferenceSession(installation=self.installation, settings=self.settings)

    def libraryFolder(self, library: str | Path | None = None) -> Path:
        """The given folder, or the one of the settings."""
        return Path(library or self.settings.exemplarLibrary)

    # Synthesis

    def previewSynthesis(
        self,
        library: str | Path | None = None,
        count: int = 6,
        seed: int = 0,
        config: Mapping[str, Any] | None = None,
    ) -> slicer.vtkMRMLVectorVolumeNode:
        """A sheet of synthetic slices beside their exemplars, as a colour volume of one slice.

        Args:
            library: folder of exemplars; the one of the settings by default.
            count: synthetic slices on the sheet.
            seed: of all chance.
            config: fields of ``SAMAdaptLib.synthesis.config.SynthesisConfig`` that differ from its defaults.

        Raises:
            InputError: no library, an empty one, or a setting that cannot be.
        """
        return pictureNode(self.writePreview(library, count, seed, config), "SAM Adapt synthesis")

    def writePreview(
        self,
        library: str | Path | None = None,
        count: int = 6,
        seed: int = 0,
        config: Mapping[str, Any] | None = None,
    ) -> Path:
        """The sheet of :meth:`previewSynthesis` as a PNG file in a temporary folder."""
        self.installation.ensure()
        reply = self.tasks.ask("preview", **self.previewArguments(library, count, seed, config))
        return Path(reply.result().values["result"])

    def previewArguments(
        self, library: str | Path | None, count: int, seed: int, config: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """What the task "preview" takes.

        Raises:
            InputError: no library, a damaged one, or a setting that cannot be.
        """
        from SAMAdaptLib.exemplars.library import Library
        from SAMAdaptLib.synthesis.config import SynthesisConfig

        Library.open(self.libraryFolder(library))
        SynthesisConfig.from_dict(dict(config or {}))
        path = Path(slicer.util.tempDirectory(key="SAMAdapt")) / "preview.png"
        folder = str(self.libraryFolder(library))
        return {"library": folder, "path": str(path), "count": count, "seed": seed, "config": dict(config or {})}

    # Training

    def fineTune(
        self,
        library: str | Path | None = None,
        name: str = "adapter",
        method: str = METHOD,
        model: str = MODEL,
        budgetMinutes: float | None = None,
        steps: int | None = None,
        waitForCompletion: bool = True,
        progress: Callable[[Mapping[str, Any]], None] | None = None,
        resume: bool = False,
        **settings: Any,
    ) -> Path:
        """Adapt a base model to a library of exemplars.

        Args:
            library: folder of exemplars; the one of the settings by default, with ``resume`` that of the run.
            name: of the new adapter on the shelf.
            method: a name in ``SAMAdaptLib.methods.METHODS``.
            model: a name in ``SAMAdaptLib.sam.registry.MODELS`` or in ``models.own``.
            budgetMinutes: wall time; 8 minutes where neither it nor ``steps`` is given.
            steps: optimiser steps.
            waitForCompletion: return when it is done; otherwise at once, and ``runs.finished`` tells the end.
            progress: called once a second at most with "step", "steps", "loss", "dice", "seconds_left" and
                "validation", each None before it is known; only with ``waitForCompletion``.
            resume: go on with the last stopped run of this name, with its own settings.
            **settings: further fields of ``SAMAdaptLib.training.config.TrainConfig``.

        Returns:
            the adapter's folder on the shelf; without ``waitForCompletion`` the folder of the run.

        Raises:
            InputError: a training is running, a name that is taken, no exemplars, no weights and no network, ...
            Cancelled: it was stopped; it can be resumed.
        """
        self.installation.ensure()
        if resume:
            output = self.runs.resume(name, None if library is None else Path(library), self.models.choice)
        else:
            given = {"method": method, "budget_minutes": budgetMinutes, "steps": steps}
            config = {"device": self.settings.device, **given, **settings}
            output = self.runs.start(name, self.libraryFolder(library), config, self.models.choice(model))
        if not waitForCompletion:
            return output
        if progress is not None:
            self.runs.progress.connect(progress)
        try:
            return self.runs.wait()
        finally:
            if progress is not None:
                self.runs.progress.disconnect(progress)

    # Use

    def activateAdapter(
        self, nameOrPath: str | Path | None, model: str | None = None, weights: str = WEIGHTS
    ) -> ModelChoice:
        """Answer prompts with this adapter from now on, here and in the Segment Editor.

        Args:
            nameOrPath: name on the shelf, or folder; None for the base model as it is.
            model: base model; the adapter's own by default.
            weights: see :class:`SAMAdaptModuleLib.app.ModelChoice.ModelChoice`.

        Raises:
            InputError: no such adapter, a damaged one, or one made for another base model; unknown weights.
        """
        choice = replace(self.models.withAdapter(nameOrPath, model), weights=weights)
        self.inference.useModel(choice)
        self.choiceChanged.emit()
        return choice

    def evaluate(
        self,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        referenceNode: slicer.vtkMRMLSegmentationNode,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        toleranceMm: float = TOLERANCE_MM,
        tableNode: slicer.vtkMRMLTableNode | None = None,
    ) -> slicer.vtkMRMLTableNode:
        """Compare a segmentation with a reference, structure by structure, matched by name, on the volume's grid.

        Args:
            segmentationNode: what is judged.
            referenceNode: what counts as right.
            volumeNode: gives the grid.
            toleranceMm: surface distance that NSD forgives, mm.
            tableNode: of an earlier evaluation, to add to; a new one by default.

        Returns:
            a table with Case, Structure, Model (which has written it last), Status and a column for each of
            ``SAMAdaptLib.evaluation.metrics.METRICS``.

        Raises:
            InputError: an unusable volume or segmentation, or no name in common.
        """
        arguments = self.comparison(segmentationNode, referenceNode, volumeNode, toleranceMm)
        figures = self.tasks.ask("compare", **arguments).result().values["result"]
        tableNode = tableNode or Evaluation.newTable()
        Evaluation.addCase(tableNode, segmentationNode.GetName(), figures, Evaluation.modelsOf(segmentationNode))
        return tableNode

    def exportDicom(
        self, segmentationNode: slicer.vtkMRMLSegmentationNode, path: str | Path | None = None
    ) -> Path:
        """Save a segmentation as DICOM SEG in the DICOM database, beside the series that it was made on.

        Quantitative Reporting writes it where it is installed, else the library, for which highdicom has to be there.

        Args:
            segmentationNode: made on a volume from the DICOM database.
            path: of a further copy.

        Returns:
            the copy, or the file in the database.

        Raises:
            InputError: see :class:`SAMAdaptModuleLib.console.DicomExport.DicomExport`; it cannot be written.
        """
        export = DicomExport(segmentationNode)
        if export.byPlugin:
            return export.finish(export.writeByPlugin(), path)
        self.installation.ensure()
        reply = self.tasks.ask("dicom_segmentation", **export.arguments())
        return export.finish(Path(reply.result().values["result"]), path)

    def useDevice(self) -> None:
        """Load the model in use anew on the device of the settings; nothing happens where none is in use."""
        if self.inference.choice is not None:
            self.inference.useModel(replace(self.inference.choice, device=self.settings.device))

    def comparison(
        self,
        segmentationNode: slicer.vtkMRMLSegmentationNode,
        referenceNode: slicer.vtkMRMLSegmentationNode,
        volumeNode: slicer.vtkMRMLScalarVolumeNode,
        toleranceMm: float,
    ) -> dict[str, Any]:
        """What the task "compare" takes to compare them; raises as :meth:`evaluate`."""
        checkVolume(volumeNode)
        for node in (segmentationNode, referenceNode):
            checkSegmentation(node)
        self.installation.ensure()
        prediction, reference = (segmentationLabels(node, volumeNode) for node in (segmentationNode, referenceNode))
        if not set(prediction.names) & set(reference.names):
            raise InputError(
                _("No segment has the name of one in the reference"),
                f"{', '.join(prediction.names)} / {', '.join(reference.names)}",
                _("Give segments of the same structure the same name"),
            )
        return Evaluation.comparison(reference, prediction, toleranceMm)

    def close(self) -> None:
        """End the training process, which can be resumed; the shared inference session goes on."""
        self.manyVolumes.stop()
        self.runs.close()
        for tasks in self._tasks:
            tasks.close()
