"""Objects carried along time, by a predictor that finds what is bright inside its prompt: every size is known."""

import csv
import json

import nibabel
import numpy as np
import pytest
from scipy import ndimage

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.film import propagate_film, sizes, told_sizes, write_sizes
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.over_time import over_time
from SAMAdaptLib.jobs.policy import time_rules
from SAMAdaptLib.jobs.segment import propagate
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.volume.film import Film, read_film
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.moments import Times
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume

COUNT, SHAPE = 8, (7, 40, 48)
GRID = Geometry(SHAPE[::-1], np.diag([-1.0, -1.0, 2.0, 1.0]))


def heart(radius=lambda t: 9 + 3 * np.cos(2 * np.pi * t / COUNT), depth=2, move=1.5):
    """bool [T, K, J, I]: a cylinder that moves, and whose radius and height follow a beat."""
    j, i = np.mgrid[: SHAPE[1], : SHAPE[2]]
    beat = np.zeros((COUNT, *SHAPE), bool)
    for t in range(COUNT):
        disc = (j - 20) ** 2 + (i - 18 - move * t) ** 2 <= radius(t) ** 2
        high = depth + (1 if radius(t) > 9 else 0)
        beat[t, 3 - high : 4 + high] = disc
    return beat


class Ideal:
    """The slices of a frame along an axis; what is bright and connected inside the box is the object."""

    def __init__(self, bright, seen, axis="axial"):
        self.stack = PlaneStack(GRID, axis)
        self._slices, self.seen = self.stack.view(bright), seen

    def __call__(self, index, prompt):
        self.seen.append(index)
        parts, _ = ndimage.label(self._slices[index])
        x0, y0, x1, y1 = np.rint(prompt.box).astype(int)
        mask = np.isin(parts, np.setdiff1d(parts[y0 : y1 + 1, x0 : x1 + 1], [0]))
        return SliceResult(mask, np.where(mask, 9.0, -9.0).astype(np.float32)[::4, ::4], 0.9)


def carried(beat, starts, rules=None, **more):
    """From the boxes of (frame, slice) pairs; the result and the slices that were asked on each frame."""
    seen = [[] for _ in beat]
    frames = [lambda axis, one=one, at=at: Ideal(one, at, axis) for one, at in zip(beat, seen, strict=True)]
    prompts = {}
    for t, k in starts:
        prompts.setdefault(t, {})[k] = box(PlaneStack(GRID).view(beat[t])[k])
    events = []
    chosen = rules or PropagationRules(), time_rules()
    found = finish(over_time(frames, "axial", "a", prompts, *chosen, **more), events.append)
    return found, seen, events


def test_a_disc_is_followed_on_its_slice():
    beat = heart()
    found, seen, events = carried(beat, [(2, 3)])
    expected = np.zeros_like(beat)
    expected[:, 3] = beat[:, 3]
    assert np.array_equal(found.mask, expected)
    assert seen == [[3]] * COUNT
    # Earlier frames are reached backwards, each from the one after it.
    assert [one.slices[0]["from_frame"] for one in found.frames] == [2, 3, None, 3, 4, 5, 6, 7]
    assert not found.stops and events[-1].done == events[-1].total == COUNT
    assert [event.frame for event in events] == [3, 2, 1, 4, 5, 6, 7, 8]


def test_through_the_volume_it_gains_and_loses_slices():
    beat = heart()
    assert len({int(frame.any(axis=(1, 2)).sum()) for frame in beat}) == 2
    found, seen, events = carried(beat, [(0, 3)], through=True)
    assert np.array_equal(found.mask, beat)
    # What was found along time is not asked again.
    assert all(one.count(3) == 1 for one in seen)
    assert events[-1].done == events[-1].total == COUNT * 2 * SHAPE[0]
    sources = {one["index"]: one["source"] for one in found.frames[5].slices}
    assert sources[3] == sources[2] == "propagated" and found.frames[0].slices[3]["source"] == "prompted"
    assert {one["index"]: one for one in found.frames[5].slices}[3]["from_frame"] == 5


