"""How good a liver in CT is after each correction by a user who knows the truth: Resources/results/correction.md.

``python -m Testing.benchmarks.correction DATA [--adapter RUN] [--scan NAME]`` with the folder of shared data.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.policy import propagation_rules
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.strategies import next_click
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation import correct as correction
from SAMAdaptLib.propagation.mend import mended, prompt_of_mask
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

# Scan and the value of its liver.
SCANS = {
    "abdomen_ct_amos/amos_0001": 6,
    "abdomen_ct_totalsegmentator/example_ct_dicom_1mm": 5,
    "abdomen_ct_totalsegmentator/example_ct_3mm": 5,
}
CORRECTIONS = 5
# Above 1 no way ends early.
AGREEMENTS = (0.9, correction.AGREEMENT, 1.01)
RULES = propagation_rules(mask_prompts=False)


class Counting:
    """A predictor that remembers its answers, so that ways can be compared, and counts the questions."""

    def __init__(self, slices: VolumePredictor) -> None:
        self.slices, self.asked = slices, 0
        self._known: dict[tuple[object, ...], SliceResult] = {}

    def __call__(self, index: int, prompt: Prompt) -> SliceResult:
        self.asked += 1
        key = (index, None if prompt.box is None else prompt.box.tobytes(), prompt.points.tobytes())
        if key not in self._known:
            self._known[key] = self.slices(index, prompt)
        return self._known[key]


def corrected(ask: Counting, truth: np.ndarray) -> str:
    """From the box of the middle slice, then one gesture on the slice with the most wrong pixels: that there is
    nothing, a box, or where it has one a click."""
    inside = np.flatnonzero(truth.any(axis=(1, 2)))
    key, stack = int(inside[len(inside) // 2]), ask.slices.stack
    mask = finish(propagate(ask, {key: box(truth[key])}, stack.count, stack.shape, RULES)).mask
    fixed, boxed, figures, counts = {key}, {key}, [dice(mask, truth)], []
    for _ in range(CORRECTIONS):
        worst = int(np.count_nonzero(mask ^ truth, axis=(1, 2)).argmax())
        before, partly = ask.asked, ()
        if not truth[worst].any():
            found = SliceResult(truth[worst], np.zeros((1, 1), np.float32), 1.0)
        elif worst in boxed:
            clicks = next_click(Prompt(), truth[worst], mask[worst], None)
            assert clicks is not None
            found = ask(worst, prompt_of_mask(mask[worst], clicks))
            found, partly = SliceResult(mended(mask[worst], found.mask, clicks), found.logits, found.iou), (worst,)
        else:
            found = ask(worst, box(truth[worst]))
            boxed.add(worst)
        mask = finish(correction.correct(ask, mask, {worst: found}, fixed - {worst}, RULES, mended=partly)).mask
        fixed.add(worst)
        figures.append(dice(mask, truth))
        counts.append(ask.asked - before)
    return (
        f"after 0 to {CORRECTIONS}: {' '.join(f'{one:.3f}' for one in figures)}; answers asked for: {counts}"
    )


def clicked(ask: Counting, truth: np.ndarray) -> str:
    """What one click does to a true mask with a bite out of its border, or a lump on it, through 13 slices."""
    rng, told = np.random.default_rng(0), []
    inside = np.flatnonzero(truth.any(axis=(1, 2)))
    rows, columns = np.mgrid[: truth.shape[1], : truth.shape[2]]
    for lump in (False, True):
        for part in (0.25, 0.5, 0.75):
            key = int(inside[int(len(inside) * part)])
            border = np.argwhere(truth[key] & ~ndimage.binary_erosion(truth[key]))
            y, x = border[rng.integers(len(border))]
            radius, present = 0.4 * np.sqrt(truth[key].sum() / np.pi), truth.copy()
            for index in range(max(0, key - 6), min(len(truth), key + 7)):
                here = radius * np.sqrt(1 - ((index - key) / 7) ** 2)
                present[index][(columns - x) ** 2 + (rows - y) ** 2 <= here**2] = lump
            clicks = next_click(Prompt(), truth[key], present[key], None)
            assert clicks is not None
            found = ask(key, prompt_of_mask(present[key], clicks))
            start = {key: SliceResult(mended(present[key], found.mask, clicks), found.logits, found.iou)}
            ways = [finish(correction.correct(ask, present, start, (), RULES, mended=one)).mask for one in ((), (key,))]
            alone = present.copy()
            alone[key] = start[key].mask
            told.append(" ".join(f"{dice(one, truth):.3f}" for one in (present, alone, *ways)))
    return "; ".join(told)


def main() -> None:
    """Print the figures of each scan."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--adapter", help="run folder; without one the base model answers")
    parser.add_argument("--scan", choices=SCANS, nargs="+", default=[*SCANS], help="which ones; all by default")
    args = parser.parse_args()
    model = load_model("lite_medsam", adapter=args.adapter)
    for scan in args.scan:
        slices = VolumePredictor(model.predictor, read_volume(args.data / f"{scan}_image.nrrd"), "axial")
        truth = slices.stack.view(read_labels(args.data / f"{scan}_label.nrrd").array == SCANS[scan])
        ask = Counting(slices)
        exact = np.array([ask(k, box(one)).mask if one.any() else one for k, one in enumerate(truth)])
        print(f"{scan}: with the exact box on every slice {dice(exact, truth):.3f}")
        print(f"  a click: before, on its slice alone, carried as it is, its change carried: {clicked(ask, truth)}")
        for agreement in AGREEMENTS:
            correction.AGREEMENT = agreement
            print(f"  agreement {agreement:.2f}, {corrected(ask, truth)}", flush=True)


if __name__ == "__main__":
    main()
