"""The same answers as segment_anything's own SamPredictor, on slices that are not square."""

from dataclasses import replace

import numpy as np
import pytest

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor
from Testing.tiny import VIT, build, picture

pytestmark = pytest.mark.slow

TOLERANCE = 1e-4
SHAPES = [(40, 60), (61, 33), (200, 150), (7, 128)]


def prompts(shape, low_res_size):
    height, width = shape
    points = np.array([[0.6 * width, 0.4 * height], [0, 0], [width - 1, 0.9 * height]])
    box = np.array([0.2 * width, 0.1 * height, 0.8 * width, height - 1])
    earlier = np.random.default_rng(5).normal(0, 4, (low_res_size,) * 2).astype(np.float32)
    return {
        "point": Prompt(points[:1], [1]),
        "points": Prompt(points, [1, 0, 1]),
        "box": Prompt(box=box),
        "box+points": Prompt(points[:2], [1, 0], box),
        "mask": Prompt(mask_logits=earlier),
        "box+mask": Prompt(box=box, mask_logits=earlier),
        "all": Prompt(points, [1, 0, 0], box, earlier),
    }


def encode(model, image):
    """The reference, ready to answer, and what it gave to the encoder."""
    from segment_anything import SamPredictor

    seen = []
    reference = SamPredictor(model.sam)
    handle = model.sam.image_encoder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    reference.set_image(np.repeat(image[..., None], 3, axis=2))
    handle.remove()
    return reference, seen[0]


def compare(model, image, wanted, multimask):
    reference, given = encode(model, image)
    ours = Predictor(model, "fp32")
    frame = ours.frame(image.shape)
    pixels = frame.image_to_model(image, model.sam.pixel_mean, model.sam.pixel_std)
    assert pixels.shape == (3, model.input_size, model.input_size) and (pixels - given[0]).abs().max() < 1e-5
    embedding = ours.encode(image, frame)
    assert np.abs(embedding.numpy() - reference.get_image_embedding().numpy()).max() < TOLERANCE
    compare_answers(reference, ours, frame, embedding, wanted, multimask)


def compare_answers(reference, ours, frame, embedding, wanted, multimask):
    for name, prompt in wanted.items():
        logits, iou, low_res = reference.predict(
            point_coords=prompt.points if len(prompt.points) else None,
            point_labels=prompt.labels if len(prompt.points) else None,
            box=prompt.box,
            mask_input=None if prompt.mask_logits is None else prompt.mask_logits[None],
            multimask_output=multimask,
            return_logits=True,
        )
        answer = ours.decode(embedding, [prompt], frame, multimask)
        assert answer.masks.shape == (1, 3 if multimask else 1, *frame.shape)
        for mine, theirs in ((answer.low_res, low_res), (answer.logits, logits), (answer.iou, iou)):
            assert np.ptp(theirs) > 10 * TOLERANCE or theirs.size < 4, "the reference says nothing"
            assert np.abs(mine[0] - theirs).max() < TOLERANCE, name
        # A logit within the tolerance of zero may fall on either side.
        certain = np.abs(logits) > TOLERANCE
        assert np.array_equal(answer.masks[0][certain], (logits > 0)[certain])


@pytest.mark.parametrize("multimask", [False, True], ids=["one", "three"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_small_model(tiny_model, shape, multimask):
    compare(tiny_model, picture(shape), prompts(shape, tiny_model.low_res_size), multimask)


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_other_input_size_and_other_encoder(kind):
    model = build(kind)
    compare(model, picture((50, 30)), prompts((50, 30), model.low_res_size), False)


def test_at_sam_s_own_size():
    """With hardly any channels in the encoder; all else is as large as that of ViT-B."""
    thin = VIT.arch | {"embed_dim": 16, "num_heads": 1, "window_size": 14}
    model = build_sam(replace(VIT, input_size=1024, input_sizes=(1024,), arch=thin), weights=False)
    image = picture((300, 420))
    assert model.input_size == 1024
    compare(model, image, prompts(image.shape, 256), True)


def test_several_prompts_in_one_call_are_answered_as_one_by_one(tiny_model):
    image = picture()
    wanted = list(prompts(image.shape, tiny_model.low_res_size).values())
    wanted += [Prompt([[x, 9]], [1]) for x in (3, 30, 55)]
    predictor = Predictor(tiny_model, "fp32")
    frame = predictor.frame(image.shape)
    embedding = predictor.encode(image, frame)
    together = predictor.decode(embedding, wanted, frame, True)
    for row, prompt in enumerate(wanted):
        alone = predictor.decode(embedding, [prompt], frame, True)
        assert np.abs(together.low_res[row] - alone.low_res[0]).max() < 1e-5
        assert np.abs(together.iou[row] - alone.iou[0]).max() < 1e-5
    assert np.ptp(together.low_res, axis=0).max() > 1e-3
