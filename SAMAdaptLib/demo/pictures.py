"""The demo's pictures and its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.evaluation.overlay import Panel, overlay_sheet, slice_dice
from SAMAdaptLib.evaluation.plots import loss_curve
from SAMAdaptLib.evaluation.report import Figure, Section, Table, write_report
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.preview import preview_sheet
from SAMAdaptLib.volume.masks import bounds

if TYPE_CHECKING:
    from SAMAdaptLib.evaluation.figures import LabelResult
    from SAMAdaptLib.sam.predictor import VolumePredictor

PROMPTS = {"point": "one point", "box": "a box"}
MODELS = {"zero_shot": "As published", "adapted": "Adapted"}
# Label number and place among the test slices (0 = rearmost, 1 = foremost) of the columns of the picture.
PICTURE = ((0, 0.2), (1, 0.75), (0, 0.9))


def draw(
    output: Path,
    predictor: VolumePredictor,
    zero_shot: dict[str, dict[str, LabelResult]],
    adapted: dict[str, dict[str, LabelResult]],
    propagated: LabelResult,
    synthetic: SyntheticSet,
) -> None:
    """Write all pictures; results by prompt strategy ("point", "box") and label."""
    from SAMAdaptLib.training.run_folder import read_metrics

    painter = _Painter(predictor, {"zero_shot": zero_shot, "adapted": adapted})
    names = list(adapted["point"])
    for name in names:
        indices = _spread(adapted["point"][name].slices, 4)
        rows = [(model, text) for text in PROMPTS for model in MODELS]
        overlay_sheet(
            output / f"slices_{name.replace(' ', '_')}.png",
            [painter.panel(model, text, name, index) for model, text in rows for index in indices],
            columns=len(indices),
            dpi=90,
            row_titles=[f"{MODELS[model]}, {PROMPTS[text]}" for model, text in rows],
        )
    columns = []
    for number, place in PICTURE:
        slices = adapted["point"][names[number]].slices
        columns.append((names[number], slices[round(place * (len(slices) - 1))]))
    overlay_sheet(
        output / "picture.png",
        [painter.panel(model, "point", name, index, named=True) for model in MODELS for name, index in columns],
        columns=len(columns),
        dpi=104,
        row_titles=[f"LiteMedSAM {MODELS[model].lower()}" for model in MODELS],
    )
    overlay_sheet(output / "propagated.png", painter.propagated(propagated, 10), columns=5)
    preview_sheet(synthetic, output / "synthesis.png", rows=2, columns=6)
    loss_curve(output / "loss.png", read_metrics(output / "run"))


class _Painter:
    def __init__(self, predictor: VolumePredictor, results: dict[str, dict[str, dict[str, LabelResult]]]) -> None:
        self.predictor, self.results = predictor, results
        self.window = _window(predictor)

    def panel(self, model: str, text: str, name: str, index: int, named: bool = False) -> Panel:
        result = self.results[model][text][name]
        dice = slice_dice(result)[index]
        what = name.capitalize() if named else f"y = {self._y(index):.0f} mm"
        return self._panel(index, result, f"{what}: Dice {dice:.2f}")

    def propagated(self, result: LabelResult, count: int) -> list[Panel]:
        present = np.flatnonzero((result.truth | result.prediction).any(axis=(1, 2)))
        (key,) = result.prompts
        indices = _spread([int(i) for i in present], count)
        # The prompted slice takes the place of the one nearest to it.
        indices[int(np.abs(np.array(indices) - key).argmin())] = key
        dice = slice_dice(result)
        return [self._panel(i, result, f"y = {self._y(i):.0f} mm: Dice {dice[i]:.2f}") for i in indices]

    def _panel(self, index: int, result: LabelResult, title: str) -> Panel:
        part = rows, columns = self.window
        prompt = result.prompts.get(index)
        if prompt is not None:
            shift = np.array([columns.start, rows.start], np.float32)
            moved = None if prompt.box is None else prompt.box - np.tile(shift, 2)
            prompt = Prompt(prompt.points - shift, prompt.labels, moved)
        image = self.predictor.image(index)[part]
        spacing = self.predictor.stack.pixel_spacing
        return Panel(image, result.truth[index][part], result.prediction[index][part], prompt, title, spacing)

    def _y(self, index: int) -> float:
        return float(self.predictor.stack.pixel_to_ras([[0, 0, index]])[0, 1])


def write_demo_report(output: Path, metrics: dict[str, Any]) -> None:
    """Write ``report.html`` from the figures and the pictures that are in the folder."""
    propagation = metrics["propagation"]
    write_report(
        output / "report.html",
        "SAMAdapt demo: seven labelled slices",
        _result(output, metrics),
        Section(
            "What it learned from",
            (
                "The synthesis cuts the labelled objects out, changes each on its own, and pastes them back: every "
                "training step sees new slices.",
            ),
            (),
            (
                Figure(output / "synthesis.png", "Exemplars and synthetic slices made from them."),
                Figure(output / "loss.png", "The training: single steps (dots) and their smoothed course (line)."),
            ),
        ),
        *(_slices(output, name) for name in metrics["adapted"]["labels"]),
        Section(
            "Through the volume",
            (
                "A box on one slice, then from slice to slice with the adapted model: Dice "
                f"{propagation['dice']:.2f} over the whole volume and {propagation['test_slices_dice']:.2f} on the "
                "test slices alone. propagated.seg.nrrd and scan.nrrd open in 3D Slicer.",
            ),
            (),
            (Figure(output / "propagated.png", f"{propagation['label'].capitalize()}; the box was the only prompt."),),
        ),
    )


def _result(output: Path, metrics: dict[str, Any]) -> Section:
    names = list(metrics["adapted"]["labels"])
    rows = []
    for key, model in MODELS.items():
        for text, prompt in PROMPTS.items():
            found = metrics[key if text == "point" else f"{key}_{text}"]
            labels = [found["labels"][name]["dice"] for name in names]
            rows.append([model, prompt, found["dice"], *labels])
    far = f"{metrics['distance_mm']:.0f} mm"
    gain = metrics["adapted"]["dice"] - metrics["zero_shot"]["dice"]
    return Section(
        "Result",
        (
            f"With one point for each object, the mean Dice is {metrics['zero_shot']['dice']:.2f} as published and "
            f"{metrics['adapted']['dice']:.2f} ({gain:+.2f}) after {metrics['steps']} training steps on "
            f"{metrics['exemplars']} labelled coronal slices. LiteMedSAM was trained with boxes only, so what "
            "a point means is a guess before; the rows with a box are the fairer comparison.",
            "Both models get the same prompts, made from the truth, on "
            f"{metrics['slices']} slices that lie at least {far} away from every labelled slice. It is one brain, "
            "an average of 152 people: the figures show that the model learns from a few slices, not how well it "
            "does on other people.",
        ),
        (Table(["Model", "Prompt", "Mean Dice", *names], rows, "Dice over all test slices together, by label."),),
        (Figure(output / "picture.png", f"One point for each object, slices at least {far} from the exemplars."),),
    )


def _slices(output: Path, name: str) -> Section:
    path = output / f"slices_{name.replace(' ', '_')}.png"
    words = f"{name.capitalize()} on test slices, by model and prompt; y is the place from back to front."
    return Section(name.capitalize(), (), (), (Figure(path, words),))


def _spread(values: list[int], count: int) -> list[int]:
    places = np.unique(np.linspace(0, len(values) - 1, count).round().astype(int))
    return [values[place] for place in places]


def _window(predictor: VolumePredictor) -> tuple[slice, slice]:
    """Rows and columns around everything brighter than the air, with a small margin."""
    seen: Mask = np.any(predictor.stack.view(predictor.volume.array) > predictor.bounds[0], axis=0)
    margin = 4
    rows, columns = (slice(max(0, side.start - margin), side.stop + margin) for side in bounds(seen) or ())
    return rows, columns
