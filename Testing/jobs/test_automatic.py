"""Volumes without prompts, with a model that finds bright things, so that the right answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import segment
from SAMAdaptLib.propagation.fusion import drop_lone_slices
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Prediction
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.tiny import Alone

GEOMETRY = Geometry.from_lps((20, 16, 8), (0.5, 1.0, 3.0), (0, 0, 0), np.eye(3).ravel())
LEVELS = {"bright": 240, "middle": 130, "nowhere": 60}
MAP = Intensity.parse("window:127.5/255")


class Finder(Alone):
    """Knows three classes by their grey levels; answers a box with what has the level of its middle."""

    dtype = torch.float32

    def __init__(self):
        super().__init__(
            identity={"base": "f"},
            intensity="",
            axis="",
            input_size=64,
            device=torch.device("cpu"),
            depth=1,
            whole_stacks=False,
            points=True,
            guesses=False,
            find=self.find,
        )
        self.encoded = self.decoded = 0

    def find(self, image, frame, encode):
        found = []
        for level in LEVELS.values():
            parts, _ = ndimage.label(image == level)
            boxes = [(x.start, y.start, x.stop - 1, y.stop - 1) for y, x in ndimage.find_objects(parts)]
            found.append(np.array(boxes, np.float32).reshape(-1, 4))
        return found

    def frame(self, shape, pixel_spacing):
        return ModelFrame(tuple(shape), 64, tuple(pixel_spacing))

    def encode(self, image, frame):
        self.encoded += 1
        return torch.from_numpy(image.astype(np.float32))[None, None]

    def decode(self, embedding, prompts, frame, multimask=False, image=None):
        self.decoded += 1
        image = embedding[0, 0].numpy()
        masks = np.zeros((len(prompts), 1, *image.shape), bool)
        for mask, prompt in zip(masks, prompts, strict=True):
            x0, y0, x1, y1 = prompt.box.astype(int)
            part = (slice(y0, y1 + 1), slice(x0, x1 + 1))
            mask[0][part] = image[part] == image[(y0 + y1) // 2, (x0 + x1) // 2]
        return Prediction(masks, masks * 8.0, np.ones(masks.shape[:2]), np.zeros((len(masks), 1, 16, 16)))


def scan():
    """Two bright bars on slices 2 to 4, a middling one on 3 and 4, and a bright speck alone on slice 6; 0 is empty."""
    array = np.zeros(GEOMETRY.shape, np.int16)
    array[2:5, 3:8, 2:6] = 240
    array[2:5, 10:14, 12:18] = 240
    array[3:5, 2:6, 12:16] = 130
    array[6, 10:12, 4:7] = 240
    array[1, 8, 8] = 10
    return Volume(array, GEOMETRY, "bars")


def automatic(model, volume, classes, **given):
    """Masks of all classes, of which the description of the adapter tells."""
    found = segment(volume, LoadedModel(model, SimpleNamespace(classes=classes)), **given)
    return {name: one.mask for name, one in found.items()}


def test_every_object_of_every_class_is_found():
    volume, model, told = scan(), Finder(), []
    masks = automatic(
        model, volume, list(LEVELS), intensity=MAP, clean=False, progress=lambda *a: told.append(a)
    )
    assert list(masks) == list(LEVELS)
    for name, level in LEVELS.items():
        assert masks[name].dtype == bool and np.array_equal(masks[name], volume.array == level)
    assert masks["bright"][3].sum() == 20 + 24 and not masks["nowhere"].any()
    # Slices without a box cost neither encoder nor decoder, others one call of each however many boxes.
    assert model.encoded == model.decoded == 4
    assert told == [(i + 1, 8, i) for i in range(8)]


@pytest.mark.parametrize("axis", ["coronal", "sagittal"])
def test_along_other_axes(axis):
    volume = scan()
    masks = automatic(Finder(), volume, list(LEVELS), axis=axis, intensity=MAP, clean=False)
    assert np.array_equal(masks["bright"], volume.array == 240)


def test_what_is_on_one_slice_only_is_dropped():
    volume = scan()
    found = automatic(Finder(), volume, list(LEVELS), intensity=MAP)
    wanted = volume.array == 240
    wanted[6] = False
    assert np.array_equal(found["bright"], wanted) and np.array_equal(found["middle"], volume.array == 130)
    mask = np.zeros((4, 5, 5), bool)
    # Two components that touch by an edge only, then one of two slices.
    mask[0, 0, 0] = mask[1, 1, 1] = True
    mask[2:4, 4, 4] = True
    kept = drop_lone_slices(mask)
    assert np.argwhere(kept).tolist() == [[2, 4, 4], [3, 4, 4]]
    assert (
        np.array_equal(drop_lone_slices(mask[:1]), mask[:1]) and not drop_lone_slices(np.zeros((3, 2, 2), bool)).any()
    )


def test_slices_of_one_grey_level_are_passed_over():
    model = Finder()
    volume = scan()
    volume.array[2] = 240
    masks = automatic(model, volume, list(LEVELS), intensity=MAP, clean=False)
    assert not masks["bright"][2].any() and np.array_equal(masks["bright"][3:], volume.array[3:] == 240)


def test_stopping_keeps_what_is_done():
    asked = iter([False] * 4 + [True])
    masks = automatic(
        Finder(), scan(), list(LEVELS), intensity=MAP, clean=False, cancelled=lambda: next(asked)
    )
    assert np.flatnonzero(masks["bright"].any(axis=(1, 2))).tolist() == [2, 3]


def test_a_model_that_finds_nothing_is_refused():
    model = Finder()
    model.model.find = None
    with pytest.raises(InputError, match="--method sammix"):
        automatic(model, scan(), [], intensity=MAP)
