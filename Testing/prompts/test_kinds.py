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


def test_a_scribble_is_points_along_the_line_on_its_slice():
    for label in (1, 0):
        found = on_slices(RasPrompts(marks=[Mark("scribble", ras((10, 20), (20, 20), (20, 30)), label)]), AXIAL)
        assert list(found.prompts) == [5] and found.limits is None
        # 20 pixels on a slice of 80, of which five are a step.
        wanted = [(20, 20), (15, 20), (20, 25), (10, 20), (20, 30)]
        assert found.prompts[5].points == pytest.approx(np.array(wanted), abs=1e-5)
        assert found.prompts[5].labels.tolist() == [label] * 5 and found.prompts[5].starts == bool(label)


def test_a_lasso_is_what_it_encloses_and_its_box():
    line = ras((10.4, 19.6), (20.4, 19.6), (20.4, 29.6), (10.4, 29.6))
    (found,) = on_slices(RasPrompts(marks=[Mark("lasso", line)]), AXIAL).prompts.values()
    assert found.box.tolist() == [11, 20, 20, 29] and found.starts and not len(found.points)
    assert found.outline == pytest.approx(AXIAL.ras_to_pixel(line)[:, :2], abs=1e-4)
    shown = KINDS["lasso"].outline(np.array([(1, 1), (5, 1), (5, 5)]))
    assert shown.tolist() == [[1, 1], [5, 1], [5, 5], [1, 1]]
    click = Mark("point", ras((15, 25)))
    (both,) = on_slices(RasPrompts(marks=[Mark("lasso", line), click]), AXIAL).prompts.values()
    assert both.kind == "box+click" and both.outline is not None
    with pytest.raises(InputError, match="encloses no pixel.*around the object"):
        on_slices(RasPrompts(marks=[Mark("lasso", ras((10, 20), (15, 20), (20, 20)))]), AXIAL)
    with pytest.raises(InputError, match="Two boxes lie on slice 5: lasso 1"):
        on_slices(RasPrompts(marks=[Mark("box", ras((1, 1), (5, 5))), Mark("lasso", line)]), AXIAL)


@pytest.mark.parametrize("kind", ["scribble", "lasso"])
def test_a_line_through_slices_is_refused(kind):
    line = [*ras((10, 20), index=2), *ras((30, 20), index=7), *ras((30, 40), index=12)]
    words = f"{kind.capitalize()} 1 crosses axial slices: 2 to 12. Choose the axis of the view"
    with pytest.raises(InputError, match=words):
        on_slices(RasPrompts(marks=[Mark(kind, line)]), AXIAL)
    # Along the slices that it was drawn on it is taken.
    flat = AXIAL.pixel_to_ras([(20, 10, 4), (20, 40, 4), (20, 40, 9)])
    assert [*on_slices(RasPrompts(marks=[Mark(kind, flat)]), PlaneStack(GEOMETRY, "sagittal")).prompts] == [20]


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
        ("blob", [0, 0, 0], 1, "Unknown kind of prompt: blob. Choose one of point, box, scribble, lasso, ellipse"),
        ("point", [0, 0], 1, "A point needs 3 finite"),
        ("box", [0, 0, 0], 1, "A box needs 6 finite"),
        ("scribble", [0, 0, 0], 1, "A scribble needs 6 or more finite"),
        ("scribble", [0] * 7, 1, "A scribble needs 6 or more finite"),
        ("lasso", [0] * 6, 1, "A lasso needs 9 or more finite"),
        ("lasso", [0] * 9, 0, "A lasso cannot say what is not the object"),
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
    known += [markup("ClosedCurve", *line, name="background")]
    path.write_text(json.dumps({"markups": [*known, markup("Curve", line[0]), markup("ClosedCurve", *line[:2])]}))
    turned = [(-1, -2, 3), (-4.5, -5, 6), (-7, -8, 9)]
    assert read_markups(path).marks == (
        Mark("scribble", turned), Mark("scribble", turned, 0), Mark("ellipse", [(0, 0, 0), (-1, 0, 0), (0, -1, 0)]),
        Mark("lasso", turned),
    )  # fmt: skip
