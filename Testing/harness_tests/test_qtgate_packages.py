"""Stand-ins of Slicer's Python packages."""

import enum
import pathlib
from typing import Annotated

import pytest

pytest.importorskip("PySide6", reason="PySide6 is not installed")
slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
from Testing.harness import packages, qtgate  # noqa: E402

qtgate.install()
import ctk  # noqa: E402
import qt  # noqa: E402


class Speed(enum.Enum):
    SLOW = 1
    FAST = 2


@pytest.fixture
def scene(monkeypatch):
    for name, cls in qtgate.slicer_classes().items():
        if not hasattr(slicer, name):
            setattr(slicer, name, cls)
    packages.install(slicer)
    scene = slicer.vtkMRMLScene()
    monkeypatch.setattr(slicer, "mrmlScene", scene, raising=False)
    qtgate.slot_errors.clear()
    return scene


def wrapper():
    from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

    class Wrapped:
        volume: slicer.vtkMRMLScalarVolumeNode
        count: Annotated[int, WithinRange(1, 9)] = 4
        share: float = 0.5
        on: bool = True
        text: str = "a"
        folder: pathlib.Path = pathlib.Path("/somewhere")
        speed: Speed = Speed.FAST
        axis: Annotated[str, Choice(["axial", "coronal"])] = "coronal"

    return parameterNodeWrapper(Wrapped)


def parameter_node(cls):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    class ThingLogic(ScriptedLoadableModuleLogic):
        pass

    return cls(ThingLogic().getParameterNode())


def test_values_types_and_limits(scene):
    node = parameter_node(wrapper())
    assert (node.volume, node.count, node.share, node.on, node.speed) == (None, 4, 0.5, True, Speed.FAST)
    node.on, node.speed, node.folder, node.share = False, Speed.SLOW, pathlib.Path("/b"), 2
    assert (node.on, node.speed, node.folder, node.share) == (False, Speed.SLOW, pathlib.Path("/b"), 2.0)
    for name, value, error in (("count", 10, ValueError), ("axis", "up", ValueError), ("text", 3, TypeError),
                               ("volume", "x", TypeError), ("cuont", 1, AttributeError)):
        with pytest.raises(error):
            setattr(node, name, value)
    assert node.count == 4


def test_binding_both_ways(scene):
    node = parameter_node(wrapper())
    combo = slicer.qMRMLNodeComboBox()
    combo.nodeTypes, combo.noneEnabled = ["vtkMRMLScalarVolumeNode"], True
    combo.setMRMLScene(scene)
    widgets = {"volume": combo, "count": qt.QSpinBox(), "share": qt.QDoubleSpinBox(), "on": qt.QCheckBox(),
               "text": qt.QLineEdit(), "folder": ctk.ctkPathLineEdit(), "speed": qt.QComboBox(), "axis": qt.QComboBox()}
    panel = qt.QWidget()
    layout = qt.QVBoxLayout(panel)
    for name, widget in widgets.items():
        widget.setProperty("SlicerParameterName", name)
        layout.addWidget(widget)
    tag = node.connectGui(panel)
    assert (widgets["count"].value, widgets["count"].maximum, widgets["on"].checked) == (4, 9, True)
    assert (widgets["speed"].currentText, widgets["axis"].currentText) == ("FAST", "coronal")
    assert widgets["folder"].currentPath == "/somewhere"
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "v")
    combo.setCurrentNode(volume)
    widgets["count"].value = 7
    widgets["share"].setValue(0.25)
    widgets["on"].click()
    widgets["text"].text = "typed"
    widgets["folder"].currentPath = "/c"
    widgets["speed"].currentIndex = 0
    widgets["axis"].currentIndex = 0
    assert node.volume is volume
    assert (node.count, node.share, node.on, node.text) == (7, 0.25, False, "typed")
    assert (node.folder, node.speed, node.axis) == (pathlib.Path("/c"), Speed.SLOW, "axial")
    node.count, node.volume, node.axis = 2, None, "coronal"
    assert (widgets["count"].value, combo.currentNode(), widgets["axis"].currentText) == (2, None, "coronal")
    node.disconnectGui(tag)
    widgets["count"].value = 8
    assert node.count == 2 and qtgate.slot_errors == []


def test_unknown_parameter_name_is_refused(scene):
    node, box = parameter_node(wrapper()), qt.QCheckBox()
    box.setProperty("SlicerParameterName", "onn")
    with pytest.raises(ValueError, match="onn"):
        node.connectGui(box)
    with pytest.raises(TypeError, match="no connector"):
        node.connectParametersToGui({"text": box})


def test_parameters_survive_the_scene_file(scene, tmp_path):
    cls = wrapper()
    node = parameter_node(cls)
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "kept")
    node.volume, node.count, node.on = volume, 9, False
    scene.SetURL(str(tmp_path / "scene.mrml"))
    assert scene.Commit()
    other = slicer.vtkMRMLScene()
    other.SetURL(str(tmp_path / "scene.mrml"))
    assert other.Connect()
    again = cls(other.GetSingletonNode("Thing", "vtkMRMLScriptedModuleNode"))
    assert (again.volume.GetName(), again.count, again.on, again.speed) == ("kept", 9, False, Speed.FAST)


def test_logic_has_one_parameter_node(scene):
    cls = wrapper()
    assert parameter_node(cls).parameterNode is parameter_node(cls).parameterNode
    assert scene.GetNumberOfNodesByClass("vtkMRMLScriptedModuleNode") == 1


def test_module_classes(scene):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleWidget

    class Thing(ScriptedLoadableModule):
        pass

    class ThingWidget(ScriptedLoadableModuleWidget):
        pass

    module, widget = Thing(slicer.qSlicerScriptedLoadableModule()), ThingWidget()
    module.parent.title = "Thing"
    assert module.moduleName == widget.moduleName == "Thing"
    assert module.resourcePath("UI/x.ui") == str(pathlib.Path(__file__).resolve().parent / "Resources" / "UI" / "x.ui")
    assert widget.parent.layout() is widget.layout
    assert widget.parent.className() == "qMRMLWidget" and widget.parent.mrmlScene() is scene


def test_requirements_and_what_is_asked_for(scene, tmp_path):
    from slicer import packaging

    path = tmp_path / "requirements.txt"
    path.write_text("numpy>=1.0\n# a word\nsurely-not-there>=2  # why\n", encoding="utf-8")
    packaging.calls.clear()
    packaging.pip_ensure(packaging.load_requirements(path), requester="SAMAdapt")
    function, missing, options = packaging.calls[-1]
    assert (function, missing, options["requester"]) == ("pip_ensure", ["surely-not-there>=2"], "SAMAdapt")


def test_sample_data_and_translation(scene):
    import SampleData
    from slicer.i18n import tr, translate

    SampleData.SampleDataLogic.registerCustomSampleDataSource(category="C", sampleName="n", uris=["u"], checksums=["c"])
    found = SampleData.SampleDataLogic.sampleDataSourcesByCategory("C")
    assert [(s.sampleName, s.uris, s.checksums) for s in found][-1] == ("n", ["u"], ["c"])
    with pytest.raises(TypeError):
        SampleData.SampleDataLogic.registerCustomSampleDataSource(name="n")
    assert tr("x") == translate("c", "x") == "x"
