"""A real training process on a small model."""

import hashlib
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from SAMAdaptLib.adapters.file import read_adapter_info
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.sam.weights import download
from SAMAdaptLib.service.link import process
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import Done, Log, Progress, Stopped, Train
from SAMAdaptLib.service.training import TrainingClient
from SAMAdaptLib.service.worker.trainer import train
from SAMAdaptLib.training import step as steps
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from Testing.sam.test_checkpoints import Server
from Testing.scarce import CUDA
from Testing.service.peers import ENVIRONMENT, PATIENCE, heard_of, poll_until
from Testing.tiny import VIT, make_library

pytestmark = pytest.mark.slow

CONFIG = {
    "model": VIT.name,
    # Without peft, which takes seconds to load.
    "method": "msa",
    "input_size": 64,
    "steps": 6,
    "prompts_per_slice": 1,
    "batch_size": 1,
    "synthesis": False,
    "checkpoint_seconds": 1e9,
    "precision": "fp32",
    "device": "cpu",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("service") / "library", patients=3, indices=(1, 3)).folder


@pytest.fixture
def trainer():
    trainer = TrainingClient(Local(sys.executable, ENVIRONMENT))
    yield trainer
    trainer.close()


def test_a_run_gives_the_adapter_that_training_in_this_process_gives(trainer, library, weights, tmp_path, monkeypatch):
    monkeypatch.setitem(MODELS, VIT.name, VIT)
    # As many threads as the worker has: sums in another order differ in the last bit.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        wanted = finetune(library, tmp_path / "here", TrainConfig.from_dict(CONFIG), checkpoint=weights[VIT.name])
    finally:
        torch.set_num_threads(threads)
    out = tmp_path / "there"
    request = trainer.train(library, out, CONFIG, checkpoint=weights[VIT.name], entry=VIT)
    with pytest.raises(InputError, match="running already.*stop it first"):
        trainer.train(library, tmp_path / "second", CONFIG, checkpoint=weights[VIT.name], entry=VIT)
    events, done = heard_of(request), request.result(PATIENCE)
    assert events[-1] is done and done.id == request.id and not trainer.running
    assert done.values["adapter"] == str(out / "adapter")
    found = read_adapter_info(out)
    assert done.values["info"]["weights_sha256"] == found.weights_sha256
    assert found.weights_sha256 == wanted.weights_sha256
    steps = [e for e in events if isinstance(e, Progress) and "loss" in e.values]
    assert (steps[-1].done, steps[-1].total) == (6, 6)
    assert {"loss", "dice", "lr", "seconds_left"} <= set(steps[-1].values)
    assert any("dice" in e.values.get("validation", {}) for e in events if isinstance(e, Progress))
    assert not trainer.alive and trainer.pending == []


def test_a_cancelled_run_can_be_resumed(trainer, library, weights, tmp_path):
    config = CONFIG | {"steps": 100_000}
    begun = time.monotonic()
    request = trainer.train(library, tmp_path / "run", config, checkpoint=weights[VIT.name], entry=VIT)
    events = heard_of(request)
    poll_until(trainer, lambda: any(isinstance(e, Progress) and e.done > 1 for e in events))
    request.cancel()
    poll_until(trainer, request.done)
    assert request.answer == Stopped(request.id, resumable=True)
    told = [e for e in events if isinstance(e, Progress) and "loss" in e.values]
    assert 0 < len(told) <= 2 + time.monotonic() - begun
    done = len([m for m in read_metrics(tmp_path / "run") if "loss" in m])
    request = trainer.train(library, tmp_path / "run", config, checkpoint=weights[VIT.name], entry=VIT, resume=True)
    events = heard_of(request)

    def counted():
        return [e for e in events if isinstance(e, Progress) and "stage" not in e.values]

    poll_until(trainer, counted)
    assert counted()[0].done == done
    # The rest would take hours; without patience it is killed, and has the checkpoint from before.
    trainer.cancel(request, 0.0)
    poll_until(trainer, request.done)
    assert request.answer == Stopped(request.id, resumable=True)
    assert not trainer.alive and not trainer.running


