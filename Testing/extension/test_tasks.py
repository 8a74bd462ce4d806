"""Short work beside the application: it does not wait, it can be stopped, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from SAMAdaptLib.errors import InputError, SAMAdaptError
from Testing.service.peers import running

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
def tasks():
    from SAMAdaptModuleLib.worker.Tasks import Tasks

    made = []

    def make(program=None):
        made.append(Tasks(Here(program)))
        return made[-1]

    yield make
    for each in made:
        each.close()


VALUES = {
    "dice": [("liver", "base", [0.5, 0.75]), ("liver", "adapter", [0.8]), ("spleen", "base", [0.25])],
    "iou": [("liver", "base", [0.4, 0.6]), ("liver", "adapter", [0.7]), ("spleen", "base", [0.2])],
}


def test_work_is_done_while_the_event_loop_goes_on(application, tasks, tmp_path):
    worker, replies = tasks(), []
    reply = worker.ask("box_plot", values=VALUES, path=str(tmp_path / "box.png"))
    reply.on_done(replies.append)
    assert worker.running and not reply.done()
    application.pump(until=lambda: replies, seconds=PATIENCE)
    assert replies == [reply] and reply.result().values["result"] == str(tmp_path / "box.png") and not worker.running
    from PIL import Image

    with Image.open(tmp_path / "box.png") as picture:
        assert min(picture.size) > 100


def test_the_next_task_takes_the_place_of_one_that_is_going_on(application, tasks, tmp_path):
    worker, replies = tasks(), []
    for name in ("first", "second"):
        worker.ask("box_plot", values=VALUES, path=str(tmp_path / f"{name}.png")).on_done(replies.append)
    application.pump(until=lambda: replies, seconds=PATIENCE)
    assert [reply.error for reply in replies] == [None] and replies[0].id == 2
    assert (tmp_path / "second.png").exists() and not (tmp_path / "first.png").exists()


def test_voxels_arrive_as_they_were_sent(tasks):
    """Dice of two boxes that share 8 of 16 and 8 voxels, and of structures that overlap: 2 * 8 / 24."""
    import numpy as np
    from SAMAdaptModuleLib.console.Evaluation import comparison

    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.labels import Labels

    array = np.zeros((6, 40, 50), np.uint8)
    array[2:4, 10:12, 20:24] = 1
    smaller = array.copy()
    smaller[2] = 0
    mask = np.zeros(array.shape, bool)
    mask[3] = True
    geometry = Geometry((50, 40, 6), np.diag([1.0, 2.0, 3.0, 1.0]))
    reference = Labels(array, geometry, {"liver": 1, "slab": 2}, {"slab": mask})
    prediction = Labels(smaller, geometry, {"liver": 1, "slab": 2}, {"slab": mask})
    found = tasks().ask("compare", **comparison(reference, prediction, 2.0)).result(PATIENCE).values["result"]
    assert found["liver"]["dice"] == pytest.approx(2 * 8 / 24) and found["slab"]["dice"] == 1.0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_stopping_ends_all_processes_and_calls_nothing(application, tasks, tmp_path):
    """As PythonSlicer does, the program starts another one, which does the work."""
    note = tmp_path / "pid"
    inner = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    worker, ended = tasks(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"), []
    worker.ask("devices").on_done(ended.append)
    application.pump(until=lambda: note.exists() and note.read_text(), seconds=PATIENCE)
    pid = int(note.read_text())
    assert running(pid) and worker.running
    worker.close()
    application.pump(until=lambda: not running(pid), seconds=10)
    assert not running(pid) and not worker.running and ended == []


def test_no_console_window_on_windows(monkeypatch):
    """The flags of Windows' API: CREATE_NO_WINDOW is 0x08000000, CREATE_NEW_PROCESS_GROUP 0x200."""
    from SAMAdaptLib import processes as child

    flags = {"CREATE_NO_WINDOW": 0x08000000, "CREATE_NEW_PROCESS_GROUP": 0x200, "BELOW_NORMAL_PRIORITY_CLASS": 0x4000}
    with monkeypatch.context() as windows:
        windows.setattr(child, "os", types.SimpleNamespace(name="nt"))
        for name, value in flags.items():
            windows.setattr(subprocess, name, value, raising=False)
        options = child.apart(background=True)
    assert options["creationflags"] & 0x08000000 and options["creationflags"] & 0x200


def test_what_goes_wrong_is_told_once(application, tasks, tmp_path):
    cases = (
        ("raise SystemExit('no torch here')", "devices", {}, SAMAdaptError, "exit code 1 .no torch here.*in the log"),
        (None, "preview", {"library": str(tmp_path), "path": "", "count": 1, "seed": 0, "config": {}}, InputError,
         "library"),
    )  # fmt: skip
    for program, name, arguments, kind, words in cases:
        worker, ended = tasks(program), []
        worker.ask(name, **arguments).on_done(ended.append)
        application.pump(until=lambda ended=ended: ended, seconds=PATIENCE)
        assert len(ended) == 1
        with pytest.raises(kind, match=words):
            ended[0].result()
        with pytest.raises(kind, match=words):
            tasks(program).ask(name, **arguments).result(PATIENCE)


def test_a_python_that_is_not_there(tasks, monkeypatch):
    worker = tasks()
    monkeypatch.setattr(Here, "pythonExecutable", lambda self: ["/nowhere/python"])
    with pytest.raises(SAMAdaptError, match="could not be started .Cannot start /nowhere/python"):
        worker.ask("devices").result(PATIENCE)
    assert not worker.running
