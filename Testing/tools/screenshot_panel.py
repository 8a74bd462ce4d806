"""Pictures of the panel: each step filled by pressing its own buttons."""

from __future__ import annotations

from typing import Any

from PIL import Image

from Testing.tools import screenshot_parts as parts

WIDTH = 480
NAME = "upper-abdomen"
EXEMPLARS = 6
# Slices of the pupil with a box around each organ, which leaves some mm.
PROMPTED, MARGIN = (2, 6, 10, 14, 18), 5.0
SHOWN = 8
MIDDLE, BODY_MM = (252, 285), 420  # column and row of the middle of the pupil's body
# On two cores the decoder alone learns more in minutes than a whole network.
METHOD, SYNTHETIC = "decoder", 40
SHOWN_AT = 650  # of 1000
EVALUATION_HEIGHT = 1215  # to the end of the first plot; the others are alike
STEPS = ("exemplars", "synthesis", "training", "adapters")


class Panel:
    """The module's panel in the stand-in."""

    def __init__(self, session: Any, module: Any) -> None:
        self.session, self.module = session, module
        self.widget = module.widget()
        self.ui, self.logic = self.widget.ui, self.widget.logic
        module.enter()

    @property
    def node(self) -> Any:
        """The parameter node."""
        return self.widget._parameterNode

    def open(self, *steps: str) -> None:
        """Open these steps and close the others."""
        for step in STEPS:
            getattr(self.ui, f"{step}Button").collapsed = step not in steps
        self.session.settle()

    def picture(self, dark: bool = False, width: int = WIDTH) -> Image.Image:
        """The whole panel as it is."""
        parts.use_style(dark)
        image = parts.widget(self.module.widgetRepresentation().widget, width, self.session.settle)
        parts.use_style(False)
        return image

    def step(self, name: str) -> Image.Image:
        """One open step by itself."""
        return parts.widget(getattr(self.ui, f"{name}Button"), WIDTH, self.session.settle)

    def until(self, condition: Any, seconds: float = 600) -> None:
        """Wait with the event loop running."""
        self.session.app.pump(until=condition, seconds=seconds)


def draw(session: Any, module: Any) -> None:
    """Teach with one patient, and picture every step on the way."""
    teacher = session.teacher
    view = session.app.view("Red")
    view.show(teacher.volume)
    panel = Panel(session, module)
    panel.node.volume, panel.node.segmentation = teacher.volume, teacher.reference
    exemplars(panel, session)
    synthesis(panel, session)
    if NAME not in [entry.name for entry in panel.logic.shelf.list()]:
        training(panel, session)
    found = [segmented(panel, session, name, adapter) for name, adapter in (("base", None), ("adapted", NAME))]
    evaluation(panel, session, found)


def segmented(panel: Panel, session: Any, name: str, adapter: str | None) -> Any:
    """A segmentation of the pupil from boxes on some slices, carried through the volume."""
    scan = session.pupil
    panel.logic.activateAdapter(adapter)
    node = scan.segmentation(name, {})
    for organ in scan.masks:
        for index in PROMPTED:
            panel.logic.segmentSlice(scan.volume, node, organ, box=scan.box(organ, index, MARGIN))
        panel.logic.propagate(scan.volume, node, organ)
    return node


def exemplars(panel: Panel, session: Any) -> None:
    """Step 1, by suggestions."""
    panel.open("exemplars")
    if not panel.ui.exemplarList.count:
        panel.node.suggestionCount = EXEMPLARS
        panel.ui.suggestButton.click()
        panel.ui.addSuggestedButton.click()
    light, dark = (panel.picture(dark) for dark in (False, True))
    parts.save(parts.row(light, dark), session.output / "panel.png")


def synthesis(panel: Panel, session: Any) -> None:
    """Step 2 beside step 1."""
    first = panel.step("exemplars")
    panel.open("synthesis")
    panel.node.previewCount = 2
    panel.ui.previewButton.click()
    panel.until(lambda: panel.ui.previewButton.text != "Stop")
    second = panel.step("synthesis")
    parts.save(parts.row(first, second), session.output / "exemplars.png")


def training(panel: Panel, session: Any) -> None:
    """Step 3 while it runs, beside its plot."""
    panel.open("training")
    panel.until(lambda: panel.ui.memoryLabel.text.startswith("Memory"))
    panel.node.runName, panel.node.budgetMinutes, panel.node.syntheticCount = NAME, session.minutes, SYNTHETIC
    selector = panel.ui.methodSelector
    selector.setCurrentIndex(selector.findData(METHOD))
    panel.ui.startButton.click()
    panel.until(lambda: panel.ui.trainingProgress.value > SHOWN_AT or not panel.logic.runs.running)
    step = panel.step("training")
    chart = parts.chart(panel.widget.trainingStep.plot.chartNode, (step.width, step.height))
    parts.save(parts.row(step, chart), session.output / "training.png")
    panel.until(lambda: not panel.logic.runs.running)


def evaluation(panel: Panel, session: Any, found: list[Any]) -> None:
    """Step 4 with segmentations of the pupil, each a case, beside one of their slices without a prompt."""
    panel.open("adapters")
    pupil = session.pupil
    panel.node.volume, panel.node.reference = pupil.volume, pupil.reference
    for segmentation in found:
        panel.node.segmentation = segmentation
        panel.ui.evaluateButton.click()
        panel.until(lambda: panel.ui.evaluateButton.text != "Stop")
    panel.ui.adapterTable.selectRow(0)
    step = panel.step("adapters")
    step = step.crop((0, 0, step.width, EVALUATION_HEIGHT))
    view, place = session.app.view("Red"), pupil.world(*MIDDLE, SHOWN)
    view.show(pupil.volume)
    size = (step.width, (step.height - parts.GAP) // 2)
    slices = []
    for segmentation in found:
        parts.only_visible(segmentation)
        slices.append(parts.slice_view(view, size, place, BODY_MM))
    parts.save(parts.row(step, parts.column(*slices)), session.output / "evaluation.png")
