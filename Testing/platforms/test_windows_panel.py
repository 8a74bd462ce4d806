"""The panel under Windows' rules: an adapter that a real worker reads is renamed and deleted once it has let go."""

from __future__ import annotations

import pytest

from Testing.adapters.test_shelf import content
from Testing.extension.panel_job import inference, logic, panel, settings, tiny_weights  # noqa: F401
from Testing.extension.test_panel import PATIENCE, errors  # noqa: F401
from Testing.harness.fixtures import application, started_application  # noqa: F401
from Testing.platforms.windows_rules import holders
from Testing.tiny import TINY_VIT

pytestmark = pytest.mark.slow


@pytest.fixture
def adapter(panel, tiny_weights, windows):  # noqa: F811
    """A row of the panel's table: an adapter of the small model."""
    from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
    from SAMAdaptLib.methods import get_method
    from SAMAdaptLib.sam.build import build_sam

    model = build_sam(TINY_VIT, tiny_weights)
    method = get_method("lora")
    config = method.Config(rank=2)
    method.apply(model, config)
    shelf = panel.logic.shelf
    save_adapter(
        shelf.folder / "one", model,
        AdapterInfo("lora", config.to_dict(), TINY_VIT.name, model.base_hash, 64, "minmax", "axial", ("disc",), 1),
    )  # fmt: skip
    panel.adapterStep.refresh()
    panel.ui.adapterTable.selectRow(0)
    return shelf.folder / "one"


def names(panel):  # noqa: F811
    return [entry.name for entry in panel.logic.shelf.list()]


@pytest.mark.parametrize("ready", [True, False], ids=["in use", "being loaded"])
def test_an_adapter_is_renamed_and_deleted_once_it_is_free(application, panel, adapter, monkeypatch, ready):  # noqa: F811
    import qt

    ui, session = panel.ui, panel.logic.inference
    before = content(adapter)
    ui.activateButton.click()
    if ready:
        application.pump(until=lambda: session.info is not None, seconds=PATIENCE)
        assert session.info.adapter and holders(adapter) == []
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *given: "two")
    ui.renameButton.click()
    assert "Waiting until one is free" in ui.activeLabel.text and not ui.renameButton.enabled
    assert names(panel) == ["one"]
    application.pump(until=lambda: names(panel) == ["two"], seconds=PATIENCE)
    assert content(adapter.with_name("two")) == before and session.info.adapter is None
    ui.adapterTable.selectRow(0)
    ui.activateButton.click()
    ui.deleteButton.click()
    application.pump(until=lambda: names(panel) == [], seconds=PATIENCE)
    assert errors(application) == [] and list(panel.logic.shelf.folder.iterdir()) == []


def test_a_worker_that_does_not_let_go_is_named_and_nothing_is_lost(application, panel, adapter, monkeypatch):  # noqa: F811
    before = content(adapter)
    monkeypatch.setattr("SAMAdaptModuleLib.panel.AdapterStep.LET_GO_SECONDS", 0.2)
    monkeypatch.setattr(type(panel.logic.inference), "loading", property(lambda self: True))
    panel.ui.deleteButton.click()
    assert errors(application) == []
    application.pump(until=lambda: errors(application), seconds=10)
    (text,) = errors(application)
    assert "one" in text and "Try again once it is loaded" in text and content(adapter) == before
    assert panel.ui.deleteButton.enabled and "Waiting" not in panel.ui.activeLabel.text
