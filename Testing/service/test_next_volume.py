"""The volume that is likely to come next is encoded in idle time, and nothing that somebody has asked for suffers."""

import os
import signal
import sys
import threading

import numpy as np
import pytest

from SAMAdaptLib import shortage
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link import shared
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.remote import Server
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import (
    Died,
    Load,
    Predict,
    Predicted,
    Prefetched,
    Ready,
    SetNext,
    SetVolume,
    SlicePlane,
    VolumeReady,
)
from SAMAdaptLib.service.worker import inference
from SAMAdaptLib.service.worker.engine import Engine
from SAMAdaptLib.service.worker.inbox import Interrupted
from SAMAdaptLib.service.worker.scan import Scan
from SAMAdaptLib.volume.intensity import Intensity
from Testing.service.peers import ENVIRONMENT, PATIENCE, SEGMENTS, listen, news_of, poll_until, running, segments
from Testing.service.serving import TOKEN, written
from Testing.tiny import scan

POINT = Prompt([[20, 18]], [1])
# What the small model keeps of a slice: 256 channels of 16 x 16 in half precision.
NBYTES = 256 * 16 * 16 * 2


def answer(reference, seed, index, intensity="minmax"):
    """The mask bool [H, W] that a predictor gives that has never seen the volume."""
    volume = scan(seed, slices=12)[0]
    return VolumePredictor(reference, volume, "axial", Intensity.parse(intensity)).predict(index, [POINT]).masks[0, 0]


class Room:
    """An engine in this process, with volumes in shared memory."""

    def __init__(self, options, prefetch=1):
        self.said, self.go_on = [], lambda: None
        self.engine = Engine(self.said.append, lambda: self.go_on())
        self.load = Load(
            1, options["entry"].name, str(options["checkpoint"]), entry=vars(options["entry"]), device="cpu",
            precision="fp32", prefetch=prefetch,
        )  # fmt: skip
        self.engine.load(self.load)
        self.made, self.encoded = {}, []
        encode = self.engine._model.predictor.encode

        def counted(image, frame):
            self.encoded.append(image)
            return encode(image, frame)

        self.engine._model.predictor.encode = counted

    def volume(self, seed, array=None, intensity="minmax"):
        """The request that names one."""
        if seed not in self.made:
            self.made[seed] = SharedVolume(scan(seed, slices=12)[0].array if array is None else array)
            self.made[seed].fill(60.0)
        copy, matrix = self.made[seed], scan(seed)[0].geometry.ijk_to_ras
        return SetVolume(2, copy.name, copy.shape, copy.dtype, matrix, intensity, f"scan{seed}")

    def idle(self):
        """Work until nothing is left; the slices of the next volume that were told."""
        self.said.clear()
        while self.engine.work_ahead():
            pass
        return [each.index for each in self.said if isinstance(each, Prefetched) and each.next]

    def click(self, index):
        return self.engine.predict(Predict(3, SlicePlane(index), POINT)).masks[0].full()

    def close(self):
        self.engine.set_next(SetNext(0))
        self.engine.forget_volume()
        for copy in self.made.values():
            copy.close()


@pytest.fixture
def room(options):
    made = Room(options)
    yield made
    made.close()


def test_after_the_switch_the_slices_of_the_next_volume_need_no_encoding(room, reference):
    room.engine.set_volume(room.volume(0))
    room.click(3)
    room.engine.set_next(SetNext(0, room.volume(5), [SlicePlane(6), SlicePlane(7)]))
    # Neighbours of what is in view first; planes that two of them have for neighbours once.
    assert room.idle() == [6, 7, 5, 8]
    assert [each.index for each in room.said if not each.next] == [4, 2] and len(room.encoded) == 7
    room.engine.set_volume(room.volume(5))
    for index in (5, 6, 7, 8):
        np.testing.assert_array_equal(room.click(index), answer(reference, 5, index))
    assert len(room.encoded) == 7
    room.click(9)
    assert len(room.encoded) == 8
    # Back to the first: what was encoded of it is there, too.
    room.engine.set_volume(room.volume(0))
    np.testing.assert_array_equal(room.click(3), answer(reference, 0, 3))
    assert len(room.encoded) == 8


