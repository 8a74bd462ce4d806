"""The panel: its own buttons are pressed, and real processes do what they ask for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.harness import scenes
from Testing.tiny import TINY_VIT
from Testing.untrained import make_planted, make_quick

WIDTH = 400
PATIENCE = 240.0


@pytest.fixture
def filled(application, panel, patient):
    """The panel with a patient and two exemplars."""
    volume, labels = patient
    panel.ui.volumeSelector.setCurrentNode(volume)
    panel.ui.segmentationSelector.setCurrentNode(labels)
    panel.ui.suggestionCountSpin.value = 2
    panel.ui.suggestButton.click()
    panel.ui.addSuggestedButton.click()
    application.pump()
    return panel


def train(panel, name, minutes=0.1):
    ui = panel.ui
    ui.modelSelector.setCurrentIndex(ui.modelSelector.findData(TINY_VIT.name))
    ui.runNameEdit.text = name
    ui.budgetSpin.value = minutes
    ui.startButton.click()


def errors(application):
    return application.dialogs.texts("errorDisplay")


def test_exemplars_are_added_shown_and_removed(application, filled):
    from SAMAdaptLib.exemplars.library import Library

    ui = filled.ui
    library = Library.open(filled.logic.libraryFolder())
    assert len(library) == ui.exemplarList.count == 2
    assert all(name in ui.libraryLabel.text for name in library.classes)
    assert not ui.suggestionList.visible and not ui.addSuggestedButton.enabled
    ui.exemplarList.setCurrentRow(0)
    assert ui.removeExemplarsButton.enabled
    application.dialogs.answers["confirmOkCancelDisplay"] = False
    ui.removeExemplarsButton.click()
    assert ui.exemplarList.count == 2
    application.dialogs.answers["confirmOkCancelDisplay"] = True
    ui.removeExemplarsButton.click()
    assert ui.exemplarList.count == 1 and len(Library.open(library.folder)) == 1
    assert errors(application) == []


def test_captions_of_exemplars_are_not_cut(application, panel):
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.intensity import Intensity
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume
    from Testing.harness.qtgate import unwrap
    from Testing.phantoms import ct

    upper = ["liver", "spleen", "stomach", "aorta"]
    many = [*upper, "left adrenal gland", "right adrenal gland", "inferior vena cava", "pancreas", "duodenum"]
    volume = Volume(ct(), Geometry(ct().shape[::-1], np.diag([-1.0, -1.0, 3.0, 1.0])))
    library = Library.create(panel.logic.libraryFolder())
    for index, names in ((8, upper), (9, many)):
        array = np.zeros(ct().shape, np.uint8)
        array[index, 10, 10 : 10 + len(names)] = range(1, 1 + len(names))
        labels = Labels(array, volume.geometry, {name: value for value, name in enumerate(names, start=1)})
        library.add(volume, labels, "axial", index, Intensity.parse("window:40/400"))
    panel.exemplarStep.refresh()
    application.pump()
    shown = unwrap(panel.ui.exemplarList)
    whole, shortened = shown.item(0), shown.item(1)
    assert whole.text().replace("\n", " ") == "liver, spleen, stomach, aorta" and "\n" in whole.text()
    assert shortened.text().endswith(" ...") and shortened.text().count("\n") == 3
    for item, names in ((whole, upper), (shortened, many)):
        assert item.toolTip().startswith(", ".join(names) + "\n")
        # Qt gives each caption all the room that its lines need.
        place, metrics = shown.visualItemRect(item), shown.fontMetrics()
        lines = item.text().split("\n")
        assert place.width() >= max(map(metrics.horizontalAdvance, lines))
        assert place.height() >= shown.iconSize().height() * 0.9 + len(lines) * metrics.height()


def test_the_shown_slice_is_added(application, filled):
    """The slice that the view shows, not its neighbour: the library's pixels are those of the voxels."""
    import slicer

    from SAMAdaptLib.exemplars.library import Library

    ui, volume = filled.ui, filled._parameterNode.volume
    view = application.view("Red")
    view.show(volume)
    ui.suggestionCountSpin.value = 4
    ui.suggestButton.click()
    known = {info.id for info in Library.open(filled.logic.libraryFolder()).infos()}
    row = next(r for r in range(4) if ui.suggestionList.item(r).text() == "Slice 1")
    ui.suggestionList.setCurrentRow(row)
    application.pump()
    assert view.sliceNode.GetSliceOffset() == pytest.approx(3.0)
    ui.neighbourSpinBox.value = 1
    ui.addExemplarButton.click()
    assert errors(application) == []
    library = Library.open(filled.logic.libraryFolder())
    (new,) = [info.id for info in library.infos() if info.id not in known]
    voxels = slicer.util.arrayFromVolume(volume)
    assert (library.load(new).pixels == voxels[1]).all()
    assert (library.load(new).neighbours == voxels[[0, 2]]).all()
    assert ui.addedLabel.text == "Slice 1 (axial) is in the exemplar library."
    # Corrected since: the outlines as they are now take the place of the earlier ones.
    segmentation = filled._parameterNode.segmentation
    segment = segmentation.GetSegmentation().GetSegmentIdBySegmentName("disc")
    corrected = np.roll(scenes.segmentArray(segmentation, "disc", volume), 2, axis=2)
    scenes.fill(segmentation, segment, corrected, volume)
    ui.addExemplarButton.click()
    library = Library.open(library.folder)
    (newer,) = [info for info in library.infos() if info.id not in known]
    assert newer.id != new and "in the place of its earlier" in ui.addedLabel.text and errors(application) == []
    assert ((library.load(newer.id).labels > 0) == corrected[1]).all()
    ui.addExemplarButton.click()
    assert "already, with the same" in ui.addedLabel.text and errors(application) == []


