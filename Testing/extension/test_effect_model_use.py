"""Nobody is asked anything for having looked at the effect; a click or a choice asks, and can be stopped."""

from __future__ import annotations

import pytest

from SAMAdaptLib.errors import InputError
from Testing.harness.scenes import middle


@pytest.fixture(autouse=True)
def computer(application, tmp_path, monkeypatch):
    """No weights but those of packages, and the device that is taken by itself."""
    from SAMAdaptModuleLib.app.Settings import Settings

    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path))
    yield Settings()
    Settings().device = None
    Settings().devices = {}


def kinds(session):
    return [entry[0] for entry in session.log if entry[0] in ("install", "model", "predict", "cancelLoading")]


def choose(editor, name):
    combo = editor.effect.options.ui.modelComboBox
    combo.currentIndex = combo.findData(name)


def test_packages_are_installed_upon_a_click_only(application, editor, session, volume_node, monkeypatch):
    editor.setActiveEffect(None)
    session.log.clear()
    session.missing = ["peft>=0.14"]
    editor.setActiveEffect("SAM Adapt")
    application.pump(seconds=0.2)
    label = editor.effect.options.ui.statusLabel
    assert kinds(session) == [] and "Click into a slice view to install" in label.text
    assert application.dialogs.shown == []
    view = application.view("Red")

    def refused():
        session.log.append(("install",))
        raise InputError("Packages are missing", None, "Try again and agree")

    with monkeypatch.context() as patch:
        patch.setattr(session, "install", refused)
        view.clickAt(middle(volume_node))
        assert kinds(session) == ["install"] and "Try again and agree" in label.text
        # Asked once a click, not with each change of the editor's node.
        editor.effect.scriptedEffect.setParameter("MultiMask", 1)
        assert kinds(session) == ["install"]
    view.clickAt(middle(volume_node))
    assert kinds(session)[:4] == ["install", "install", "model", "predict"]


def test_a_button_is_a_click_as_well(application, editor, session):
    editor.setActiveEffect(None)
    session.missing = ["peft>=0.14"]
    editor.setActiveEffect("SAM Adapt")
    session.log.clear()
    editor.effect.options.ui.bothButton.click()
    assert kinds(session) == ["install", "model"]


def test_a_large_model_is_asked_for_when_it_is_chosen(application, editor, session, volume_node):
    session.log.clear()
    application.dialogs.answers["confirmOkCancelDisplay"] = False
    choose(editor, "sam_vit_h")
    label = editor.effect.options.ui.statusLabel
    assert len(application.dialogs.texts("confirmOkCancelDisplay")) == 1 and "model" not in kinds(session)
    assert "not on this computer" in label.text
    application.view("Red").clickAt(middle(volume_node))
    assert len(application.dialogs.texts("confirmOkCancelDisplay")) == 2 and "predict" not in kinds(session)
    application.dialogs.answers["confirmOkCancelDisplay"] = True
    application.view("Red").clickAt(middle(volume_node))
    # The click has gone to the question.
    assert kinds(session)[-1] == "model" and len(application.dialogs.shown) == 3
    application.view("Red").clickAt(middle(volume_node) + [2, 0, 0])
    assert kinds(session)[-1] == "predict" and len(application.dialogs.shown) == 3


def test_a_model_that_is_not_there_waits_where_the_scene_names_it(application, editor, session):
    editor.setActiveEffect(None)
    editor.node.SetAttribute("SAM Adapt.Model", "sam_vit_l")
    session.log.clear()
    editor.setActiveEffect("SAM Adapt")
    text = editor.effect.options.ui.statusLabel.text
    # 1 249 524 607 bytes, by the registry.
    assert "Segment Anything, ViT-L (1.2 GB)" in text and "Click into a slice view to download" in text
    assert kinds(session) == [] and application.dialogs.shown == []


def test_stop_ends_a_download(application, editor, session):
    session.loading = True
    session.downloadProgress.emit(120_000_000, 375_000_000)
    editor.effect.workbench.refresh()
    application.pump(until=lambda: editor.effect.options.busy, seconds=5)
    ui = editor.effect.options.ui
    assert ui.statusLabel.text == "The model is being fetched: 120 MB of 375 MB"
    ui.stopButton.click()
    assert kinds(session)[-1] == "cancelLoading" and not editor.effect.options.busy
    assert "goes on where it was" in ui.statusLabel.text


def test_the_device_belongs_to_the_computer(application, editor, session, computer):
    from SAMAdaptLib.service.protocol import Ready

    computer.devices = {"cuda:0": "Card A", "cuda:1": "Card B", "cpu": "CPU"}
    session.info = Ready(1, "cpu", "lite_medsam", None, {})
    session.ready.emit()
    combo = editor.effect.options.ui.deviceComboBox
    assert [combo.itemText(index) for index in range(combo.count)] == [
        "Automatic",
        "Card A (cuda:0)",
        "Card B (cuda:1)",
        "CPU",
    ]
    combo.currentIndex = combo.findData("cuda:1")
    assert computer.device == "cuda:1"
    assert [entry[1].device for entry in session.log if entry[0] == "model"][-1] == "cuda:1"
    assert editor.node.GetAttribute("SAM Adapt.Device") is None


def test_other_weights_than_the_better_ones(application, editor, session, volume_node):
    from SAMAdaptLib.service.protocol import Ready

    kinds = {kind: {"base": 0.9, "adapted": 0.6, "used": "base"} for kind in ("box", "propagation")}
    session.info = Ready(1, "cpu", "lite_medsam", {"prompts": "", "comparison": {"kinds": kinds}}, {})
    session.byBase = "box"
    ui = editor.effect.options.ui
    application.view("Red").drag(middle(volume_node) - [6, 4, 0], middle(volume_node) + [6, 4, 0])
    assert ui.statusLabel.text == (
        "Box answered with the base weights, which were better on held-out slices (Dice: box 0.900 against 0.600 "
        "adapted)."
    )
    # Without an adapter there is nothing to choose from.
    assert not ui.weightsComboBox.enabled
    assert [ui.weightsComboBox.itemData(i) for i in range(ui.weightsComboBox.count)] == ["auto", "adapted", "base"]
