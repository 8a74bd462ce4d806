"""Pieces of the documentation's pictures: widgets, views, charts and surfaces as RGB images, side by side in a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from PIL import Image
from PySide6.QtCore import QBuffer, QSize
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from vtk.util.numpy_support import vtk_to_numpy

WIDTH = 1000  # the widest, so that nothing is shrunk on a page
GAP = 8
DARK = {
    QPalette.ColorRole.Window: "#323232",
    QPalette.ColorRole.WindowText: "#ffffff",
    QPalette.ColorRole.Base: "#282828",
    QPalette.ColorRole.AlternateBase: "#303030",
    QPalette.ColorRole.ToolTipBase: "#323232",
    QPalette.ColorRole.ToolTipText: "#ffffff",
    QPalette.ColorRole.Text: "#ffffff",
    QPalette.ColorRole.Button: "#3c3c3c",
    QPalette.ColorRole.ButtonText: "#ffffff",
    QPalette.ColorRole.BrightText: "#ff5555",
    QPalette.ColorRole.Link: "#5aa9f0",
    QPalette.ColorRole.Highlight: "#2a6fb0",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.PlaceholderText: "#8c8c8c",
}
GREYED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def use_style(dark: bool) -> None:
    """Slicer's light or dark style, both of which are Qt's Fusion with a palette."""
    application = QApplication.instance()
    application.setStyle("Fusion")
    palette = application.style().standardPalette()
    if dark:
        palette = QPalette(QColor("#323232"))
        for role, colour in DARK.items():
            palette.setColor(role, QColor(colour))
        for role in GREYED:
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#7f7f7f"))
    application.setPalette(palette)
    # A style sheet keeps the colours that it was first drawn with.
    for styled in filter(QWidget.styleSheet, application.allWidgets()):
        sheet = styled.styleSheet()
        styled.setStyleSheet("")
        styled.setStyleSheet(sheet)


def widget(proxy: Any, width: int, settle: Any) -> Image.Image:
    """A widget with all its content at this width, as high as it wants to be; ``settle`` runs the event loop."""
    from Testing.harness.qtgate import unwrap

    shown: QWidget = unwrap(proxy)
    top = shown.window()
    top.resize(width, 100)
    top.show()
    for _ in range(3):  # pictures in labels take their height from the width that they have got
        settle()
        layout = top.layout()
        wanted = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else top.sizeHint().height()
        top.resize(QSize(width, max(wanted, layout.totalMinimumSize().height())))
    settle()
    buffer = QBuffer()
    shown.grab().save(buffer, "PNG")
    return Image.open(io.BytesIO(bytes(buffer.data()))).convert("RGB")


def only_visible(segmentation: Any) -> None:
    """Hide all other segmentations."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        node.GetDisplayNode().SetVisibility(int(node is segmentation))


def slice_view(view: Any, size: tuple[int, int], centre: Sequence[float], width_mm: float) -> Image.Image:
    """A slice view at this size that shows so many mm about a position (RAS)."""
    frame(view, size, centre, width_mm)
    return Image.fromarray(np.ascontiguousarray(view.picture()))


def frame(view: Any, size: tuple[int, int], centre: Sequence[float], width_mm: float) -> None:
    """Give a slice view its size, place and scale."""
    view.resize(*size)
    node = view.sliceNode
    node.SetFieldOfView(width_mm, width_mm * size[1] / size[0], node.GetFieldOfView()[2])
    view.jumpTo(centre)
    matrix = node.GetSliceToRAS()
    for axis in range(3):
        matrix.SetElement(axis, 3, centre[axis])
    node.UpdateMatrices()


def surface(size: tuple[int, int], azimuth: float = 20, elevation: float = 8, zoom: float = 1.2) -> Image.Image:
    """The first 3D view, seen from the front."""
    view = slicer.app.layoutManager().threeDWidget(0).threeDView()
    node = view.mrmlViewNode()
    node.SetBoxVisible(0)
    node.SetAxisLabelsVisible(0)
    drawing = view._drawing
    drawing.window.SetSize(*size)
    drawing.window.SetMultiSamples(8)
    drawing.group  # noqa: B018 - the managers fill the renderer and make the camera
    camera = drawing.renderer.GetActiveCamera()
    camera.SetFocalPoint(0, 0, 0)
    camera.SetPosition(0, 500, 0)
    camera.SetViewUp(0, 0, 1)
    camera.Azimuth(azimuth)
    camera.Elevation(elevation)
    drawing.renderer.ResetCamera()
    camera.Zoom(zoom)
    drawing.renderer.ResetCameraClippingRange()
    return Image.fromarray(np.ascontiguousarray(drawing.picture()))


def chart(node: Any, size: tuple[int, int]) -> Image.Image:
    """A chart node as the application's plot view draws it: VTK's XY chart of the series' tables."""
    view = vtk.vtkContextView()
    window = view.GetRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(8)
    window.SetSize(*size)
    drawn = vtk.vtkChartXY()
    drawn.SetShowLegend(True)
    drawn.SetTitle(node.GetTitle())
    view.GetScene().AddItem(drawn)
    for index in range(node.GetNumberOfPlotSeriesNodes()):
        series = node.GetNthPlotSeriesNode(index)
        table = series.GetTableNode().GetTable()
        if not table.GetNumberOfRows():
            continue
        lines = series.GetLineStyle() != series.LineStyleNone
        plot = drawn.AddPlot(vtk.vtkChart.LINE if lines else vtk.vtkChart.POINTS)
        plot.SetInputData(table, series.GetXColumnName(), series.GetYColumnName())
        plot.SetLabel(series.GetName())
        plot.SetColorF(*series.GetColor())
        plot.SetWidth(2)
    for axis, title in ((vtk.vtkAxis.BOTTOM, node.GetXAxisTitle()), (vtk.vtkAxis.LEFT, node.GetYAxisTitle())):
        drawn.GetAxis(axis).SetTitle(title)
    window.Render()
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    grab.Update()
    pixels = vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
    return Image.fromarray(np.ascontiguousarray(np.flipud(pixels.reshape(size[1], size[0], -1)[..., :3])))


def row(*images: Image.Image, gap: int = GAP, background: str = "white") -> Image.Image:
    """Images side by side, aligned at the top."""
    sheet = Image.new("RGB", (sum(i.width for i in images) + gap * (len(images) - 1), max(i.height for i in images)))
    sheet.paste(background, (0, 0, *sheet.size))
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width + gap
    return sheet


def column(*images: Image.Image, gap: int = GAP, background: str = "white") -> Image.Image:
    """Images one above the other, aligned at the left."""
    turned = [image.transpose(Image.Transpose.TRANSPOSE) for image in images]
    return row(*turned, gap=gap, background=background).transpose(Image.Transpose.TRANSPOSE)


def save(image: Image.Image, path: Path) -> None:
    """A PNG as small as it gets without loss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)
    print(f"{path.name}: {image.width} x {image.height}, {path.stat().st_size / 1024:.0f} kB", flush=True)