def test_where_the_way_through_a_frame_would_end_the_other_frames_know_more():
    beat = heart(lambda t: 8.0, depth=3, move=0)
    # On frames but the first, lower slices show it elsewhere: from slice to slice nothing leads there.
    for t in range(1, COUNT):
        beat[t, :2] = np.roll(beat[t, :2], min(4 * t, 12), axis=2)
    found, _, _ = carried(beat, [(0, 3)], through=True)
    assert np.array_equal(found.mask, beat)
    alone = carried(beat[7:], [(0, 3)], through=True)[0].mask[0]
    assert alone[3].any() and not alone[0].any()


def test_prompts_on_several_frames_and_slices():
    beat = heart(move=2)
    found, _, _ = carried(beat, [(0, 3), (0, 2), (7, 3)])
    expected = np.zeros_like(beat)
    expected[:, 2:4] = beat[:, 2:4]
    assert np.array_equal(found.mask, expected)
    assert [one.slices[1]["from_frame"] for one in found.frames] == [None, 1, 2, 3, 6, 7, 8, None]


def test_what_is_gone_stays_gone_and_is_told():
    beat = heart()
    beat[4:] = False
    found, _, _ = carried(beat, [(1, 3)], through=True)
    assert np.array_equal(found.mask, beat)
    stops = [stop for stop in found.stops if stop["slice"] == 3]
    assert [(stop["frame"], stop["direction"]) for stop in stops] == [(5, "later"), (6, "later")]
    assert stops[1]["reason"].startswith("stopped: nothing was found")
    # One frame that is lost does not end it.
    beat = heart()
    beat[4] = False
    found, _, _ = carried(beat, [(0, 3)], through=True)
    assert np.array_equal(found.mask, beat) and {(5, 3)} <= {(stop["frame"], stop["slice"]) for stop in found.stops}


def test_a_range_is_one_of_slices_and_a_stop_keeps_what_there_is():
    beat = heart()
    rules = PropagationRules(first=2, last=3)
    found, _, _ = carried(beat, [(0, 3)], rules, through=True)
    expected = beat.copy()
    expected[:, :2] = expected[:, 4:] = False
    assert np.array_equal(found.mask, expected)
    calls = []
    found, _, _ = carried(beat, [(0, 3)], cancelled=lambda: len(calls) > 3 or calls.append(1))
    assert found.cancelled and [bool(one.mask.any()) for one in found.frames] == [True] * 4 + [False] * 4
    calls = []
    found, _, _ = carried(beat, [(0, 3)], through=True, cancelled=lambda: len(calls) > 16 or calls.append(1))
    assert found.cancelled and len(found.frames) == COUNT and np.array_equal(found.frames[0].mask, beat[0])


class Bounded(Ideal):
    """Finds nothing of the object beyond its box, as models that know boxes do."""

    def __call__(self, index, prompt):
        found = super().__call__(index, prompt)
        x0, y0, x1, y1 = np.rint(prompt.box).astype(int)
        kept = np.zeros_like(found.mask)
        kept[y0 : y1 + 1, x0 : x1 + 1] = found.mask[y0 : y1 + 1, x0 : x1 + 1]
        return SliceResult(kept, found.logits, found.iou)


def test_what_grows_by_a_tenth_a_frame_is_not_cut_off():
    beat = heart(lambda t: 6 * 1.1**t, move=0)
    frames = [lambda axis, one=one: Bounded(one, [], axis) for one in beat]
    prompts, rules = {0: {3: box(PlaneStack(GRID).view(beat[0])[3])}}, PropagationRules()
    found = finish(over_time(frames, "axial", "a", prompts, rules, time_rules()))
    assert all(np.array_equal(one[3], frame[3]) for one, frame in zip(found.mask, beat, strict=True))
    # With boxes as from slice to slice it would be; a wish counts along time, too.
    narrow = time_rules({"box_growth": rules.box_growth, "first": 3})
    cut = finish(over_time(frames, "axial", "a", prompts, rules, narrow))
    assert dice(cut.mask[7][3], beat[7][3]) < 0.9


def test_without_a_prompt_that_starts_nothing_is_carried():
    with pytest.raises(InputError, match="no prompt to start from"):
        only = {0: {3: Prompt(points=[[1, 1]], labels=[0])}}
        finish(over_time([lambda axis: Ideal(heart()[0], [])], "axial", "a", only, PropagationRules(), time_rules()))


