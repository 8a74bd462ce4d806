"""What a step is made from is made ahead of it: the same things, in time, and nothing is left behind."""

from __future__ import annotations

import threading

import pytest

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.training import finetune as loop
from SAMAdaptLib.training.ahead import Ahead
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from Testing.tiny import build, make_library

PATIENCE = 30.0


def threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_the_next_one_is_made_before_it_is_asked_for():
    begun = {step: threading.Event() for step in range(4)}

    def make(step):
        begun[step].set()
        return step**2

    ahead = Ahead(make)
    try:
        for step in range(3):
            assert ahead(step) == step**2
            assert begun[step + 1].wait(PATIENCE)
    finally:
        ahead.close()
    assert not threads()


def test_any_order_gives_what_the_numbers_say_and_never_two_at_once():
    made, busy = [], threading.Lock()

    def make(step):
        assert busy.acquire(blocking=False)
        made.append(step)
        busy.release()
        return -step

    ahead, order = Ahead(make), [5, 6, 7, 2, 3, 3, 0]
    assert [ahead(step) for step in order] == [-step for step in order]
    ahead.close()
    ahead.close()
    # Each once, but for what is asked for anew after a leap.
    assert [step for step in made if step in (6, 7)] == [6, 7] and not threads()
    assert ahead(1) == -1
    ahead.close()


def test_an_error_comes_where_the_result_is_asked_for():
    def make(step):
        if step == 2:
            raise InputError("No slice", "here", "Add one")
        return step

    ahead = Ahead(make)
    assert [ahead(0), ahead(1)] == [0, 1]
    with pytest.raises(InputError, match=r"No slice: here\. Add one"):
        ahead(2)
    ahead.close()
    assert not threads()


CONFIG = TrainConfig(model="test_vit", steps=4, synthetic_count=8, precision="fp32", device="cpu", validation="none")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("ahead") / "library")


def adapter(library, folder):
    finetune(library, folder, CONFIG, model=build("vit-64"))
    return (folder / "adapter" / "adapter.safetensors").read_bytes()


@pytest.mark.slow
def test_a_run_is_the_same_to_the_bit_as_one_that_makes_nothing_ahead(library, tmp_path, monkeypatch):
    seen = set()
    batch = TrainingData.batch

    def noted(self, *given):
        seen.add(threading.current_thread() is threading.main_thread())
        return batch(self, *given)

    class InTurn(Ahead):
        def __call__(self, step):
            return self._make(step)

    monkeypatch.setattr(TrainingData, "batch", noted)
    first = adapter(library, tmp_path / "ahead")
    assert seen == {False} and not threads()
    monkeypatch.setattr(loop, "Ahead", InTurn)
    assert adapter(library, tmp_path / "in turn") == first and seen == {False, True}


@pytest.mark.slow
@pytest.mark.parametrize("end", ["error", "cancelled", "interrupted"])
def test_no_thread_outlives_a_run_however_it_ends(library, tmp_path, monkeypatch, end):
    batch = TrainingData.batch

    def failing(self, step, *given):
        if end == "error" and step == 2:
            raise InputError("The slice is gone", "exemplar-1", "Put it back")
        return batch(self, step, *given)

    def listen(event):
        if end == "interrupted" and event["event"] == "step" and event["step"] == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingData, "batch", failing)
    raised = {"error": InputError, "cancelled": Cancelled, "interrupted": KeyboardInterrupt}[end]
    with pytest.raises(raised) as caught:
        finetune(
            library, tmp_path, CONFIG, model=build("vit-64"), listener=listen,
            cancelled=lambda: end == "cancelled" and len(read_metrics(tmp_path)) == 2,
        )  # fmt: skip
    assert not threads() and [line["step"] for line in read_metrics(tmp_path)] == [1, 2]
    if end == "error":
        assert str(caught.value) == "The slice is gone: exemplar-1. Put it back."
