"""Slices of which only the classes are known, and prompts that the model finds by itself."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods.decoder.model import Decoder
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData, TrainingItem
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.step import Stepper, with_found
from SAMAdaptLib.training.team import Team
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import build, scan

STILL = {"blur_sigma": (0, 0), "gain": (1, 1), "offset": (0, 0), "gamma": (1, 1), "scale": (1, 1), "shift": 0}
STILL |= {"rotation_degrees": 0}


@pytest.fixture
def library(tmp_path):
    """Slice 1 shows the disc, 4 disc and bean; 3 shows both but is not outlined; 0 shows nothing."""
    library = Library.create(tmp_path / "library")
    volume, labels = scan()
    for index in (1, 4):
        library.add(volume, labels, "axial", index, Intensity.parse("minmax"))
    library.add(volume, None, "axial", 3, Intensity.parse("minmax"), present=("disc", "bean"))
    library.add(volume, None, "axial", 0, Intensity.parse("minmax"), background=True)
    return library


def test_known_slices_carry_what_is_on_them(library):
    config = TrainConfig(steps=1, known_slices=50, synthesis_config=STILL, validation="none", synthesis=False)
    data = TrainingData(library, config, 64, 32)
    truth = {e.image.tobytes(): e for e in library}
    slices = data.known_slices(0)
    present, sources = slices.present, [truth[image.tobytes()] for image in slices.images]
    assert [[c in e.info.classes + e.info.present for c in data.classes] for e in sources] == present.tolist()
    assert len({e.info.id for e in sources}) == 4
    # Each class is on about half of them.
    assert (abs(present.mean(axis=0) - 0.5) < 0.25).all()
    assert not np.array_equal(data.known_slices(1).present, present)
    for exemplar, outlines, frame in zip(sources, slices.outlines, slices.frames, strict=True):
        assert frame == data.frame(exemplar.image, exemplar.info.pixel_spacing)
        if exemplar.info.present:
            assert outlines is None
        else:
            wanted = [exemplar.labels == library.classes.index(c) + 1 for c in data.classes]
            assert np.array_equal(outlines, wanted)


def test_known_slices_are_synthetic_ones_too(library):
    config = TrainConfig(steps=1, known_slices=40, synthesis_config=STILL, validation="none", real_share=0.0)
    data = TrainingData(library, config, 64, 32)
    plain = {e.image.tobytes() for e in library}
    slices = data.known_slices(0)
    made = [row for row, image in enumerate(slices.images) if image.tobytes() not in plain]
    assert made
    for row in made:
        # All that is on them was pasted or moved along with its outline.
        assert np.array_equal(slices.outlines[row].any(axis=(1, 2)), slices.present[row])
    empty = [row for row, image in enumerate(slices.images) if image.tobytes() == data.empty[0].image.tobytes()]
    assert empty and not slices.present[empty].any() and not any(slices.outlines[row].any() for row in empty)


def test_slices_without_outlines_take_no_part_in_outlining(library):
    data = TrainingData(library, TrainConfig(steps=1, synthesis=False, empty_share=0.5, validation="none"), 64, 32)
    hidden = data.unlabelled[0].image.tobytes()
    seen = {item.image.tobytes() for step in range(30) for item in data.batch(step)}
    assert len(seen) == 3 and hidden not in seen


def test_found_boxes_take_the_place_of_prompts_where_they_meet_the_object():
    target = np.zeros((3, 30, 40), bool)
    target[:2, 5:15, 10:20] = True
    prompts = [Prompt([[12, 8]], [1])] * 3
    item = TrainingItem(np.zeros((30, 40), np.uint8), None, prompts, target, np.array([0, 1, 0]))
    near, far = [9, 4, 21, 16], [12, 6, 39, 29]
    found = [np.array([far, near], np.float32), np.array([[30, 20, 39, 29]], np.float32)]
    made = with_found(item, found, np.random.default_rng(0), share=1.0)
    assert made[0].box.tolist() == near and not len(made[0].points)
    # A box elsewhere, and a slice without the object.
    assert made[1] is prompts[1] and made[2] is prompts[2]
    assert with_found(item, found, np.random.default_rng(0), share=0.0) == prompts
    nothing = [np.zeros((0, 4), np.float32)] * 2
    assert with_found(item, nothing, np.random.default_rng(0), share=1.0) == prompts


class Watching(Decoder):
    """A method with a loss on whole slices: its share of classes, times a parameter."""

    learns_slices = True

    def slice_loss(self, model, slices, encode):
        embeddings = encode()
        assert len(embeddings) == len(slices.images) and not embeddings.requires_grad
        return float(slices.present.mean()) * model.sam.mask_decoder.iou_token.weight.sum()


def test_the_loss_on_slices_is_added_with_its_weight(library):
    config = TrainConfig(steps=1, validation="none", synthesis=False, known_weight=2.0, known_slices=4)
    losses = {}
    for method in (Decoder(), Watching()):
        model = build("vit-64")
        method.apply(model, method.Config())
        data = TrainingData(library, config, model.input_size, model.low_res_size)
        stepper = Stepper(model, method, data, config, Embeddings(model, torch.float32), Team("cpu"))
        figures = stepper(0, 0.0)
        losses[method.learns_slices] = figures["loss"]
    assert losses[True] - losses[False] == pytest.approx(2 * figures["slice_loss"], rel=1e-4, abs=1e-5)
    assert figures["slice_loss"] != 0
