"""The training session with a real training process on a small model."""

import logging
import sys
import time
from dataclasses import replace

import pytest

from SAMAdaptLib.adapters.info import read_adapter_info
from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import Cancel, Done, Failed, Log, Stopped
from SAMAdaptLib.service.training import TrainingClient
from Testing.service.conftest import weights  # noqa: F401
from Testing.service.peers import ENVIRONMENT, PATIENCE, running
from Testing.service.test_training_client import CONFIG
from Testing.tiny import VIT, make_library


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("session") / "library", patients=3, indices=(1, 3)).folder


@pytest.fixture
def options(weights):  # noqa: F811
    return {"checkpoint": weights[VIT.name], "entry": VIT}


@pytest.fixture
def session(application):
    from SAMAdaptModuleLib.worker.TrainingSession import TrainingSession

    session = TrainingSession(TrainingClient(Local(sys.executable, ENVIRONMENT)))
    session.heard = []
    for name in ("progress", "finished", "failed", "stopped", "logged"):
        getattr(session, name).connect(lambda value, name=name: session.heard.append((name, value)))
    yield session
    session.close()
    assert not session.running


def told(session, name):
    return [value for kind, value in session.heard if kind == name]


def test_a_run_reports_from_the_event_loop_and_ends_with_an_adapter(
    session, library, options, tmp_path, application, caplog
):
    caplog.set_level(logging.INFO)
    begun = time.monotonic()
    reply = session.start(library, tmp_path / "run", CONFIG, **options)
    assert session.running and session.heard == [] and time.monotonic() - begun < 1.0
    with pytest.raises(InputError, match="running already.*stop it first"):
        session.start(library, tmp_path / "second", CONFIG, **options)
    application.pump(lambda: not session.running, 3 * PATIENCE)  # at low priority
    (done,) = told(session, "finished")
    info = read_adapter_info(tmp_path / "run")
    assert done["adapter"] == str(tmp_path / "run" / "adapter")
    assert done["info"]["weights_sha256"] == info.weights_sha256 and info.steps == 6
    figures = told(session, "progress")
    assert all(set(f) == {"step", "steps", "loss", "dice", "seconds_left", "validation", "stage"} for f in figures)
    stages = [f["stage"] for f in figures]
    assert stages[0] == "loading the base model" and "checking on the held-out patients" in stages
    last = figures[-1]
    assert (last["step"], last["steps"]) == (6, 6) and last["loss"] > 0 and 0 <= last["dice"] <= 1
    # The validation at the end stays in view, and so do the figures of the step before it.
    assert "dice" in last["validation"] and figures[0]["validation"] is None
    lines = [record for record in caplog.records if record.message.startswith("SAM Adapt training: {")]
    assert 1 <= len(lines) <= 2 + time.monotonic() - begun
    assert reply.result().values == done


def test_closing_ends_the_process_and_says_nothing_of_it_later(session, library, tmp_path, application):
    reply = session.start(library, tmp_path / "run", CONFIG)
    application.pump(lambda: session._client.pid, PATIENCE)
    pid = session._client.pid
    with pytest.raises(TimeoutError):
        reply.result(0.05)
    session.heard.clear()
    session.close()
    assert not session._client.alive and not running(pid)
    with pytest.raises(Cancelled):
        reply.result()
    session.pump()
    assert session.heard == []


def test_a_run_is_stopped_and_told_once(session, library, tmp_path, monkeypatch):
    """With a stand-in for the process; that a run goes on where it stopped is for the tests of its client."""
    client, begun, sent = session._client, [], []
    monkeypatch.setattr(client, "_launch", begun.append)
    monkeypatch.setattr(client, "_send", sent.append)
    reply = session.start(library, tmp_path / "run", CONFIG, checkpoint="weights.pth", entry=VIT)
    session.stop()
    session.stop()
    assert sent == [Cancel(begun[0].id)]
    client._take(Stopped(begun[0].id, resumable=True))
    with pytest.raises(Cancelled):
        reply.result(5)
    assert session.heard == [("stopped", True)] and not session.running
    reply = session.start(library, tmp_path / "run", CONFIG, checkpoint="weights.pth", entry=VIT, resume=True)
    assert begun[1] == replace(begun[0], id=begun[1].id, resume=True) and session.running
    client._take(Failed(begun[1].id, "RuntimeError: odd", None, "Report it with the log", "line 1\nRuntimeError: odd"))
    with pytest.raises(SAMAdaptError, match="^RuntimeError: odd. Report it with the log.$"):
        reply.result(5)
    assert [name for name, _ in session.heard] == ["stopped", "failed"]


def test_mistakes_are_told_before_anything_starts(session, library, tmp_path):
    for config, message in (({"steps": 0}, "steps is 0"), ({"stepz": 1}, "'stepz'")):
        with pytest.raises(InputError, match=message):
            session.start(library, tmp_path / "run", config)
    assert not session.running and not (tmp_path / "run").exists()


def test_a_worker_that_dies_names_its_last_words(session, library, tmp_path, application):
    # Isolated mode takes the library off the path.
    session._client = TrainingClient(Local([sys.executable, "-I"], ENVIRONMENT))
    session.start(library, tmp_path / "run", CONFIG)
    application.pump(lambda: told(session, "failed"), PATIENCE)
    (error,) = told(session, "failed")
    assert "exit code 1" in str(error) and "No module named" in str(error) and not session.running


def test_what_a_run_notes_is_told(session, library, tmp_path, monkeypatch, caplog):
    """Such as that the device has too little memory for it."""
    client = session._client
    monkeypatch.setattr(client, "_launch", lambda train: None)
    reply = session.start(library, tmp_path / "run", CONFIG | {"device": "auto"})
    client._take(Log(reply.id, "warning", "it goes on on the CPU"))
    client._take(Done(reply.id, {"adapter": "there"}))
    assert reply.result(5).values == {"adapter": "there"}
    assert session.heard == [("logged", "it goes on on the CPU"), ("finished", {"adapter": "there"})]
    assert "goes on on the CPU" in caplog.text


def test_there_are_words_for_every_stage_of_the_library():
    from SAMAdaptModuleLib.worker.TrainingSession import stageWords

    from SAMAdaptLib.training.engine import STAGES

    assert stageWords() == STAGES
