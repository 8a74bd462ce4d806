"""SAM Adapt: adapts Segment Anything models to one's own anatomy with a handful of labelled slices."""

from __future__ import annotations

import logging
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

if TYPE_CHECKING:
    from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic as SAMAdaptLogic
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode
    from SAMAdaptModuleLib.panel.Step import Step

STEPS = {
    "ExemplarStep": "exemplarsButton",
    "SynthesisStep": "synthesisButton",
    "TrainingStep": "trainingButton",
    "AdapterStep": "adaptersButton",
    "VolumesStep": "volumesButton",
    "ComputerStep": "computerButton",
}


def __getattr__(name: str) -> Any:
    """The console's ``from SAMAdapt import SAMAdaptLogic``: Slicer reads this file at each start, and should not have
    to read all that the logic needs."""
    if name == "SAMAdaptLogic":
        from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

        return SAMAdaptLogic
    raise AttributeError(name)


class SAMAdapt(ScriptedLoadableModule):
    """The module as the application lists it."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        slicer.app.loadTranslations(str(Path(__file__).parent / "Resources" / "Translations"))
        self.parent.title = _("SAM Adapt")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Segmentations", "SegmentEditor", "Plots"]
        self.parent.contributors = ["SAMAdapt contributors"]
        self.parent.helpText = _(
            "Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. "
            "Prompts are given with the effect SAM Adapt of the Segment Editor."
        )
        self.parent.helpText += self.getDefaultModuleDocumentationLink()
        self.parent.acknowledgementText = _(
            "Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); "
            "the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM "
            "(Zhang et al.)."
        )
        slicer.app.connect("startupCompleted()", self.onStartupCompleted)

    def onStartupCompleted(self) -> None:
        """Register what other modules show."""
        self.registerEditorEffect()
        try:
            from SAMAdaptModuleLib.app.SampleDataSources import registerSampleData

            registerSampleData(Path(self.resourcePath("Icons")))
        except ImportError:
            logging.info("SAM Adapt: there is no Sample Data module to register data with")

    def registerEditorEffect(self) -> None:
        """Add the effect to the Segment Editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        path = Path(__file__).parent / "SegmentEditorSAMAdaptLib" / "SegmentEditorEffect.py"
        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(path.as_posix())
        effect.self().register()


class SAMAdaptWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel: four steps in the order of the work, each usable alone."""

    logic: SAMAdaptLogic

    def __init__(self, parent: Any = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self._parameterNode: SAMAdaptParameterNode | None = None
        self._guiTag = 0
        self._steps: list[Step] = []

    def setup(self) -> None:
        """Build the panel; works without a main window."""
        ScriptedLoadableModuleWidget.setup(self)
        from SAMAdaptModuleLib.panel.AdapterStep import AdapterStep
        from SAMAdaptModuleLib.panel.ChannelStep import ChannelStep
        from SAMAdaptModuleLib.panel.ComputerStep import ComputerStep
        from SAMAdaptModuleLib.panel.DicomSaving import DicomSaving
        from SAMAdaptModuleLib.panel.ExemplarStep import ExemplarStep
        from SAMAdaptModuleLib.panel.NextSlices import NextSlices
        from SAMAdaptModuleLib.panel.Published import Published
        from SAMAdaptModuleLib.panel.Studies import Studies
        from SAMAdaptModuleLib.panel.SynthesisStep import SynthesisStep
        from SAMAdaptModuleLib.panel.TrainingStep import TrainingStep
        from SAMAdaptModuleLib.panel.VolumesStep import VolumesStep

        from SAMAdapt import SAMAdaptLogic

        panel = self._load("SAMAdapt")
        self.layout.addWidget(panel)
        for name, buttonName in STEPS.items():
            slicer.util.findChild(panel, buttonName).layout().addWidget(self._load(name))
        self.ui = slicer.util.childWidgetVariables(panel)
        self.logic = SAMAdaptLogic()
        self.channelStep = ChannelStep(self.logic, self.ui, panel)
        self.adapterStep = AdapterStep(self.logic, self.ui)
        self.published = Published(self.logic, self.ui, self.adapterStep.refresh)
        self.trainingStep = TrainingStep(self.logic, self.ui, self.adapterStep.refresh)
        self.synthesisStep = SynthesisStep(self.logic, self.ui)
        self.exemplarStep = ExemplarStep(self.logic, self.ui, self.trainingStep.refresh)
        self.nextSlices = NextSlices(self.logic, self.ui)
        self.studies = Studies(self.logic, self.ui)
        self.volumesStep = VolumesStep(self.logic, self.ui)
        self.dicomSaving = DicomSaving(self.logic, self.ui)
        self.computerStep = ComputerStep(self.logic, self.ui)
        self._steps = [
            self.channelStep,
            self.exemplarStep,
            self.nextSlices,
            self.synthesisStep,
            self.trainingStep,
            self.adapterStep,
            self.published,
            self.studies,
            self.volumesStep,
            self.dicomSaving,
            self.computerStep,
        ]
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        # A training must not outlive the application, and can be resumed after its next start.
        slicer.app.connect("aboutToQuit()", self.logic.close)
        self._initializeParameterNode()
        self.refresh()

    def cleanup(self) -> None:
        """Let go of everything that would call a panel that is gone."""
        slicer.app.disconnect("aboutToQuit()", self.logic.close)
        self.removeObservers()
        self._setParameterNode(None)
        for step in self._steps:
            step.cleanup()
        self.logic.close()

    def enter(self) -> None:
        """The panel is shown."""
        self._initializeParameterNode()
        self.refresh()

    def exit(self) -> None:
        """Another module is shown."""
        self._setParameterNode(None)

    def onSceneStartClose(self, caller: Any, event: Any) -> None:
        """The scene is about to close."""
        self.adapterStep.stop()
        self.nextSlices.stop()
        self.volumesStep.stop()
        self._setParameterNode(None)

    def onSceneEndClose(self, caller: Any, event: Any) -> None:
        """The scene is empty. Where another module is shown, :meth:`enter` does this."""
        if self.parent.isEntered:
            self._initializeParameterNode()

    def refresh(self) -> None:
        """Show what folders hold now; they may have changed meanwhile."""
        for step in self._steps:
            step.refresh()

    def _load(self, name: str) -> Any:
        widget = slicer.util.loadUI(self.resourcePath(f"UI/{name}.ui"))
        widget.setMRMLScene(slicer.mrmlScene)
        return widget

    def _initializeParameterNode(self) -> None:
        from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

        node = SAMAdaptParameterNode(self.logic.getParameterNode())
        if node.volume is None:
            node.volume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
        self._setParameterNode(node)

    def _setParameterNode(self, parameterNode: SAMAdaptParameterNode | None) -> None:
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._guiTag)
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._guiTag = parameterNode.connectGui(self.ui)
        for step in self._steps:
            step.setParameterNode(parameterNode)


class SAMAdaptTest(ScriptedLoadableModuleTest):
    """A short job without a window, on a volume with a ball in it."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:
        self.setUp()
        try:
            self.test_segmentBall()
        except unittest.SkipTest as reason:
            self.delayDisplay(f"Skipped: {reason}")

    def test_segmentBall(self) -> None:
        """A click into a ball finds the ball, and its slice makes an exemplar."""
        from SAMAdaptModuleLib.app.Installation import Installation
        from SAMAdaptModuleLib.console.Logic import SAMAdaptLogic

        missing = Installation().missing()
        if missing:
            self.skipTest(f"Python packages are not installed: {', '.join(missing)}")
        k, j, i = np.mgrid[:9, :96, :96]
        ball = ((k - 4) * 4) ** 2 + (j - 40) ** 2 + (i - 56) ** 2 < 22**2
        noise = np.random.default_rng(0).normal(0, 10, ball.shape)
        matrix = np.diag([-1.0, -1.0, 4.0, 1.0])
        volume = slicer.util.addVolumeFromArray((100 + 120 * ball + noise).astype(np.int16), matrix, "ball")
        logic = SAMAdaptLogic()
        centre = (-56.0, -40.0, 16.0)
        segmentation = logic.segmentSlice(
            volume, segmentName="ball", box=((-33.0, -17.0, 16.0), (-79.0, -63.0, 16.0)), points=[(*centre, 1)]
        )
        segmentID = segmentation.GetSegmentation().GetSegmentIdBySegmentName("ball")
        found = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segmentID, volume) > 0
        self.assertFalse(found[:4].any() or found[5:].any())
        overlap = 2 * np.count_nonzero(found[4] & ball[4]) / (found[4].sum() + ball[4].sum())
        self.assertGreater(overlap, 0.9)
        library = Path(slicer.util.tempDirectory(key="SAMAdaptTest")) / "library"
        logic.addExemplar(volume, segmentation, 4, library=library)
        self.assertEqual(logic.suggestExemplars(volume, segmentation, 1), [4])
        logic.close()
        self.delayDisplay("Passed")
