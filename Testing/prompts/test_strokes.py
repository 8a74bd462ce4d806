"""Strokes and closed lines from masks."""

import numpy as np
import pytest
from scipy import ndimage
from skimage.morphology import skeletonize

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.lines import enclosed
from SAMAdaptLib.prompts.strategies import generator, parse_strategy
from SAMAdaptLib.prompts.strokes import center_stroke, lasso, negative_stroke, positive_stroke
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.prompting import parse_mix, teaches_points
from SAMAdaptLib.volume.segfile import read_labels

Y, X = np.mgrid[:120, :160]
DISC = np.hypot(X - 80, Y - 60) <= 30
BAND = (np.abs(np.hypot(X - 80, Y - 20) - 60) <= 8) & (Y > 40)
TWO = (np.hypot(X - 40, Y - 60) <= 15) | (np.hypot(X - 120, Y - 60) <= 10)
CORNER = (X < 30) & (Y < 40)
PIXEL = (X == 80) & (Y == 60)
ALL = np.ones((120, 160), bool)
MASKS = {"disc": DISC, "band": BAND, "two": TWO, "corner": CORNER, "pixel": PIXEL, "all": ALL}


def on(mask, prompt):
    x, y = np.floor(prompt.points + 0.5).astype(int).T
    return mask[y, x]


def test_the_stroke_without_chance_runs_through_the_middle_from_end_to_end():
    along = center_stroke(BAND).points
    along = along[np.argsort(np.arctan2(*(along - (80, 20)).T[::-1]))]
    # The middle of the band is an arc of radius 60 around (80, 20), which it crosses from one end to the other.
    radii = np.hypot(*(along - (80, 20)).T)
    angles = np.sort(np.arctan2(*(along - (80, 20)).T[::-1]))
    first = np.arctan2(20, np.sqrt(60**2 - 20**2))
    # At its ends it turns to a corner.
    assert np.abs(radii[1:-1] - 60).max() <= 1.5 and np.abs(radii - 60).max() < 8
    assert angles[0] < first + 0.2 and angles[-1] > np.pi - first - 0.2 and np.diff(angles).max() < 0.5
    # A skeleton by another algorithm is never far from it.
    assert ndimage.distance_transform_edt(~skeletonize(BAND))[tuple(np.round(along[:, ::-1]).astype(int).T)].max() <= 3
    # Across a disc it is half of the diameter, since it ends half the depth before the border; of two objects it is on
    # the larger.
    across = center_stroke(DISC).points
    assert np.linalg.norm(across[:, None] - across, axis=2).max() == pytest.approx(30, abs=4)
    assert np.abs(across.mean(axis=0) - (80, 60)).max() < 1
    assert (np.hypot(*(center_stroke(TWO).points - (40, 60)).T) < 15).all()


@pytest.mark.parametrize("name", MASKS)
def test_strokes_stay_where_they_belong(name):
    mask = MASKS[name]
    for number in range(40):
        prompt = positive_stroke(mask, generator(number))
        assert 1 <= len(prompt.points) <= 9 and (prompt.labels == 1).all() and on(mask, prompt).all()
        beside = negative_stroke(mask, generator(number))
        assert (beside.labels == 0).all() and not on(mask, beside).any()
        assert bool(len(beside.points)) == (not mask.all())
        far = ndimage.distance_transform_edt(~mask)
        assert len(beside.points) == 0 or far[tuple(np.round(beside.points[:, ::-1]).astype(int).T)].max() < 60


def test_strokes_are_lines_and_differ_by_chance():
    drawn = [positive_stroke(DISC, generator(number)).points for number in range(60)]
    reach = [np.ptp(points, axis=0).max() for points in drawn if len(points) > 1]
    assert len({points.tobytes() for points in drawn}) == 60
    # Some run along the border, some across the middle.
    depths = [np.hypot(*(points - (80, 60)).T) for points in drawn]
    assert min(map(min, depths)) < 5 and max(map(min, depths)) > 10 and max(reach) > 30
    same = positive_stroke(DISC, generator(7)), positive_stroke(DISC, generator(7))
    assert (same[0].points == same[1].points).all()


@pytest.mark.parametrize("name", MASKS)
def test_a_lasso_goes_around_all_of_the_object(name):
    mask = MASKS[name]
    found = lasso(mask)
    held = enclosed(found.outline, mask.shape)
    assert held[mask].all() and found.labels.size == 0
    rows, columns = np.nonzero(held)
    assert found.box.tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]
    if name in ("disc", "band"):
        # As far away as 0.05 of the root of its area, at each place of the line.
        away = ndimage.distance_transform_edt(~mask)[held & ~ndimage.binary_erosion(held)]
        wanted = 0.05 * np.sqrt(mask.sum())
        assert np.abs(away - wanted).max() <= 1.5


def test_a_lasso_by_chance_is_loose_and_cuts_in_at_times():
    missed, spare = [], []
    for number in range(30):
        held = enclosed(lasso(DISC, generator(number), 0.2).outline, DISC.shape)
        missed.append(1 - held[DISC].mean())
        spare.append((held & ~DISC).sum() / DISC.sum())
        far = 0.2 * np.sqrt(DISC.sum())
        assert (np.hypot(X - 80, Y - 60)[held] < 31 + far).all()
        assert held[np.hypot(X - 80, Y - 60) < 29 - far / 4].all()
    assert 0 < max(missed) < 0.1 and 0.05 < np.mean(spare) < 0.5 and np.ptp(spare) > 0.05


def test_words_of_evaluation_and_training():
    strategy = parse_strategy("box+scribble:neg")
    prompt = strategy(DISC, generator(0))
    assert strategy.points and prompt.box is not None and (prompt.labels == 0).all() and len(prompt.points) > 1
    assert parse_strategy("scribble:pos+clicks:2").clicks == 2
    for text, remedy in (
        ("scribble:neg", "Join it to one that does"),
        ("scribble:neg+clicks:1", "Join it"),
        ("scribble:left", "scribble:pos"),
        ("lasso:0.9", "Choose 0 to 0.5"),
        ("lasso+box", "one box"),
    ):
        with pytest.raises(InputError, match=remedy):
            parse_strategy(text)
    assert teaches_points("box=0.7,scribble:pos=0.3") and not teaches_points("lasso:0.1=0.5,box")
    (stroke, share), (closed, _) = parse_mix("scribble:pos=0.3,lasso:0.1=0.1")
    frame = ModelFrame(DISC.shape, 64)
    assert share == pytest.approx(0.75) and stroke.points and not closed.points
    assert len(stroke(DISC, generator(1), frame, 16).points) > 1
    assert closed(DISC, generator(1), frame, 16).outline is not None


def test_strokes_and_lassos_of_real_labels(shared_data):
    labels = read_labels(shared_data / "brain_mri_glioma_brats2013" / "brats_2013_pat0003_1_label.nrrd")
    slices = np.any([labels.mask(name) for name in labels.names], axis=0)
    for index in np.flatnonzero(slices.any(axis=(1, 2)))[::6]:
        mask = slices[index]
        assert on(mask, center_stroke(mask)).mean() >= 0.9
        assert on(mask, positive_stroke(mask, generator(int(index)))).all()
        assert enclosed(lasso(mask).outline, mask.shape)[mask].all()
