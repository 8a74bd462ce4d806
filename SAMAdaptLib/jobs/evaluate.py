"""A model on labelled scans: figures of every label, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.clicks import GOALS, dice_series, effort
from SAMAdaptLib.evaluation.figures import label_figures, mean_figures
from SAMAdaptLib.evaluation.metrics import conventions, mean, policy
from SAMAdaptLib.evaluation.overlay import save_overlays
from SAMAdaptLib.files import writable_folder, write_json
from SAMAdaptLib.jobs.interaction import (
    CLICKED,
    CLICKED_IN_SPACE,
    Clicked,
    click_in_space,
    click_on_slices,
    clicks_before,
)
from SAMAdaptLib.jobs.load import LoadedModel, Model, finds_objects, ready
from SAMAdaptLib.jobs.policy import require_finder
from SAMAdaptLib.jobs.scoring import (
    AUTOMATIC,
    BY_MEMORY,
    FOUND,
    ORACLE,
    PROPAGATED,
    evaluate_automatic,
    evaluate_oracle,
    evaluate_propagated,
    kinds,
    parse_slices,
    rules_of_propagation,
    whole_image,
)
from SAMAdaptLib.names import safe_name
from SAMAdaptLib.prompts.strategies import Strategy, parse_strategy
from SAMAdaptLib.sam.decode import require_prompts
from SAMAdaptLib.sam.families import require_memory
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles, tiled
from SAMAdaptLib.volume.image import base_name
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.policy import check_tile, choose_axis, tile_beside_memory
from SAMAdaptLib.volume.volume import Volume

# Ways to prompt beside those that are drawn from a label.
OF_EVALUATION = ("auto", "whole-image")
# Clicks of which each is scored: behind it their number, as behind "clicks:".
EACH = "each-click:"
WHOLE = "volume"


@dataclass(frozen=True)
class Case:
    """A labelled scan.

    Attributes:
        image: its name.
        read: gives the scan, and its labels on the same grid; called twice, so that a fault in the last scan does not
            cost the work on all others and no two scans are in memory.
        labels: name of what the labels are from, for messages.
    """

    image: str
    read: Callable[[], tuple[Volume, Labels]]
    labels: str | None = None


def evaluate(
    cases: Sequence[Case | tuple[Volume, Labels]],
    model: Model,
    *,
    prompt: str = "point",
    slices: str | None = None,
    propagate: bool = False,
    memory: bool = False,
    axis: str | None = None,
    intensity: Intensity | str | None = None,
    tile: int | None = None,
    tolerance_mm: float = TOLERANCE_MM,
    seed: int = 0,
    output: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Score a model on labelled scans, with prompts drawn from the labels or found by the adapter.

    Args:
        cases: the scans.
        model: from :func:`SAMAdaptLib.jobs.load.load_model`, the name of a base model, or what gives the former; it is
            asked after the scans were looked at.
        prompt: how a label becomes a prompt, see :func:`SAMAdaptLib.prompts.strategies.parse_strategy`; "auto" lets the
            adapter find its own, "whole-image" is the box of the whole slice; "each-click:N" is "clicks:N", and each
            click is scored.
        slices: score these of the slices where a label is, see :func:`SAMAdaptLib.jobs.scoring.parse_slices`; "volume"
            for all slices, with "auto" only.
        propagate: prompt one slice a label and score the whole volume; with "each-click:N" go on clicking on the worst
            slice.
        memory: propagate by the model's own memory of other slices (SAM 2), not by the last mask as a prompt.
        axis: of the slices; by default the adapter's, else axial.
        intensity: mapping to grey levels; by default the adapter's, else the one that suits the values.
        tile: see slices in parts of this side in pixels, 0: whole; by default as
            :func:`SAMAdaptLib.jobs.segment.segment` does.
        tolerance_mm: surface distance that NSD forgives.
        seed: of random prompts.
        output: folder for metrics.json and pictures; nothing is written without one.
        progress: called with (name of the scan, slices done, slices in all).
        cancelled: asked before every slice.

    Returns:
        what metrics.json holds: "cases", "labels" (means and spread over scans), "mean", and how all was measured; of
        each case "tile", the side in pixels of the parts in which its slices were seen, 0: whole;
        where each click is scored, in each case "after", its figures by label after each answer, and "clicks": the
        number before the first click that mends, the mean Dice after each, and the clicks to a Dice of 0.8, 0.85, 0.9.

    Raises:
        InputError: settings that do not go together; scans without a label on the slices to score; what reading a scan
            or loading the model raises.
        Cancelled: ``cancelled`` said so.
    """
    check_tile(tile)
    tile = tile_beside_memory(tile, memory)
    plan = Scoring(prompt, slices, propagate, tolerance_mm, seed, memory)
    known = [one if isinstance(one, Case) else _in_memory(one, number) for number, one in enumerate(cases, start=1)]
    held = _checked(known, plan.whole)
    loaded = ready(model)
    if plan.automatic:
        require_finder(finds_objects(loaded.predictor.model))
    else:
        require_prompts(loaded.predictor.model.labels)
    trained = loaded.predictor.model
    if memory:
        require_memory(trained.base)
    way = choose_axis(axis, trained.axis)
    told, figures = [], []
    for place, case in enumerate(known):
        volume, truth = held.pop(place) if place in held else case.read()
        whole = VolumePredictor(loaded.predictor, volume, way, intensity)
        on = tiled(whole, tile)
        # Minutes of work must not end at a folder that cannot be written to.
        folder = None if output is None else writable_folder(output)
        tell = None if progress is None else partial(progress, base_name(case.image))
        found = plan.score(on, truth, loaded, tell, cancelled)
        results = found.results
        if not any(one.slices for one in results.values()):
            raise InputError(
                "No label on any of the slices to score", case.labels, "Choose other --slices or other labels"
            )
        figures.append({name: one.figures for name, one in results.items()})
        seen = {"intensity": str(whole.intensity), "tile": on.side if isinstance(on, Tiles) else 0}
        told.append({"image": case.image} | seen | {"labels": figures[-1]})
        told[-1] |= {"after": found.after} if plan.each else {}
        if folder is not None:
            save_overlays(folder / "overlays" / f"{place + 1:02d}_{safe_name(base_name(case.image))}", results, whole)
    report = {"cases": told, "labels": label_figures(figures), "mean": mean_figures(figures)} | plan.described(loaded)
    report |= {"clicks": _clicks(told, plan.first)} if plan.each else {}
    if output is not None:
        write_json(Path(output) / "metrics.json", report)
    return report


