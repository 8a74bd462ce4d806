"""Beside the other mouse modes, and after questions: whose the mouse is."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.harness.scenes import middle


def interaction():
    import slicer

    return slicer.app.applicationLogic().GetInteractionNode()


def drafts(editor):
    return editor.effect.workbench.controller.drafts


def cursor(application, name="Red"):
    view = application.view(name).sliceView
    return view._viewCursor.shape(), view._defaultCursor.shape()


def test_a_drag_in_the_window_mode_adjusts_the_window(application, editor, segmentation_node, volume_node):
    node, view, display = interaction(), application.view("Red"), volume_node.GetScalarVolumeDisplayNode()
    view.live()
    display.SetAutoWindowLevel(0)
    display.SetWindowLevel(200, 100)
    view.clickAt(middle(volume_node))
    assert (display.GetWindow(), display.GetLevel()) == (200, 100) and len(drafts(editor)) == 1
    node.SetCurrentInteractionMode(node.AdjustWindowLevel)
    view.drag((100, 100), (180, 160))
    prompts = drafts(editor)[0].prompts
    assert len(prompts.points) == 1 and prompts.box is None
    # The application's own widget has got the drag; without an effect it gives the same.
    adjusted = display.GetWindow(), display.GetLevel()
    assert adjusted[0] > 200 and adjusted[1] != 100
    # What is shown stays, and the keys go on with it.
    view.key("Return")
    assert not drafts(editor)
    node.SetCurrentInteractionMode(node.ViewTransform)
    display.SetWindowLevel(200, 100)
    view.drag((100, 100), (180, 160))
    assert drafts(editor)[0].prompts.box is not None and (display.GetWindow(), display.GetLevel()) == (200, 100)
    editor.setActiveEffect(None)
    node.SetCurrentInteractionMode(node.AdjustWindowLevel)
    view.drag((100, 100), (180, 160))
    assert (display.GetWindow(), display.GetLevel()) == adjusted


@pytest.mark.parametrize("mode", ["Place", "Select", "AdjustWindowLevel", "User"])
def test_no_other_mode_is_the_effects(application, editor, volume_node, mode):
    node, view = interaction(), application.view("Red")
    used = []
    for event in ("LeftButtonPressEvent", "MouseMoveEvent", "LeftButtonReleaseEvent", "LeftButtonDoubleClickEvent"):
        view.interactor.AddObserver(event, lambda _caller, name: used.append(name), 0.5)
    node.SetCurrentInteractionMode(getattr(node, mode))
    assert editor.activeEffect() is not None
    view.drag((100, 100), (180, 160), steps=2)
    view.doubleClickAt((100, 100))
    assert used.count("LeftButtonPressEvent") == 2 and used.count("LeftButtonDoubleClickEvent") == 1
    assert used.count("MouseMoveEvent") == 4 and not drafts(editor)
    node.SetCurrentInteractionMode(node.ViewTransform)
    used.clear()
    view.drag((100, 100), (180, 160), steps=2)
    assert used == ["MouseMoveEvent"]


def test_the_cursor_comes_back_with_the_mode(application, editor):
    import qt

    node, cross = interaction(), (qt.Qt.CrossCursor,) * 2
    assert cursor(application) == cross
    node.SetCurrentInteractionMode(node.AdjustWindowLevel)
    application.view("Red").move((50, 50))
    assert cursor(application) == (qt.Qt.BitmapCursor,) * 2
    node.SetCurrentInteractionMode(node.ViewTransform)
    application.view("Red").move((60, 50))
    assert cursor(application) == cursor(application, "Green") == cross
    editor.setActiveEffect(None)
    assert cursor(application) == (qt.Qt.ArrowCursor,) * 2


def test_a_mode_that_changes_in_mid_drag_ends_it(application, editor):
    node, view = interaction(), application.view("Red")
    view.event("LeftButtonPressEvent", (100, 100))
    view.move((150, 150))
    assert editor.effect.workbench.drawings.drag is not None
    node.SetCurrentInteractionMode(node.AdjustWindowLevel)
    assert editor.effect.workbench.drawings.drag is None
    view.move((160, 160))
    view.event("LeftButtonReleaseEvent", (160, 160))
    assert not drafts(editor) and editor.effect.workbench.drawings.drag is None


@pytest.mark.parametrize("who", ["the model's choice", "the segment's visibility"])
def test_no_rubber_band_after_a_question(application, editor, segmentation_node, session, monkeypatch, who):
    import slicer

    view, workbench = application.view("Red"), editor.effect.workbench
    if who == "the segment's visibility":
        segmentation_node.GetDisplayNode().SetSegmentVisibility("liver", False)
    else:
        workbench._model.usable = False
        use = session.useModel

        def ask(choice):
            slicer.util.confirmOkCancelDisplay("May packages be installed?")
            use(choice)

        monkeypatch.setattr(session, "useModel", ask)
    view.event("LeftButtonPressEvent", (100, 100))
    assert len(application.dialogs.shown) == 1
    # The button was released over the dialogue; the mouse comes back from there.
    for step in range(5):
        view.move((120 + 10 * step, 120))
    assert workbench.drawings.drag is None and not drafts(editor)
    view.drag((100, 100), (180, 160))
    assert len(application.dialogs.shown) == 1 and drafts(editor)[0].prompts.box is not None


def test_a_click_of_a_script_needs_no_button(application, editor, volume_node):
    """As slicer.util.clickAndDrag does it: events of the interactor, of which the window system knows nothing."""
    view = application.view("Red")
    interactor, (x, y) = view.interactor, view.xyOf(middle(volume_node))
    for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent"):
        interactor.SetEventInformation(x, y, 0, 0, "\0", 0, None)
        interactor.InvokeEvent(event)
    assert np.allclose(drafts(editor)[0].prompts.points[0], view.rasOf((x, y)))
