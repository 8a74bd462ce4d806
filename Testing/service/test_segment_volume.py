"""A volume without prompts through a real worker, compared with the library in this process."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import (
    Done,
    Final,
    Load,
    Picture,
    Predicted,
    Progress,
    SegmentVolume,
    SetVolume,
    SliceMask,
    SlicePlane,
    Stopped,
    Superseded,
)
from SAMAdaptLib.service.worker.engine import Engine
from SAMAdaptLib.service.worker.inbox import Interrupted
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume
from Testing.clip import make_clip
from Testing.service.peers import PATIENCE, heard_of, poll_until
from Testing.tiny import scan
from Testing.untrained import CLASSES, make_finder, make_labeller, make_reader, segmented

pytestmark = pytest.mark.slow

# Slices 4 to 6 and 8 show noise only, so that what is found on slice 7 stands alone.
DARK = [4, 5, 6, 8]
POINT = Prompt([[20, 18]], [1])
TEXTS = {"first": "disc", "second": "the bean"}


@pytest.fixture(scope="module")
def adapters(options, tmp_path_factory):
    """Folders of an adapter that finds, of one that finds on coronal slices, and of one that reads."""
    folder = tmp_path_factory.mktemp("adapters")
    clip = make_clip(folder / "clip")
    return {
        "finder": make_finder(folder / "finder", options["checkpoint"]),
        "coronal": make_finder(folder / "coronal", options["checkpoint"], "coronal"),
        "labeller": make_labeller(folder / "labeller", options["checkpoint"]),
        "reader": make_reader(folder / "reader", options["checkpoint"], clip),
        "clip": clip,
    }


@pytest.fixture(scope="module")
def volume():
    found, _ = scan(slices=12)
    array = found.array.copy()
    array[DARK] = array[[0, 11, 0, 11]]
    return Volume(array, found.geometry, "scan0")


@pytest.fixture
def ready(client, options, adapters, volume):
    """Loads an adapter by its name here, and the volume."""

    def load(name):
        adapter = None if name is None else adapters[name]
        answer = client.load(**options, adapter=adapter, prefetch=0).result(PATIENCE)
        client.set_volume(volume.array, volume.geometry, "dark", intensity="minmax").result(PATIENCE)
        return answer

    return load


def in_this_process(options, adapter, volume, texts=None, **given):
    return segmented(options["checkpoint"], adapter, volume, texts, precision="fp32", **given)


def collected(events, names, shape, tentative=False):
    """Masks by name, [count, H, W], from the slices that were told."""
    masks = {name: np.zeros(shape, bool) for name in names}
    for event in events:
        if isinstance(event, SliceMask) and event.tentative is tentative:
            masks[event.name][event.index] = event.mask.full()
    return masks


def same(found, wanted):
    return list(found) == list(wanted) and all(np.array_equal(found[name], wanted[name]) for name in wanted)


def finished(request):
    events = heard_of(request)
    request.result(PATIENCE)
    return events


def test_what_is_found_is_what_the_library_finds(client, ready, options, adapters, volume):
    answer = ready("finder")
    assert answer.finds and not answer.texts and answer.points
    request = client.segment_volume()
    events = heard_of(request)
    poll_until(client, lambda: any(isinstance(e, Progress) for e in events))
    client.predict(SlicePlane(2), POINT).on_done(lambda reply: events.append(reply.answer))
    request.result(PATIENCE)
    # A prompt is answered meanwhile.
    assert [type(e) for e in events if isinstance(e, Final)] == [Predicted, Done]
    wanted = in_this_process(options, adapters["finder"], volume)
    raw = in_this_process(options, adapters["finder"], volume, clean=False)
    shape = volume.array.shape
    assert same(collected(events, CLASSES, shape), wanted)
    assert same(collected(events, CLASSES, shape, tentative=True), raw)
    # The speck on slice 7 came and went.
    assert raw["bean"][7].any() and not wanted["bean"][7].any() and wanted["bean"].any() and wanted["disc"].all(0).any()
    steps = [(e.done, e.total) for e in events if isinstance(e, Progress)]
    assert steps == [(k + 1, 12) for k in range(12)]
    done = events[-1]
    assert done.values == {"names": list(CLASSES), "axis": "axial", "slices": 12, "cancelled": False}
    request = client.segment_volume(clean=False)
    assert same(collected(finished(request), CLASSES, shape), raw)


def test_slices_run_along_the_adapters_axis_unless_told_otherwise(client, ready, options, adapters, volume):
    ready("coronal")
    for axis in (None, "sagittal"):
        request = client.segment_volume(axis=axis)
        events = finished(request)
        used = axis or "coronal"
        assert events[-1].values["axis"] == used == next(e.axis for e in events if isinstance(e, SliceMask))
        wanted = in_this_process(options, adapters["coronal"], volume, axis=used)
        stack = PlaneStack(volume.geometry, used)
        shown = {name: stack.view(mask) for name, mask in wanted.items()}
        assert same(collected(events, CLASSES, (stack.count, *stack.shape)), shown)


def test_an_adapter_that_labels_slices_does_so_and_answers_no_prompt(client, ready, options, adapters, volume):
    answer = ready("labeller")
    assert answer.finds and answer.adapter["prompts"] == "none"
    for refused in (client.predict(SlicePlane(2), POINT), client.propagate({2: POINT})):
        with pytest.raises(SAMAdaptError, match="labels whole slices by itself and answers no prompt"):
            refused.result(PATIENCE)
    request = client.segment_volume(clean=False)
    wanted = in_this_process(options, adapters["labeller"], volume, clean=False)
    assert same(collected(finished(request), CLASSES, volume.array.shape), wanted)
    shown = [wanted[name] for name in CLASSES]
    assert all(mask.any() for mask in shown) and not np.logical_and(*shown).any()


def test_what_words_name_is_what_the_library_finds(client, ready, options, adapters, volume):
    answer = ready("reader")
    assert answer.texts and not answer.finds
    request = client.segment_volume(TEXTS)
    events = finished(request)
    wanted = in_this_process(options, adapters["reader"], volume, TEXTS)
    assert same(collected(events, TEXTS, volume.array.shape), wanted)
    assert (wanted["first"] != wanted["second"]).any() and events[-1].values["names"] == list(TEXTS)


def test_it_can_be_cancelled_and_gives_what_it_has(client, ready, options, adapters, volume):
    ready("finder")
    array = np.concatenate([volume.array] * 40)
    geometry = Geometry(array.shape[::-1], volume.geometry.ijk_to_ras)
    client.set_volume(array, geometry, "long", intensity="minmax")
    request = client.segment_volume()
    events = heard_of(request)
    poll_until(client, lambda: any(isinstance(e, Progress) and e.done >= 3 for e in events))
    request.cancel()
    done = request.result(PATIENCE)
    reached = done.values["slices"]
    assert done.values["cancelled"] and 3 <= reached < 480
    asked = iter([False] * reached + [True])
    wanted = in_this_process(
        options, adapters["finder"], Volume(array, geometry, "long"), cancelled=lambda: next(asked)
    )
    assert same(collected(events, CLASSES, array.shape), wanted)
    # One that waits is not begun at all; another volume stops the one in hand.
    first, second = client.segment_volume(), client.segment_volume()
    second.cancel()
    poll_until(client, second.done)
    assert second.answer == Stopped(second.id)
    set_again = client.set_volume(volume.array, volume.geometry, "dark", intensity="minmax")
    set_again.result(PATIENCE)
    assert first.answer == Superseded(first.id) and not client.pending


def test_a_slice_in_hand_is_given_up_between_the_encoders_parts(options, adapters, volume):
    heard, parts = [], []

    def go_on():
        parts.append(len([e for e in heard if isinstance(e, Progress)]))
        # In the middle of the encoder's work on the fourth slice.
        if parts[-1] == 3 and parts.count(3) == parts.count(2) // 2:
            raise Interrupted

    engine = Engine(heard.append, lambda: go_on() if heard else None)
    chosen = {"checkpoint": str(options["checkpoint"]), "adapter": str(adapters["finder"]), "precision": "fp32"}
    engine.load(Load(1, **chosen, entry=vars(options["entry"]), device="cpu"))
    shared = SharedVolume(volume.array)
    shared.fill(1.0)
    try:
        matrix = volume.geometry.ijk_to_ras
        engine.set_volume(SetVolume(2, shared.name, shared.shape, shared.dtype, matrix, "minmax"))
        done = engine.segment_volume(SegmentVolume(3, clean=False), lambda: False)
    finally:
        engine.forget_volume()
        shared.close()
    assert done.values["slices"] == 3 and done.values["cancelled"] and 1 < parts.count(3) < parts.count(2)
    wanted = in_this_process(options, adapters["finder"], volume, clean=False)
    found = collected(heard, CLASSES, volume.array.shape)
    assert all(np.array_equal(found[name][:3], wanted[name][:3]) and not found[name][3:].any() for name in CLASSES)


def test_what_cannot_be_done_is_refused_with_a_remedy(client, ready, adapters, volume):
    def refused(message, **given):
        with pytest.raises(SAMAdaptError, match=message):
            client.segment_volume(**given).result(PATIENCE)

    assert not ready(None).finds
    refused("does not find objects by itself.*--method sammix")
    refused("no text prompts: disc.*--prompts text=1", texts={"a": "disc"})
    ready("reader")
    refused("does not find objects by itself")
    refused("There is no text", texts={})
    refused("text prompt is empty", texts={"a": " "})
    refused("22 tokens, CLIP takes 16", texts={"a": "disc " * 20})
    refused("axis.*oblique", texts={"a": "disc"}, axis="oblique")
    away = adapters["clip"].with_name("away")
    adapters["clip"].rename(away)
    try:
        ready("reader")
        refused("text model is neither a folder here.*SAMADAPT_TEXT_MODEL", texts={"a": "disc"})
        make_clip(adapters["clip"], seed=1)
        refused("not the one of the training", texts={"a": "disc"})
    finally:
        shutil.rmtree(adapters["clip"], ignore_errors=True)
        away.rename(adapters["clip"])
    ready("finder")
    constant = client.set_volume(np.zeros_like(volume.array), volume.geometry, "flat", intensity="minmax")
    with pytest.raises(SAMAdaptError, match="constant"):
        constant.result(PATIENCE)
    refused("constant")
    pid = client.pid
    ready("finder")
    assert isinstance(client.segment_volume().result(PATIENCE), Done) and client.pid == pid


def test_bases_that_know_boxes_only_say_so(client, options, adapters, tmp_path):
    entry = replace(options["entry"], points=False)
    answer = client.load(**{**options, "entry": entry}, prefetch=0).result(PATIENCE)
    assert not answer.points
    # An adapter on it answers points if points were among its training's prompts, or if nothing is known of them.
    for number, (prompts, points) in enumerate({"": True, "box-px:20=1": False, "box=0.9,point=0.1": True}.items()):
        adapter = shutil.copytree(adapters["finder"], tmp_path / str(number))
        values = json.loads((adapter / "adapter.json").read_text())
        (adapter / "adapter.json").write_text(json.dumps(values | {"prompts": prompts}))
        request = client.load(**{**options, "entry": entry, "adapter": str(adapter)}, prefetch=0)
        assert request.result(PATIENCE).points is points
    assert {name for name, model in MODELS.items() if not model.points} == {"medsam_vit_b", "lite_medsam"}


def test_a_point_means_the_same_to_the_worker_as_in_this_process(client, options, volume):
    entry = replace(options["entry"], points=False)
    client.load(**{**options, "entry": entry}, prefetch=0).result(PATIENCE)
    client.set_volume(volume.array, volume.geometry, "dark", intensity="minmax").result(PATIENCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, entry.name, entry)
        grown, plain = (
            load_model(entry.name, checkpoint=options["checkpoint"], device="cpu", precision="fp32", plain_points=way)
            for way in (False, True)
        )
    ours, asked = (VolumePredictor(model.predictor, volume, "axial", "minmax") for model in (grown, plain))
    point, box = Prompt(points=[[18, 18]], labels=[1]), np.array([10, 8, 26, 28])
    picture = Picture(volume.array[2], (1.0, 1.0))
    for prompt in (point, replace(point, box=box), replace(point, box=box, labels=[0])):
        wanted = ours.predict(2, [prompt], True)
        for plane in (SlicePlane(2, "axial"), picture):
            theirs = client.predict(plane, prompt, True, True).result(PATIENCE)
            np.testing.assert_allclose(theirs.low_res, wanted.low_res[0], atol=1e-4)
            np.testing.assert_allclose(theirs.iou, wanted.iou[0], atol=1e-5)
        assert not np.array_equal(asked.predict(2, [prompt], True).low_res, wanted.low_res)
