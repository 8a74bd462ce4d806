"""From public weights and a public image to an adapted model and its report, in a few minutes on a CPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib import __version__
from SAMAdaptLib.defaults import MODEL, PERCENTILES
from SAMAdaptLib.demo.data import WHITE_MATTER, check_packages, load_demo
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.files import patiently, unwritable, writable_folder, write_json
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import write_volume

if TYPE_CHECKING:
    from SAMAdaptLib.evaluation.figures import LabelResult
    from SAMAdaptLib.sam.predictor import VolumePredictor

AXIS = "coronal"
STRATEGIES = ("point", "box")
# Front-to-back positions in MNI mm. The anatomy changes along the ventricles, so that the exemplars lie far apart and
# the tests midway between them.
EXEMPLARS_Y = (-70, -50, -30, -10, 10, 26, 46)
TESTS_Y = (-60, -42, -40, -38, -22, -20, -18, -2, 0, 2, 18, 36)
PHASES = {
    "data": "scan and exemplars",
    "zero-shot": "model as published",
    "training": "fine-tuning",
    "adapted": "adapted model",
    "propagation": "through the volume",
    "report": "pictures and report",
}
MARKER = "demo.json"
OURS = (
    "scan.nrrd", "labels.seg.nrrd", "propagated.seg.nrrd", "synthesis.png", "loss.png", "slices_*.png",
    "propagated.png", "picture.png", "report.html", "metrics.json", "exemplars/library.json",
    f"exemplars/{'[0-9a-f]' * 12}_image.nrrd", f"exemplars/{'[0-9a-f]' * 12}_label.nrrd", "run/config.json",
    "run/metrics.jsonl", "run/adapter/adapter.json", "run/adapter/adapter.safetensors", "run/checkpoints/*.safetensors",
)  # fmt: skip

Listener = Callable[[dict[str, Any]], None]
Results = dict[str, dict[str, "LabelResult"]]


def run_demo(
    output: Path,
    minutes: float = 3.5,
    seed: int = 0,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
    steps: int | None = None,
) -> dict[str, Any]:
    """Compare LiteMedSAM as published with the same model after fine-tuning on seven labelled slices.

    The folder gets the scan, its labels, the exemplar library, the run with the adapter, pictures, ``report.html`` and
    ``metrics.json``. What an earlier demo wrote there is replaced; other files are left alone.

    Args:
        output: folder.
        minutes: wall time for the training; the rest takes another one to two minutes on two cores.
        seed: of everything random.
        listener: called with dicts of "event", "step", "total" and "note" (what is being done): "phase" at the start of
            each phase, "progress" after each slice; with those of the training as they are; with "finished" at the end.
        cancelled: asked between slices and steps.
        steps: upper limit of training steps.

    Returns:
        what ``metrics.json`` holds; "dice" is the mean over labels of the Dice over all test slices together.

    Raises:
        InputError: a package is missing, the folder cannot be written to or holds files of others by these names.
        Cancelled: ``cancelled`` said so.
    """
    return _Demo(Path(output), minutes, seed, listener, cancelled, steps).run()


class _Demo:
    def __init__(
        self,
        output: Path,
        minutes: float,
        seed: int,
        listener: Listener | None,
        cancelled: Callable[[], bool] | None,
        steps: int | None,
    ) -> None:
        self.output, self.minutes, self.seed, self.steps = output, minutes, seed, steps
        self.tell: Listener = listener or (lambda event: None)
        self.cancelled: Callable[[], bool] = cancelled or (lambda: False)
        self.phases: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        started = time.monotonic()
        check_packages()
        clean(self.output)
        with self._phase("data"):
            self._data()
        with self._phase("zero-shot"):
            zero_shot = self._evaluate(self._predictor(adapted=False))
        with self._phase("training"):
            info = self._train()
        with self._phase("adapted"):
            adapted_predictor = self._predictor(adapted=True)
            adapted = self._evaluate(adapted_predictor)
        with self._phase("propagation"):
            propagated, propagation = self._propagate(adapted_predictor)
        with self._phase("report"):
            # matplotlib is imported with the pictures only.
            from SAMAdaptLib.demo.pictures import draw, write_demo_report

            draw(self.output, adapted_predictor, zero_shot, adapted, propagated, self.synthetic)
            metrics = {
                **{name: _summary(found) for name, found in _named(zero_shot, adapted)},
                "propagation": propagation,
                "model": MODEL,
                "method": info.method,
                "steps": info.steps,
                "exemplars": len(EXEMPLARS_Y),
                "slices": len(self.tests),
                "distance_mm": self.distance,
            }
            write_demo_report(self.output, metrics)
        metrics |= {"phases": self.phases, "seconds": time.monotonic() - started, "software": __version__}
        write_json(self.output / "metrics.json", metrics)
        self.tell({"event": "finished", "report": str(self.output / "report.html"), "metrics": metrics})
        return metrics

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        if self.cancelled():
            raise Cancelled()
        begun = time.monotonic()
        self.phase = name
        self.tell({"event": "phase", "step": len(self.phases), "total": len(PHASES), "note": PHASES[name]})
        yield
        self.phases[name] = time.monotonic() - begun

    def _progress(self, done: int, total: int) -> None:
        self.tell({"event": "progress", "step": done, "total": total, "note": PHASES[self.phase]})

    def _data(self) -> None:
        from SAMAdaptLib.exemplars.library import Library
        from SAMAdaptLib.synthesis.dataset import SyntheticSet

        self.volume, self.labels = load_demo()
        masks = {name: self.labels.mask(name) for name in self.labels.names}
        write_volume(self.output / "scan.nrrd", self.volume.array, self.volume.geometry)
        write_segmentation(self.output / "labels.seg.nrrd", masks, self.volume.geometry)
        stack = PlaneStack(self.volume.geometry, AXIS)
        exemplars = slices_at(stack, EXEMPLARS_Y)
        self.tests = slices_at(stack, TESTS_Y)
        self.distance = stack.step * float(np.abs(np.subtract.outer(self.tests, exemplars)).min())
        self.library = Library.create(self.output / "exemplars")
        intensity = Intensity.parse(PERCENTILES)
        bounds = intensity.bounds(self.volume.array)
        for index in exemplars:
            self.library.add(self.volume, self.labels, AXIS, index, intensity, bounds)
        self.synthetic = SyntheticSet(self.library, 40, self.seed)

    def _predictor(self, adapted: bool) -> VolumePredictor:
        from SAMAdaptLib.jobs.load import load_model
        from SAMAdaptLib.sam.predictor import VolumePredictor

        model = load_model(
            MODEL, adapter=self.output / "run" if adapted else None, device="cpu", allow_download=False
        )
        return VolumePredictor(model.predictor, self.volume, AXIS, Intensity.parse(PERCENTILES))

    def _evaluate(self, predictor: VolumePredictor) -> Results:
        from SAMAdaptLib.jobs.scoring import evaluate_oracle, parse_slices
        from SAMAdaptLib.prompts.strategies import parse_strategy

        choose = parse_slices(",".join(map(str, self.tests)))
        return {
            text: evaluate_oracle(
                predictor, self.labels, parse_strategy(text), choose, self.seed,
                progress=self._progress, cancelled=self.cancelled,
            )
            for text in STRATEGIES
        }  # fmt: skip

    def _train(self) -> Any:
        from SAMAdaptLib.training.config import TrainConfig
        from SAMAdaptLib.training.finetune import finetune

        # All exemplars come from one volume, so that no patient could be held out. A run as short as this wants a
        # higher rate, true slices rather than variety, and first answers rather than corrections.
        config = TrainConfig(
            model=MODEL, budget_minutes=self.minutes, steps=self.steps, validation="none", seed=self.seed,
            lr=3e-3, real_share=0.5, corrections=0.0, prompts_per_slice=6,
            prompts="point=0.3,random-point=0.3,box:0.1=0.3,neighbour=0.1",
        )  # fmt: skip
        return finetune(self.library, self.output / "run", config, listener=self.tell, cancelled=self.cancelled)

    def _propagate(self, predictor: VolumePredictor) -> tuple[LabelResult, dict[str, Any]]:
        from SAMAdaptLib.evaluation.metrics import METRICS
        from SAMAdaptLib.jobs.scoring import evaluate_propagated
        from SAMAdaptLib.prompts.strategies import parse_strategy

        one = Labels(self.labels.array, self.labels.geometry, {WHITE_MATTER: self.labels.names[WHITE_MATTER]})
        result = evaluate_propagated(
            predictor, one, parse_strategy("box"), None, self.seed, progress=self._progress, cancelled=self.cancelled
        )[WHITE_MATTER]
        mask = np.zeros(self.volume.geometry.shape, bool)
        predictor.stack.view(mask)[:] = result.prediction
        write_segmentation(self.output / "propagated.seg.nrrd", {WHITE_MATTER: mask}, self.volume.geometry)
        far = dice(result.truth[self.tests], result.prediction[self.tests])
        told = {"label": WHITE_MATTER, "dice": result.figures["dice"], "test_slices_dice": far}
        return result, told | {key: result.figures[key] for key, metric in METRICS.items() if metric.surfaces}


def slices_at(stack: PlaneStack, positions_y: tuple[int, ...]) -> list[int]:
    """Indices of the coronal slices nearest to front-to-back positions in RAS mm."""
    points = np.array([(0.0, y, 0.0) for y in positions_y])
    return [int(round(float(index))) for index in stack.ras_to_pixel(points)[:, 2]]


def clean(output: Path) -> None:
    """Make the folder ready: take away what an earlier demo left, and nothing else.

    Raises:
        InputError: files by the demo's names are there that it did not write; the folder cannot be written to.
    """
    writable_folder(output)
    there = [path for pattern in OURS for path in output.glob(pattern)]
    if there and not (output / MARKER).is_file():
        raise InputError(
            "A file is there that the demo would replace but did not write", there[0], "Choose another output folder"
        )
    for path in there:
        try:
            patiently(path.unlink)
        except OSError as error:
            raise unwritable(path, error, "Cannot replace what an earlier demo left") from error
    write_json(output / MARKER, {"written_by": f"samadapt demo {__version__}"})


def _named(zero_shot: Results, adapted: Results) -> Iterator[tuple[str, dict[str, LabelResult]]]:
    for name, results in (("zero_shot", zero_shot), ("adapted", adapted)):
        for text in STRATEGIES:
            yield name if text == "point" else f"{name}_{text}", results[text]


def _summary(results: dict[str, LabelResult]) -> dict[str, Any]:
    from SAMAdaptLib.evaluation.figures import mean_figures

    labels = {name: result.figures for name, result in results.items()}
    return {"dice": mean_figures([labels])["dice"], "labels": labels}
