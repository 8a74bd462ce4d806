"""A real worker process, used the way an event loop does."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import correct
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SAMAdaptLib.prompts.ras import RasPrompts, on_slices
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import (
    Correct,
    Died,
    Encode,
    Failed,
    Final,
    ForgetVolume,
    Hello,
    Load,
    Picture,
    Predict,
    Predicted,
    Prefetched,
    Progress,
    Propagate,
    SegmentVolume,
    SetNext,
    SetVolume,
    SliceMask,
    SlicePlane,
    Stopped,
    Superseded,
    VolumeReady,
    supersedes,
)
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from Testing.prompts.dummy_kind import Ellipse
from Testing.service.peers import (
    ENVIRONMENT,
    PATIENCE,
    SEGMENTS,
    freeze,
    heard_of,
    listen,
    news_of,
    poll_until,
    running,
    segments,
    standing,
)
from Testing.tiny import scan

pytestmark = pytest.mark.slow

POINT = Prompt([[20, 18]], [1])
# Rules under which a network with random weights gets through the volume.
EASY = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9), min_predicted_iou=0.0, max_missing=99, use_mask=False)


def slices_of(reference, axis="axial", slices=12):
    return VolumePredictor(reference, scan(slices=slices)[0], axis, Intensity.parse("minmax"))


def test_a_new_kind_of_mark_is_answered_as_what_it_stands_for(client, reference, monkeypatch):
    monkeypatch.setitem(KINDS, "ellipse", Ellipse())
    slices = slices_of(reference)
    drawn = slices.stack.pixel_to_ras([(20, 18, 3), (28, 18, 3), (20, 23, 3)])
    ((index, prompt),) = on_slices(RasPrompts(marks=[Mark("ellipse", drawn)]), slices.stack).prompts.items()
    answer = client.predict(SlicePlane(index), prompt).result(PATIENCE)
    wanted = slices.predict(3, [Prompt([[20, 18]], [1], [12, 13, 28, 23])]).masks[0, 0]
    assert (answer.masks[0].full() == wanted).all() and wanted.any() and not wanted.all()


@pytest.mark.parametrize(("axis", "index"), [("axial", 3), ("sagittal", 20), ("coronal", 17)])
def test_answers_are_those_of_a_predictor_in_this_process(client, reference, axis, index):
    slices = slices_of(reference, axis)
    prompts = [Prompt([[9, 5], [3, 2]], [1, 0]), Prompt(box=[4, 2, 15, 9])]
    prompts.append(replace(prompts[0], mask_logits=slices.predict(index, prompts[:1]).low_res[0, 0]))
    for prompt in prompts:
        wanted = slices.predict(index, [prompt], multimask=True)
        answer = client.predict(SlicePlane(index, axis), prompt, True, True).result(PATIENCE)
        np.testing.assert_array_equal([m.full() for m in answer.masks], wanted.masks[0])
        np.testing.assert_allclose(answer.low_res, wanted.low_res[0], atol=1e-4)
        np.testing.assert_allclose(answer.iou, wanted.iou[0], atol=1e-5)
    assert set(answer.ms) == {"queue", "encode", "decode", "pack", "transfer", "total"}
    assert 0 < answer.ms["transfer"] < answer.ms["total"] and min(answer.ms.values()) >= 0


def test_a_picture_of_a_slice_is_answered_like_the_slice(client):
    volume, _ = scan(slices=12)
    on_slice = client.predict(SlicePlane(4), POINT).result(PATIENCE)
    picture = Picture(volume.array[4], (1.0, 1.0))
    np.testing.assert_array_equal(
        client.predict(picture, POINT).result(PATIENCE).masks[0].full(), on_slice.masks[0].full()
    )
    tall = client.predict(replace(picture, pixel_spacing=(3.0, 1.0)), POINT).result(PATIENCE)
    assert tall.masks[0].full().shape == (40, 56)


def test_a_volume_is_sent_once_and_a_click_is_small(client):
    volume, _ = scan(slices=12)
    copies = client.copies
    for index in range(3):
        assert isinstance(client.predict(SlicePlane(index), POINT).result(PATIENCE), Predicted)
    again = client.set_volume(volume.array, volume.geometry, "scan", intensity="percentile:10/90")
    ready = again.result(PATIENCE)
    np.testing.assert_allclose((ready.low, ready.high), np.percentile(volume.array, (10, 90)))
    back = client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)
    assert (back.low, back.high) == (volume.array.min(), volume.array.max())
    assert client.copies == copies == 1


def test_the_number_of_slices_does_not_change_what_a_click_sends(client):
    sizes = {}
    for slices in (600, 12):
        volume, _ = scan(slices=12)
        array = np.concatenate([volume.array] * (slices // 12))
        geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
        client.set_volume(array, geometry, ("many", slices), intensity="minmax").result(PATIENCE)
        before = client.bytes_sent
        assert isinstance(client.predict(SlicePlane(5), POINT).result(PATIENCE), Predicted)
        sizes[slices] = client.bytes_sent - before
        if SEGMENTS.is_dir():
            assert [SEGMENTS.joinpath(name).stat().st_size for name in segments()] == [array.nbytes]
    # Two digits in the id at most.
    assert abs(sizes[600] - sizes[12]) <= 2 and sizes[12] < 1000
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)


def test_the_newest_prompt_wins_and_every_request_is_answered_once(client):
    replies = [client.predict(SlicePlane(index), POINT) for index in (6, 7, 8, 9, 10, 6)]
    events = heard_of(*replies)
    assert [reply.superseded for reply in replies] == [True] * 5 + [False] and events == []
    assert client.pending == [replies[-1]]
    poll_until(client, replies[-1].done)
    poll_until(client, lambda: len(events) == 6)
    assert [event.id for event in events] == [reply.id for reply in replies] and client.pending == []
    assert [type(event) for event in events] == [Superseded] * 5 + [Predicted]
    with pytest.raises(Cancelled, match="superseded"):
        replies[0].result()
    client.poll()
    assert len(events) == 6


def test_which_request_makes_which_pointless():
    """All pairs: the newer one by row, the older one by column."""
    plane = SlicePlane(1)
    kinds = {
        "load": Load(1),
        "set": SetVolume(1, "name", (1, 1, 1), "<i2", np.eye(4)),
        "forget": ForgetVolume(1),
        "next": SetNext(1),
        "encode": Encode(1, plane),
        "predict": Predict(1, plane, POINT),
        "propagate": Propagate(1, "axial", []),
        "correct": Correct(1, "axial", [], []),
        "segment": SegmentVolume(1),
    }
    pointless = {
        "load": {"load", "encode", "predict", "propagate", "correct", "segment"},
        "set": {"set", "forget", "encode", "predict", "propagate", "correct", "segment"},
        "forget": {"set", "forget", "encode", "predict", "propagate", "correct", "segment"},
        "next": {"next"},
        "encode": {"encode", "predict"},
        "predict": {"encode", "predict"},
        "propagate": set(),
        "correct": set(),
        "segment": set(),
    }
    for new, message in kinds.items():
        assert {old for old, other in kinds.items() if supersedes(message, other)} == pointless[new]


def test_waiting_for_one_answer_passes_on_no_other(client):
    called = []
    older = client.predict(SlicePlane(1), POINT)
    older.on_done(lambda reply: called.append("older"))
    newer = client.predict(SlicePlane(1), POINT)
    newer.on_done(lambda reply: called.append("newer"))
    assert newer.wait(PATIENCE) and isinstance(newer.answer, Predicted)
    assert called == ["newer"] and older.done()
    newer.on_done(lambda reply: called.append("late"))
    client.poll()
    assert called == ["newer", "late", "older"]
    with standing(client.pid):
        assert not client.predict(SlicePlane(11), POINT).wait(0.0)
    given_up = client.predict(SlicePlane(2), POINT)
    given_up.on_done(lambda reply: called.append("given up"))
    given_up.abandon()
    poll_until(client, given_up.done)
    client.poll()
    assert called == ["newer", "late", "older"]
    late = f"no answer to request {given_up.id + 1} within 0.0 s"
    with standing(client.pid), pytest.raises(TimeoutError, match=late):
        client.predict(SlicePlane(3), POINT).result(0.0)


def test_a_callback_that_fails_stops_no_other_and_may_wait_itself(client, caplog):
    called = []
    first = client.predict(SlicePlane(3), POINT)
    first.on_done(lambda reply: 1 / 0)
    first.on_done(lambda reply: called.append(client.predict(SlicePlane(4), POINT).result(PATIENCE)))
    first.result(PATIENCE)
    assert "ZeroDivisionError" in caplog.text and isinstance(called[0], Predicted)


def test_a_propagation_is_that_of_this_process_and_lets_prompts_through(client, reference):
    prompts = {5: POINT, 8: Prompt(box=[10, 10, 30, 28])}
    wanted = finish(propagate(slices_of(reference), prompts, 12, (40, 56), EASY))
    request = client.propagate(prompts, "axial", asdict(EASY))
    found, order = heard_of(request), []
    poll_until(client, lambda: any(isinstance(e, Progress) for e in found))
    click = client.predict(SlicePlane(2), POINT)
    for reply in (request, click):
        reply.on_done(order.append)
    poll_until(client, lambda: len(order) == 2)
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
    assert request.result().values["ended_at_once"] == ""


def test_the_worker_says_why_a_propagation_ended_at_once(client, reference):
    strict = replace(EASY, min_iou=1.0, max_missing=1)
    wanted = finish(propagate(slices_of(reference), {5: POINT}, 12, (40, 56), strict))
    values = client.propagate({5: POINT}, "axial", asdict(strict)).result(PATIENCE).values
    assert values["stops"] == [stop._asdict() | {"axis": "axial"} for stop in wanted.stops]
    down, up = (stop.reason.partition(": ")[2] for stop in wanted.stops)
    assert values["ended_at_once"] == f"at slice 4, {down}; at slice 6, {up}" and "IoU" in down


@pytest.mark.parametrize("axis", ["axial", "sagittal"])
def test_a_correction_is_that_of_this_process_to_the_bit(client, reference, axis):
    """Of a propagation with a hole in it, by a click on one slice and a box on another, with two slices accepted."""
    volume, slices = scan(slices=12)[0], slices_of(reference, axis)
    stack, middle = slices.stack, slices.stack.count // 2
    height, width = stack.shape
    start = Prompt(box=[0.2 * width, 0.2 * height, 0.7 * width, 0.7 * height])
    present = finish(propagate(slices, {middle: start}, stack.count, stack.shape, EASY)).mask
    present[middle + 1 :, : height // 2] = False
    inside = np.argwhere(finish(propagate(slices, {middle: start}, stack.count, stack.shape, EASY)).mask[middle + 2])
    y, x = inside[0]
    kept = [middle - 2, middle + 4]
    ijk = stack.geometry.to_ijk(stack.pixel_to_ras([(x, y, middle + 2), (1, 1, 1), (width - 3, height - 3, 1)]))
    ras = stack.geometry.to_ras(ijk)
    given = RasPrompts(ras[:1], [1], boxes=[ras[1:].ravel()])
    rules = asdict(EASY)
    whole = np.zeros(volume.array.shape, bool)
    stack.view(whole)[:] = present
    options = {"axis": axis, "intensity": "minmax", "rules": rules, "accepted": kept}
    for through in (True, False):
        wanted = correct(volume, LoadedModel(reference), {"it": whole}, {"it": given}, through=through, **options)["it"]
        prompts = on_slices(given, stack).prompts
        assert sorted(prompts) == [1, middle + 2]
        told = dict(enumerate(present))
        request = client.correct(told, prompts, axis, kept, rules, through)
        events = heard_of(request)
        done = request.result(PATIENCE)
        found, seen = present.copy(), present.copy()
        for event in events:
            if isinstance(event, SliceMask):
                (seen if event.tentative else found)[event.index] = event.mask.full()
        np.testing.assert_array_equal(found, stack.view(wanted.mask))
        changed = np.flatnonzero((found != present).any(axis=(1, 2)))
        assert middle + 2 in changed and not {*kept} & {*changed} and (through or len(changed) == 2)
        # What is told on the way holds all that is kept in the end.
        assert not (found & ~seen).any()
        assert done.values["slices"] == len(wanted.slices) and done.values["stops"] == wanted.stops
        steps = [(event.done, event.total) for event in events if isinstance(event, Progress)]
        assert steps[-1][0] == steps[-1][1] and steps == sorted(steps)


def test_bad_corrections_are_refused_and_a_cancelled_one_gives_what_it_has(client):
    mask = np.zeros((40, 56), bool)
    mask[10:20, 10:20] = True
    for ask, words in (
        (lambda: client.correct({5: mask}, {5: POINT}, accepted=[5]), "Slice 5 is accepted"),
        (lambda: client.correct({5: mask}, {5: POINT}, accepted=[12]), "no such slice.*0 to 11"),
        (lambda: client.correct({12: mask}, {5: POINT}), "no slice 12 of axial"),
        (lambda: client.correct({5: mask[1:]}, {5: POINT}), "slice 5 has another size"),
        (lambda: client.correct({5: mask}, {6: Prompt([[3, 3]], [0])}), "nothing on slice 6"),
        (lambda: client.correct({5: mask}, {5: Prompt([[56, 3]], [1])}), "outside the image"),
        (lambda: client.correct({5: mask}, {5: POINT}, rules={"hurry": 1}), "hurry"),
    ):
        with pytest.raises(SAMAdaptError, match=words):
            ask().result(PATIENCE)
    volume, _ = scan(slices=12)
    array = np.concatenate([volume.array] * 50)
    geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
    client.set_volume(array, geometry, "long", intensity="minmax")
    request = client.correct({300: mask}, {300: Prompt(box=[4, 4, 40, 30])}, rules=asdict(EASY))
    found = heard_of(request)
    poll_until(client, lambda: any(isinstance(e, Progress) and e.done >= 3 for e in found))
    request.cancel()
    done = request.result(PATIENCE)
    kept = {e.index for e in found if isinstance(e, SliceMask) and not e.tentative}
    assert done.values["cancelled"] and 300 in kept and 1 <= len(kept) == done.values["slices"] < 300
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)


def test_a_propagation_that_is_cancelled_gives_what_it_has(client):
    volume, _ = scan(slices=12)
    array = np.concatenate([volume.array] * 50)
    geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
    client.set_volume(array, geometry, "long", intensity="minmax")
    request = client.propagate({300: POINT}, "axial", asdict(EASY))
    found = heard_of(request)
    poll_until(client, lambda: any(isinstance(e, Progress) and e.done >= 3 for e in found))
    request.cancel()
    done = request.result(PATIENCE)
    kept = {e.index for e in found if isinstance(e, SliceMask) and not e.tentative}
    assert done.values["cancelled"] and 1 <= len(kept) == done.values["slices"] < 300
    assert 300 in kept
    # Another volume stops a propagation too, and then nothing of it may arrive.
    request = client.propagate({300: POINT}, "axial", asdict(EASY))
    found = heard_of(request)
    poll_until(client, lambda: found)
    ready = client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax")
    ready.result(PATIENCE)
    assert found[-1] == Superseded(request.id) and sum(isinstance(e, Final) for e in found) == 1
    assert not client.pending


def test_bad_requests_are_refused_and_the_worker_lives_on(client, options):
    pid = client.pid
    volume, _ = scan(slices=12)
    cases = [
        (lambda: client.predict(SlicePlane(12), POINT), "no slice 12 of axial.*0 to 11"),
        (lambda: client.predict(SlicePlane(-1), POINT), "no slice -1"),
        (lambda: client.predict(SlicePlane(1, "oblique"), POINT), "axis.*oblique"),
        (lambda: client.predict(SlicePlane(1), Prompt([[56, 3]], [1])), "outside the image"),
        (lambda: client.predict(SlicePlane(1), Prompt(outline=[[1, 1], [5, 1], [5, np.nan]])), "outside the image"),
        (lambda: client.predict(SlicePlane(1), Prompt()), "no point, box or mask"),
        (lambda: client.propagate({1: Prompt([[3, 3]], [0])}), "no prompt to start from"),
        (lambda: client.predict(Picture(np.zeros((9, 9), np.int16)), Prompt([[3, 3]], [1])), "one grey value"),
        (lambda: client.set_volume(volume.array, volume.geometry, "scan", intensity="rainbow"), "intensity mapping"),
        # Not that there is no volume, but why.
        (lambda: client.predict(SlicePlane(1), POINT), "intensity mapping"),
    ]
    for ask, message in cases:
        with pytest.raises(SAMAdaptError, match=message):
            ask().result(PATIENCE)
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)
    geometry = scan()[0].geometry
    with pytest.raises(InputError, match=r"shape \(6, 40, 56, 4\)"):
        client.set_volume(np.zeros((6, 40, 56, 4)), geometry, "vector")
    with pytest.raises(InputError, match=r"shape \(6, 40, 55, 3\)"):
        client.set_volume(np.zeros((6, 40, 55, 3)), geometry, "narrow")
    assert client.pid == pid and isinstance(client.predict(SlicePlane(1), POINT).result(PATIENCE), Predicted)


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
        timed(client.poll)
        time.sleep(0.005)
    assert isinstance(request.answer, VolumeReady) and isinstance(click.answer, Predicted)
    # The copy goes in pieces: no call takes most of the time. How long one takes is for the benchmark.
    assert len(seconds) > 5 and max(seconds) < 0.5 * sum(seconds), seconds
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_a_volume_that_is_cleared_is_let_go_by_both_sides(client):
    volume, _ = scan(slices=12)
    maps = Path(f"/proc/{client.pid}/maps")
    assert "samadapt-" in maps.read_text()
    waiting = client.propagate({3: POINT}, "axial", asdict(EASY))
    client.clear_volume()
    assert not segments() and waiting.superseded
    with pytest.raises(SAMAdaptError, match="No volume is loaded"):
        client.encode(SlicePlane(1)).result(PATIENCE)
    assert "samadapt-" not in maps.read_text()
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_worker_is_reported_and_the_next_click_starts_another(client):
    wanted = client.predict(SlicePlane(3), POINT).result(PATIENCE)
    first, copies = client.pid, client.copies
    request, order = client.propagate({3: POINT}, "axial", asdict(EASY)), news_of(client)
    found = heard_of(request)
    poll_until(client, lambda: found)
    request.on_done(lambda reply: order.append(reply.answer))
    os.kill(first, signal.SIGKILL)
    poll_until(client, lambda: len(order) == 2)
    died, failed = order
    assert isinstance(died, Died) and died.exit_code == -9 and not client.alive and client.pending == []
    assert failed == request.answer and failed.what == "The worker process ended with exit code -9"
    answer = client.predict(SlicePlane(3), POINT).result(PATIENCE)
    np.testing.assert_array_equal(answer.masks[0].full(), wanted.masks[0].full())
    assert client.pid != first and client.copies == copies and not running(first)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_does_not_let_go_is_ended(options):
    client = Client(Local(sys.executable, ENVIRONMENT))
    news = news_of(client)
    client.load(**options, prefetch=0).result(PATIENCE)
    first = client.pid
    freeze(first)
    request = client.encode(SlicePlane(1))
    client.cancel(request, 0.2)
    with pytest.raises(Cancelled):
        request.result(PATIENCE)
    # Ended on purpose, so without last words.
    assert news == [Died(0, None, "")] and not running(first) and not client.alive
    client.close()


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_the_neighbours_are_encoded_in_idle_time_then_all_is_given_back(client, options):
    """The last test with this worker."""
    volume, _ = scan(slices=12)
    client.load(**options, prefetch=3)
    request, events = client.encode(SlicePlane(30, "coronal")), news_of(client)
    poll_until(client, lambda: any(isinstance(e, Prefetched) and e.index == 27 for e in events))
    assert [e.index for e in events] == [31, 29, 32, 28, 33, 27] and request.done()
    listen(client, 0.2)
    assert len(events) == 6
    pid, before = client.pid, segments()
    assert len(before) == 1 and running(pid)
    pending = client.propagate({4: POINT}, "axial", asdict(EASY))
    client.close()
    assert pending.answer == Stopped(pending.id)
    assert not segments() and not running(pid)


PARENT = """
import os, sys, time
import numpy as np
sys.path.insert(0, os.getcwd())
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.volume.geometry import Geometry
client = Client(Local(sys.executable))
array, geometry = np.arange(24, dtype=np.int16).reshape(2, 3, 4), Geometry((4, 3, 2), np.eye(4))
client.set_volume(array, geometry, "a").result(60)
client.set_next(array, geometry, "b", [])
client.poll()
# Once this is answered, what was said before has been heard.
client.set_volume(array, geometry, "a").result(60)
print(client.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
def test_no_worker_outlives_a_killed_application():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        pid = int(parent.stdout.readline())
        assert running(pid) and len(segments(parent.pid)) == 2
    finally:
        parent.kill()
        parent.wait()
    end = time.monotonic() + 5
    while (running(pid) or segments(parent.pid)) and time.monotonic() < end:
        time.sleep(0.02)
    assert not running(pid) and not segments(parent.pid)


def test_a_stranger_at_the_door_is_not_taken_for_the_worker():
    client = Client(Local(sys.executable, ENVIRONMENT))
    client._start()
    port = client._child._door.port
    strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    guess = Connection(socket.create_connection(("127.0.0.1", port)), b"guess", caller=True)
    guess.send(Hello(0, 1))
    strangers[0].sendall(pack(Hello(0, 1)))
    strangers[1].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    end = time.monotonic() + PATIENCE
    while client.pid is None and time.monotonic() < end:
        client.poll()
        guess.poll()
    assert client.pid not in (None, 1) and not guess.proven
    client.close()
    for stranger in strangers:
        stranger.close()


def test_a_worker_that_cannot_start_leaves_its_last_words(tmp_path):
    # Isolated mode takes the library off the path.
    client = Client(Local([sys.executable, "-I"], ENVIRONMENT))
    request, events = client.encode(SlicePlane(0)), news_of(client)
    poll_until(client, request.done)
    client.poll()
    (died,) = events
    assert died.exit_code == 1 and "No module named" in died.last_words
    assert isinstance(request.answer, Failed) and "No module named" in request.answer.trace
    client.close()
    missing = Client(Local(str(tmp_path / "no-python")))
    request = missing.load("lite_medsam")
    with pytest.raises(SAMAdaptError, match="could not be started(.|\n)*no-python: No such file"):
        request.result(PATIENCE)
    missing.close()
