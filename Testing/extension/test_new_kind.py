"""A kind of mark is an entry: command line, Python, console and effect take it, and answer it alike."""

from __future__ import annotations

import json

import numpy as np
import pytest

import SAMAdaptLib as sa
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.prompts.kinds import KINDS
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import write_volume
from Testing.extension.effect_tools import plane_of
from Testing.harness import scenes
from Testing.prompts.dummy_kind import Ellipse
from Testing.tiny import TINY_VIT, scan

# In pixels of axial slice 2: what is drawn, and the points and the box that it stands for.
INDEX = 2
CASES = {
    "ellipse": ([(20, 18), (28, 18), (20, 23)], [(20, 18)], (12, 13, 28, 23)),
    # 28 pixels along rows and around a corner, on a slice of 56.
    "scribble": (
        [(10, 10), (24, 10), (24, 24)],
        [*((10 + 3.5 * i, 10) for i in range(4)), *((24, 10 + 3.5 * i) for i in range(5))],
        None,
    ),
    # Between pixels, so that a box through the outermost ones inside is that of the line.
    "lasso": ([(11.6, 12.6), (28.4, 12.6), (28.4, 23.4), (11.6, 23.4)], [], (12, 13, 28, 23)),
}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(KINDS, "ellipse", Ellipse())
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CASES)
def test_every_shell_takes_it(kind, logic, tiny_weights, tmp_path):
    drawn, points, box = CASES[kind]
    volume, _ = scan()
    stack = PlaneStack(volume.geometry)

    def ras(pixels):
        return stack.pixel_to_ras([(*pixel, INDEX) for pixel in pixels])

    model = sa.load_model(TINY_VIT.name, checkpoint=tiny_weights, device="cpu")
    if kind == "lasso":
        assert model.predictor.model.mask_prompts
        inside = np.zeros(stack.shape, bool)
        inside[13:24, 12:29] = True
        on = VolumePredictor(model.predictor, volume)
        masked = Prompt(box=box, mask_logits=on.frame.mask_to_logits(inside, model.predictor.model.low_res_size))
        wanted = np.zeros(volume.array.shape, bool)
        wanted[INDEX] = on(INDEX, masked).mask
    else:
        meant = sa.RasPrompts(points=ras(points), boxes=[] if box is None else [ras([box[:2], box[2:]]).ravel()])
        wanted = sa.segment(volume, model, {"a": meant})["a"].mask
    assert wanted[INDEX].any() and not wanted[INDEX].all()

    given = sa.RasPrompts(marks=[sa.Mark(kind, ras(drawn))])
    assert (sa.segment(volume, model, {"a": given})["a"].mask == wanted).all()

    write_volume(tmp_path / "image.nrrd", volume.array, volume.geometry)
    points_file = [{"position": place} for place in ras(drawn).tolist()]
    markup = {"type": KINDS[kind].markups[0], "coordinateSystem": "RAS", "controlPoints": points_file}
    (tmp_path / "drawn.mrk.json").write_text(json.dumps({"markups": [markup]}))
    text = ",".join(f"{value:.9f}" for value in ras(drawn).ravel())
    for number, words in enumerate(([f"--{kind}", text], ["--prompts", str(tmp_path / "drawn.mrk.json")])):
        output = tmp_path / f"{number}.seg.nrrd"
        job = ["segment", "--image", tmp_path / "image.nrrd", "--model", TINY_VIT.name, "--checkpoint", tiny_weights,
               "--device", "cpu", "--segment", "a", *words, "--output", output]  # fmt: skip
        assert main([str(word) for word in job]) == 0
        assert (sa.read_labels(output).mask("a") == wanted).all()

    node = scenes.volume(matrix=volume.geometry.ijk_to_ras, array=volume.array)
    logic.activateAdapter(None, TINY_VIT.name)
    segmentation = logic.segmentSlice(node, segmentName="a", marks=given.marks)
    assert (scenes.segmentArray(segmentation, "a", node).astype(bool) == wanted).all()
    if box is not None:
        with pytest.raises(sa.InputError, match="Two of the prompts give a box"):
            logic.segmentSlice(node, segmentation, "a", box=ras([(1, 1), (9, 9)]), marks=given.marks)
    from SAMAdaptModuleLib.scene.SegmentPrompts import readPrompts

    segment = segmentation.GetSegmentation().GetNthSegmentID(0)
    (kept,) = readPrompts(segmentation, segment)
    assert [mark.kind for mark in kept.marks] == [kind] and kept.marks[0].at == pytest.approx(ras(drawn))


@pytest.mark.parametrize("kind", CASES)
def test_the_effect_asks_draws_and_takes_it_back(kind, application, editor, volume_node):
    controller = editor.effect.workbench.controller
    plane = plane_of(application, volume_node)
    drawn, points, box = CASES[kind]
    mark = sa.Mark(kind, plane.pixelToWorld(drawn))
    controller.add(plane, sa.Mark("box", plane.pixelToWorld([(1, 1), (9, 9)])))
    controller.add(plane, mark)
    prompts = controller.drafts[0].prompts
    assert [one.kind for one in prompts.marks] == ([kind] if box else ["box", kind])
    prompt = prompts.toPrompt(plane)
    assert prompt.box == pytest.approx(box or (1, 1, 9, 9), abs=1e-4)
    assert np.isin([*map(tuple, points[:1])], prompt.points.round(4)).all()
    controller.undoGesture()
    assert [one.kind for one in controller.drafts[0].prompts.marks] == ["box"]
