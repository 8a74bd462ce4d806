"""Lines: the points that stand for one, and what a closed one goes around."""

import numpy as np
import pytest
from matplotlib.path import Path

from SAMAdaptLib.prompts.lines import MOST, enclosed, points_along


@pytest.mark.parametrize(
    ("line", "side", "wanted"),
    [
        # On a slice of 160 a point each 10 pixels: 30 pixels are four.
        ([(10, 20), (40, 20)], 160, [(10, 20), (20, 20), (30, 20), (40, 20)]),
        # Nearer to one step than to two; and both ends of what is shorter than one.
        ([(10, 20), (24, 20)], 160, [(10, 20), (24, 20)]),
        ([(10, 20), (10, 23)], 160, [(10, 20), (10, 23)]),
        # Around a corner, 12 + 18 pixels, whatever the number of bends; a finer slice of the same has the same points.
        ([(10, 20), (22, 20), (22, 30), (22, 38)], 160, [(10, 20), (20, 20), (22, 28), (22, 38)]),
        ([(20, 40), (44, 40), (44, 76)], 320, [(20, 40), (40, 40), (44, 56), (44, 76)]),
        # 150 pixels in eight steps, and a mere dot.
        ([(0, 20), (150, 20)], 160, [(150 * i / 8, 20) for i in range(9)]),
        ([(7, 3), (7, 3.5)], 160, [(7, 3.25)]),
    ],
)
def test_points_evenly_along_a_line(line, side, wanted):
    middle = (len(wanted) - 1) / 2
    outwards = sorted(range(len(wanted)), key=lambda number: abs(number - middle))
    for shape in ((side, 60), (60, side)):
        assert points_along(np.array(line), shape) == pytest.approx(np.array([wanted[n] for n in outwards], float))
    assert len(wanted) <= MOST


def test_what_a_line_goes_around_is_what_another_implementation_says():
    """Random stars, which do not cross themselves, reach over the border and lie between pixels."""
    rng, (height, width) = np.random.default_rng(0), (40, 55)
    y, x = np.mgrid[:height, :width]
    centres = np.stack([x.ravel(), y.ravel()], axis=1)
    for _ in range(30):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
        star = rng.uniform(4, 30, 12)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        star += rng.uniform(5, 40, 2)
        wanted = Path(star).contains_points(centres).reshape(height, width)
        for line in (star, star[::-1], np.roll(star, 5, axis=0), np.concatenate([star, star[:1]])):
            assert (enclosed(line, (height, width)) == wanted).all()


def test_a_square_along_pixel_borders_has_its_area_and_one_through_centres_its_side_times_itself():
    assert np.argwhere(enclosed([(1.5, 2.5), (5.5, 2.5), (5.5, 8.5), (1.5, 8.5)], (12, 10))).tolist() == [
        [row, column] for row in range(3, 9) for column in range(2, 6)
    ]
    assert enclosed([(2, 3), (6, 3), (6, 9), (2, 9)], (12, 10)).sum() == 4 * 6


def test_a_line_that_overshoots_its_beginning_or_crosses_itself_leaves_no_hole():
    angles = np.linspace(0, 2.6 * np.pi, 200)
    spiral = (20 - angles)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1) + 30
    y, x = np.mgrid[:60, :60]
    surely = np.hypot(x - 30, y - 30) < 20 - 2.6 * np.pi
    assert surely.sum() > 300 and enclosed(spiral, (60, 60))[surely].all()
    eight = enclosed([(5, 5), (25, 25), (25, 5), (5, 25)], (30, 30))
    assert eight[15, 7] and eight[15, 23] and not eight[7, 15]


def test_a_line_without_area_encloses_nothing():
    assert not enclosed([(3, 3), (9, 9)], (12, 12)).any() and not enclosed([(3.2, 4.1)] * 3, (12, 12)).any()