def test_training_from_start_to_use(application, filled):
    import slicer

    ui, runs = filled.ui, filled.logic.runs
    train(filled, "organs")
    assert errors(application) == [] and runs.running and not ui.startButton.enabled
    filled.trainingStep.onStart()
    assert "running already" in errors(application)[0] and "stop it first" in errors(application)[0]
    application.pump(until=lambda: filled.trainingStep.plot.chartNode is not None, seconds=PATIENCE)
    slicer.mrmlScene.Clear(0)
    assert ui.volumeSelector.currentNode() is None
    application.pump(until=lambda: not runs.running, seconds=PATIENCE)
    assert "ready in step 4" in ui.trainingStatus.text and ui.startButton.enabled
    assert [ui.adapterTable.item(0, c).text() for c in (0, 2)] == ["organs", "disc, bean"]
    lines = ui.trainingLog.plainText.splitlines()
    assert len([line for line in lines if "loss" in line]) <= 10
    ui.plotButton.click()
    chart = filled.trainingStep.plot.chartNode
    assert chart.GetScene() is slicer.mrmlScene and chart.GetNumberOfPlotSeriesNodes() == 3
    table = filled.trainingStep.plot.tableNode.GetTable()
    steps = [table.GetColumn(0).GetValue(r) for r in range(table.GetNumberOfRows())]
    assert steps and steps == sorted(set(steps))
    ui.adapterTable.selectRow(0)
    ui.activateButton.click()
    assert "organs on test_tiny_vit" in ui.activeLabel.text
    assert Path(filled.logic.inference.choice.adapter).name == "organs"
    assert "were not compared" in ui.comparisonLabel.text
    ui.weightsSelector.setCurrentIndex(ui.weightsSelector.findData("base"))
    choice = filled.logic.inference.choice
    assert (choice.weights, Path(choice.adapter).name) == ("base", "organs")
    ui.weightsSelector.setCurrentIndex(0)
    ui.baseButton.click()
    assert filled.logic.inference.choice.adapter is None
    train(filled, "organs")
    assert "name is taken" in errors(application)[-1] and not runs.running


def test_base_and_adapter_are_shown_side_by_side(filled, tiny_weights, tmp_path):
    filled.logic.shelf.add(make_planted(tmp_path / "planted", tiny_weights, box="base"), "planted")
    filled.adapterStep.refresh()
    filled.ui.adapterTable.selectRow(0)
    assert filled.ui.comparisonLabel.text.splitlines() == [
        "Dice on held-out slices:",
        "point: base 0.900, halfway 0.800, adapted 0.600, the adapter answers",
        "box: base 0.900, halfway 0.800, adapted 0.600, the base weights answer",
        "box+click: base 0.900, halfway 0.800, adapted 0.600, the adapter answers",
        "propagation: base 0.900, halfway 0.800, adapted 0.600, the adapter answers",
    ]
    filled.logic.shelf.add(make_planted(tmp_path / "alone", tiny_weights, point="plain"), "alone")
    filled.adapterStep.refresh()
    filled.ui.adapterTable.selectRow([entry.name for entry in filled.logic.shelf.list()].index("alone"))
    assert filled.ui.comparisonLabel.text.splitlines()[1:3] == [
        "point: base 0.900, halfway 0.800, adapted 0.600",
        "plain point: adapted 0.700, the adapter answers",
    ]