def test_another_mapping_than_was_foreseen_is_encoded_again_and_answered_right(room, reference):
    room.engine.set_volume(room.volume(0))
    room.engine.set_next(SetNext(0, room.volume(5), [SlicePlane(6)]))
    assert room.idle() == [6, 7, 5]
    ready = room.engine.set_volume(room.volume(5, intensity="percentile:10/90"))
    assert (ready.low, ready.high) == pytest.approx(tuple(np.percentile(scan(5, slices=12)[0].array, (10, 90))))
    np.testing.assert_array_equal(room.click(6), answer(reference, 5, 6, "percentile:10/90"))
    assert len(room.encoded) == 4


def test_a_grid_that_was_told_otherwise_is_another_volume(room):
    told = room.volume(5)
    room.engine.set_next(SetNext(0, told, [SlicePlane(6)]))
    room.idle()
    room.engine.set_volume(SetVolume(4, told.segment, told.shape, told.dtype, np.diag([2.0, 2, 2, 1]), "minmax"))
    assert room.engine._slices("axial").stack.pixel_spacing == (2.0, 2.0)
    room.click(6)
    assert len(room.encoded) == 4


def test_embeddings_of_the_volume_in_use_stay_in_memory(room, tmp_path):
    room.engine._cache = cache = EmbeddingCache(ram_bytes=5 * NBYTES)
    room.engine.set_volume(room.volume(0))
    room.click(3)
    room.engine.set_next(SetNext(0, room.volume(5), [SlicePlane(6), SlicePlane(9)]))
    # Two places are left; the next slice has none, is not kept, and no other is begun.
    assert room.idle() == [6, 7] and len(room.encoded) == 6
    own = [room.engine._slices("axial").key(index) for index in (2, 3, 4)]
    assert all(map(cache.holds, own)) and cache.stats.ram_bytes == 5 * NBYTES
    # What is needed now takes the place of what may be needed.
    room.click(10)
    room.click(11)
    assert all(map(cache.holds, own)) and cache.stats.ram_bytes == 5 * NBYTES
    room.engine.set_volume(room.volume(5))
    count = len(room.encoded)
    room.click(6)
    assert len(room.encoded) == count + 1
    # With a folder there is room on disk.
    room.engine._cache = cache = EmbeddingCache(ram_bytes=3 * NBYTES, folder=tmp_path)
    room.engine.set_volume(room.volume(0))
    room.click(3)
    room.engine.set_next(SetNext(0, room.volume(7), [SlicePlane(6)]))
    assert room.idle() == [6, 7, 5]
    assert [cache.get(key) is not None for key in own] == [True] * 3 and cache.stats.disk_hits == 0
    count = len(room.encoded)
    room.engine.set_volume(room.volume(7))
    room.click(6)
    assert len(room.encoded) == count and cache.stats.disk_hits == 1


def test_without_prefetching_and_after_it_was_forgotten_nothing_is_encoded(options):
    room = Room(options, prefetch=0)
    room.engine.set_volume(room.volume(0))
    room.engine.set_next(SetNext(0, room.volume(5), [SlicePlane(6)]))
    assert room.idle() == [] and room.encoded == []
    room.engine._reach = 1
    room.engine.set_next(SetNext(0))
    assert room.idle() == [] and room.encoded == []
    room.close()


def test_a_volume_that_cannot_be_used_is_refused_when_it_is_chosen(room):
    bad = np.full((12, 40, 56), np.nan, np.float32)
    room.engine.set_next(SetNext(0, room.volume(9, bad), [SlicePlane(6)]))
    with pytest.raises(InputError, match="NaN"):
        room.idle()
    room.engine.forget_ahead()
    assert room.idle() == []
    for _ in range(2):
        with pytest.raises(InputError, match="NaN or infinite voxels: scan9"):
            room.engine.set_volume(room.volume(9))
        with pytest.raises(InputError, match="No volume is loaded"):
            room.click(6)
    with pytest.raises(InputError, match="gone"):
        room.engine.set_next(SetNext(0, SetVolume(0, "samadapt-none", (1, 1, 1), "<i2", np.eye(4))))


