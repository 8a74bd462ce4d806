"""Stand-ins of ctk and MRML widgets, alone and from a .ui file."""

from __future__ import annotations

import gc

import pytest

pytest.importorskip("PySide6", reason="PySide6 is not installed")
slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Testing.harness import qtgate  # noqa: E402

qtgate.install()
import ctk  # noqa: E402
import qt  # noqa: E402

gate = qtgate.slicer_classes()

UI = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0">
 <class>Panel</class>
 <widget class="qMRMLWidget" name="Panel">
  <layout class="QFormLayout" name="form">
   <item row="0" column="0"><widget class="QLabel" name="label"/></item>
   <item row="0" column="1"><widget class="qMRMLNodeComboBox" name="volumeSelector">
     <property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
     <property name="noneEnabled"><bool>true</bool></property>
     <property name="SlicerParameterName" stdset="0"><string>volume</string></property></widget></item>
   <item row="1" column="0" colspan="2"><widget class="ctkCollapsibleButton" name="more">
     <property name="text"><string>More</string></property><property name="collapsed"><bool>true</bool></property>
     <layout class="QVBoxLayout" name="moreLayout"><item><widget class="QCheckBox" name="check"/></item>
      <item><widget class="ctkPathLineEdit" name="path"><property name="filters">
       <set>ctkPathLineEdit::Dirs|ctkPathLineEdit::Writable</set></property></widget></item></layout></widget></item>
  </layout>
 </widget>
 <connections>
  <connection><sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
   <receiver>volumeSelector</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection>
  <connection><sender>check</sender><signal>toggled(bool)</signal>
   <receiver>label</receiver><slot>setEnabled(bool)</slot></connection>
 </connections>
