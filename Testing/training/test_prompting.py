"""The mix of prompts that training draws from."""

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.prompting import OWN, draw, neighbour, parse_mix, points_taught, teaches_points

FRAME = ModelFrame((40, 60), 64)


def mask(rows=(10, 26), columns=(20, 44)):
    made = np.zeros((40, 60), bool)
    made[rows[0] : rows[1], columns[0] : columns[1]] = True
    return made


def test_weights_are_shares():
    mix = parse_mix("point=3, box:0.1=1,neighbour")
    assert [share for _, share in mix] == pytest.approx([0.6, 0.2, 0.2])
    assert mix[2][0] is OWN["neighbour"]


def test_strategies_keep_their_names():
    names = ["random-point", "box+clicks:2", "neighbour", "text", "text:varied"]
    assert [strategy.name for strategy, _ in parse_mix(",".join(names))] == names


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("box", False), ("box:0.1=0.5,neighbour=0.5", False), ("box-px:20,text", False), ("box-grow:0.1", False),
        ("point", True), ("box=0.9,points:3=0.1", True), ("box+clicks:2", True), ("point+box", True),
        ("quadrants", True), ("half:4", True),
        # An adapter that does not say, or says what only a newer version understands.
        ("", True), ("scribble=1", True),
    ],
)  # fmt: skip
def test_whether_a_training_teaches_points(text, points):
    assert teaches_points(text) is points


@pytest.mark.parametrize(
    "text", ["point=0", "point=-1", "point=x", "point=nan", "point=inf", "=1", "", "blob=1", "point,,box"]
)
def test_a_mix_that_makes_no_sense(text):
    with pytest.raises(InputError):
        parse_mix(text)


def test_drawn_as_often_as_asked():
    mix, rng = parse_mix("point=0.7,box=0.2,neighbour=0.1"), np.random.default_rng(0)
    drawn = [draw(mix, rng) for _ in range(3000)]
    shares = [sum(d is strategy for d in drawn) / 3000 for strategy, _ in mix]
    # Three standard deviations of a share of 3000 draws are below 0.026.
    assert shares == pytest.approx([0.7, 0.2, 0.1], abs=0.026)


def test_each_strategy_gives_its_own_form():
    rng = np.random.default_rng(0)
    for text, points, box, logits in [
        ("random-point", 1, False, False),
        ("points:3", 3, False, False),
        ("box:0.1", 0, True, False),
        ("neighbour", 0, True, True),
    ]:
        prompt = draw(parse_mix(text), rng)(mask(), rng, FRAME, 16)
        assert (len(prompt.points), prompt.box is not None, prompt.mask_logits is not None) == (points, box, logits)


def test_a_neighbour_is_like_the_mask_but_not_the_mask():
    true, rng, sizes, centres = mask(), np.random.default_rng(0), [], []
    for _ in range(200):
        prompt = neighbour(true, rng, FRAME, 16)
        x0, y0, x1, y1 = prompt.box
        sizes.append((x1 - x0 + 1, y1 - y0 + 1))
        centres.append(((x0 + x1) / 2, (y0 + y1) / 2))
        assert prompt.mask_logits.shape == (16, 16) and np.abs(prompt.mask_logits).max() <= 6.9 + 1e-5
    sizes, centres = np.array(sizes), np.array(centres)
    # 24 x 16 pixels scaled by 0.85 to 1.15, then widened by 2.5 % at both ends; a pixel for rounding.
    assert (sizes >= np.array([24, 16]) * 0.85 - 1).all() and (sizes <= np.array([24, 16]) * 1.15 * 1.05 + 1.5).all()
    assert (np.ptp(sizes, axis=0) > [3, 2]).all() and (np.ptp(centres, axis=0) > 0.4).all()
    assert (np.abs(centres - [31.5, 17.5]) <= np.array([24, 16]) * 0.05 + 1).all()


def test_a_single_pixel_has_a_neighbour_too():
    for seed in range(50):
        prompt = neighbour(mask((5, 6), (7, 8)), np.random.default_rng(seed), FRAME, 16)
        assert np.isfinite(prompt.box).all() and prompt.box[0] <= prompt.box[2] and prompt.box[1] <= prompt.box[3]


@pytest.mark.parametrize(
    ("text", "taught"),
    [
        ("point=0.5,box=0.5", (1, 0)),
        ("clicks:5=0.5,point=0.15,box:0.05=0.2,neighbour=0.15", (1, 0)),
        ("points:10", (10, 0)),
        ("points:50+box,quadrants", (4, 50)),
        ("box,neighbour", None),
        ("", None),
        ("of-a-later-version", None),
        # Strokes differ in number; the longest have nine, beside a box they are around the object.
        ("point=0.5,scribble:pos=0.5", (9, 0)), ("box+scribble:neg=0.3,point", (1, 9)), ("lasso:0.1,box", None),
    ],
)
def test_how_many_points_a_training_teaches(text, taught):
    assert points_taught(text) == taught
