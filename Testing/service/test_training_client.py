"""A real training process on a small model."""

import hashlib
import sys
import threading
import time
from dataclasses import replace

import pytest
import torch

from SAMAdaptLib.adapters.file import read_adapter_info
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.sam.weights import download
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import Done, Failed, Log, Progress, Stopped, Train
from SAMAdaptLib.service.training import TrainingClient
from SAMAdaptLib.service.worker.trainer import train
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from Testing.sam.test_checkpoints import Server
from Testing.service.peers import ENVIRONMENT, PATIENCE, heard_of, news_of, poll_until
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


@pytest.mark.parametrize(
    "error, words",
    [
        ("torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')", "has too little memory for"),
        ("NotImplementedError('The operator \\'aten::x\\' is not currently implemented for the MPS device.')", "lacks"),
    ],
    ids=["memory", "operator"],
)
def test_what_a_device_cannot_do_goes_on_on_the_cpu(trainer, library, weights, tmp_path, error, words):
    """The first process fails the way CUDA or MPS fail; the second must see no GPU and finish that run."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if os.environ.get('ACCELERATE_USE_CPU') != 'true' and 'trainer' in ' '.join(sys.orig_argv):\n"
        "    import torch\n"
        "    from SAMAdaptLib.training import finetune\n"
        # An Apple GPU's worker does by itself on the CPU what it can, so torch has to know in time.
        "    assert os.environ['PYTORCH_ENABLE_MPS_FALLBACK'] == '1'\n"
        f"    def scarce(*given): raise {error}\n"
        "    finetune.Stepper.__call__ = scarce\n"
    )
    trainer._usual = Local(sys.executable, {**ENVIRONMENT, "PYTHONPATH": str(site)})
    config = CONFIG | {"device": "auto", "steps": 2, "validation": "none"}
    events = news_of(trainer)
    trainer.train(library, tmp_path / "run", config, checkpoint=weights[VIT.name], entry=VIT).result(PATIENCE)
    assert [e.text for e in events if isinstance(e, Log)][0].startswith(f"The device {words}")
    assert read_adapter_info(tmp_path / "run").steps == 2


def test_a_device_asked_for_by_name_is_not_replaced(trainer, library, tmp_path):
    request = trainer.train(library, tmp_path / "run", CONFIG | {"device": "cuda"})
    trainer._take(Failed(request.id, "CUDA out of memory", out_of_memory=True))
    assert isinstance(request.answer, Failed) and not trainer.running and not trainer.alive


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
    assert said == [Progress(1, done, len(body), {"download": True}) for done in (10_000, 20_000, 30_000)]
    assert not (tmp_path / "run").exists()
    said.clear()
    assert isinstance(train(Channel(), replace(request, id=2), threading.Event()), Done)
    # One block more than was told had come when it was stopped.
    assert server.asked == [None, "bytes=40000-"]
    downloaded = [message for message in said if message.values.get("download")]
    assert (downloaded[0].done, downloaded[-1].done) == (50_000, len(body))
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
