"""A U-Net beside SAM: what it sees, what it learns, and that a stopped run goes on as if it had not been stopped."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.unet import SIDE, Unet, pixels, read_unet, train_unet
from SAMAdaptLib.volume.intensity import to_uint8
from Testing.tiny import make_library, scan

pytestmark = pytest.mark.slow

QUICK = {"batch_size": 2, "device": "cpu", "prompts_per_slice": 1, "checkpoint_seconds": 1e9}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("unet") / "LIB", patients=3, backgrounds=(0, 5)).folder


def test_grey_levels_come_in_as_0_to_1_with_the_sides_kept():
    seen = pixels(np.full((20, 40), 51, np.uint8), ModelFrame((20, 40), SIDE))
    assert seen.shape == (1, 256, 256) and torch.allclose(seen[0, :128], torch.tensor(0.2)) and not seen[0, 128:].any()


def test_it_outlines_a_patient_that_it_has_not_seen(library, tmp_path):
    info = train_unet(library, tmp_path / "run", TrainConfig(steps=25, lr=3e-3, **QUICK))
    assert info.classes == ("disc", "bean") and info.steps == 25 and info == read_unet(tmp_path / "run")
    volume, labels = scan(7)
    network = Unet(tmp_path / "run", "cpu")
    bounds = (volume.array.min(), volume.array.max())
    found = np.stack([network.label(to_uint8(plane, bounds), (1.0, 1.0)) for plane in volume.array])
    assert found.shape == labels.array.shape and set(np.unique(found)) <= {0, 1, 2}
    disc, truth = found == 1, labels.array == 1
    dice = 2 * (disc & truth).sum() / (disc.sum() + truth.sum())
    assert dice > 0.85, dice
    assert not network.label(np.full((40, 56), 9, np.uint8), (1.0, 1.0)).any()


def test_a_stopped_run_goes_on_to_the_bit(library, tmp_path):
    config = TrainConfig(steps=3, seed=2, **QUICK)
    whole = train_unet(library, tmp_path / "whole", config)
    told = []
    with pytest.raises(Cancelled):
        train_unet(
            library, tmp_path / "parts", config, listener=told.append,
            cancelled=lambda: any(event["event"] == "step" for event in told),
        )  # fmt: skip
    assert read_unet(tmp_path / "parts") is None
    again = train_unet(library, tmp_path / "parts", config, resume=True)
    wanted, got = load_file(whole.weights), load_file(again.weights)
    assert wanted.keys() == got.keys() and all(torch.equal(wanted[name], got[name]) for name in wanted)
