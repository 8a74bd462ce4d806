"""The module as the application finds it: its file, which is read at each start, and what it declares."""

from __future__ import annotations

from Testing.extension.panel_job import MODULE


def test_without_a_window(application, logic):
    application.headless()
    module = application.loadModule(MODULE)
    module.source.SAMAdaptLogic = lambda: logic
    module.enter()
    module.exit()
    assert module.parent.title and list(module.parent.categories) == ["Segmentation"]


def test_the_module_file_loads_few_of_its_own(application):
    """Slicer reads it at each start, whether the module is used or not."""
    import subprocess
    import sys

    code = (
        "import sys, pathlib\n"
        "from Testing.harness.application import Application\n"
        "app = Application.start()\n"
        "before = set(sys.modules)\n"
        # With the effect, which is registered when the application has started.
        f"SAMAdapt = app.loadModule(pathlib.Path({str(MODULE)!r})).source\n"
        "own = ('SAMAdapt', 'SAMAdaptModuleLib', 'SegmentEditorSAMAdaptLib', 'SAMAdaptLib')\n"
        "print(sorted(name for name in set(sys.modules) - before if name.partition('.')[0] in own))\n"
        "SAMAdapt.SAMAdaptLogic\n"
        "print(len([name for name in sys.modules if name.partition('.')[0] in own]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=MODULE.parents[1])
    loaded, with_logic = done.stdout.strip().splitlines()[-2:]
    assert len(eval(loaded)) < 10, loaded
    assert int(with_logic) > 20


def test_dependencies_and_help(application, panel, monkeypatch):
    parent = panel.handle.parent
    assert {"Segmentations", "SegmentEditor", "Plots"} == set(parent.dependencies)
    assert panel.handle.module.getDefaultModuleDocumentationLink() in parent.helpText


def test_the_test_in_the_application_is_skipped_without_packages(application, monkeypatch):
    import unittest

    module = application.loadModule(MODULE)
    from SAMAdaptModuleLib.app.Installation import Installation

    monkeypatch.setattr(Installation, "missing", lambda self: ["peft>=0.14"])
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(module.source.SAMAdaptTest)
    result = unittest.TestResult()
    suite.run(result)
    assert result.wasSuccessful() and [reason for _test, reason in result.skipped] == [
        "Python packages are not installed: peft>=0.14"
    ]
    module.module.runTest()
    assert application.dialogs.pip == []


def test_sample_data_is_registered_with_checksums(application):
    import SampleData

    application.loadModule(MODULE)
    (source,) = {s.sampleName: s for s in SampleData.SampleDataLogic.sampleDataSourcesByCategory("SAM Adapt")}.values()
    assert len(source.uris) == len(source.checksums) == len(source.loadFileTypes) == 2
    assert all(c.startswith("SHA256:") and len(c) == 71 for c in source.checksums)
    from PIL import Image

    with Image.open(source.thumbnailFileName) as picture:
        assert picture.size == (128, 128) and len(picture.convert("L").getcolors()) > 50
