"""A study from the panel: run beside the application, stopped, gone on with, and its report shown."""

from __future__ import annotations

import csv
import sys

import pytest

from Testing.harness.qtgate import unwrap
from Testing.study.scene import QUICK, write_scans, write_weights

PATIENCE = 240.0
# The worker does not know the small model.
PROGRAM = """
import runpy, sys
from Testing.study.scene import register
register()
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def study(panel, tmp_path, monkeypatch):
    """The panel with a study of four cells chosen, and the pages that were opened."""
    import qt

    monkeypatch.setattr(panel.logic.installation, "pythonExecutable", lambda: [sys.executable, "-c", PROGRAM])
    pages = []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: pages.append(url.toLocalFile()) or True)
    index = write_scans(tmp_path / "scans", split=["train", "train", "test", "test"])
    cells = {**QUICK, "checkpoint": str(write_weights(tmp_path / "tiny.safetensors")), "seed": [0, 1]}
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for name, value in cells.items()
    ]
    text = ['title = "Four ellipses"', "[cells]", *lines, 'test_prompts = ["box"]']
    text += ['[[rows]]\nmethod = "none"', '[[rows]]\nmethod = "decoder"\nslices = 2\nsynthesis = false']
    (tmp_path / "study.toml").write_text("\n".join(text))
    ui = panel.ui
    ui.studyBox.collapsed = False
    ui.studySelector.setCurrentIndex(ui.studySelector.findData(""))
    ui.studyFile.currentPath = str(tmp_path / "study.toml")
    ui.studyIndex.currentPath = str(index)
    ui.studyFolder.currentPath = str(tmp_path / "out")
    return pages


def errors(application):
    return application.dialogs.texts("errorDisplay")


def ended(ui):
    return ui.studyButton.text == "Run study"


def test_a_study_is_stopped_gone_on_with_and_shown(application, panel, study, tmp_path):
    ui, out = panel.ui, tmp_path / "out"
    ui.studyButton.click()
    application.pump(until=lambda: "Cell 2" in ui.studyStatus.text or ended(ui), seconds=PATIENCE)
    assert errors(application) == [] and not unwrap(ui.studyBar).isHidden()
    cells = ui.studyBar.maximum
    assert cells > 2 and f"Cell 2 of {cells}" in ui.studyStatus.text and "left" in ui.studyStatus.text
    ui.studyButton.click()
    assert ui.studyButton.text == "Stopping" and not ui.studyButton.enabled
    application.pump(until=lambda: ended(ui), seconds=PATIENCE)
    assert "goes on where this one was" in ui.studyStatus.text and ui.studyButton.enabled and study == []
    before = {path: path.stat().st_mtime_ns for path in out.glob("cells/*/cell.json")}
    assert 1 <= len(before) < cells
    ui.studyButton.click()
    application.pump(until=lambda: ended(ui) and study, seconds=PATIENCE)
    assert errors(application) == [] and "done" in ui.studyStatus.text and unwrap(ui.studyBar).isHidden()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with open(out / "results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # Two rows and two seeds; two test patients with two structures.
    assert len(rows) == 4 * 2 * 2
    assert study == [str(out / "report.html")] and "Four ellipses" in (out / "report.html").read_text("utf-8")
    ui.studyReportButton.click()
    application.pump(until=lambda: len(study) == 2, seconds=PATIENCE)
    assert study[1] == study[0] and errors(application) == []
    assert panel.logic.settings.study["output"] == str(out)


def test_what_cannot_be_run_is_told_and_leaves_nothing(application, panel, study, tmp_path):
    ui, toml = panel.ui, tmp_path / "study.toml"

    def told():
        application.dialogs.reset()
        ui.studyButton.click()
        application.pump(until=lambda: ended(ui) and errors(application), seconds=PATIENCE)
        (text,) = errors(application)
        return text

    toml.write_text(toml.read_text().replace("[cells]", "[cells]\nsedd = 3"))
    assert "sedd" in told() and "seed" in told()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")
    toml.write_text(toml.read_text().replace("sedd = 3", ""))
    assert "holds something else" in told()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    ui.studyFolder.currentPath = ""
    assert "No output folder" in told()
    ui.studySelector.setCurrentIndex(ui.studySelector.findData("methods"))
    ui.studyIndex.currentPath, ui.studyFolder.currentPath = "", str(tmp_path / "new")
    assert "No scans are chosen" in told() and unwrap(ui.studyFile).isHidden()
