"""A real worker process, used the way an event loop does."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import (
    Died,
    Done,
    Failed,
    Final,
    Hello,
    Picture,
    Predicted,
    Prefetched,
    Progress,
    Ready,
    SliceMask,
    SlicePlane,
    Stopped,
    Superseded,
    VolumeReady,
)
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from Testing.service.peers import ENVIRONMENT, PATIENCE, events_until
from Testing.tiny import scan

pytestmark = pytest.mark.slow

POINT = Prompt([[20, 18]], [1])
# Rules under which a network with random weights gets through the volume.
EASY = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9), min_predicted_iou=0.0, max_missing=99, use_mask=False)
SEGMENTS = Path("/dev/shm")


@pytest.fixture(scope="module")
def reference(options):
    model = build_sam(options["entry"], options["checkpoint"])
    return Predictor(model, "fp32")


def slices_of(reference, axis="axial", slices=12):
    return VolumePredictor(reference, scan(slices=slices)[0], axis, Intensity.parse("minmax"))


def finals(events):
    return {event.id: event for event in events if isinstance(event, Final)}


def segments(pid=None):
    return {p.name for p in SEGMENTS.glob(f"samadapt-{pid or os.getpid()}-*")}


def exists(pid):
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("axis", "index"), [("axial", 3), ("sagittal", 20), ("coronal", 17)])
def test_answers_are_those_of_a_predictor_in_this_process(client, reference, axis, index):
    slices = slices_of(reference, axis)
    prompts = [Prompt([[9, 5], [3, 2]], [1, 0]), Prompt(box=[4, 2, 15, 9])]
    prompts.append(replace(prompts[0], mask_logits=slices.predict(index, prompts[:1]).low_res[0, 0]))
    for prompt in prompts:
        wanted = slices.predict(index, [prompt], multimask=True)
        answer = client.result(client.predict(SlicePlane(index, axis), prompt, True, True), PATIENCE)
        np.testing.assert_array_equal([m.full() for m in answer.masks], wanted.masks[0])
        np.testing.assert_allclose(answer.low_res, wanted.low_res[0], atol=1e-4)
        np.testing.assert_allclose(answer.iou, wanted.iou[0], atol=1e-5)
    assert set(answer.ms) == {"queue", "encode", "decode", "pack", "transfer", "total"}
    assert 0 < answer.ms["transfer"] < answer.ms["total"] and min(answer.ms.values()) >= 0


def test_a_picture_of_a_slice_is_answered_like_the_slice(client):
    volume, _ = scan(slices=12)
    on_slice = client.result(client.predict(SlicePlane(4), POINT), PATIENCE)
    picture = Picture(volume.array[4], (1.0, 1.0))
    np.testing.assert_array_equal(
        client.result(client.predict(picture, POINT), PATIENCE).masks[0].full(), on_slice.masks[0].full()
    )
    tall = client.result(client.predict(replace(picture, pixel_spacing=(3.0, 1.0)), POINT), PATIENCE)
    assert tall.masks[0].full().shape == (40, 56)


def test_a_volume_is_sent_once_and_a_click_is_small(client):
    volume, _ = scan(slices=12)
    copies = client.copies
    for index in range(3):
        assert isinstance(client.result(client.predict(SlicePlane(index), POINT), PATIENCE), Predicted)
    again = client.set_volume(volume.array, volume.geometry, "scan", intensity="percentile:10/90")
    ready = client.result(again, PATIENCE)
    np.testing.assert_allclose((ready.low, ready.high), np.percentile(volume.array, (10, 90)))
    back = client.result(client.set_intensity("minmax"), PATIENCE)
    assert (back.low, back.high) == (volume.array.min(), volume.array.max())
    assert client.copies == copies == 1


def test_the_number_of_slices_does_not_change_what_a_click_sends(client):
    sizes = {}
    for slices in (600, 12):
        volume, _ = scan(slices=12)
        array = np.concatenate([volume.array] * (slices // 12))
        geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
        client.result(client.set_volume(array, geometry, ("many", slices), intensity="minmax"), PATIENCE)
        before = client.bytes_sent
        assert isinstance(client.result(client.predict(SlicePlane(5), POINT), PATIENCE), Predicted)
        sizes[slices] = client.bytes_sent - before
        if SEGMENTS.is_dir():
            assert [SEGMENTS.joinpath(name).stat().st_size for name in segments()] == [array.nbytes]
    # Two digits in the id at most.
    assert abs(sizes[600] - sizes[12]) <= 2 and sizes[12] < 1000
    client.result(client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax"), PATIENCE)


def test_the_newest_prompt_wins_and_every_request_is_answered_once(client):
    requests = [client.predict(SlicePlane(index), POINT) for index in (6, 7, 8, 9, 10, 6)]
    events = events_until(client, lambda e: isinstance(e, Predicted) and e.id == requests[-1])
    assert sorted(e.id for e in events if isinstance(e, Final)) == requests and client.pending == []
    kinds = [type(finals(events)[r]) for r in requests]
    assert kinds[-1] is Predicted and kinds[1:-1].count(Superseded) >= 3
    with pytest.raises(KeyError):
        client.result(requests[0])


def test_a_propagation_is_that_of_this_process_and_lets_prompts_through(client, reference):
    prompts = {5: POINT, 8: Prompt(box=[10, 10, 30, 28])}
    wanted = propagate(slices_of(reference), prompts, 12, (40, 56), EASY)
    request = client.propagate(prompts, "axial", EASY)
    click = None
    found = []
    while not any(isinstance(e, Done) for e in found):
        found += events_until(client, lambda e: isinstance(e, (Progress, Done)))
        if click is None:
            click = client.predict(SlicePlane(2), POINT)
    order = [e.id for e in found if isinstance(e, Final)]
    assert order == [click, request]
    mask = np.zeros((12, 40, 56), bool)
    for event in found:
        if isinstance(event, SliceMask) and not event.tentative:
            mask[event.index] = event.mask.full()
    np.testing.assert_array_equal(mask, wanted.mask)
    assert mask.any(axis=(1, 2)).sum() > 3
    progress = [e for e in found if isinstance(e, Progress)]
    assert progress[-1].done == progress[-1].total == 12
    sources = {e.index: e.source for e in found if isinstance(e, SliceMask) and not e.tentative}
    assert sources == {r.index: r.source for r in wanted.records}
    assert finals(found)[request].values["ended_at_once"] == ""


def test_the_worker_says_why_a_propagation_ended_at_once(client, reference):
    strict = replace(EASY, min_iou=1.0, max_missing=1)
    wanted = propagate(slices_of(reference), {5: POINT}, 12, (40, 56), strict)
    request = client.propagate({5: POINT}, "axial", strict)
    values = finals(events_until(client, lambda e: isinstance(e, Final) and e.id == request))[request].values
    assert values["stops"] == [stop._asdict() for stop in wanted.stops]
    down, up = (stop.reason.partition(": ")[2] for stop in wanted.stops)
    assert values["ended_at_once"] == f"at slice 4, {down}; at slice 6, {up}" and "IoU" in down


def test_a_propagation_that_is_cancelled_gives_what_it_has(client):
    volume, _ = scan(slices=12)
    array = np.concatenate([volume.array] * 50)
    geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
    client.set_volume(array, geometry, "long", intensity="minmax")
    request = client.propagate({300: POINT}, "axial", EASY)
    found = events_until(client, lambda e: isinstance(e, Progress) and e.done >= 3)
    client.cancel(request)
    found += events_until(client, lambda e: isinstance(e, Final) and e.id == request)
    done = finals(found)[request]
    kept = {e.index for e in found if isinstance(e, SliceMask) and not e.tentative}
    assert done.values["cancelled"] and 1 <= len(kept) == done.values["slices"] < 300
    assert 300 in kept
    # Another volume stops a propagation too, and then nothing of it may arrive.
    request = client.propagate({300: POINT}, "axial", EASY)
    events_until(client, lambda e: isinstance(e, Progress))
    ready = client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax")
    found = events_until(client, lambda e: e.id == ready)
    assert isinstance(finals(found)[request], Superseded) and not client.pending
    after = found[found.index(finals(found)[request]) :]
    assert not any(e.id == request for e in after[1:])


def test_bad_requests_are_refused_and_the_worker_lives_on(client, options):
    pid = client.pid
    cases = [
        (lambda: client.predict(SlicePlane(12), POINT), "no slice 12 of axial.*0 to 11"),
        (lambda: client.predict(SlicePlane(-1), POINT), "no slice -1"),
        (lambda: client.predict(SlicePlane(1, "oblique"), POINT), "axis.*oblique"),
        (lambda: client.predict(SlicePlane(1), Prompt([[56, 3]], [1])), "outside the image"),
        (lambda: client.predict(SlicePlane(1), Prompt()), "no point, box or mask"),
        (lambda: client.propagate({1: Prompt([[3, 3]], [0])}), "no prompt to start from"),
        (lambda: client.predict(Picture(np.zeros((9, 9), np.int16)), Prompt([[3, 3]], [1])), "one grey value"),
        (lambda: client.set_intensity("rainbow"), "intensity mapping"),
    ]
    for ask, message in cases:
        with pytest.raises(SAMAdaptError, match=message):
            client.result(ask(), PATIENCE)
    client.result(client.set_intensity("minmax"), PATIENCE)
    geometry = scan()[0].geometry
    with pytest.raises(InputError, match=r"shape \(6, 40, 56, 3\)"):
        client.set_volume(np.zeros((6, 40, 56, 3)), geometry, "vector")
    assert client.pid == pid and isinstance(client.result(client.predict(SlicePlane(1), POINT), PATIENCE), Predicted)


def test_an_event_loop_is_never_held_up(client):
    volume, _ = scan(slices=12)
    array = np.tile(volume.array, (20, 8, 8))
    seconds = []

    def timed(call, *given, **named):
        begun = time.perf_counter()
        result = call(*given, **named)
        seconds.append(time.perf_counter() - begun)
        return result

    geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
    request = timed(client.set_volume, array, geometry, "large", intensity="minmax")
    click = timed(client.predict, SlicePlane(9), replace(POINT, mask_logits=np.zeros((64, 64))))
    while client.pending:
        for event in timed(client.poll):
            assert isinstance(event, (VolumeReady, Predicted)), event
        time.sleep(0.005)
    # The copy goes in pieces: no call takes most of the time. How long one takes is for the benchmark.
    assert len(seconds) > 5 and max(seconds) < 0.5 * sum(seconds), seconds
    assert request < click
    client.result(client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax"), PATIENCE)


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_a_volume_that_is_cleared_is_let_go_by_both_sides(client):
    volume, _ = scan(slices=12)
    maps = Path(f"/proc/{client.pid}/maps")
    assert "samadapt-" in maps.read_text()
    waiting = client.propagate({3: POINT}, "axial", EASY)
    client.clear_volume()
    assert not segments() and [e for e in client.poll() if isinstance(e, Final)] == [Superseded(waiting)]
    with pytest.raises(SAMAdaptError, match="No volume is loaded"):
        client.result(client.encode(SlicePlane(1)), PATIENCE)
    assert "samadapt-" not in maps.read_text()
    client.result(client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax"), PATIENCE)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_worker_is_reported_and_the_next_click_starts_another(client):
    wanted = client.result(client.predict(SlicePlane(3), POINT), PATIENCE)
    first, copies = client.pid, client.copies
    request = client.propagate({3: POINT}, "axial", EASY)
    events_until(client, lambda e: isinstance(e, Progress))
    os.kill(first, signal.SIGKILL)
    events = events_until(client, lambda e: isinstance(e, Failed))
    died = next(e for e in events if isinstance(e, Died))
    assert died.exit_code == -9 and not client.alive and client.pending == []
    assert finals(events)[request].what == "The worker process ended with exit code -9"
    request = client.predict(SlicePlane(3), POINT)
    events = events_until(client, lambda e: e.id == request)
    np.testing.assert_array_equal(finals(events)[request].masks[0].full(), wanted.masks[0].full())
    assert [type(e) for e in events] == [Ready, VolumeReady, Predicted]
    assert client.pid != first and client.copies == copies and not exists(first)


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_the_neighbours_are_encoded_in_idle_time_then_all_is_given_back(client, options):
    """The last test with this worker."""
    volume, _ = scan(slices=12)
    client.load(**options, prefetch=3)
    request = client.encode(SlicePlane(30, "coronal"))
    events = events_until(client, lambda e: isinstance(e, Prefetched) and e.index == 27)
    order = [e.index for e in events if isinstance(e, Prefetched)]
    assert order == [31, 29, 32, 28, 33, 27] and request in finals(events)
    assert not client.wait(0.2)
    pid, before = client.pid, segments()
    assert len(before) == 1 and exists(pid)
    pending = client.propagate({4: POINT}, "axial", EASY)
    client.close()
    assert [e for e in client.poll() if e.id == pending] == [Stopped(pending)]
    assert not segments() and not exists(pid)


PARENT = """
import os, sys, time
import numpy as np
sys.path.insert(0, os.getcwd())
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.volume.geometry import Geometry
client = Client(sys.executable)
client.start()
request = client.set_volume(np.arange(24, dtype=np.int16).reshape(2, 3, 4), Geometry((4, 3, 2), np.eye(4)), "a")
client.result(request, 60)
print(client.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_no_worker_outlives_a_killed_application():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        pid = int(parent.stdout.readline())
        assert exists(pid) and len(segments(parent.pid)) == 1
    finally:
        parent.kill()
        parent.wait()
    end = time.monotonic() + 5
    while (exists(pid) or segments(parent.pid)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not exists(pid) and not segments(parent.pid)


def test_a_stranger_at_the_door_is_not_taken_for_the_worker():
    client = Client(sys.executable, ENVIRONMENT)
    client.start()
    port = client._child._door.port
    strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    guess = Connection(socket.create_connection(("127.0.0.1", port)), b"guess", caller=True)
    guess.send(Hello(0, 1))
    strangers[0].sendall(pack(Hello(0, 1)))
    strangers[1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    end = time.monotonic() + PATIENCE
    while client.pid is None and time.monotonic() < end:
        client.wait(0.01)
        guess.poll()
    assert client.pid not in (None, 1) and not guess.proven
    client.close()
    for stranger in strangers:
        stranger.close()


def test_a_worker_that_cannot_start_leaves_its_last_words(tmp_path):
    # Isolated mode takes the library off the path.
    client = Client([sys.executable, "-I"], ENVIRONMENT)
    request = client.encode(SlicePlane(0))
    events = events_until(client, lambda e: isinstance(e, Failed))
    died = next(e for e in events if isinstance(e, Died))
    assert died.exit_code == 1 and "No module named" in died.last_words
    assert "No module named" in finals(events)[request].trace
    client.close()
    missing = Client(str(tmp_path / "no-python"))
    request = missing.load("lite_medsam")
    with pytest.raises(SAMAdaptError, match="could not be started(.|\n)*no-python: No such file"):
        missing.result(request, PATIENCE)
    missing.close()