def test_sizes_are_those_of_the_phantom(tmp_path):
    beat = heart()
    film = Film(tuple(Volume(one.astype(np.uint8), GRID) for one in beat), Times(tuple(range(0, 400, 50)), "ms"))
    rows = sizes(beat, film)
    assert [row.ml for row in rows] == pytest.approx(beat.sum(axis=(1, 2, 3)) * 2 / 1000)
    assert rows[3].seconds == pytest.approx(0.15) and rows[0].cm2 is None
    # A cylinder of 7 slices with radius 12 becomes one of 5 with radius 6; 2 mm is a slice.
    assert rows[0].ml == pytest.approx(np.pi * 12**2 * 14 / 1000, rel=0.03)
    assert rows[4].ml == pytest.approx(np.pi * 6**2 * 10 / 1000, rel=0.03)
    less = 1 - (6 / 12) ** 2 * 5 / 7
    assert told_sizes(rows).startswith("largest 6.") and f"on frame 5, {100 * less:.0f} % less" in told_sizes(rows)
    lost = beat.copy()
    lost[2] = False
    assert told_sizes(sizes(lost, film)).endswith("on frame 1, nothing on others")
    write_sizes(tmp_path / "a.csv", {"lv": rows})
    table = list(csv.DictReader(open(tmp_path / "a.csv", encoding="utf-8")))
    assert [int(row["frame"]) for row in table] == [*range(1, 9)] and table[2]["structure"] == "lv"
    assert float(table[4]["volume_ml"]) == pytest.approx(rows[4].ml, rel=1e-4) and table[4]["area_cm2"] == ""
    # A picture has an area: 0.5 mm a pixel, whatever its thickness.
    flat = Geometry((48, 40, 1), np.diag([-0.5, -0.5, 3.0, 1.0]))
    pictures = Film(tuple(Volume(one[3:4], flat) for one in beat.astype(np.uint8)))
    write_sizes(tmp_path / "b.csv", {"lv": sizes(beat[:, 3:4], pictures)})
    flat_rows = list(csv.DictReader((tmp_path / "b.csv").read_text().splitlines()))
    assert flat_rows[0]["volume_ml"] == "" and float(flat_rows[0]["area_cm2"]) > 0
    assert sizes(beat[:, 3:4], pictures)[0].cm2 == pytest.approx(beat[0, 3].sum() * 0.25 / 100)
    assert sizes(beat[:, 3:4], pictures)[0].seconds is None
    assert told_sizes(sizes(np.zeros_like(beat), film)) == "not found"


Y, X = np.mgrid[:64, :64]
DISCS = np.stack([np.repeat(((Y - 32) ** 2 + (X - 28 - t) ** 2 < (14 - t) ** 2)[None], 3, 0) for t in range(3)])


@pytest.fixture(scope="module")
def cine(tmp_path_factory):
    """A file of three frames of three slices, all of which show a bright disc."""
    array = np.random.default_rng(0).normal(40, 10, DISCS.shape) + 150 * DISCS
    image = nibabel.Nifti1Image(array.T.astype(np.int16), np.diag([-1.0, -1.0, 2.0, 1.0]))
    image.header.set_zooms((1, 1, 2, 0.05))
    image.header.set_xyzt_units("mm", "sec")
    path = tmp_path_factory.mktemp("cine") / "cine.nii.gz"
    nibabel.save(image, path)
    return path


CALL = ("segment", "--model", "lite_medsam", "--device", "cpu", "--segment", "lv", "--box=-16,-19,2,-42,-45,2")


def called(*words):
    return main([str(word) for word in words])


