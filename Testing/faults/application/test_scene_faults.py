"""Whatever happens to scene, module and application at whichever stage of the effect's works: no exception comes to the
event loop, nothing is written elsewhere, nothing is held on to, and the next click works."""

from __future__ import annotations

import itertools
import logging

import numpy as np
import pytest

from Testing.extension.effect_tools import EFFECT
from Testing.extension.test_effect_teardown import connected, left_behind, young  # noqa: F401
from Testing.faults.application.incidents import HARMLESS, INCIDENTS, SHAPE, Place
from Testing.faults.application.stages import WORKS, Click
from Testing.faults.trials import ALL
from Testing.harness.scenes import middle

# Of each work the stage between question and answer, and that at which it is written.
FEW = [
    ("click", "asked", "segment removed"),
    ("click", "pressed", "scene closed"),
    ("click", "answered", "segment renamed"),
    ("click", "answered", "editor's node removed"),
    ("click accepted before its answer", "accepted", "another segment chosen"),
    ("click accepted before its answer", "accepted", "scene closed"),
    ("propagation", "running", "undo pressed"),
    ("propagation", "running", "volume removed"),
    ("propagation", "arrived", "scene closed"),
    ("propagation", "arrived", "application quit"),
    ("correction", "running", "undo pressed"),
    ("correction", "running", "scene closed"),
    ("correction", "arrived", "segment removed"),
    ("whole volume", "prepared", "segmentation removed"),
    ("whole volume", "running", "module reloaded"),
]
EVERY = [
    (name, stage, incident)
    for name, work in WORKS.items()
    for stage, incident in itertools.product(work.STAGES, INCIDENTS)
]


@pytest.fixture
def place(application, session):
    """The effect is known and not active yet."""
    application.registerEffect(EFFECT)
    found = Place(application, session)
    found.fill()
    yield found
    if found.editor is not None:
        found.editor.close()
    application.forgetEffects()


def lasting(application):
    """What outlives every scene."""
    import slicer

    views = [application.view(name).sliceNode for name in ("Red", "Green", "Yellow")]
    return [slicer.mrmlScene, slicer.app.applicationLogic().GetInteractionNode(), *views]


def observers(what):
    """How many observers VTK objects have, by their own account."""
    return [str(one).count("EventName:") for one in what]


@pytest.fixture
def ends_well(application, place, session, caplog):
    """Looks whether the next click works and all else is as it was before the effect was active."""
    caplog.set_level(logging.ERROR)
    timers, watched = connected(), observers(lasting(application))

    def check(workbench):
        works_again(place)
        place.unload()
        assert left_behind(place.editor.effectByName("SAM Adapt"), session, workbench, ([], timers)) == []
        assert observers(lasting(application)) == watched
        assert not application.faults and not caplog.records

    return check


@pytest.mark.parametrize("name, stage, incident", EVERY if ALL else FEW)
def test_nothing_is_lost_or_left(application, place, ends_well, tally, caplog, name, stage, incident):
    one = tally(f"scene: {incident}")
    key = one.given(f"{name} {stage}".encode())
    effect = place.editor.effectByName("SAM Adapt")
    place.editor.setActiveEffect("SAM Adapt")
    workbench = effect.self().workbench
    work = WORKS[name](place, stage)
    if incident == "undo pressed":
        # Something to be undone.
        place.editor.logic.SaveStateForUndo()
    work.begin()
    INCIDENTS[incident](place)
    after, others = place.all_segments(place.segmentation), place.all_segments(place.bystander)
    work.go_on()
    assert not application.faults and not caplog.records
    assert not application.dialogs.texts("errorDisplay")
    same(place.all_segments(place.bystander), others)
    same(place.all_segments(place.segmentation), expected(work, incident, after))
    ends_well(workbench)
    one.survived(key)


@pytest.mark.parametrize("incident", INCIDENTS if ALL else ["scene closed", "segment removed", "editor's node removed"])
def test_what_happens_behind_a_question(application, place, ends_well, tally, monkeypatch, incident):
    """While the application asks whether to work on a hidden segment, its event loop goes on."""
    one = tally(f"scene: {incident}")
    key = one.given(b"behind a question")
    place.editor.setActiveEffect("SAM Adapt")
    workbench = place.editor.effect.workbench
    place.segmentation.GetDisplayNode().SetSegmentVisibility("liver", False)
    work, ask = Click(place, "ready"), application.dialogs.ask
    asked = []

    def meanwhile(kind, *given):
        if not asked:
            asked.append(kind)
            INCIDENTS[incident](place)
        return ask(kind, *given)

    monkeypatch.setattr(application.dialogs, "ask", meanwhile)
    work.to_pressed()
    after, others = place.all_segments(place.segmentation), place.all_segments(place.bystander)
    work.to_asked()
    work.to_accepted()
    work.to_written()
    assert asked == ["confirmCurrentSegmentVisible"]
    same(place.all_segments(place.segmentation), after)
    same(place.all_segments(place.bystander), others)
    ends_well(workbench)
    one.survived(key)


def expected(work, incident, after):
    """What segments hold in the end, by name, where ``after`` is what they hold after the incident."""
    wanted = dict(work.wanted)
    if work.stage == "written" or not after:
        return after
    if incident == "display removed" and work.stage == "ready":
        # The application asks whether to work on a hidden segment, which takes the click.
        wanted = {} if "left kidney" not in wanted else wanted
    elif incident == "segment renamed" and "left kidney" not in wanted:
        # What looks for classes by their names makes another segment then.
        wanted = {"renamed": wanted["liver"]}
    elif incident == "another segment chosen" and "left kidney" not in wanted:
        # Who has not pressed yet clicks at the other one then.
        wanted = {"spleen": wanted["liver"]} if work.stage in ("ready", "pressed") else {}
    elif incident not in (*HARMLESS, "another segment chosen"):
        wanted = {}
    blank = np.zeros(SHAPE, bool)
    return {name: after.get(name, blank) | wanted.get(name, blank) for name in {**after, **wanted}}


def same(found, wanted):
    """Compare segments by name."""
    assert [*found] == [*wanted]
    for name, mask in wanted.items():
        np.testing.assert_array_equal(found[name], mask, err_msg=name)


def works_again(place):
    """A click into the next scan is previewed, accepted and written; then the effect is left."""
    if place.editor is not None and place.editor.node is None:
        place.editor.close()
        place.editor = None
    place.session.warm = True
    place.session.propagation = place.session.segmentation = place.session.correction = None
    place.fill()
    place.editor.setActiveEffect("SAM Adapt")
    others = place.all_segments(place.bystander)
    view = place.application.view("Red")
    view.clickAt(middle(place.volume))
    view.key("Return")
    np.testing.assert_array_equal(place.segment("liver"), Click(place, "ready").wanted["liver"])
    same(place.all_segments(place.bystander), others)
    place.editor.setActiveEffect(None)
