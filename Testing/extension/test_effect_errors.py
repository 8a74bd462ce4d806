"""What nobody has thought of: it is told to the user, with a way out, and leaves nothing half open."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.extension.effect_tools import conclude
from Testing.extension.test_effect_whole_volume import ball, model, tell
from Testing.harness.scenes import middle


def failing(*_values, **_named):
    raise ImportError("libcudart.so.12: cannot open shared object file")


def assertTold(editor, caplog):
    label = editor.effectByName("SAM Adapt").self().options.ui.statusLabel
    assert "libcudart.so.12: cannot open shared object file" in label.text and label.styleSheet
    assert "Try again" in label.text and "application log" in label.text
    assert "ImportError" in label.toolTip
    assert any(record.exc_info and record.exc_info[0] is ImportError for record in caplog.records)


def click(application, editor, volume_node):
    application.view("Red").clickAt(middle(volume_node))


@pytest.mark.parametrize("where", ["useModel", "isReady", "predict"])
def test_of_a_click(application, editor, volume_node, session, monkeypatch, caplog, where):
    workbench = editor.effect.workbench
    workbench._model.usable = where != "useModel"
    with monkeypatch.context() as patch:
        patch.setattr(session, where, failing)
        click(application, editor, volume_node)
        assertTold(editor, caplog)
        assert not workbench.controller.waiting
    # The same click again, once the cause is mended.
    click(application, editor, volume_node)
    assert workbench.controller.drafts[0].mask.any()
    assert not editor.effect.options.ui.statusLabel.styleSheet


def test_of_the_activation(application, editor, volume_node, session, monkeypatch, caplog):
    editor.setActiveEffect(None)
    with monkeypatch.context() as patch:
        patch.setattr(session, "useModel", failing)
        editor.setActiveEffect("SAM Adapt")
        assertTold(editor, caplog)
    click(application, editor, volume_node)
    assert editor.effect.workbench.controller.drafts


@pytest.mark.parametrize("button", ["acceptButton", "bothButton", "autoButton", "exemplarButton"])
def test_of_a_button(application, editor, volume_node, session, monkeypatch, caplog, button):
    from SAMAdaptModuleLib.console import Logic

    model(session, finds=True)
    click(application, editor, volume_node)
    with monkeypatch.context() as patch:
        if button == "acceptButton":
            patch.setattr(editor.effect.workbench.controller, "_write", failing)
        patch.setattr(session, "propagate", failing)
        patch.setattr(session, "segmentVolume", failing)
        patch.setattr(Logic, "SAMAdaptLogic", failing)
        getattr(editor.effect.options.ui, button).click()
        assertTold(editor, caplog)
    assert not editor.effect.workbench.running


def test_of_an_answer(application, editor, volume_node, session, monkeypatch, caplog):
    session.warm = False
    click(application, editor, volume_node)
    with monkeypatch.context() as patch:
        patch.setattr(editor.effect.workbench.controller.drafts[0], "answer", failing)
        session.answer()
    assertTold(editor, caplog)
    assert not editor.effect.workbench.controller.waiting and not editor.effect.options.busy


@pytest.mark.parametrize("kind", ["propagation", "volumeSegmentation"])
def test_of_a_run_that_cannot_be_written(application, editor, volume_node, session, monkeypatch, caplog, kind):
    from SAMAdaptLib.service.packed import PackedMask
    from SAMAdaptLib.service.protocol import Done, SliceMask

    model(session, finds=True)
    click(application, editor, volume_node)
    workbench = editor.effect.workbench
    if kind == "propagation":
        workbench.propagate(0)
        mask = PackedMask.of(np.ones(workbench.subject.plane.shape, bool))
        index = workbench.subject.plane.index
        session.propagation[3].tell(SliceMask(77, "axial", index, mask, None, "found", False, ""))
    else:
        workbench.segmentVolume()
        tell(session, volume_node, {"liver": ball((10, 14, 20), 8)})
    with monkeypatch.context() as patch:
        patch.setattr(workbench.controller.writer, "add", failing)
        conclude((session.propagation if kind == "propagation" else session.segmentation)[-1], Done(88, {}))
        application.pump(until=lambda: not workbench.running, seconds=5)
    assertTold(editor, caplog)
    assert not editor.effect.options.busy and not workbench.controller.editing


@pytest.mark.parametrize("signal", ["died", "downloadProgress", "ready"])
def test_of_what_the_session_tells(application, editor, session, monkeypatch, caplog, signal):
    workbench = editor.effect.workbench
    values = {"died": ("words",), "downloadProgress": (1, 2), "ready": ()}[signal]
    monkeypatch.setattr(editor.effect.options, "enable", failing)
    monkeypatch.setattr(workbench._busySign, "setProgress", failing)
    monkeypatch.setattr(type(editor.effect.options), "busy", property(lambda self: True))
    getattr(session, signal).emit(*values)
    assertTold(editor, caplog)


def test_of_the_scene(application, editor, volume_node, monkeypatch, caplog):
    import slicer

    with monkeypatch.context() as patch:
        patch.setattr(editor.effect.workbench.controller, "drop", failing)
        slicer.util.arrayFromVolume(volume_node)[:] += 1
        slicer.util.arrayFromVolumeModified(volume_node)
    assertTold(editor, caplog)