def test_nobody_waits_for_the_voxels_of_the_next_volume_to_be_looked_through(room, reference, monkeypatch):
    looking, go_on = threading.Event(), threading.Event()

    def check(self):
        looking.set()
        assert go_on.wait(PATIENCE)
        self.checked = True

    room.engine.set_volume(room.volume(0))
    monkeypatch.setattr(Scan, "check", check)
    room.engine.set_next(SetNext(0, room.volume(5), [SlicePlane(6)]))

    def interrupt():
        if looking.is_set() and not go_on.is_set():
            raise Interrupted

    room.go_on = interrupt
    with pytest.raises(Interrupted):
        room.idle()
    room.go_on = lambda: None
    np.testing.assert_array_equal(room.click(3), answer(reference, 0, 3))
    go_on.set()
    assert room.idle() == [6, 7, 5]


class Application:
    """Hears the worker in this process; ``then`` is called with what it says, in its own thread."""

    def __init__(self):
        self.said, self.then = [], lambda message: None

    def say(self, message):
        self.said.append(message)
        self.then(message)

    def listen(self, take, orphaned):
        self.take = take


def test_a_click_in_idle_time_is_answered_before_the_idle_work_goes_on(options, reference, monkeypatch):
    room, application, over = Room(options), Application(), threading.Event()
    monkeypatch.setattr(inference, "PAUSE_SECONDS", 0.0)
    worker, passes = inference.Worker(application), []

    def ask(module, given):
        """Within the encoder, while it is busy with the next volume."""
        passes.append(1)
        if sum(isinstance(each, Prefetched) for each in application.said) == 1 and not asked:
            asked.append(len(application.said))
            application.take(Predict(7, SlicePlane(3), POINT))

    def then(message):
        if isinstance(message, Ready):
            worker._engine._model.predictor.model.sam.image_encoder.layers[-1].register_forward_pre_hook(ask)
            application.take(room.volume(0))
        elif isinstance(message, VolumeReady):
            application.take(SetNext(0, room.volume(5), [SlicePlane(6)]))
        elif isinstance(message, Prefetched) and message.index == 5 and message.next:
            over.set()

    asked, application.then = [], then
    application.take(room.load)
    threading.Thread(target=worker.run, daemon=True).start()
    assert over.wait(PATIENCE)
    order = [each for each in application.said if isinstance(each, (Prefetched, Predicted))]
    assert order[0] == Prefetched(0, "axial", 6, True) and isinstance(order[1], Predicted)
    np.testing.assert_array_equal(order[1].masks[0].full(), answer(reference, 0, 3))
    # Then the neighbours of the click, and only after them the next volume again.
    assert [(each.index, each.next) for each in order[2:]] == [(4, False), (2, False), (7, True), (5, True)]
    # Slice 7 was given up in the middle and encoded once more.
    assert len(passes) == 6 + 1
    worker._engine.set_next(SetNext(0))
    worker._engine.forget_volume()
    room.close()


# With a process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("embeddings")


@pytest.fixture(scope="module")
def client(options, folder):
    made = Client(Local(sys.executable, ENVIRONMENT))
    made.load(**options, prefetch=1, cache_folder=folder)
    yield made
    made.close()


def choose(client, seed):
    volume = scan(seed, slices=12)[0]
    return client.set_volume(volume.array, volume.geometry, seed, intensity="minmax").result(PATIENCE)


def foresee(client, seed, *indices):
    volume = scan(seed, slices=12)[0]
    planes = [SlicePlane(index) for index in indices]
    client.set_next(volume.array, volume.geometry, seed, planes, intensity="minmax")


def files(folder):
    return len(list(folder.glob("??/*.npy")))


