"""The effect is left though something that it stands on is gone: all else is let go of."""

from __future__ import annotations

import gc

import pytest

from Testing.harness.scenes import middle


@pytest.fixture(scope="module", autouse=True)
def young():
    """What was there before is looked through for garbage once, and not at every count."""
    gc.collect()
    gc.freeze()


def connected():
    """How many callables C++ keeps for signals."""
    from Testing.harness.qtgate import signals

    gc.collect()
    return sum(len(records) for records in signals._connected.values())


def left_behind(effect, session, workbench, before):
    """The parts of a workbench that is closed which still hold or hear of something."""
    signals = session.failed, session.died, session.downloadProgress, session.ready
    drawn, timers = before
    found = {
        "effect": effect.self().workbench is not None,
        "session": any(signal._listeners for signal in signals),
        "scene": bool(workbench.subject.Observations) or any(workbench.subject.chosen),
        "drafts": bool(workbench.controller.drafts or workbench.controller.stored),
        "plane": workbench.subject.plane is not None,
        "runs": workbench.running,
        "drawings": any(renderer.HasViewProp(actor) for renderer, actor in drawn) or bool(workbench.drawings._markers),
        "keys": bool(workbench._keys._watched) or workbench._keys._wanted is not None,
        "timers": connected() != timers,
        "busy": workbench.options.busy,
    }
    return [name for name, left in found.items() if left]


@pytest.fixture(name="before")
def state_before(application, editor, session, volume_node):
    """The effect with a preview, accepted prompts, a run under way, a busy sign, watched views; and what was before."""
    editor.setActiveEffect(None)
    application.addView("Extra").show(volume_node)
    timers = connected()
    editor.setActiveEffect("SAM Adapt")
    for name in ("Red", "Extra"):
        view = application.view(name)
        view.enter()
        view.clickAt(middle(volume_node))
    view.key("Return")
    view.clickAt(middle(volume_node) + [4, 0, 0])
    editor.effect.workbench.segmentVolume()
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    workbench = editor.effect.workbench
    markers = workbench.drawings._markers.values()
    before = [(one._renderer, actor) for one in markers for actor in one._actors.values()], timers
    found = left_behind(editor.activeEffect(), session, workbench, before)
    assert len(found) == 10 and len(before[0]) > 3, found
    return before


STEPS = {
    "controller.reset": ["drafts"],
    "subject.stop": ["scene", "plane"],
    "options.disconnectActions": ["timers"],
    "drawings.close": ["drawings"],
    "_keys.remove": ["keys"],
    "_busySign.close": ["timers", "busy"],
    "_view.close": ["timers"],
    "volumeSegmentation.close": ["runs", "timers"],
    "propagation.close": [],
    "session.peer.cancel": [],
    "session.useNext": [],
    "session.failed.disconnect": ["session"],
    "session.ready.disconnect": ["session"],
    "options.setStatus": [],
}


@pytest.mark.parametrize("step", STEPS)
def test_one_failing_step_keeps_no_other_from_being_taken(application, editor, session, before, monkeypatch, step):
    workbench, effect = editor.effect.workbench, editor.activeEffect()
    *path, method = step.split(".")
    owner = workbench
    for name in path:
        owner = getattr(owner, name)

    def fail(*_values):
        raise RuntimeError(f"{step} cannot be done")

    with monkeypatch.context() as patch:
        patch.setattr(type(owner) if owner is workbench._keys else owner, method, fail)
        editor.setActiveEffect(None)
    assert left_behind(effect, session, workbench, before) == STEPS[step]
    # Not silently.
    assert any("cannot be done" in fault for fault in application.takeFaults())
    if method in ("close", "remove"):
        getattr(owner, method)()
    for signal in (session.failed, session.ready):
        signal._listeners.clear()
    workbench.subject.stop()


@pytest.mark.parametrize("what", ["no editor node", "no segmentation", "a view", "the scene", "all of it"])
def test_what_it_stands_on_is_gone(application, editor, session, before, what):
    import slicer

    workbench, effect = editor.effect.workbench, editor.activeEffect()
    drawn, timers = before
    if what in ("no editor node", "all of it"):
        slicer.mrmlScene.RemoveNode(editor.node)
        assert effect.parameterSetNode() is None
    if what == "no segmentation":
        editor.node.SetAndObserveSegmentationNode(None)
    if what in ("a view", "all of it"):
        application.removeView("Extra")
        workbench.refresh()
        application.view("Red").move((100, 100))
        application.pump()
    if what in ("the scene", "all of it"):
        slicer.mrmlScene.Clear(0)
    editor.close()
    assert effect.self().options is None
    # The options have let go of their widgets, too.
    assert left_behind(effect, session, workbench, (drawn, connected())) == [] and connected() < timers


def test_a_view_that_is_gone_is_no_error_and_may_come_back(application, editor, volume_node, session):
    view = application.addView("Extra")
    view.show(volume_node)
    blank = actors_of(view)
    view.enter()
    view.clickAt(middle(volume_node))
    assert actors_of(view) > blank and editor.effect.workbench.controller.drafts
    application.removeView("Extra")
    application.pump(seconds=1)
    session.log.clear()
    editor.effect.workbench._view.rest()
    application.pump(until=lambda: not editor.effect.workbench._view._timer.active, seconds=5)
    assert not [entry for entry in session.log if entry[0] == "encode"]
    label = editor.effect.options.ui.statusLabel
    assert not label.styleSheet, label.text
    again = application.addView("Extra")
    again.show(volume_node)
    again.clickAt(middle(volume_node))
    assert actors_of(again) > blank


def actors_of(view):
    renderers = view.sliceView.renderWindow().GetRenderers()
    found = [renderers.GetItemAsObject(index) for index in range(renderers.GetNumberOfItems())]
    return sum(renderer.GetViewProps().GetNumberOfItems() for renderer in found)


def test_without_an_editor_node_a_click_says_what_is_missing(application, editor, volume_node, session):
    effect = editor.activeEffect()
    effect.setParameterSetNode(None)
    application.view("Red").clickAt(middle(volume_node))
    label = effect.self().options.ui.statusLabel
    assert "No segment is selected" in label.text and not effect.self().workbench.controller.drafts


def test_between_two_scenes_no_blank_adapter_is_listed(application, editor):
    combo = editor.effect.options.ui.adapterComboBox
    before = [combo.itemText(index) for index in range(combo.count)]
    # As the node's Reset does, before the effect sets its defaults again.
    for name in ("Model", "Adapter", "Intensity"):
        editor.node.RemoveAttribute(f"SAM Adapt.{name}")
    editor.node.InvokeCustomModifiedEvent(editor.node.EffectParameterModified)
    assert [combo.itemText(index) for index in range(combo.count)] == before and combo.currentText == before[0]
    editor.effect.setMRMLDefaults()
    assert combo.currentText == before[0] and editor.node.GetAttribute("SAM Adapt.Adapter")
