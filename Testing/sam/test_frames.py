"""Slice pixels to model pixels and back, against closed forms."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.sam.frames import ModelFrame

MEAN, STD = torch.zeros(3, 1, 1), torch.ones(3, 1, 1)


@pytest.mark.parametrize(
    "shape, spacing, resized",
    [
        ((100, 200), (1.0, 1.0), (32, 64)),
        ((200, 100), (0.7, 0.7), (64, 32)),
        ((64, 64), (1.0, 1.0), (64, 64)),
        # 10 rows of 4 mm are 40 mm, 80 columns of 1 mm are 80 mm.
        ((10, 80), (4.0, 1.0), (32, 64)),
        # 100 rows of 1 mm against 50 columns of 3 mm: 100 to 150.
        ((100, 50), (1.0, 3.0), (43, 64)),
        ((1, 1000), (1.0, 1.0), (1, 64)),
    ],
)
def test_the_picture_keeps_its_true_proportions(shape, spacing, resized):
    assert ModelFrame(shape, 64, spacing).resized == resized


def test_points_scale_with_the_picture_and_x_is_the_column():
    frame = ModelFrame((100, 200), 64)
    moved = frame.points_to_model(np.array([[0, 0], [200, 100], [50, 10]]))
    assert np.allclose(moved, [[0, 0], [64, 32], [16, 3.2]])
    squashed = ModelFrame((10, 80), 64, (4.0, 1.0))
    assert np.allclose(squashed.points_to_model([[80, 10]]), [[64, 32]])
    assert np.allclose(squashed.points_to_model([[[10, 5]], [[20, 1]]]), [[[8, 16]], [[16, 3.2]]])


def test_the_input_is_normalised_before_it_is_padded_with_zeros():
    frame = ModelFrame((20, 40), 64)
    mean, std = torch.tensor([10.0, 20.0, 30.0])[:, None, None], torch.tensor([2.0, 4.0, 5.0])[:, None, None]
    pixels = frame.image_to_model(np.full((20, 40), 50, np.uint8), mean, std)
    assert pixels.shape == (3, 64, 64) and pixels.dtype == torch.float32
    assert torch.allclose(pixels[:, :32].mean((1, 2)), torch.tensor([20.0, 7.5, 4.0]))
    assert pixels[:, 32:].abs().max() == 0


def test_an_image_that_does_not_belong_to_the_frame_is_refused():
    frame = ModelFrame((20, 40), 64)
    for wrong in (np.zeros((40, 20), np.uint8), np.zeros((20, 40), np.float32)):
        with pytest.raises(ValueError):
            frame.image_to_model(wrong, MEAN, STD)


def test_what_the_model_says_of_the_padding_is_cut_off():
    frame = ModelFrame((30, 60), 64)
    logits = torch.full((1, 1, 16, 16), -5.0)
    # The picture ends at row 8 of 16; far from that edge the padding has no say.
    logits[..., 9:, :] = 1e6
    shown = frame.logits_to_slice(logits)
    assert shown.shape == (1, 1, 30, 60)
    assert torch.allclose(shown[..., :28, :], torch.tensor(-5.0))


def test_logits_of_a_ramp_come_back_as_that_ramp():
    """Bilinear scaling with pixel centres: low-res column c lies at 4c + 1.5 of the input, and that at its slice x."""
    frame = ModelFrame((64, 128), 64)
    ramp = torch.arange(16.0).expand(1, 1, 16, 16)
    shown = frame.logits_to_slice(ramp)[0, 0]
    x = np.arange(12, 116)
    model = (x + 0.5) / 2 - 0.5
    assert np.allclose(shown[5, 12:116].numpy(), (model + 0.5) / 4 - 0.5, atol=1e-4)


def ellipse(shape, centre, radii):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 < 1


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize(
    "shape, spacing", [((120, 200), (1, 1)), ((90, 60), (1, 1)), ((40, 160), (4, 1)), ((160, 50), (0.5, 2))]
)
def test_a_mask_survives_the_way_to_logits_and_back(shape, spacing):
    frame = ModelFrame(shape, 256, spacing)
    mask = ellipse(shape, (shape[0] * 0.4, shape[1] * 0.6), (shape[0] * 0.25, shape[1] * 0.3))
    logits = frame.mask_to_logits(mask, 64)
    assert logits.shape == (64, 64) and logits.dtype == np.float32
    assert logits.min() == pytest.approx(-6.9) and logits.max() == pytest.approx(6.9)
    back = frame.logits_to_slice(torch.from_numpy(logits)[None, None])[0, 0].numpy() > 0
    assert iou(back, mask) > 0.95


def test_mask_logits_lie_top_left_and_padding_is_outside():
    frame = ModelFrame((32, 64), 64)
    logits = frame.mask_to_logits(np.ones((32, 64), bool), 16, magnitude=3.0)
    assert np.allclose(logits[:8], 3.0) and np.allclose(logits[8:], -3.0)


def test_a_single_pixel_and_a_mask_at_the_border_keep_their_place():
    frame = ModelFrame((40, 60), 64)
    dot = np.zeros((40, 60), bool)
    dot[31, 12] = True
    row, column = np.unravel_index(frame.mask_to_logits(dot, 16).argmax(), (16, 16))
    x, y = frame.points_to_model([[12.5, 31.5]])[0] / 4
    assert (row, column) == (int(y), int(x))
    edge = np.zeros((40, 60), bool)
    edge[:, -12:] = True
    back = frame.logits_to_slice(torch.from_numpy(frame.mask_to_logits(edge, 16))[None, None])[0, 0].numpy() > 0
    assert back[:, -1].mean() > 0.9 and not back[:, :44].any()
    assert iou(back, edge) > 0.8