def test_stop_and_resume(application, filled):
    ui, step = filled.ui, filled.trainingStep
    train(filled, "long", minutes=30)
    application.pump(until=lambda: len(step.plot._rows) > 1, seconds=PATIENCE)
    ui.stopButton.click()
    application.pump(until=lambda: ui.resumeButton.enabled, seconds=PATIENCE)
    assert "Resume goes on" in ui.trainingStatus.text and not ui.stopButton.enabled
    before = step.plot._rows[-1][0]
    ui.runNameEdit.text = "lon"
    assert not ui.resumeButton.enabled
    ui.runNameEdit.text = "long"
    ui.resumeButton.click()
    application.pump(until=lambda: step.plot._rows[-1][0] > before, seconds=PATIENCE)
    steps = [row[0] for row in step.plot._rows]
    assert steps == sorted(set(steps)) and steps[0] < before
    assert errors(application) == []
    filled.handle.close()
    assert not filled.logic.runs.running


def test_a_library_that_cannot_be_written(application, filled, tmp_path):
    (tmp_path / "file").write_text("")
    filled.ui.libraryPath.currentPath = str(tmp_path / "file" / "library")
    filled.ui.suggestButton.click()
    filled.ui.addSuggestedButton.click()
    (text,) = errors(application)
    assert "Cannot create the output folder" in text and "Choose another folder" in text


def test_nothing_selected(application, panel):
    ui = panel.ui
    ui.studyBox.collapsed = False
    buttons = ("addExemplar", "suggest", "nextSlices", "preview", "evaluate", "study", "studyReport")
    for button in (getattr(ui, f"{name}Button") for name in buttons):
        application.dialogs.reset()
        button.click()
        (text,) = errors(application)
        assert "\n\n" in text and "unexpected" not in text.lower()
    ui.runNameEdit.text = ""
    ui.startButton.click()
    assert "no name" in errors(application)[-1]


def test_evaluation_in_the_panel(application, filled):
    ui, volume = filled.ui, filled._parameterNode.volume
    labels = filled._parameterNode.segmentation
    ui.referenceSelector.setCurrentNode(labels)
    ui.evaluateButton.click()
    assert "with itself" in errors(application)[0]
    application.dialogs.reset()
    half = np.zeros((6, 40, 56), bool)
    half[2:4, 10:30, 10:30] = True
    ui.segmentationSelector.setCurrentNode(scenes.segmentation(volume, **{"disc": half}))
    ui.evaluateButton.click()
    assert ui.evaluateButton.text == "Stop" and filled._parameterNode.results is None
    application.pump(until=lambda: ui.evaluateButton.text != "Stop", seconds=PATIENCE)
    assert errors(application) == []
    table = filled._parameterNode.results.GetTable()
    assert table.GetNumberOfRows() == 2 and ui.resultTable.mrmlTableNode() is filled._parameterNode.results
    assert ui.boxPlotLabel.pixmap.height() >= 50
    # Pressed again it stops; the table stays as it is.
    ui.evaluateButton.click()
    ui.evaluateButton.click()
    assert ui.evaluateButton.text == "Evaluate the segmentation"
    application.pump(seconds=0.3)
    assert table.GetNumberOfRows() == 2 and errors(application) == []
    # It goes on while another module is shown, and ends with the scene.
    ui.evaluateButton.click()
    filled.handle.exit()
    assert ui.evaluateButton.text == "Stop"
    application.resetScene()
    assert ui.evaluateButton.text == "Evaluate the segmentation"


def test_a_slice_is_blanked_far_from_its_labels_and_later_ones_are_too(application, filled):
    from SAMAdaptLib.exemplars.library import Library

    ui, logic = filled.ui, filled.logic
    view = application.view("Red")
    view.show(filled._parameterNode.volume)
    folder = logic.libraryFolder().parent / "faces"
    ui.libraryPath.currentPath = str(folder)
    ui.defaceSpinBox.value = 3
    ui.suggestButton.click()
    for row, margin in ((0, 3), (1, 0)):
        ui.suggestionList.setCurrentRow(row)
        ui.defaceSpinBox.value = margin
        application.pump()
        ui.addExemplarButton.click()
    assert errors(application) == [] and "as other slices of the library are" in ui.addedLabel.text
    exemplars = [*Library.open(folder)]
    assert [one.info.blanked_mm for one in exemplars] == [3, 3]
    assert all((one.pixels[0] == one.pixels[0, 0]).all() and one.pixels[one.labels > 0].std() for one in exemplars)