class Scoring:
    """What is asked of a model, and how it is scored; arguments and errors are as for :func:`evaluate`.

    Attributes:
        automatic: the adapter finds its own prompts.
        strategy: how a label becomes a prompt, unless they are found.
        choose: from the slices where a label is to those scored; None for all slices of the volume.
        each: each click is scored.
        first: clicks that the first prompt is.
    """

    def __init__(
        self,
        prompt: str = "point",
        slices: str | None = None,
        propagate: bool = False,
        tolerance_mm: float = TOLERANCE_MM,
        seed: int = 0,
        memory: bool = False,
    ) -> None:
        self.prompt, self.propagate, self.memory = prompt, propagate, memory
        if memory and not propagate:
            raise InputError("A memory serves propagation only", None, "Propagate, or leave out memory")
        self.tolerance_mm, self.seed = tolerance_mm, seed
        self.automatic, self.whole = prompt == "auto", slices == WHOLE
        if self.automatic and propagate:
            raise InputError(
                "Found prompts are not propagated", "--propagate", "Leave it out, or choose another --prompt"
            )
        self.each = EACH in prompt
        asked, known = prompt.replace(EACH, "clicks:"), (*OF_EVALUATION, f"{EACH}N")
        try:
            self.strategy: Strategy = whole_image if prompt in OF_EVALUATION else parse_strategy(asked, also=known)
        except InputError as error:
            # In the user's own words.
            raise InputError(error.what, prompt, error.remedy) from error
        self.first = clicks_before(self.strategy)
        if self.whole and not self.automatic:
            raise InputError(
                f"--prompt {prompt} needs the label on every slice", "--slices volume", "Take --prompt auto"
            )
        self.kinds = kinds(self.strategy, propagate)
        self.choose = None if self.whole else parse_slices(slices)

    def score(
        self,
        on: VolumePredictor | Tiles,
        truth: Labels,
        model: LoadedModel,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Clicked:
        """The result of each label of a scan; where each click is scored, with what there was after each.

        Args:
            on: the model on the scan.
            truth: its labels on the same grid.
            model: that ``on`` is of.
            progress: called with (slices done, slices in all).
            cancelled: asked before every slice.

        Raises:
            InputError: what :func:`SAMAdaptLib.jobs.scoring.evaluate_automatic` raises.
            Cancelled: ``cancelled`` said so.
        """
        if self.automatic:
            classes = () if model.info is None else model.info.classes
            found = evaluate_automatic(on, truth, classes, self.choose, self.tolerance_mm, progress, cancelled)
            return Clicked(found)
        how = self.seed, self.tolerance_mm, progress, cancelled
        if self.propagate:
            if self.each:
                return click_in_space(on, truth, self.strategy, *how, memory=self.memory)
            rules = rules_of_propagation(on, self.memory)
            return Clicked(evaluate_propagated(on, truth, self.strategy, rules, *how))
        assert self.choose is not None  # all slices are for what finds objects by itself
        if self.each:
            return click_on_slices(on, truth, self.strategy, self.choose, *how)
        return Clicked(evaluate_oracle(on, truth, self.strategy, self.choose, *how))

    def described(self, model: LoadedModel) -> dict[str, Any]:
        """How figures came about, as the report says it."""
        if self.automatic:
            setting = FOUND if self.whole else AUTOMATIC
        elif self.each:
            setting = CLICKED_IN_SPACE if self.propagate else CLICKED
        else:
            setting = PROPAGATED if self.propagate else ORACLE
        setting += f" {BY_MEMORY}" if self.memory else ""
        info = model.info
        return {
            "figures": conventions(),
            "setting": setting,
            "policy": policy(),
            "prompt": self.prompt,
            "tolerance_mm": self.tolerance_mm,
            "model": model.predictor.model.base.name,
            "adapter": None if info is None else {"method": info.method, "classes": info.classes, "steps": info.steps},
            "by_base": [] if self.automatic else [kind for kind in self.kinds if kind in model.predictor.by_base],
        }


def _clicks(cases: Sequence[dict[str, Any]], first: int) -> dict[str, Any]:
    """What clicks brought, of all structures of all scans."""
    series = dice_series(after for case in cases for after in case["after"].values())
    dice = [mean(one[place] for one in series) for place in range(max(map(len, series), default=0))]
    goals = {f"{goal:g}": effort(series, goal, first) for goal in GOALS}
    return {"first": first, "dice": dice, "to": {goal: one and one._asdict() for goal, one in goals.items()}}


def _in_memory(case: tuple[Volume, Labels], number: int) -> Case:
    return Case(case[0].name or f"scan {number}", lambda: case)


def _checked(cases: Sequence[Case], whole: bool) -> dict[int, tuple[Volume, Labels]]:
    """The last scan by its place, after all have been read.

    Raises:
        InputError: a scan that cannot be read, or one without any label although these are to be scored.
    """
    if not cases:
        raise InputError("There is no scan to score on", None, "Give one with its labels")
    held: dict[int, tuple[Volume, Labels]] = {}
    for place, case in enumerate(cases):
        held = {place: case.read()}
        truth = held[place][1]
        if not whole and not any(np.any(truth.mask(name)) for name in truth.names):
            raise InputError(
                "No label on any of the slices to score", case.labels, "Give labels drawn on this image"
            )
    return held
