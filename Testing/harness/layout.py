"""The layout manager and the 3D view."""

from __future__ import annotations

import slicer

from Testing.harness.util import Signal, SignalOwner
from Testing.harness.views import ORIENTATIONS, AbstractView, CppWidget, Drawing, SliceWidget

THREED_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
)


class ThreeDView(AbstractView):
    """qMRMLThreeDView."""

    def className(self):
        return "qMRMLThreeDView"

    def mrmlViewNode(self):
        return self._drawing.node

    def resetFocalPoint(self):
        self._drawing.renderer.ResetCamera()

    def resetCamera(self, resetRotation=True, resetTranslation=True, resetDistance=True):
        self._drawing.renderer.ResetCamera()


class ThreeDWidget(CppWidget):
    """qMRMLThreeDWidget over a real vtkMRMLViewLogic."""

    def __init__(self, appLogic, size=(300, 300)):
        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetMRMLApplicationLogic(appLogic)
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self._node = self._logic.AddViewNode("1")
        appLogic.GetViewLogics().AddItem(self._logic)
        self._drawing = Drawing(slicer.vtkMRMLThreeDViewDisplayableManagerFactory, THREED_MANAGERS, self._node, size)
        self._view = ThreeDView(self._drawing)

    def className(self):
        return "qMRMLThreeDWidget"

    def threeDView(self):
        return self._view

    viewWidget = threeDView

    def viewLogic(self):
        return self._logic

    logic = viewLogic

    def mrmlViewNode(self):
        return self._node

    mrmlAbstractViewNode = mrmlViewNode

    def mrmlScene(self):
        return slicer.mrmlScene


class LayoutManager(SignalOwner):
    """qSlicerLayoutManager with the three usual slice views and one 3D view."""

    tableViewCount = plotViewCount = 0

    def __init__(self, appLogic):
        self._slices = {name: SliceWidget(name, appLogic) for name in ORIENTATIONS}
        self._threeD = [ThreeDWidget(appLogic)]
        self._appLogic = appLogic
        self.layoutChanged = Signal()
        self._layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView

    def sliceViewNames(self):
        one = slicer.vtkMRMLLayoutNode
        single = {
            one.SlicerLayoutOneUpRedSliceView: "Red",
            one.SlicerLayoutOneUpYellowSliceView: "Yellow",
            one.SlicerLayoutOneUpGreenSliceView: "Green",
        }.get(self._layout)
        return (single,) if single else tuple(self._slices)

    def sliceWidget(self, name):
        return self._slices.get(name)

    @property
    def threeDViewCount(self):
        return len(self._threeD)

    def threeDWidget(self, which):
        return self._threeD[which] if which in range(len(self._threeD)) else None

    def mrmlSliceLogics(self):
        return self._appLogic.GetSliceLogics()

    def mrmlViewLogics(self):
        return self._appLogic.GetViewLogics()

    @property
    def layout(self):
        return self._layout

    def setLayout(self, layout):
        self._layout = layout
        for name, widget in self._slices.items():
            widget.mrmlSliceNode().SetMappedInLayout(int(name in self.sliceViewNames()))
        self.layoutChanged.emit(layout)

    def _add(self, name):
        """A further slice view."""
        self._slices[name] = SliceWidget(name, self._appLogic)

    def _remove(self, name):
        """A slice view goes with its node, and nobody is told that the layout is another."""
        widget = self._slices.pop(name)
        self._appLogic.GetSliceLogics().RemoveItem(widget._logic)
        slicer.mrmlScene.RemoveNode(widget._node)
        widget._destroy()

    def resetSliceViews(self):
        for widget in self._slices.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self):
        for widget in self._threeD:
            widget.threeDView().resetFocalPoint()

    def restore(self):
        """As after start-up."""
        self._layout = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        for name in [name for name in self._slices if name not in ORIENTATIONS]:
            self._remove(name)
        for widget in self._slices.values():
            widget.restore()