@pytest.mark.slow
def test_a_real_model_by_command_and_in_python(cine, tmp_path, capsys, lite_medsam_file):
    out, table, kept = tmp_path / "lv.seq.nrrd", tmp_path / "lv.csv", ("--cache", tmp_path / "kept")
    call = (*CALL, "--image", cine, "--frame", 2, "--all-frames", *kept, "--output", out, "--table", table)
    assert called(*call, "--propagate", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    film = read_film(cine)
    for place, volume in enumerate(film.volumes):
        mask = read_labels(out, volume).mask("lv")
        assert [dice(one, disc) > 0.9 for one, disc in zip(mask, DISCS[place], strict=True)] == [True] * 3
        row = answer["segments"]["lv"]["frames"][place]
        assert row["ml"] == pytest.approx(mask.sum() * 2 / 1000) and row["seconds"] == pytest.approx(0.05 * place)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [float(row["time_s"]) for row in rows] == pytest.approx([0, 0.05, 0.1])
    # A prompt on another frame, too: each frame is reached from the nearer one.
    two = ("--output", tmp_path / "two.nii.gz", "--at", 1, "--box=-15,-19,2,-42,-45,2", "--json")
    assert called(*CALL, "--image", cine, "--frame", 3, "--all-frames", *kept, *two) == 0
    slices = json.loads(capsys.readouterr().out)["segments"]["lv"]["slices"]
    assert [one[0]["source"] for one in slices] == ["prompted", "both sides", "prompted"]
    # The same in Python; frames have embeddings of their own, which are found again.
    cache = EmbeddingCache(folder=tmp_path / "kept")
    prompts = RasPrompts(boxes=[[-16, -19, 2, -42, -45, 2]])
    model = load_model("lite_medsam", device="cpu")
    again = propagate_film(film, model, {"lv": {2: prompts}}, through=True, cache=cache)["lv"]
    assert np.array_equal(again.mask[2], read_labels(out, film.volumes[2]).mask("lv"))
    assert cache.stats.misses == 0 and cache.stats.disk_hits == 9
    # On the frame of the prompts it is what comes of that frame alone.
    alone = propagate(film.volumes[1], model, {"lv": prompts}, cache=cache)["lv"]
    assert np.array_equal(alone.mask, again.mask[1]) and cache.stats.misses == 0


@pytest.mark.parametrize("more, words", [
    (["--all-frames"], "Nothing says on which frame the prompts are"),
    (["--all-frames", "--frame", 9], "no frame 9 among 3"),
    ([], "3 frames"),
    (["--frame", 5], "no frame 5 among 3"),
    (["--frame", 1, "--table", "a.csv"], "--table goes with --all-frames only"),
    (["--all-frames", "--frame", 1, "--output", "a.seg.nrrd"], "does not hold labels over time"),
    (["--all-frames", "--frame", 1, "--table", "a.txt"], "written as CSV"),
    (["--all-frames", "--frame", 1, "--frames", "1-2"], "--frames cannot be given with --all-frames"),
    (["--frame", 1, 1], "1 image with 2 --frame"),
    (["--frame", 1, "--at", 2, "--point=-30,-30,2"], "--at goes with --all-frames only"),
    (["--frame", 1, "--all-frames", "--at", 9, "--point=-30,-30,2"], "no frame 9 among 3"),
    (["--frame", 1, "--output", "a.dcm"], "refers to the DICOM series it was made on, and this is none"),
])  # fmt: skip
def test_bad_calls_are_told_before_any_work(cine, tmp_path, monkeypatch, capsys, more, words):
    monkeypatch.chdir(tmp_path)
    output = () if "--output" in more else ("--output", "a.seq.nrrd" if "--all-frames" in more else "a.seg.nrrd")
    assert called(*CALL, "--image", cine, *output, *more) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("samadapt: error")]
    assert len(lines) == 1 and words in lines[0]
    assert not any(tmp_path.iterdir())


def test_a_frame_of_a_file_without_any(cine, tmp_path, capsys):
    from SAMAdaptLib.volume.volume import write_volume

    first = read_volume(cine, frame=1)
    write_volume(tmp_path / "one.nrrd", first.array, first.geometry)
    for more in (["--frame", 1], ["--frame", 1, "--all-frames"]):
        out = tmp_path / ("o.seq.nrrd" if len(more) > 2 else "o.seg.nrrd")
        assert called(*CALL, "--image", tmp_path / "one.nrrd", "--output", out, *more) == 2
        assert "single volume, without frames" in capsys.readouterr().err and not out.exists()
    with pytest.raises(InputError, match="no frame 5"):
        propagate_film(read_film(cine), "lite_medsam", {"a": {5: RasPrompts(points=[[1, 1, 1]])}})
