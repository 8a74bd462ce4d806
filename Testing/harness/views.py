"""Slice views: real logics, interactors and displayable managers behind the members effects call.

Nothing is drawn until `Drawing.picture` asks for it, so that tests without pictures need no graphics at all.
"""

from __future__ import annotations

import slicer
import vtk

SLICE_MANAGERS = (
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
)
ORIENTATIONS = {"Red": "Axial", "Green": "Coronal", "Yellow": "Sagittal"}


class Drawing:
    """A window off screen, its renderer and interactor, and displayable managers made at the first need."""

    def __init__(self, factory, managers, node, size):
        self.node = node
        self._factory, self._managers, self._group = factory, managers, None
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.window.SetSize(*size)
        self.renderer = vtk.vtkRenderer()
        self.window.AddRenderer(self.renderer)
        self.interactor = vtk.vtkRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyleUser())
        # An interactor that renders on its own would start the graphics in every test.
        self.interactor.EnableRenderOff()
        self.requests = 0

    @property
    def group(self):
        if self._group is None:
            factory = self._factory.GetInstance()
            for name in self._managers:
                if not factory.IsDisplayableManagerRegistered(name):
                    factory.RegisterDisplayableManager(name)
            self._group = factory.InstantiateDisplayableManagers(self.renderer)
            self._group.SetMRMLDisplayableNode(self.node)
        return self._group

    def picture(self):
        """The view as [height, width, 3] uint8, first row on top."""
        import numpy as np
        from vtk.util.numpy_support import vtk_to_numpy

        self.group  # noqa: B018 - the managers fill the renderer
        self.window.Render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self.window)
        grab.ReadFrontBufferOff()
        grab.Update()
        image = grab.GetOutput()
        width, height, _ = image.GetDimensions()
        return np.flipud(vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1))


class CppWidget:
    """A widget of the application's. To use it after it was destroyed is a ValueError, as in PythonQt."""

    _destroyed = False

    def __getattribute__(self, name):
        if not name.startswith("_") and self._destroyed:
            raise ValueError(f"Trying to call '{name}' on a destroyed {type(self).__name__} object")
        return super().__getattribute__(name)


class AbstractView(CppWidget):
    """Members of ctkVTKAbstractView that effects and panels use; `renderRequests` counts what would have been drawn."""

    def __init__(self, drawing: Drawing):
        self._drawing = drawing
        self._viewCursor = self._defaultCursor = self._surface = None
        self.renderEnabled = True

    def VTKWidget(self):
        """The widget that has the keyboard focus and that event filters are put on."""
        if self._surface is None:
            import qt

            self._surface = qt.QWidget()
        return self._surface

    def renderWindow(self):
        return self._drawing.window

    def interactor(self):
        return self._drawing.interactor

    def scheduleRender(self):
        self._drawing.requests += 1

    forceRender = scheduleRender

    def displayableManagerByClassName(self, name):
        return self._drawing.group.GetDisplayableManagerByClassName(name)

    def setViewCursor(self, cursor):
        self._viewCursor = cursor

    def setDefaultViewCursor(self, cursor):
        self._defaultCursor = cursor

    def unsetViewCursor(self):
        self._viewCursor = None


class SliceView(AbstractView):
    """qMRMLSliceView. Device xy and slice xy both count from the lower left corner; light-box tiles from the upper."""

    def __init__(self, drawing, logic):
        super().__init__(drawing)
        self._logic = logic
        # 5.12 has no light-box any more; 5.10 has: its tiles are told apart by the view alone.
        self._grid = (1, 1)
        self._style = slicer.vtkMRMLSliceViewInteractorStyle()
        self._style.SetSliceLogic(logic)
        self._style.SetInteractor(drawing.interactor)

    def className(self):
        return "qMRMLSliceView"

    def mrmlSliceNode(self):
        return self._logic.GetSliceNode()

    def interactorStyle(self):
        return self._style

    interactorObserver = sliceViewInteractorStyle = interactorStyle

    def _tile(self):
        width, height = self._drawing.window.GetSize()
        rows, columns = self._grid
        return rows, columns, width // columns, height // rows

    def convertDeviceToXYZ(self, xy):
        rows, columns, width, height = self._tile()
        # A drag may end outside the view.
        column = min(max(int(xy[0] // width), 0), columns - 1)
        row = min(max(rows - 1 - int(xy[1] // height), 0), rows - 1)
        return (xy[0] - column * width, xy[1] - (rows - 1 - row) * height, float(row * columns + column))

    def _device(self, xyz):
        rows, columns, width, height = self._tile()
        row, column = divmod(round(xyz[2]), columns)
        return xyz[0] + column * width, xyz[1] + (rows - 1 - row) * height

    def convertXYZToRAS(self, xyz):
        return tuple(self.mrmlSliceNode().GetXYToRAS().MultiplyPoint([*xyz, 1.0])[:3])

    def convertRASToXYZ(self, ras):
        inverse = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(self.mrmlSliceNode().GetXYToRAS(), inverse)
        return tuple(inverse.MultiplyPoint([*ras, 1.0])[:3])


class SliceWidget(CppWidget):
    """qMRMLSliceWidget over a real vtkMRMLSliceLogic."""

    def __init__(self, name: str, appLogic, size=(400, 320)):
        self._size = size
        self._logic = slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(appLogic)
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self._name = name
        self._node = self._logic.AddSliceNode(name)
        appLogic.GetSliceLogics().AddItem(self._logic)
        self._drawing = Drawing(slicer.vtkMRMLSliceViewDisplayableManagerFactory, SLICE_MANAGERS, self._node, size)
        mapper = vtk.vtkImageMapper()
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        actor = vtk.vtkActor2D()
        actor.SetMapper(mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        self._image = actor
        # First of all: what effects draw lies on it.
        self._drawing.renderer.AddViewProp(actor)
        self._drawing.renderer.GetActiveCamera().ParallelProjectionOn()
        self._view = SliceView(self._drawing, self._logic)
        self.restore()

    def restore(self):
        """The state after start-up, and again after the scene was closed."""
        node = self._node
        node.SetLayoutName(self._name)
        node.SetLayoutLabel(self._name[0])
        node.SetMappedInLayout(1)
        self._view._grid = (1, 1)
        node.SetOrientation(ORIENTATIONS.get(self._name, "Axial"))
        self._logic.ResizeSliceNode(*self._size)

    def _destroy(self):
        if self._view._surface is not None:
            self._view._surface.delete()
        self._view._destroyed = self._destroyed = True

    def className(self):
        return "qMRMLSliceWidget"

    def sliceView(self):
        return self._view

    viewWidget = sliceView

    def sliceLogic(self):
        return self._logic

    logic = sliceLogic

    def mrmlSliceNode(self):
        return self._node

    mrmlAbstractViewNode = mrmlSliceNode

    def mrmlSliceCompositeNode(self):
        return self._logic.GetSliceCompositeNode()

    def mrmlScene(self):
        return slicer.mrmlScene

    def interactorStyle(self):
        return self._view.interactorStyle()

    def imageDataConnection(self):
        return self._logic.GetImageDataConnection()

    def fitSliceToBackground(self):
        self._logic.FitSliceToBackground(*self._size)
