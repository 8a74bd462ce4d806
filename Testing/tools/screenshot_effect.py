"""Pictures of the effect: its options, prompts with their preview, and what is propagated from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from Testing.tools import screenshot_parts as parts
from Testing.tools.screenshot_panel import BODY_MM, MIDDLE, NAME, PROMPTED

EFFECT = "SAM Adapt"
OPTIONS_WIDTH = 320
INDEX = PROMPTED[2]
# By how many mm boxes are larger than an organ.
MARGIN = 5.0
STOMACH, STOMACH_MM = (288, 250), 190
POSITIVE, NEGATIVE = (288, 250), (330, 290)
SQUARE = (328, 328)
LOWEST = 85  # slice of the teacher: below, a box around the liver holds much else


class Editor:
    """The Segment Editor of the stand-in; only one may be open, as all follow the same node."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.view = session.app.view("Red")
        self.editor = session.app.segmentEditor()
        self.scan = self.segmentation = None

    def use(self, scan: Any, adapter: str | None) -> None:
        """Segment this scan with this adapter on the shelf, into a new segmentation with empty segments."""
        self.scan, self.segmentation = scan, scan.segmentation("Segmentation", dict.fromkeys(scan.masks))
        for name in ("Red", "Green", "Yellow"):
            self.session.app.view(name).show(scan.volume)
            # The application has drawn its views before anyone works in them.
            self.session.app.view(name).picture()
        parts.only_visible(self.segmentation)
        self.editor.setSegmentationNode(self.segmentation)
        self.editor.setSourceVolumeNode(scan.volume)
        self.editor.setActiveEffect(EFFECT)
        box = self.ui.adapterComboBox
        box.currentIndex = 0 if adapter is None else box.findText(adapter)

    @property
    def ui(self) -> Any:
        """The widgets of the options."""
        return self.editor.effect.options.ui

    @property
    def controller(self) -> Any:
        """What holds the prompts."""
        return self.editor.effect.workbench.controller

    def choose(self, organ: str) -> None:
        """Select a segment."""
        self.editor.setCurrentSegmentID(organ)
        self.session.settle()

    def answered(self) -> None:
        """Wait until the preview is that of the present prompts."""
        self.session.app.pump(until=lambda: not self.controller.waiting, seconds=300)

    def propagate(self) -> None:
        """From the prompts there are to all slices."""
        self.ui.bothButton.click()
        propagation = self.editor.effect.workbench.propagation
        self.session.app.pump(until=lambda: not propagation.running, seconds=600)

    def options(self, dark: bool = False) -> Image.Image:
        """The options frame as it is."""
        parts.use_style(dark)
        image = parts.widget(self.editor.optionsWidget(), OPTIONS_WIDTH, self.session.settle)
        parts.use_style(False)
        return image

    def accepted(self, organ: str, index: int) -> None:
        """Segment an organ on a slice by a box, and accept it."""
        self.choose(organ)
        self.view.jumpTo(self.scan.world(0, 0, index))
        self.view.drag(*self.scan.box(organ, index, MARGIN))
        self.answered()
        self.view.key("Return")


def draw(session: Any) -> None:
    """All pictures of the effect."""
    editor = Editor(session)
    prompts(editor, session)
    propagated(editor, session)


def prompts(editor: Editor, session: Any) -> None:
    """Prompts on one slice of a patient that the adapter has not seen."""
    scan = session.pupil
    editor.use(scan, NAME)
    view, middle = editor.view, scan.world(*MIDDLE, INDEX)
    close = scan.world(*STOMACH, INDEX)
    frame = editor.options()
    size, detail = (parts.WIDTH - frame.width - parts.GAP, frame.height), (328, 300)
    parts.frame(view, size, middle, BODY_MM)
    view.enter()
    for organ in ("liver", "spleen"):
        editor.accepted(organ, INDEX)
    editor.choose("stomach")
    view.drag(*scan.box("stomach", INDEX, MARGIN))
    editor.answered()
    states = [parts.slice_view(view, detail, close, STOMACH_MM)]
    parts.frame(view, size, middle, BODY_MM)
    view.clickAt(scan.world(*POSITIVE, INDEX))
    editor.answered()
    view.clickAt(scan.world(*NEGATIVE, INDEX), ctrl=True)
    editor.answered()
    states.append(parts.slice_view(view, detail, close, STOMACH_MM))
    view.key("Return")
    states.append(parts.slice_view(view, detail, close, STOMACH_MM))
    parts.save(parts.row(*states), session.output / "segment-editor.png")
    parts.save(editor.options(dark=True), session.output / "segment-editor-dark.png")


def propagated(editor: Editor, session: Any) -> None:
    """Organs of the other patient, each from boxes on every fifth slice."""
    scan = session.teacher
    editor.use(scan, NAME)
    parts.frame(editor.view, SQUARE, scan.world(61, 50, LOWEST), 400)
    editor.view.enter()
    editor.ui.reachSpinBox.value = 2
    for organ, mask in scan.masks.items():
        present = np.flatnonzero(mask.any(axis=(1, 2)))
        for index in range(max(LOWEST, present[0]), present[-1], 5):
            editor.accepted(organ, index)
        editor.propagate()
        print(organ, editor.ui.statusLabel.text, flush=True)
    axial = parts.slice_view(editor.view, SQUARE, scan.world(61, 50, 99), 340)
    sagittal = parts.slice_view(session.app.view("Yellow"), SQUARE, scan.world(82, 52, 80), 240)
    editor.segmentation.CreateClosedSurfaceRepresentation()
    parts.save(parts.row(axial, sagittal, parts.surface(SQUARE)), session.output / "surface.png")
    arrangement(editor, session)


def arrangement(editor: Editor, session: Any) -> None:
    """The effect's options beside the views, in the order of the application's usual layout."""
    frame, world = editor.options(), editor.scan.world
    size = ((parts.WIDTH - frame.width) // 2 - parts.GAP, (frame.height - parts.GAP) // 2)
    places = {"Red": (61, 50, 99), "Green": (61, 50, 85), "Yellow": (82, 52, 85)}
    axial, coronal, sagittal = (
        parts.slice_view(session.app.view(name), size, world(*place), 340) for name, place in places.items()
    )
    upper, lower = parts.row(axial, parts.surface(size)), parts.row(coronal, sagittal)
    parts.save(parts.row(frame, parts.column(upper, lower)), session.output / "overview.png")
