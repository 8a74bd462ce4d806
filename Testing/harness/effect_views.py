"""What an effect does with a view widget: actors, cursors, and positions in Qt's vectors of 32 bit floats."""

from __future__ import annotations

import slicer


class Views:
    """Part of `scriptedEffect`: `_call` and `_editor` are the effect's."""

    @staticmethod
    def viewNode(viewWidget):
        return viewWidget.mrmlAbstractViewNode() if viewWidget else None

    @staticmethod
    def renderWindow(viewWidget):
        return viewWidget.viewWidget().renderWindow() if viewWidget else None

    @classmethod
    def renderer(cls, viewWidget):
        window = cls.renderWindow(viewWidget)
        return window.GetRenderers().GetItemAsObject(0) if window else None

    @staticmethod
    def scheduleRender(viewWidget):
        viewWidget.viewWidget().scheduleRender()

    @staticmethod
    def forceRender(viewWidget):
        viewWidget.viewWidget().forceRender()

    def addActor2D(self, viewWidget, actor):
        self.renderer(viewWidget).AddViewProp(actor)
        self.scheduleRender(viewWidget)

    def removeActor2D(self, viewWidget, actor):
        self.renderer(viewWidget).RemoveViewProp(actor)
        self.scheduleRender(viewWidget)

    addActor3D, removeActor3D = addActor2D, removeActor2D

    def createCursor(self, viewWidget):
        import qt

        return self._call("createCursor", viewWidget, default=None) or qt.QCursor()

    def cursorOff(self, viewWidget):
        import qt

        viewWidget.viewWidget().setDefaultViewCursor(qt.QCursor(qt.Qt.BlankCursor))

    def cursorOn(self, viewWidget):
        import qt

        viewWidget.viewWidget().setDefaultViewCursor(qt.QCursor())

    def segmentationDisplayableInView(self, viewNode):
        return self._editor.logic.IsSegmentationDisplayableInView(viewNode)

    @staticmethod
    def sliceSpacing(sliceWidget):
        return sliceWidget.sliceLogic().GetLowestVolumeSliceSpacing()[2]

    @classmethod
    def xyToRas(cls, xy, sliceWidget):
        import qt

        return cls.xyzToRas(qt.QVector3D(xy.x(), xy.y(), 0), sliceWidget)

    @staticmethod
    def xyzToRas(xyz, sliceWidget):
        import qt

        ras = [0.0] * 3
        slicer.vtkSlicerSegmentEditorLogic.XyzToRas([xyz.x(), xyz.y(), xyz.z()], ras, sliceWidget.mrmlSliceNode())
        return qt.QVector3D(*ras)

    @staticmethod
    def rasToXy(ras, sliceWidget):
        import qt

        xyz = sliceWidget.sliceView().convertRASToXYZ([ras.x(), ras.y(), ras.z()])
        return qt.QPoint(int(xyz[0]), int(xyz[1]))

    @classmethod
    def xyToIjk(cls, xy, sliceWidget, image, parentTransform=None):
        import qt

        return cls.xyzToIjk(qt.QVector3D(xy.x(), xy.y(), 0), sliceWidget, image, parentTransform)

    @staticmethod
    def xyzToIjk(xyz, sliceWidget, image, parentTransform=None):
        import qt

        ijk = [0] * 3
        slicer.vtkSlicerSegmentEditorLogic.XyzToIjk(
            [xyz.x(), xyz.y(), xyz.z()], ijk, sliceWidget.mrmlSliceNode(), image, parentTransform
        )
        return qt.QVector3D(*ijk)
