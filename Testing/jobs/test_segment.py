"""From prompts in the patient to a mask, with a predictor that thresholds, so that the right answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.load import LoadedModel, load_model
from SAMAdaptLib.jobs.segment import propagate, segment
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.sam.device import devices, pick_device
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Prediction
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.tiny import Alone


class Thresholder(Alone):
    """Answers with the bright component that the prompt touches; counts its work."""

    dtype = torch.float32
    model = SimpleNamespace(
        depth=1, whole_stacks=False,
        identity={"base": "t"}, intensity="", axis="", tile=0, input_size=64, low_res_size=16, adapter_hash="",
        mask_prompts=True, points=True, guesses=False, labels=False,
        device=torch.device("cpu"),
    )

    def __init__(self) -> None:
        self.encoded = self.decoded = self.masked = 0

    def frame(self, shape, pixel_spacing) -> ModelFrame:
        return ModelFrame(tuple(shape), 64, tuple(pixel_spacing))

    def encode(self, image, frame) -> torch.Tensor:
        self.encoded += 1
        return torch.from_numpy(image.astype(np.float32))[None, None]

    def decode(self, embedding, prompts, frame, multimask=False, image=None) -> Prediction:
        self.decoded += 1
        self.masked += sum(prompt.mask_logits is not None for prompt in prompts)
        parts, _ = ndimage.label(embedding[0, 0].numpy() > 127)
        masks = []
        for prompt in prompts:
            inside = np.zeros(parts.shape, bool)
            for (x, y), label in zip(prompt.points, prompt.labels, strict=True):
                inside[int(y + 0.5), int(x + 0.5)] |= bool(label)
            if prompt.box is not None:
                x0, y0, x1, y1 = np.round(prompt.box).astype(int)
                inside[y0 : y1 + 1, x0 : x1 + 1] = True
            found = np.setdiff1d(np.unique(parts[inside]), [0])
            masks.append(np.isin(parts, found))
        masks = np.stack(masks)[:, None]
        logits = np.where(masks, 8.0, -8.0).astype(np.float32)
        return Prediction(masks, logits, np.full(masks.shape[:2], 0.9), np.zeros((len(masks), 1, 16, 16), np.float32))


# A turned, left-handed grid with thick slices.
TURN = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, -1]])
MATRIX = np.eye(4)
MATRIX[:3, :3] = TURN * [1.0, 1.2, 2.5]
MATRIX[:3, 3] = [30, -40, 60]
GEOMETRY = Geometry((48, 40, 24), MATRIX)
CENTRE = np.array([24.0, 20.0, 12.0])


def ellipsoid() -> np.ndarray:
    k, j, i = np.indices(GEOMETRY.shape)
    return ((i - 24) / 16) ** 2 + ((j - 20) / 12) ** 2 + ((k - 12) / 8) ** 2 <= 1


@pytest.fixture
def scan() -> Volume:
    noise = np.random.default_rng(0).integers(0, 40, GEOMETRY.shape)
    return Volume((ellipsoid() * 800 + noise).astype(np.int16), GEOMETRY, "ellipsoid")


def point(*ijk: float) -> RasPrompts:
    return RasPrompts(GEOMETRY.to_ras(np.array([ijk])), [1], np.zeros((0, 6)))


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * (a & b).sum() / (a.sum() + b.sum())


MAP = Intensity.parse("minmax")


def on_prompted(model, volume, prompts, **given):
    return segment(volume, LoadedModel(model), {"it": prompts}, **given)["it"]


def through(model, volume, prompts, **given):
    return propagate(volume, LoadedModel(model), {"it": prompts}, **given)["it"]


def test_without_propagation_only_the_prompted_slice(scan: Volume) -> None:
    found = on_prompted(Thresholder(), scan, point(*CENTRE), intensity=MAP)
    truth = np.zeros(scan.array.shape, bool)
    truth[12] = ellipsoid()[12]
    assert np.array_equal(found.mask, truth)
    assert [s["index"] for s in found.slices] == [12]


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal"])
def test_one_click_fills_the_object_along_any_axis(scan: Volume, axis: str) -> None:
    found = through(Thresholder(), scan, point(*CENTRE), axis=axis, intensity=MAP)
    assert dice(found.mask, ellipsoid()) > 0.95
    assert not (found.mask & ~ellipsoid()).any()


def test_all_axes_agree_and_say_where_each_slice_came_from(scan: Volume) -> None:
    model = Thresholder()
    found = through(model, scan, point(*CENTRE), intensity=MAP, all_axes=True)
    assert dice(found.mask, ellipsoid()) > 0.95
    assert {s["axis"] for s in found.slices} == {"axial", "coronal", "sagittal"}
    assert model.encoded <= sum(GEOMETRY.size)


def test_the_rules_hold_along_all_axes_and_the_range_along_the_first(scan: Volume) -> None:
    """Slices of an ellipsoid near its ends overlap less than 0.8 with their neighbours, along whichever axis."""
    rules = {"min_iou": 0.8, "max_missing": 1, "first": 8, "last": 14}
    found = through(Thresholder(), scan, point(*CENTRE), intensity=MAP, all_axes=True, rules=rules)
    axes = {s["axis"]: [t for t in found.stops if t["axis"] == s["axis"]] for s in found.slices}
    assert set(axes) == {"axial", "coronal", "sagittal"} and axes["axial"] == []
    for axis in ("coronal", "sagittal"):
        # One failing slice ends the way in each direction.
        assert len(axes[axis]) == 2 and all("under 0.8" in stop["reason"] for stop in axes[axis])
    # The other axes are walked from end to end of what the first found, and none fills a slice out of range.
    assert {s["index"] for s in found.slices if s["axis"] == "axial"} == set(range(8, 15))
    assert set(np.nonzero(found.mask)[0]) == set(range(8, 15))
    # 16 and 12 voxels are the half-axes: by the default of 0.5 the ways end later.
    usual = through(
        Thresholder(), scan, point(*CENTRE), intensity=MAP, all_axes=True, rules={"first": 8, "last": 14}
    )
    assert len(usual.slices) > len(found.slices)


@pytest.mark.parametrize("trained", [True, False])
def test_masks_are_prompts_only_for_models_that_know_them(scan: Volume, trained: bool, monkeypatch) -> None:
    monkeypatch.setattr(Thresholder.model, "mask_prompts", trained)
    model = Thresholder()
    found = through(model, scan, point(*CENTRE), intensity=MAP)
    assert model.masked == (model.decoded - 1 if trained else 0)
    assert dice(found.mask, ellipsoid()) > 0.95


def test_a_box_with_depth_limits_the_slices(scan: Volume) -> None:
    """The box spans slices 10 to 14 of the voxel axis nearest to S; nothing beyond may be filled."""
    corners = GEOMETRY.to_ras(np.array([[24 - 17, 20 - 13, 9.6], [24 + 17, 20 + 13, 14.4]]))
    center, half = corners.mean(axis=0), np.array([26.0, 26.0, 6.0])
    box = np.concatenate([center - half, center + half])
    found = through(Thresholder(), scan, RasPrompts(boxes=[box]), intensity=MAP)
    filled = np.unique(np.nonzero(found.mask)[0])
    assert filled.tolist() == [10, 11, 12, 13, 14]


def test_cancel_keeps_what_was_finished(scan: Volume) -> None:
    asked = iter([False] * 4 + [True] * 99)
    found = through(Thresholder(), scan, point(*CENTRE), intensity=MAP, cancelled=lambda: next(asked))
    assert found.cancelled and 1 <= len(found.slices) < 15 and found.mask.any()


def test_bad_prompts_are_named(scan: Volume) -> None:
    negative = RasPrompts(GEOMETRY.to_ras(CENTRE[None]), [0], np.zeros((0, 6)))
    with pytest.raises(InputError, match="negative"):
        on_prompted(Thresholder(), scan, negative, intensity=MAP)
    array = scan.array.copy()
    array[3] = 7
    with pytest.raises(InputError, match="Slice 3 .* constant"):
        on_prompted(Thresholder(), Volume(array, GEOMETRY, "x"), point(24, 20, 3), intensity=MAP)


def test_loading_takes_the_usual_model_and_names_a_missing_device(lite_medsam_file) -> None:
    predictor, info = load_model(device="cpu", precision="fp32")
    assert (predictor.model.base.name, info) == ("lite_medsam", None)
    with pytest.raises(InputError, match="tpu"):
        pick_device("tpu")
    assert pick_device("cpu").type == "cpu"


@pytest.mark.parametrize(
    "cards, mps, there",
    [(2, False, ["cuda:0", "cuda:1", "cpu"]), (0, True, ["mps", "cpu"]), (0, False, ["cpu"])],
    ids=["two cards", "Apple", "none"],
)
def test_the_devices_of_a_machine(monkeypatch, cards, mps, there) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    # Listing them must not take memory on a card.
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda name: pytest.fail("asked before CUDA is in use"))
    assert list(devices()) == there and all(devices().values())
    assert [str(pick_device(name)) for name in there] == there
    assert str(pick_device("auto")) == there[0].removesuffix(":0")
    for absent in {"cuda", "cuda:1", "cuda:2", "mps", "cpu:1", ""} - set(there) - ({"cuda"} if cards else set()):
        with pytest.raises(InputError, match="No such device.*" + ", ".join(there)):
            pick_device(absent)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda name: f"Card {name[-1]}")
    assert devices() == dict(zip(there, ["Card 0", "Card 1"][:cards] + ["Apple GPU"] * mps + ["CPU"], strict=True))
