"""What the panel remembers with the scene."""

from typing import TYPE_CHECKING, Annotated, Any

from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode, vtkMRMLTableNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

from SAMAdaptLib.defaults import AXIS, METHOD, MINUTES, MODEL, STRATEGY, SUGGESTIONS, TOLERANCE_MM
from SAMAdaptLib.exemplars import STRATEGIES
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.volume.planes import AXES

GREY_LEVELS = ("library", "displayed")


def _within(name: str, least: float, most: float) -> WithinRange:
    """The range of a setting; an end that it has not, or that is out itself, is the one given."""
    setting = TrainConfig.known()[name]
    return WithinRange(least if setting.above else setting.low, most if setting.high is None else setting.high)


@parameterNodeWrapper
class SAMAdaptParameterNode:
    """Choices of the panel.

    Folders are not among them: they belong to the computer, not to the scene, and lie in the settings.

    Attributes:
        volume: the scan.
        segmentation: of that scan.
        axis: slice axis of exemplars.
        intensity: "library" or "displayed", where grey levels of new exemplars come from.
        subject: text that is the same for all scans of a patient, or empty.
        neighbours: slices on each side to keep with an exemplar.
        defaceMm: how far from the labels an exemplar's pixels stay; 0 for all, or as with those of the library.
        suggestionCount: slices to suggest.
        strategy: of suggestions.
        syntheticCount: size of the synthetic set.
        seed: of synthesis and training.
        previewCount: synthetic slices on the preview.
        synthesis: changed transformations as JSON, see ``SynthesisConfig``.
        runName: of the adapter to be trained.
        model: base model.
        method: adaptation method.
        budgetMinutes: wall time of a training.
        validation: "auto", "crossed", "none" or a share.
        useSynthesis: train on synthetic slices too.
        reference: segmentation that counts as right.
        toleranceMm: of the normalised surface Dice, mm.
        results: figures of all evaluations.
    """

    volume: vtkMRMLScalarVolumeNode
    segmentation: vtkMRMLSegmentationNode
    axis: Annotated[str, Choice(tuple(AXES))] = AXIS
    intensity: Annotated[str, Choice(GREY_LEVELS)] = "library"
    subject: str = ""
    neighbours: Annotated[int, WithinRange(0, 16)] = 0
    defaceMm: Annotated[float, WithinRange(0, 1000)] = 0
    suggestionCount: Annotated[int, WithinRange(1, 50)] = SUGGESTIONS
    strategy: Annotated[str, Choice(tuple(STRATEGIES))] = STRATEGY
    syntheticCount: Annotated[int, _within("synthetic_count", 1, 1000000)] = TrainConfig.synthetic_count
    seed: Annotated[int, _within("seed", 0, 2147483647)] = TrainConfig.seed
    previewCount: Annotated[int, WithinRange(1, 24)] = 6
    synthesis: str = "{}"
    runName: str = ""
    model: str = MODEL
    method: str = METHOD
    budgetMinutes: Annotated[float, _within("budget_minutes", 0.1, 1440)] = MINUTES
    validation: str = str(TrainConfig.validation)
    useSynthesis: bool = TrainConfig.synthesis
    reference: vtkMRMLSegmentationNode
    toleranceMm: Annotated[float, WithinRange(0, 50)] = TOLERANCE_MM
    results: vtkMRMLTableNode

    if TYPE_CHECKING:
        # What the wrapper adds, of which it says nothing itself.
        def __init__(self, node: Any) -> None: ...

        def connectGui(self, ui: Any) -> int: ...

        def disconnectGui(self, tag: int) -> None: ...