def foreseen(client, events, *indices):
    poll_until(client, lambda: [each.index for each in events if isinstance(each, Prefetched)] == list(indices))


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_the_next_volume_is_copied_and_encoded_once_and_its_memory_given_back(client, folder, reference):
    events = news_of(client)
    choose(client, 0)
    foresee(client, 5, 6)
    foresee(client, 5, 6)
    foreseen(client, events, 6, 7, 5)
    assert (client.copies, len(segments()), files(folder)) == (2, 2, 3)
    # Told otherwise it is not copied again.
    foresee(client, 5, 9)
    foreseen(client, events, 6, 7, 5, 9, 10, 8)
    assert (client.copies, len(segments()), files(folder)) == (2, 2, 6)
    choose(client, 5)
    assert (client.copies, len(segments())) == (2, 1)
    told = client.predict(SlicePlane(9), POINT).result(PATIENCE)
    np.testing.assert_array_equal(told.masks[0].full(), answer(reference, 5, 9))
    assert files(folder) == 6
    # Chosen instead of another one than was foreseen, a volume has all the memory.
    foresee(client, 0, 3)
    choose(client, 7)
    assert (client.copies, len(segments())) == (4, 1)
    # The volume in use is none to come.
    foresee(client, 7, 3)
    assert client.copies == 4
    foresee(client, 5, 3)
    assert len(segments()) == 2
    client.clear_volume()
    assert not segments()
    listen(client, 0.1)
    maps = f"/proc/{client.pid}/maps"
    poll_until(client, lambda: "samadapt-" not in open(maps, encoding="utf-8").read())


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_is_killed_in_idle_work_leaves_nothing_and_does_not_begin_it_again(client, options):
    choose(client, 0)
    events, first = news_of(client), client.pid
    foresee(client, 11, *range(12))
    poll_until(client, lambda: any(isinstance(each, Prefetched) for each in events))
    os.kill(first, signal.SIGKILL)
    poll_until(client, lambda: any(isinstance(each, Died) for each in events))
    assert len(segments()) == SEGMENTS.is_dir() and not running(first)
    with pytest.raises(InputError, match="ended while it prepared this volume"):
        foresee(client, 11, 3)
    assert client.predict(SlicePlane(3), POINT).result(PATIENCE).masks and client.pid != first
    # Chosen, it is copied like any other.
    choose(client, 11)
    assert client.predict(SlicePlane(3), POINT).result(PATIENCE).masks
    # Switched off, nothing is copied, and what was is given back.
    foresee(client, 5, 3)
    client.load(**options, prefetch=0).result(PATIENCE)
    assert len(segments()) == SEGMENTS.is_dir()
    foresee(client, 5, 3)
    assert len(segments()) == SEGMENTS.is_dir()
    client.close()
    assert not segments()


def test_what_cannot_be_prepared_is_refused_at_once(tmp_path, monkeypatch):
    volume = scan(5, slices=12)[0]
    size, memory = volume.array.nbytes, tmp_path / "meminfo"
    client = Client(Local(sys.executable))
    monkeypatch.setattr(shortage, "MEMORY", memory)
    for free, fits in ((4 * size, True), (4 * size - 1024, False)):
        memory.write_text(f"MemTotal: 99999999 kB\nMemAvailable: {free // 1024} kB\n")
        if fits:
            foresee(client, 5, 3)
            client.clear_next()
        else:
            with pytest.raises(InputError, match="Too little memory to prepare the next volume"):
                foresee(client, 5, 3)
    memory.unlink()
    monkeypatch.setattr(shared, "SPARE_BYTES", size - 1)
    with pytest.raises(InputError, match="Too little memory"):
        foresee(client, 5, 3)
    with pytest.raises(InputError, match="shape"):
        client.set_next(volume.array[:3], volume.geometry, 5, [])
    token = written(tmp_path / "token", TOKEN)
    with pytest.raises(InputError, match="one volume of a client at a time: 127.0.0.1:9"):
        foresee(Client(Server("127.0.0.1:9", token)), 5, 3)
    assert not segments() and not client.alive
