"""Which requests wait, which are replaced, and what the engine does where memory ends; without a process."""

import numpy as np
import pytest

from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import (
    Cancel,
    Encode,
    Load,
    Picture,
    Predict,
    Propagate,
    SetVolume,
    SlicePlane,
    Stopped,
    Superseded,
)
from SAMAdaptLib.service.worker.engine import Engine
from SAMAdaptLib.service.worker.inbox import Inbox, Interrupted
from Testing.phantoms import ct, mr
from Testing.scarce import without_room
from Testing.tiny import scan

POINT = Prompt([[20, 20]], [1])


def predict(number, index):
    return Predict(number, SlicePlane(index), POINT)


def volume(number):
    return SetVolume(number, "name", (1, 1, 1), "<i2", np.eye(4))


@pytest.fixture
def box():
    answers = []
    inbox = Inbox(answers.append)
    inbox.answers = answers
    return inbox


def test_the_newest_prompt_replaces_what_waits(box):
    for message in (Encode(1, SlicePlane(1)), predict(2, 2), Propagate(3, "axial", []), predict(4, 4)):
        box.put(message)
    assert box.answers == [Superseded(1), Superseded(2)]
    assert [box.take(0).id, box.take(0).id, box.take(0)] == [3, 4, None]


def test_work_in_hand_is_stopped_by_a_prompt_elsewhere_only(box):
    box.put(predict(1, 5))
    first = box.take(0)
    box.put(predict(2, 5))
    assert box.unwanted(1) is None
    box.put(predict(3, 6))
    assert box.unwanted(1) == Superseded(1) and box.answers == [Superseded(2)]
    box.finish(first)
    assert box.unwanted(1) is None
    box.put(Encode(4, Picture(np.zeros((2, 2)))))
    box.take(0)
    box.put(Encode(5, Picture(np.zeros((2, 2)))))
    assert box.unwanted(4) is None
    box.put(Encode(6, Picture(np.ones((2, 2)))))
    assert box.unwanted(4) == Superseded(4)


def test_another_volume_replaces_all_but_the_model(box):
    box.put(Propagate(1, "axial", []))
    box.take(0)
    for message in (Load(2), Propagate(3, "axial", []), predict(4, 1), volume(5), volume(6)):
        box.put(message)
    assert {a.id for a in box.answers} == {3, 4, 5} and box.unwanted(1) == Superseded(1)
    assert [box.take(0).id, box.take(0).id] == [2, 6]


def test_prompts_are_taken_out_of_turn_during_a_propagation(box):
    for message in (Propagate(1, "axial", []), Propagate(2, "axial", []), predict(3, 1)):
        box.put(message)
    assert box.take(0).id == 1
    assert box.take(0, on_plane=True).id == 3 and box.take(0, on_plane=True) is None
    box.put(volume(4))
    box.put(predict(5, 1))
    assert box.take(0, on_plane=True) is None
    assert [box.take(0).id, box.take(0).id] == [4, 5]
    assert box.unwanted(1) == Superseded(1) and box.answers == [Superseded(2)]


def test_cancelling(box):
    box.put(predict(1, 1))
    box.take(0)
    box.put(Propagate(2, "axial", []))
    for number in (1, 2, 99):
        box.put(Cancel(number))
    assert box.answers == [Stopped(2)] and box.unwanted(1) == Stopped(1) and not box.waiting


def test_an_encoding_can_be_given_up_between_its_parts(options):
    patience = [10**9]

    def go_on():
        patience[0] -= 1
        if patience[0] == 0:
            raise Interrupted

    engine = Engine(lambda answer: None, go_on)
    engine.load(Load(1, options["entry"].name, str(options["checkpoint"]), entry=vars(options["entry"]), device="cpu"))
    asked = 10**9 - patience[0]
    assert asked >= 10
    picture = np.random.default_rng(0).integers(0, 100, (4, 40, 56)).astype(np.int16)
    shared = SharedVolume(picture)
    shared.fill(1.0)
    engine.set_volume(SetVolume(2, shared.name, shared.shape, shared.dtype, np.eye(4), "minmax"))
    patience[0] = asked // 2
    with pytest.raises(Interrupted):
        engine.predict(predict(3, 2))
    assert len(engine.predict(predict(4, 2)).masks) == 1 and patience[0] == -asked
    engine.forget_volume()
    shared.close()


def test_what_a_device_cannot_do_goes_on_on_the_cpu(options, monkeypatch):
    """The first encoding fails the way CUDA fails, on a model that says it is on another device until it is moved."""
    engine = Engine(lambda answer: None)
    engine.load(Load(1, options["entry"].name, str(options["checkpoint"]), entry=vars(options["entry"]), device="cpu"))
    scan_volume, _ = scan()
    shared = SharedVolume(scan_volume.array)
    shared.fill(1.0)
    engine.set_volume(SetVolume(2, shared.name, shared.shape, shared.dtype, scan_volume.geometry.ijk_to_ras, "minmax"))
    wanted = engine.predict(predict(3, 2)).masks[0].full()
    engine._cache.clear()
    with without_room(monkeypatch, engine._model.predictor.model) as told:
        answer = engine.predict(predict(4, 2))
    np.testing.assert_array_equal(answer.masks[0].full(), wanted)
    assert len(told) == 1 and "too little memory" in told[0] and "on the CPU" in told[0]
    monkeypatch.setattr(type(engine._model.predictor), "encode", lambda *given: (_ for _ in ()).throw(MemoryError()))
    engine._cache.clear()
    with pytest.raises(MemoryError):
        engine.predict(predict(5, 2))
    engine.orphaned()
    with pytest.raises(InputError, match="gone"):
        engine.set_volume(SetVolume(6, "samadapt-another", shared.shape, shared.dtype, np.eye(4)))
    shared.close()


def test_the_worker_takes_and_refuses_mappings_as_the_command_line_does(options, monkeypatch):
    engine = Engine(lambda answer: None)
    engine.load(Load(1, options["entry"].name, str(options["checkpoint"]), entry=vars(options["entry"]), device="cpu"))

    def bounds(array, **given):
        shared = SharedVolume(array)
        shared.fill(1.0)
        try:
            ready = engine.set_volume(SetVolume(2, shared.name, shared.shape, shared.dtype, np.eye(4), **given))
            assert engine._slices("axial").bounds == (ready.low, ready.high)
            found = ready.low, ready.high
        except InputError as error:
            found = error.what
        # After the error has let go of the frames that hold the array.
        engine.forget_volume()
        shared.close()
        return found

    fractions = ct().astype(np.float32)
    percentiles = tuple(np.percentile(fractions, (0.5, 99.5)))
    assert bounds(fractions) == (-160.0, 240.0)
    assert bounds(fractions, modality="MR") == pytest.approx(percentiles)
    assert bounds(fractions, intensity="minmax") == (fractions.min(), fractions.max())
    info = AdapterInfo("lora", {}, "test", "", 64, "window:40/400 | percentile:0.5/99.5", "axial", ("a",), 1)
    monkeypatch.setattr(engine, "_model", engine._model._replace(info=info))
    monkeypatch.setattr(engine._model.predictor.model, "intensity", info.intensity)
    assert bounds(fractions) == (-160.0, 240.0)
    assert bounds(mr()) == pytest.approx(tuple(np.percentile(mr(), (0.5, 99.5))))
    assert bounds(mr(), intensity="window:40/400") == (-160.0, 240.0)
    refused = "The adapter was trained with intensity window:40/400 or percentile:0.5/99.5, not minmax"
    assert bounds(fractions, intensity="minmax") == refused