def test_synthesis_settings_stay_with_the_scene(application, filled):
    ui = filled.ui
    ui.transformBox.collapsed = False
    ui.rotation_degreesValue.value = 7
    ui.scaleLow.value, ui.scaleHigh.value = 1.5, 1.1
    assert '"rotation_degrees": 7' in filled._parameterNode.synthesis
    assert '"scale": [1.1, 1.5]' in filled._parameterNode.synthesis
    ui.previewButton.click()
    assert ui.previewButton.text == "Stop"
    application.pump(until=lambda: ui.previewButton.text != "Stop", seconds=PATIENCE)
    assert errors(application) == [] and ui.previewLabel.pixmap.height() >= 50
    ui.resetSynthesisButton.click()
    assert ui.rotation_degreesValue.value == 20 and filled._parameterNode.synthesis == "{}"


def test_shelf_by_buttons(application, filled, monkeypatch, tmp_path, tiny_weights):
    import qt

    logic, ui = filled.logic, filled.ui
    logic.shelf.add(make_quick(tmp_path / "made", tiny_weights), "one")
    filled.adapterStep.refresh()
    ui.adapterTable.selectRow(0)
    file = str(tmp_path / "passed on.zip")
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *given: file)
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *given: file)
    monkeypatch.setattr(qt.QInputDialog, "getText", lambda *given: "two")
    ui.activateButton.click()
    ui.exportButton.click()
    ui.renameButton.click()
    # The worker may be reading the adapter just now.
    assert logic.inference.choice.adapter is None and logic.inference.loading and not ui.deleteButton.enabled
    application.pump(until=lambda: ui.adapterTable.item(0, 0).text() == "two", seconds=PATIENCE)
    assert not logic.inference.loading and "no adapter" in ui.activeLabel.text
    ui.importButton.click()
    assert ui.adapterTable.currentRow() == 0 and ui.signatureLabel.text == "Not signed."
    names = [ui.adapterTable.item(row, 0).text() for row in range(ui.adapterTable.rowCount)]
    assert len(names) == 2 and "two" in names
    ui.adapterTable.selectRow(names.index("two"))
    ui.deleteButton.click()
    assert [entry.name for entry in logic.shelf.list()] == [name for name in names if name != "two"]
    assert errors(application) == []


def test_every_widget_explains_itself_and_fits(application, panel):
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLabel, QLineEdit

    from Testing.harness.qtgate import unwrap

    root = unwrap(panel.handle.widgetRepresentation().widget)
    for name in ("exemplarsButton", "synthesisButton", "trainingButton", "adaptersButton", "computerButton"):
        getattr(panel.ui, name).collapsed = False
    panel.ui.transformBox.collapsed = panel.ui.studyBox.collapsed = panel.ui.publishedBox.collapsed = False
    root.resize(WIDTH, 3000)
    root.show()
    application.pump()
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView)
    named = [w for kind in kinds for w in root.findChildren(kind) if w.objectName() and "qt_" not in w.objectName()]
    assert len(named) > 50
    assert [w.objectName() for w in named if not w.toolTip() and not w.parentWidget().toolTip()] == []
    assert root.minimumSizeHint().width() <= WIDTH
    for widget in [*root.findChildren(QAbstractButton), *root.findChildren(QLabel)]:
        if widget.isVisible() and widget.text() and not getattr(widget, "wordWrap", lambda: False)():
            assert widget.fontMetrics().horizontalAdvance(widget.text()) <= widget.width(), widget.text()


