"""Short work beside the application: it does not wait, it can be stopped, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")
PATIENCE = 60.0


class Here:
    """An installation that is this interpreter; ``program`` replaces what it runs."""

    def __init__(self, program=None):
        self._program = program

    def pythonExecutable(self):
        return [sys.executable] if self._program is None else [sys.executable, "-c", self._program]

    def environment(self):
        return dict(os.environ)


@pytest.fixture
def process():
    from SAMAdaptModuleLib.worker.LibraryProcess import LibraryProcess

    made = []

    def make(program=None):
        made.append(LibraryProcess(Here(program)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def alive(pid):
    # A zombie has ended.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


VALUES = {
    "dice": [("liver", "base", [0.5, 0.75]), ("liver", "adapter", [0.8]), ("spleen", "base", [0.25])],
    "iou": [("liver", "base", [0.4, 0.6]), ("liver", "adapter", [0.7]), ("spleen", "base", [0.2])],
}


def test_work_is_done_while_the_event_loop_goes_on(application, process, tmp_path):
    worker, results, errors = process(), [], []
    begun = time.monotonic()
    worker.start("boxPlot", results.append, errors.append, values=VALUES, path=str(tmp_path / "box.png"))
    started = time.monotonic() - begun
    assert worker.running and results == [] and started < 1
    application.pump(until=lambda: results or errors, seconds=PATIENCE)
    assert errors == [] and results == [str(tmp_path / "box.png")] and not worker.running
    from PIL import Image

    with Image.open(tmp_path / "box.png") as picture:
        assert min(picture.size) > 100


def test_a_folder_with_files_goes_when_the_work_is_over(application, process):
    import tempfile

    for stop in (True, False):
        worker, ended = process(), []
        folder = tempfile.TemporaryDirectory()
        worker.start("devices", ended.append, ended.append, folder=folder)
        assert os.path.isdir(folder.name)
        if stop:
            worker.close()
        else:
            application.pump(until=lambda ended=ended: ended, seconds=PATIENCE)
        assert not os.path.isdir(folder.name) and bool(ended) != stop


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_stopping_ends_all_processes_and_calls_nothing(application, process, tmp_path):
    """As PythonSlicer does, the program starts another one, which does the work."""
    note = tmp_path / "pid"
    inner = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    worker, ended = process(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"), []
    worker.start("devices", ended.append, ended.append)
    application.pump(until=lambda: note.exists() and note.read_text(), seconds=PATIENCE)
    pid = int(note.read_text())
    assert alive(pid) and worker.running
    worker.close()
    application.pump(until=lambda: not alive(pid), seconds=10)
    assert not alive(pid) and not worker.running and ended == []


def test_no_console_window_on_windows(process, monkeypatch):
    """The flags of Windows' API: CREATE_NO_WINDOW is 0x08000000, CREATE_NEW_PROCESS_GROUP 0x200."""
    from SAMAdaptModuleLib.worker import LibraryProcess

    from SAMAdaptLib.service.link import process as child

    flags = {"CREATE_NO_WINDOW": 0x08000000, "CREATE_NEW_PROCESS_GROUP": 0x200, "BELOW_NORMAL_PRIORITY_CLASS": 0x4000}
    with monkeypatch.context() as windows:
        windows.setattr(child, "os", types.SimpleNamespace(name="nt"))
        for name, value in flags.items():
            windows.setattr(subprocess, name, value, raising=False)
        options = child.apart(background=True)
    assert options["creationflags"] & 0x08000000 and options["creationflags"] & 0x200
    seen = {}

    def popen(command, **given):
        seen.update(given)
        raise OSError("enough")

    monkeypatch.setattr(LibraryProcess, "apart", lambda background: options)
    monkeypatch.setattr(LibraryProcess.subprocess, "Popen", popen)
    with pytest.raises(InputError):
        process().start("devices", print, print)
    assert seen["creationflags"] == options["creationflags"]


REFUSAL = """print('{"error": ["No library", "here", "Make one"]}')"""


def test_what_goes_wrong_is_told_once(application, process):
    for program, words in (
        ("raise SystemExit('no torch here')", "helper process failed: no torch here.*application log"),
        (REFUSAL, "^No library: here. Make one.$"),
    ):
        worker, results, errors = process(program), [], []
        worker.start("devices", results.append, errors.append)
        application.pump(until=lambda errors=errors: errors, seconds=PATIENCE)
        with pytest.raises(InputError, match=words):
            raise errors[0]
        with pytest.raises(InputError, match=words):
            process(program).run("devices")
        assert results == [] and len(errors) == 1


def test_a_python_that_is_not_there(process, monkeypatch):
    worker = process()
    monkeypatch.setattr(Here, "pythonExecutable", lambda self: ["/nowhere/python"])
    with pytest.raises(InputError, match="Cannot start a process .*: /nowhere/python"):
        worker.start("devices", print, print)
    assert not worker.running
