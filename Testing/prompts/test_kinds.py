"""Marks of all kinds, and what becomes of them on slices."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.kinds import KINDS, Mark, parse
from SAMAdaptLib.prompts.markups import read_markups
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack
from Testing.prompts.dummy_kind import Ellipse

# 80 x 60 x 20 voxels of 2 x 1 x 3 mm; axial pixel (x, y) of slice k lies at R = -2x, A = -y, S = 3k.
GEOMETRY = Geometry((80, 60, 20), np.diag([-2.0, -1.0, 3.0, 1.0]))
AXIAL = PlaneStack(GEOMETRY, "axial")


def ras(*pixels, index=5):
    return AXIAL.pixel_to_ras([(x, y, index) for x, y in pixels])


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(KINDS, "ellipse", Ellipse())


@pytest.mark.parametrize(
    "pixels, wanted",
    [
        # 30 mm along a row of 2 mm pixels: four points 10 mm apart.
        ([(10, 20), (25, 20)], [(10, 20), (15, 20), (20, 20), (25, 20)]),
        # 14 mm, nearer to one step than to two; 3 mm still have both ends.
        ([(10, 20), (17, 20)], [(10, 20), (17, 20)]),
        ([(10, 20), (10, 23)], [(10, 20), (10, 23)]),
        # Around a corner, 12 + 18 mm, whatever the number of bends.
        ([(10, 20), (16, 20), (16, 30), (16, 38)], [(10, 20), (15, 20), (16, 28), (16, 38)]),
        # 150 mm in eight steps.
        ([(0, 20), (75, 20)], [(75 * i / 8, 20) for i in range(9)]),
    ],
)
def test_a_scribble_is_points_evenly_along_the_line(pixels, wanted):
    for label in (1, 0):
        found = on_slices(RasPrompts(marks=[Mark("scribble", ras(*pixels), label)]), AXIAL)
        assert list(found.prompts) == [5] and found.limits is None
        assert found.prompts[5].points == pytest.approx(np.array(wanted), abs=1e-5)
        assert found.prompts[5].labels.tolist() == [label] * len(wanted) and found.prompts[5].starts == bool(label)


def test_a_scribble_through_slices_leaves_its_points_on_each():
    line = [*ras((10, 20), index=2), *ras((10, 20), index=12)]
    found = on_slices(RasPrompts(marks=[Mark("scribble", line)]), AXIAL).prompts
    # 30 mm up, 10 mm a step: S 6, 16, 26, 36, of slices 3 mm apart.
    assert sorted(found) == [2, 5, 9, 12] and all(prompt.points.tolist() == [[10, 20]] for prompt in found.values())


def test_a_flat_kind_lies_on_one_slice():
    at = ras((30, 20), (40, 20), (30, 28))
    (found,) = on_slices(RasPrompts(marks=[Mark("ellipse", at)]), AXIAL).prompts.values()
    assert found.box == pytest.approx([20, 12, 40, 28], abs=1e-5) and found.points[0] == pytest.approx([30, 20])
    with pytest.raises(InputError, match="Ellipse 1 crosses sagittal slices: 20 to 40"):
        on_slices(RasPrompts(marks=[Mark("ellipse", at)]), PlaneStack(GEOMETRY, "sagittal"))
    with pytest.raises(InputError, match="Ellipse 2 lies outside the volume"):
        far = Mark("ellipse", ras((30, 20), (90, 20), (30, 28)))
        on_slices(RasPrompts(marks=[Mark("ellipse", at), far]), AXIAL)
    box = Mark("box", ras((1, 1), (5, 5)))
    with pytest.raises(InputError, match="Two boxes lie on slice 5: ellipse 1"):
        on_slices(RasPrompts(marks=[box, Mark("ellipse", at)]), AXIAL)


@pytest.mark.parametrize(
    "kind, at, label, words",
    [
        ("blob", [0, 0, 0], 1, "Unknown kind of prompt: blob. Choose one of point, box, scribble, ellipse"),
        ("point", [0, 0], 1, "A point needs 3 finite"),
        ("box", [0, 0, 0], 1, "A box needs 6 finite"),
        ("scribble", [0, 0, 0], 1, "A scribble needs 6 or more finite"),
        ("scribble", [0] * 7, 1, "A scribble needs 6 or more finite"),
        ("ellipse", [0] * 12, 1, "A ellipse needs 9 finite"),
        ("scribble", [0, 0, 0, 0, 0, math.inf], 1, "finite"),
        ("box", [0] * 6, 0, "A box cannot say what is not the object"),
    ],
)
def test_marks_refused(kind, at, label, words):
    with pytest.raises(InputError, match=words):
        Mark(kind, at, label)


def test_what_stands_behind_an_option():
    assert parse("scribble", "-1,2,3, 4,5,6,-") == Mark("scribble", [[-1, 2, 3], [4, 5, 6]], 0)
    assert parse("ellipse", "0,0,0,1,0,0,0,1,0") == Mark("ellipse", [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    for kind, text in (("scribble", "1,2,3"), ("scribble", "1,2,3,4,5,6,x"), ("box", "1,2,3,4,5,6,-")):
        with pytest.raises(InputError, match=kind):
            parse(kind, text)


def test_curves_and_new_types_are_read_from_markups(tmp_path):
    def markup(kind, *positions, **more):
        points = [{"label": "1", "position": list(position)} for position in positions]
        return {"type": kind, "coordinateSystem": "LPS", "controlPoints": points} | more

    path = tmp_path / "F.mrk.json"
    line, ellipse = ((1, 2, 3), (4.5, 5, 6), (7, 8, 9)), ((0, 0, 0), (1, 0, 0), (0, 1, 0))
    known = [markup("Curve", *line), markup("Curve", *line, name="background"), markup("Ellipse", *ellipse)]
    path.write_text(json.dumps({"markups": [*known, markup("Curve", line[0]), markup("Line", *line[:2])]}))
    turned = [(-1, -2, 3), (-4.5, -5, 6), (-7, -8, 9)]
    assert read_markups(path).marks == (
        Mark("scribble", turned), Mark("scribble", turned, 0), Mark("ellipse", [(0, 0, 0), (-1, 0, 0), (0, -1, 0)])
    )  # fmt: skip