</ui>"""


@pytest.fixture
def scene():
    scene = slicer.vtkMRMLScene()
    logic = slicer.vtkSlicerSegmentationsModuleLogic()  # without one no segment can be added
    logic.SetMRMLScene(scene)
    return scene


def load(tmp_path, text=UI):
    path = tmp_path / "Panel.ui"
    path.write_text(text, encoding="utf-8")
    return qtgate.load_ui(path)


def test_ui_file_with_stand_ins(tmp_path, scene):
    panel = load(tmp_path)
    ui = qtgate.child_widgets(panel)
    assert panel.className() == "qMRMLWidget"
    assert ui.volumeSelector.nodeTypes == ("vtkMRMLScalarVolumeNode",)
    assert ui.volumeSelector.property("SlicerParameterName") == "volume"
    assert isinstance(ui.form, qt.QFormLayout) and ui.more.collapsed
    assert ui.path.filters == ctk.ctkPathLineEdit.Dirs | ctk.ctkPathLineEdit.Writable == 33
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    assert not ui.volumeSelector.enabled and ui.volumeSelector.nodeCount() == 0
    panel.setMRMLScene(scene)
    assert ui.volumeSelector.enabled and ui.volumeSelector.nodeFromIndex(0) is node
    assert ui.volumeSelector.currentNode() is None
    ui.check.checked = True
    ui.check.checked = False
    assert not ui.label.enabled


@pytest.mark.parametrize(("old", "new"), [
    ("toggled(bool)", "toggledd(bool)"),
    ("setEnabled(bool)", "setEnabledd(bool)"),
    ('class="QCheckBox"', 'class="ctkCheckBoxx"'),
    ('name="noneEnabled"', 'name="noneEnable"'),
    ("<receiver>label<", "<receiver>lable<"),
])
def test_ui_file_with_a_mistake_is_refused(tmp_path, old, new):
    with pytest.raises((AttributeError, ValueError)):
        load(tmp_path, UI.replace(old, new))


def test_stand_ins_of_a_ui_file_keep_their_state(tmp_path, scene):
    panel = load(tmp_path)
    panel.setMRMLScene(scene)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    panel.volumeSelector.setCurrentNode(node)
    gc.collect()
    assert panel.volumeSelector.currentNode() is node
    scene.Clear(0)
    assert panel.volumeSelector.currentNode() is None and panel.volumeSelector.nodeCount() == 0


def test_node_combo_follows_the_scene(scene):
    combo, got = gate["qMRMLNodeComboBox"](), []
    combo.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    combo.noneEnabled = True
    combo.setMRMLScene(scene)
    combo.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: got.append(node and node.GetName()))
    combo.connect("currentNodeChanged(bool)", lambda valid: got.append(valid))
    a = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "a")
    b = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "b")
    scene.AddNewNodeByClass("vtkMRMLModelNode", "m")
    hidden = scene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    hidden.UnRegister(None)
    hidden.SetHideFromEditors(1)
    scene.AddNode(hidden)
    assert [combo.nodeFromIndex(i) for i in range(combo.nodeCount())] == [a, b]
    assert got == []
    combo.setCurrentNode(a)
    combo.currentNodeID = b.GetID()
    assert got == ["a", True, "b", True] and combo.currentNode() is b
    scene.RemoveNode(b)
    assert combo.currentNode() is None and got[4:] == [None, False]
    combo.showChildNodeTypes = False
    scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "c")
    assert combo.nodeCount() == 1
    with pytest.raises(TypeError):
        combo.currentNodeID()
    assert qtgate.slot_errors == []


def test_node_combo_without_none_takes_the_first_and_adds(scene):
    combo = gate["qMRMLNodeComboBox"]()
    combo.nodeTypes = ["vtkMRMLSegmentationNode"]
    combo.baseName = "Mine"
    combo.setMRMLScene(scene)
    first = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "s")
    assert combo.currentNode() is first
    added = combo.addNode()
    assert combo.currentNode() is added and added.GetName().startswith("Mine")


def test_collapsible_button_hides_only_what_it_hid():
    button = ctk.ctkCollapsibleButton()
    button.text = "Section"
    layout = qt.QVBoxLayout(button)
    shown, hidden = qt.QLabel("shown"), qt.QLabel("hidden")
    layout.addWidget(shown)
    layout.addWidget(hidden)
    hidden.visible = False
    button.show()
    got = []
    button.contentsCollapsed.connect(got.append)
    button.collapsed = True
    assert not shown.visible and not button.checked
    button.click()
    assert shown.visible and not hidden.visible and got == [True, False]


def test_values_of_ctk_widgets():
    got = []
    slider = ctk.ctkSliderWidget()
    slider.maximum, slider.singleStep = 10, 0.5
    slider.connect("valueChanged(double)", got.append)
    slider.value = 3.5
    slider.value = 3.5
    slider.setValue(99)
    assert got == [3.5, 10.0]
    path = ctk.ctkPathLineEdit()
    path.currentPathChanged.connect(got.append)
    path.currentPath = "/a/b"
    assert path.comboBox().currentText == "/a/b" and got[-1] == "/a/b"
    spin = ctk.ctkDoubleSpinBox()
    spin.maximum = 5
    spin.value = 7
    assert spin.value == 5
    span = ctk.ctkRangeWidget()
    span.setRange(0, 50)
    span.setValues(3, 20)
    assert (span.minimumValue, span.maximumValue) == (3, 20)
    span.maximumValue = 10
    assert (span.minimumValue, span.maximumValue) == (3, 10)
    with pytest.raises(AttributeError):
        path.path = "x"


def test_segment_selector(scene):
    selector, got = gate["qMRMLSegmentSelectorWidget"](), []
    selector.setMRMLScene(scene)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "s")
    selector.setCurrentNode(node)
    selector.connect("currentSegmentChanged(QString)", got.append)
    segment = slicer.vtkSegment()
    segment.SetName("liver")
    node.GetSegmentation().AddSegment(segment, "one")
    assert got == ["one"] and selector.currentSegmentID() == "one" and selector.currentNode() is node
    node.GetSegmentation().RemoveSegment("one")
    assert got == ["one", ""]


def test_module_parent_has_exactly_its_properties():
    parent = gate["qSlicerScriptedLoadableModule"]()
    parent.categories = ["Segmentation"]
    assert parent.categories == ("Segmentation",)
    with pytest.raises(AttributeError):
        parent.catgories = []
    with pytest.raises(TypeError):
        gate["qSlicerSegmentEditorAbstractEffect"]()
    assert gate["qSlicerSegmentEditorAbstractEffect"].ModificationModeRemoveAll == 3
