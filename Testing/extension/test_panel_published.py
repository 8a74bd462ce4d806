"""Published adapters from the panel: listed with their cards, fetched, stopped and gone on with."""

from __future__ import annotations

import threading

import pytest

from SAMAdaptLib.adapters.publish import publish_adapters
from SAMAdaptLib.adapters.shelf import Shelf
from Testing.adapters.published import Site, put
from Testing.harness.qtgate import unwrap

PATIENCE = 120.0
CUT = 300_000


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server that offers "liver" and "spleen", which are on another computer's shelf."""
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    shelf = Shelf(tmp_path / "elsewhere" / "shelf")
    put(shelf, "liver", ("liver", "vein"))
    put(shelf, "spleen", ("spleen",), size=1_000_000)
    publish_adapters(["liver", "spleen"], tmp_path / "public", shelf, licence="CC BY 4.0, A. Body")
    with Site(tmp_path / "public") as one:
        yield one


def errors(application):
    return application.dialogs.texts("errorDisplay")


def browsed(application, ui, place):
    ui.publishedBox.collapsed = False
    ui.publishedPlace.text = place
    ui.browseButton.click()
    assert ui.browseButton.text == "Stop"
    application.pump(until=lambda: ui.browseButton.text == "Browse", seconds=PATIENCE)
    table = ui.publishedTable
    columns = range(table.columnCount)
    return [[table.item(row, column).text() for column in columns] for row in range(table.rowCount)]


def test_cards_are_read_and_an_adapter_comes_after_a_stop(application, panel, site, tmp_path):
    ui, logic = panel.ui, panel.logic
    assert not ui.fetchButton.enabled and unwrap(ui.publishedCard).isHidden() and ui.publishedBox.collapsed
    rows = [["liver", "lora", "liver, vein", "0.812"], ["spleen", "lora", "spleen", "0.812"]]
    assert browsed(application, ui, site.url) == rows and errors(application) == []
    assert logic.settings.published == site.url and unwrap(ui.publishedBar).isHidden()
    assert "Classes" in ui.publishedCard.plainText and "liver, vein" in ui.publishedCard.plainText
    ui.publishedTable.selectRow(1)
    assert ui.publishedCard.plainText.startswith("spleen") and not unwrap(ui.publishedCard).isHidden()
    assert ui.publishedSigner.text == "Not signed.\nLicence: CC BY 4.0, A. Body"
    # The server says no more until the user has had enough.
    held, (spleen,) = threading.Event(), (site.folder.glob("spleen*"))
    path, body = f"/adapters/{spleen.name}", spleen.read_bytes()

    def hold(answer):
        answer.send_response(200)
        answer.send_header("Content-Length", str(len(body)))
        answer.end_headers()
        answer.wfile.write(body[:CUT])
        answer.wfile.flush()
        # Something comes now and then, as from a slow server: each is a moment to stop at.
        at = CUT
        while at < len(body) - CUT and not held.wait(0.05):
            answer.wfile.write(body[at : at + 100])
            at += 100

    site.instead[path] = hold
    ui.fetchButton.click()
    application.pump(until=lambda: ui.publishedBar.value > 0, seconds=PATIENCE)
    assert errors(application) == [] and "being fetched" in ui.publishedStatus.text
    assert not unwrap(ui.publishedBar).isHidden() and ui.fetchButton.text == "Stop"
    ui.fetchButton.click()
    application.pump(until=lambda: ui.fetchButton.text == "Fetch", seconds=PATIENCE)
    held.set()
    assert logic.shelf.list() == [] and unwrap(ui.publishedBar).isHidden() and errors(application) == []
    del site.instead[path]
    ui.fetchButton.click()
    application.pump(until=lambda: "on this computer" in ui.publishedStatus.text, seconds=PATIENCE)
    assert site.asked[-1][0] == path and site.asked[-1][1] >= CUT
    (entry,) = logic.shelf.list()
    assert entry.info.classes == ("spleen",) and ui.adapterTable.item(0, 0).text() == "spleen"
    made = tmp_path / "elsewhere" / "made-spleen" / "adapter.safetensors"
    assert (entry.path / "adapter.safetensors").read_bytes() == made.read_bytes()


def test_what_cannot_be_listed_or_fetched_is_told(application, panel, site, tmp_path):
    ui = panel.ui
    ui.publishedBox.collapsed = False
    ui.browseButton.click()
    assert "No place is given" in errors(application)[-1]
    assert browsed(application, ui, str(tmp_path)) == [] and "No adapters are published here" in errors(application)[-1]
    assert panel.logic.settings.published == "" and not ui.fetchButton.enabled
    assert len(browsed(application, ui, str(tmp_path / "public"))) == 2
    count = len(errors(application))
    ui.publishedTrustedBox.checked = True
    ui.fetchButton.click()
    application.pump(until=lambda: len(errors(application)) > count, seconds=PATIENCE)
    assert "unsigned" in errors(application)[-1] and panel.logic.shelf.list() == []
    assert ui.fetchButton.text == "Fetch" and ui.fetchButton.enabled and ui.publishedStatus.text == ""
