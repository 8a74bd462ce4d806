"""The walk of a click, from the mouse button to the voxel, counted in files; CONTRIBUTING tells it by their names."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from Testing.extension import traced
from Testing.extension.effect_tools import effect, plane_of, wait
from Testing.harness.scenes import middle, segmentArray
from Testing.service.peers import ENVIRONMENT

# Of this checkout, in both processes together; what is merely imported, and generated constructors, count as nothing.
# On a machine so busy that the answer is not waited for, some ten more are asked than else.
MOST_ON_THE_WAY, MOST_ASKED = 20, 70


class Walk:
    """From the press to the first voxel that is written.

    Attributes:
        way: files through which the click goes, see ``traced.HANDS``.
        asked: all files of which a function is called meanwhile.
    """

    def __init__(self) -> None:
        self.way: set[str] = set()
        self.asked: set[str] = set()
        self.lambdas: set[str] = set()
        self.over = 0.0

    def __enter__(self) -> Walk:
        self.begun = time.monotonic()
        sys.setprofile(traced.hearer(self.note))
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def note(self, when: float, way: bool, file: str, name: str) -> None:
        if self.begun <= when and not (self.over and when > self.over):
            place = str(Path(file).relative_to(traced.ROOT))
            self.asked.add(place)
            if way:
                self.way.add(place)
                self.lambdas |= {place} if name == "<lambda>" else set()

    def read(self, log: Path) -> None:
        """Take in what the worker has noted."""
        for line in log.read_text(encoding="utf-8").splitlines():
            when, way, file, name = line.split(" ", 3)
            self.note(float(when), way == "1", file, name)


def test_a_click_goes_through_few_files(
    application, segmentation_node, volume_node, tiny_choice, settings, tmp_path, monkeypatch
):
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    from SAMAdaptLib.service.client import Client
    from SAMAdaptLib.service.link.place import Local
    from Testing.harness.effects import ScriptedEffect

    log = tmp_path / "worker.txt"
    client = Client(Local([sys.executable, traced.__file__, str(log)], ENVIRONMENT))
    session = InferenceSession(client, settings=settings)
    modify, walk = ScriptedEffect._modify, Walk()

    def written(*values):
        modify(*values)
        walk.over = walk.over or time.monotonic()

    try:
        with effect(application, session, segmentation_node, volume_node, "liver", tiny_choice) as editor:
            # A click is then written at once; drawing its preview is no part of the way to the voxel.
            editor.effect.options.ui.livePreviewCheckBox.click()
            view, point = application.view("Red"), middle(volume_node)
            view.enter()
            wait(application, editor, lambda: session.isReady(plane_of(application, volume_node)))
            # The first click imports some modules.
            view.clickAt(point + [6, 0, 0])
            wait(application, editor, lambda: not editor.effect.workbench.controller.waiting)
            view.move(point)
            before = segmentArray(segmentation_node, "liver", volume_node)
            monkeypatch.setattr(ScriptedEffect, "_modify", written)
            with walk:
                view.event("LeftButtonPressEvent", point)
                view.event("LeftButtonReleaseEvent", point)
                wait(application, editor, lambda: walk.over)
            assert (segmentArray(segmentation_node, "liver", volume_node) != before).any()
    finally:
        session.close()
    walk.read(log)
    print(*sorted(walk.way), "", *sorted(walk.asked - walk.way), sep="\n")
    print(len(walk.way), len(walk.asked))
    assert {"SAMAdaptLib/service/worker/engine.py", "SAMAdaptLib/sam/mask_decoder.py"} <= walk.way
    assert "SAMAdapt/SAMAdaptModuleLib/scene/SegmentWriter.py" in walk.way
    assert len(walk.way) <= MOST_ON_THE_WAY and len(walk.asked) <= MOST_ASKED
    assert not walk.lambdas
