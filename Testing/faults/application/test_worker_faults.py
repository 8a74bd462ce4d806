"""Whatever happens while a real worker is at work: no process or shared memory is left, and the next click works."""

from __future__ import annotations

import contextlib
import itertools
import logging

import numpy as np
import pytest

from Testing.extension.effect_tools import EFFECT, plane_of, status, wait
from Testing.faults.application.incidents import INCIDENTS, Place
from Testing.faults.application.test_scene_faults import same
from Testing.faults.trials import ALL
from Testing.harness.scenes import middle
from Testing.service.peers import running, segments, standing

QUIT, RELOADED = "application quit", "module reloaded"
EVERY = ("scene closed", "volume removed", "segment removed", "editor's node removed", RELOADED, QUIT)
FEW = [("running", QUIT)]

pytestmark = pytest.mark.slow


@pytest.fixture
def place(application, tiny_choice, settings, monkeypatch):
    """With the session that the whole application shares, as it is made at the first use and ends with it."""
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    usual = InferenceSession.__init__
    monkeypatch.setattr(InferenceSession, "__init__", lambda session: usual(session, settings=settings))
    application.registerEffect(EFFECT)
    monkeypatch.setattr("SegmentEditorSAMAdaptLib.edit.ModelUse.modelChoice", lambda *_names: tiny_choice)
    found = Place(application, None)
    found.fill()
    yield found
    found.unload()
    if found.editor is not None:
        found.editor.close()
    InferenceSession.closeInstance()
    application.forgetEffects()
    assert not segments()


def opened(place):
    """The session, once the effect is active and its model ready."""
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    if place.editor.node is None:
        place.editor.close()
        place.editor = None
        place.fill()
    place.editor.setActiveEffect("SAM Adapt")
    session = InferenceSession.instance()
    place.application.view("Red").enter()
    wait(place.application, place.editor, lambda: session.isReady(plane_of(place.application, place.volume)))
    return session


@pytest.mark.parametrize("stage, incident", [*itertools.product(("asked", "running"), EVERY)] if ALL else FEW)
def test_nothing_is_left_of_a_worker(application, place, tally, caplog, stage, incident):
    one = tally(f"worker: {incident}")
    key = one.given(stage.encode())
    caplog.set_level(logging.ERROR)
    session = opened(place)
    view, worker = application.view("Red"), session._client.pid
    others = place.all_segments(place.bystander)
    if stage == "running":
        view.drag(middle(place.volume), middle(place.volume) + [6, 5, 0])
        wait(application, place.editor, lambda: not place.editor.effect.workbench.controller.waiting)
        place.editor.effect.options.ui.bothButton.click()
    # Who quits ends the worker, too.
    with contextlib.suppress(ProcessLookupError), standing(worker):
        if stage == "asked":
            view.clickAt(middle(place.volume))
        INCIDENTS[incident](place)
    if incident == QUIT:
        assert not running(worker) and not segments()
        place.fill()
    else:
        application.pump(until=lambda: not session._client.pending, seconds=60)
        assert running(worker)
    if incident not in (QUIT, RELOADED):
        same_as(place, others, incident)
    if incident == "volume removed":
        assert not segments()
    place.fill()
    opened(place)
    view.clickAt(middle(place.volume))
    wait(application, place.editor, lambda: not place.editor.effect.workbench.controller.waiting)
    assert not place.editor.effect.options.ui.statusLabel.styleSheet, status(place.editor)
    (draft,) = place.editor.effect.workbench.controller.drafts
    view.key("Return")
    plane = plane_of(application, place.volume)
    np.testing.assert_array_equal(plane.fromSegmentation(place.segmentation, "liver"), draft.mask)
    # The scan, and the one that is prepared.
    assert len(segments()) <= 2
    assert not application.faults and not caplog.records
    one.survived(key)


def same_as(place, others, incident):
    """Nothing was written where the work was not."""
    if incident != "scene closed":
        same(place.all_segments(place.bystander), others)
    liver = place.segment("liver")
    assert liver is None or not liver.any()