def test_what_a_run_notes_goes_to_the_application(library, weights, tmp_path, monkeypatch):
    """Such as that too little memory has made it slower."""
    monkeypatch.setitem(MODELS, VIT.name, VIT)
    said = []
    encode = steps.Embeddings.__call__

    def scarce(self, images, *given):
        if len(images) > 1:
            raise CUDA
        return encode(self, images, *given)

    monkeypatch.setattr(steps.Embeddings, "__call__", scarce)
    request = Train(1, str(library), str(tmp_path / "run"), CONFIG | {"steps": 1, "batch_size": 2}, weights[VIT.name])
    assert isinstance(train(SimpleNamespace(say=said.append), request, threading.Event()), Done)
    logged = [message.text for message in said if isinstance(message, Log)]
    assert len(logged) == 1 and logged[0].startswith("There is too little memory for 2 slices at once")


def test_torch_is_told_in_time_that_an_apple_gpu_may_leave_work_to_the_cpu(monkeypatch):
    begun = {}

    def refuse(*given, **named):
        begun.update(named)
        raise OSError("no process")

    monkeypatch.setattr(process.subprocess, "Popen", refuse)
    Local(sys.executable, {}).start("module")
    assert begun["env"]["PYTORCH_ENABLE_MPS_FALLBACK"] == "1"


def test_weights_that_are_not_there_are_fetched_first_and_go_on_after_a_stop(library, weights, tmp_path, monkeypatch):
    body = weights[VIT.name].read_bytes()
    server = Server(body=body)
    entry = replace(VIT, url=server.url, sha256=hashlib.sha256(body).hexdigest())
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(MODELS, VIT.name, VIT)
    monkeypatch.setattr(download, "BLOCK", 10_000)
    said, stop = [], threading.Event()

    class Channel:
        def say(self, message):
            said.append(message)
            if len(said) == 3:
                stop.set()

    request = Train(1, str(library), str(tmp_path / "run"), CONFIG | {"steps": 1}, entry=vars(entry))
    assert train(Channel(), request, stop) == Stopped(1, resumable=False)
    assert [(one.id, one.total, one.values) for one in said] == 3 * [(1, len(body), {"download": True})]
    told = [0, *(one.done for one in said)]
    assert all(0 < step <= 10_000 for step in np.diff(told))
    assert not (tmp_path / "run").exists()
    # One block more than was told had come when it was stopped.
    (part,) = (tmp_path / "cache").rglob("*.part")
    have = part.stat().st_size
    assert 0 < have - told[-1] <= 10_000
    said.clear()
    assert isinstance(train(Channel(), replace(request, id=2), threading.Event()), Done)
    assert server.asked == [None, f"bytes={have}-"]
    downloaded = [message for message in said if message.values.get("download")]
    assert have < downloaded[0].done <= have + 10_000 and downloaded[-1].done == len(body)
    assert [message for message in said if "loss" in message.values]
    server.shutdown()
    server.server_close()


def test_a_mistake_is_told_before_anything_is_fetched(library, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "download", lambda *given: pytest.fail("fetched"))
    for where, config in ((tmp_path / "nothing", CONFIG), (library, CONFIG | {"steps": 0})):
        entry = vars(replace(VIT, url="http://127.0.0.1:9/x.pth", sha256="0" * 64))
        request = Train(1, str(where), str(tmp_path / "run"), config, entry=entry)
        assert "127.0.0.1" not in str(train(None, request, threading.Event()))


def test_a_mistake_is_told_as_on_the_command_line(trainer, tmp_path):
    request = trainer.train(tmp_path / "nothing", tmp_path / "run", CONFIG | {"model": "lite_medsam"})
    with pytest.raises(SAMAdaptError, match=str(tmp_path / "nothing")):
        request.result(PATIENCE)
    assert not trainer.running
