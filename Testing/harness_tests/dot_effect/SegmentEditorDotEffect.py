"""The least effect that edits: a click adds (with Ctrl removes) the voxel under it and its neighbours in the grid."""

from __future__ import annotations

import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy


class SegmentEditorDotEffect:
    calls: list[str] = []  # of all clones, in order
    clicked: list = []

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Dot"
        scriptedEffect.title = "Dot"
        self.scriptedEffect = scriptedEffect

    def register(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effects.qSlicerSegmentEditorEffectFactory().instance().registerEffect(self.scriptedEffect)

    def clone(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        clone = effects.qSlicerSegmentEditorScriptedEffect(None)
        clone.setPythonSource(__file__)
        return clone

    def setMRMLDefaults(self):
        self.scriptedEffect.setParameterDefault("Radius", 1)

    def processInteractionEvents(self, interactor, eventId, viewWidget):
        import qt

        if eventId != vtk.vtkCommand.LeftButtonPressEvent or viewWidget.className() != "qMRMLSliceWidget":
            return False
        effect = self.scriptedEffect
        xy = qt.QPoint(*interactor.GetEventPosition())
        ras = effect.xyToRas(xy, viewWidget)
        self.clicked.append((ras.x(), ras.y(), ras.z()))
        labelmap = effect.defaultModifierLabelmap()
        ijk = effect.xyToIjk(xy, viewWidget, labelmap)
        i0, i1, j0, j1, k0, k1 = labelmap.GetExtent()
        voxels = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(k1 - k0 + 1, j1 - j0 + 1, i1 - i0 + 1)
        i, j, k, r = int(ijk.x()), int(ijk.y()), int(ijk.z()), effect.integerParameter("Radius")
        voxels[k - r : k + r + 1, j - r : j + r + 1, i - r : i + r + 1] = 1
        labelmap.Modified()
        abstract = slicer.qSlicerSegmentEditorAbstractEffect
        mode = abstract.ModificationModeRemove if interactor.GetControlKey() else abstract.ModificationModeAdd
        effect.saveStateForUndo()
        effect.modifySelectedSegmentByLabelmap(labelmap, mode)
        return True


def _recorded(name):
    def method(self, *arguments):
        self.calls.append(name)

    return method


for _name in (
    *("setupOptionsFrame", "activate", "deactivate", "updateGUIFromMRML", "updateMRMLFromGUI", "processViewNodeEvents"),
    *("sourceVolumeNodeChanged", "layoutChanged", "referenceGeometryChanged", "cleanup"),
):
    setattr(SegmentEditorDotEffect, _name, _recorded(_name))