def test_what_belongs_to_the_computer(application, filled):
    """Devices come from a process that has torch; the cache is measured and emptied; a choice is kept."""
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.sam.device import devices

    ui, kept = filled.ui, filled.logic.settings
    kept.device, kept.devices = "cuda:7", {}
    EmbeddingCache(folder=kept.embeddingFolder).put("a" * 64, np.zeros((8, 50, 50), np.float32))
    ui.computerButton.collapsed = False
    selector = ui.deviceSelector

    def listed():
        return [selector.itemData(index) for index in range(selector.count)]

    assert listed() == ["auto", "cpu", "cuda:7"] and "not found" in selector.currentText
    application.pump(until=lambda: kept.devices, seconds=PATIENCE)
    assert list(kept.devices) == list(devices())
    assert listed() == ["auto", *(name for name in devices() if name != "cpu"), "cpu", "cuda:7"]
    selector.setCurrentIndex(selector.findData("cpu"))
    assert kept.device == "cpu" and filled.logic.models.choice("mobile_sam").device == "cpu"
    # 8 x 50 x 50 halves, a header of 128 bytes and a checksum of 4.
    assert ui.cacheSizeLabel.text == "0 MB" and kept.cacheSize() == 40132 and ui.clearCacheButton.enabled
    ui.clearCacheButton.click()
    assert kept.cacheSize() == 0 and not ui.clearCacheButton.enabled
    kept.device = None
    assert errors(application) == []


def test_a_server_is_chosen_where_the_computer_is(application, panel, tmp_path):
    ui, kept = panel.ui, panel.logic.settings
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    token.chmod(0o600)
    ui.computerButton.collapsed = False
    assert (ui.serverEdit.text, ui.tokenPath.currentPath, ui.serverStateLabel.visible) == ("", "", False)
    changes = []
    panel.logic.inference.changePlace, real = lambda: changes.append(kept.server), panel.logic.inference.changePlace
    try:
        ui.serverEdit.text = "gpu.example.org:5800"
        ui.serverEdit.editingFinished.emit()
        assert kept.server == "gpu.example.org:5800" and "Choose the file with its token" in ui.serverStateLabel.text
        ui.tokenPath.currentPath = str(token)
        assert kept.tokenFile == str(token)
        assert ui.serverStateLabel.text == "Prompts go to gpu.example.org:5800."
        ui.serverEdit.text = "gpu.example.org:fast"
        ui.serverEdit.editingFinished.emit()
        assert "no address of a server" in ui.serverStateLabel.text
        ui.serverEdit.text = ""
        ui.serverEdit.editingFinished.emit()
        ui.serverEdit.editingFinished.emit()
        assert kept.server == "" and not ui.serverStateLabel.visible
        assert changes == ["gpu.example.org:5800"] * 2 + ["gpu.example.org:fast", ""]
    finally:
        panel.logic.inference.changePlace = real
        kept.server = kept.tokenFile = None
    assert errors(application) == []


def test_a_scene_that_closes_wakes_no_panel_that_is_not_shown(application, panel, monkeypatch):
    import slicer

    asked, real = [], panel.logic.getParameterNode
    monkeypatch.setattr(panel.logic, "getParameterNode", lambda: asked.append(1) or real())
    panel.handle.exit()
    slicer.mrmlScene.Clear(0)
    assert asked == [] and panel._parameterNode is None
    for button in (panel.ui.suggestButton, panel.ui.startButton, panel.ui.evaluateButton):
        button.click()
    assert errors(application) == ["The panel shows no scene now.\n\nOpen the module SAM Adapt again."] * 3
    panel.handle.enter()
    slicer.mrmlScene.Clear(0)
    assert asked == [1, 1] and panel._parameterNode is not None


def test_what_a_translation_calls_an_axis_is_chosen_by_its_place(application, panel, monkeypatch):
    from SAMAdaptModuleLib.app import Titles

    words = {"axial": "quer", "coronal": "frontal", "displayed": "wie gezeigt"}
    monkeypatch.setattr(Titles, "_", lambda text: words.get(text, text))
    panel._setParameterNode(panel._parameterNode)
    ui, node = panel.ui, panel._parameterNode
    shown = [[box.itemText(row) for row in range(box.count)] for box in (ui.axisSelector, ui.intensitySelector)]
    assert shown == [["quer", "frontal", "sagittal"], ["library", "wie gezeigt"]]
    ui.axisSelector.setCurrentIndex(1)
    ui.intensitySelector.setCurrentIndex(1)
    assert (node.axis, node.intensity) == ("coronal", "displayed")
    node.axis = "axial"
    assert ui.axisSelector.currentText == "quer"


def test_the_panel_offers_the_rules_of_the_library_and_says_what_they_do(panel):
    from SAMAdaptLib.exemplars import STRATEGIES

    selector = panel.ui.strategySelector
    assert [selector.itemText(row) for row in range(selector.count)] == list(STRATEGIES)
    assert "diverse: those that look least alike. uniform: equal steps." in selector.toolTip
