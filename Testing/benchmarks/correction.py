"""How good a liver in CT is after each correction by a user who knows the truth: Resources/results/correction.md.

``python -m Testing.benchmarks.correction DATA [--adapter RUN] [--scan NAME] [--drawn]`` with the folder of shared data;
with ``--drawn`` what another tool has drawn is mended, on other organs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage

from SAMAdaptLib.jobs.load import LoadedModel, load_model
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
# Organs by which it was chosen where a way beyond the known slices ends.
DRAWN = {
    "abdomen_ct_totalsegmentator/example_ct_3mm": (1, 6, 2, 104, 94),
    "brain_mri_whole_t1/voxelmorph_test_scan": (43, 16),
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
    return f"after 0 to {CORRECTIONS}: {' '.join(f'{one:.3f}' for one in figures)}; answers asked for: {counts}"


def mended_drawing(ask: Counting, truth: np.ndarray, part: float) -> list[float]:
    """Dice of what another tool has drawn, in effect the truth bent by up to a fifth of its radius, with one half
    missing on a sixth of its slices from ``part`` of them on; before that, with it, and after one and two boxes, each
    exact and on the slice with the most wrong pixels."""
    rng, inside = np.random.default_rng(1), np.flatnonzero(truth.any(axis=(1, 2)))
    reach = 0.18 * np.sqrt(truth.any(axis=0).sum() / np.pi)
    bends = [ndimage.gaussian_filter(rng.normal(size=truth.shape), (3, 6, 6)) for _ in range(2)]
    grid = np.meshgrid(*(np.arange(count) for count in truth.shape), indexing="ij")
    places = [grid[0], *(at + reach * one / np.abs(one).max() for at, one in zip(grid[1:], bends, strict=True))]
    mask = ndimage.map_coordinates(truth.astype(np.float32), places, order=1) > 0.5
    figures, first, fixed = [dice(mask, truth)], int(inside[int(len(inside) * part)]), set()
    for one in mask[first : first + max(3, len(inside) // 6)]:
        if one.any():
            one[:, int(np.median(np.nonzero(one)[1])) :] = False
    figures.append(dice(mask, truth))
    for _ in range(2):
        worst = int((np.count_nonzero(mask ^ truth, axis=(1, 2)) * truth.any(axis=(1, 2))).argmax())
        found = ask(worst, box(truth[worst]))
        mask = finish(correction.correct(ask, mask, {worst: found}, fixed, RULES)).mask
        fixed.add(worst)
        figures.append(dice(mask, truth))
    return figures


def drawn(model: LoadedModel, data: Path) -> None:
    """Print the figures of what another tool has drawn."""
    rows: list[list[float]] = []
    for scan, labels in DRAWN.items():
        slices = VolumePredictor(model.predictor, read_volume(data / f"{scan}_image.nrrd"), "axial")
        array = read_labels(data / f"{scan}_label.nrrd").array
        for label in labels:
            truth = slices.stack.view(array == label)
            rows += [mended_drawing(Counting(slices), truth, part) for part in (0.2, 0.5, 0.75)]
            print(f"{scan} {label}:", *np.round(rows[-3:], 3).tolist(), flush=True)
    print(f"mean {np.mean(rows, axis=0).round(3)}, least {np.min(rows, axis=0).round(3)}")


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
    parser.add_argument("--drawn", action="store_true", help="mend what another tool has drawn")
    args = parser.parse_args()
    model = load_model("lite_medsam", adapter=args.adapter)
    if args.drawn:
        drawn(model, args.data)
        return
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
