"""The part of the console that names the slices worth labelling next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from SAMAdaptLib.defaults import MODEL, NEXT
from SAMAdaptLib.errors import InputError
from SAMAdaptModuleLib.app.Downloads import confirmDownload
from SAMAdaptModuleLib.scene.SceneVolume import checkVolume, greyVolumes, intensityText, toldOf

if TYPE_CHECKING:
    from SAMAdaptLib.service.protocol import Progress
    from SAMAdaptModuleLib.app.Installation import Installation
    from SAMAdaptModuleLib.app.Settings import Settings
    from SAMAdaptModuleLib.console.ModelChoices import ModelChoices
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession
    from SAMAdaptModuleLib.worker.Tasks import Tasks


@dataclass(frozen=True, eq=False)
class SuggestedSlice:
    """A slice that is worth labelling.

    Attributes:
        volumeNode: its volume.
        axis: "axial", "coronal" or "sagittal".
        index: voxel index along the axis.
        score: what it is ranked by.
        reason: in words.
        parts: of what the score is made, see ``SAMAdaptLib.jobs.suggest.next_slices``.
    """

    volumeNode: slicer.vtkMRMLScalarVolumeNode
    axis: str
    index: int
    score: float
    reason: str
    parts: dict[str, float]


@dataclass(frozen=True)
class SliceQuestion:
    """What the task "suggest" takes. Voxels lie in a temporary folder until :meth:`close`.

    Attributes:
        volumeNodes: whose slices are looked at.
        folder: of the voxels.
        arguments: of the task.
    """

    volumeNodes: tuple[slicer.vtkMRMLScalarVolumeNode, ...]
    folder: Path
    arguments: dict[str, Any]

    def answered(self, result: Sequence[dict[str, Any]]) -> list[SuggestedSlice]:
        """What the task has found, in the scene."""
        fields = ("axis", "index", "score", "reason", "parts")
        return [SuggestedSlice(self.volumeNodes[one["place"]], *(one[name] for name in fields)) for one in result]

    def close(self) -> None:
        """Delete the voxels."""
        shutil.rmtree(self.folder, ignore_errors=True)


class NextSliceLogic:
    """Part of :class:`SAMAdaptModuleLib.console.Logic.SAMAdaptLogic`, which has models, settings and workers."""

    libraryFolder: Callable[[str | Path | None], Path]
    inference: InferenceSession
    installation: Installation
    models: ModelChoices
    settings: Settings
    tasks: Tasks

    def suggestSlices(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLScalarVolumeNode] | None = None,
        count: int = NEXT,
        adapter: str | Path | None = None,
        library: str | Path | None = None,
        axis: str | None = None,
        intensity: str | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        **options: Any,
    ) -> list[SuggestedSlice]:
        """The slices that would add most to the exemplars, the best first; nobody need have labelled anything on them.

        Args:
            volumeNodes: the scans; by default all greyscale volumes of the scene.
            count: how many slices.
            adapter: name on the shelf, or folder; by default what is in use, the base model where that is nothing.
            library: folder of the exemplars so far; the one of the settings by default, as far as there is one.
            axis: of the slices; by default the adapter's, else that of the exemplars, else axial.
            intensity: mapping to grey levels, as for ``addExemplar``; by default the adapter's, the library's, or the
                one that suits the values.
            progress: called with slices done and in all.
            **options: further arguments of ``SAMAdaptLib.jobs.suggest.next_slices.next_slices``: "stride", "doubt",
                "seed".

        Raises:
            InputError: no volume, or what ``next_slices`` raises.
        """
        self.installation.ensure()
        nodes = greyVolumes() if volumeNodes is None else volumeNodes
        question = self.sliceQuestion(nodes, count, adapter, library, axis, intensity, **options)
        try:
            reply = self.tasks.ask("suggest", **question.arguments)
            if progress is not None:
                tell = progress
                reply.on_progress(lambda event: tell(event.done, event.total) if ofSlices(event) else None)
            return question.answered(reply.result().values["result"])
        finally:
            self.tasks.close()
            question.close()

    def sliceQuestion(
        self,
        volumeNodes: Sequence[slicer.vtkMRMLScalarVolumeNode],
        count: int = NEXT,
        adapter: str | Path | None = None,
        library: str | Path | None = None,
        axis: str | None = None,
        intensity: str | None = None,
        **options: Any,
    ) -> SliceQuestion:
        """What the task "suggest" takes; the arguments and errors are as for :meth:`suggestSlices`."""
        from SAMAdaptLib.exemplars.manifest import MANIFEST

        if not volumeNodes:
            raise InputError(_("There is no volume to choose slices of"), None, _("Load one"))
        for node in volumeNodes:
            checkVolume(node)
        used = self.inference.choice if adapter is None else self.models.withAdapter(adapter)
        choice = used or self.models.choice(MODEL)
        confirmDownload(choice)
        known = self.libraryFolder(library)
        model = {
            "model": choice.model if choice.entry is None else choice.entry.name,
            "adapter": None if choice.adapter is None else str(choice.adapter),
            "checkpoint": None if choice.checkpoint is None else str(choice.checkpoint),
            "input_size": choice.inputSize,
            "device": choice.device,
            "entry": None if choice.entry is None else asdict(choice.entry),
        }
        folder = Path(tempfile.mkdtemp(prefix="SAMAdapt-", dir=slicer.app.temporaryPath))
        try:
            scans = [_kept(node, folder / f"{number}.npy") for number, node in enumerate(volumeNodes)]
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        wanted = {
            "library": str(known) if library is not None or (known / MANIFEST).exists() else None,
            "count": count,
            "axis": axis,
            "intensity": intensityText(intensity, volumeNodes[0]),
        }
        cache = str(self.settings.embeddingFolder)
        return SliceQuestion(
            tuple(volumeNodes), folder, {"scans": scans, "model": model, "cache_folder": cache, **wanted, **options}
        )


def ofSlices(event: Progress) -> bool:
    """Whether progress counts slices, and not bytes of a model."""
    return "download" not in event.values


def _kept(node: slicer.vtkMRMLScalarVolumeNode, path: Path) -> dict[str, Any]:
    """A volume as the task reads it; its voxels go into a file, of which the worker has one in memory at a time."""
    told = toldOf(node)
    try:
        np.save(path, told["array"])
    except OSError as error:
        raise InputError(
            _("Cannot hand the voxels on ({error})").format(error=error.strerror or error),
            path.parent,
            _("Make room on the disk"),
        ) from error
    matrix = told["geometry"].ijk_to_ras
    return {"array": str(path), "ijk_to_ras": matrix, "name": told["name"], "modality": told["modality"]}
