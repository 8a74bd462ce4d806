"""Large slices in parts: an ideal model that sees as many pixels as its input has finds small objects only so."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.jobs.evaluate import evaluate
from SAMAdaptLib.jobs.film import propagate_film
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.segment import correct, propagate, segment
from SAMAdaptLib.jobs.slices import automatic
from SAMAdaptLib.prompts.kinds import Mark
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.sam.predictor import ConstantSlice, Prediction, VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles
from SAMAdaptLib.volume.film import Film
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.planes import Part
from SAMAdaptLib.volume.policy import choose_tile
from SAMAdaptLib.volume.volume import Volume
from Testing.jobs.test_segment import Thresholder

INPUT, SIDE, RADIUS = 64, 512, 5
# Less than half of what tiles share.
RING = 8
NOTHING = torch.zeros(1)


class Ideal(Thresholder):
    """Takes for the object what is bright in the model's own input, where the prompt touches it: exact, as far as the
    picture is not made smaller for it."""

    def __init__(self, **model) -> None:
        super().__init__()
        self.model = SimpleNamespace(**(vars(Thresholder.model) | {"find": None} | model))
        if "find" in model:
            self.model.find = self.found
        self.model.base = SimpleNamespace(name="ideal")
        self.ways, self.kept, self.by_base = {}, {}, frozenset()

    def encode(self, image, frame):
        self.encoded += 1
        return frame.image_to_model(image, NOTHING, NOTHING + 1)[None]

    def bright(self, embedding):
        return embedding[0, 0].numpy() > 127

    def decode(self, embedding, prompts, frame, multimask=False, image=None):
        parts, _ = ndimage.label(self.bright(embedding))
        masks = []
        for prompt in prompts:
            touched = np.zeros(parts.shape, bool)
            for x, y in np.floor(frame.points_to_model(prompt.points + 0.5)).astype(int)[prompt.labels == 1]:
                touched[y, x] = True
            if prompt.box is not None:
                low, high = np.floor(frame.points_to_model(prompt.box.reshape(2, 2) + 0.5)).astype(int)
                touched[low[1] : high[1] + 1, low[0] : high[0] + 1] = True
            masks.append(np.isin(parts, np.setdiff1d(parts[touched], [0])))
        low_res = torch.from_numpy(np.where(np.stack(masks)[:, None], 8.0, -8.0).astype(np.float32))
        logits = frame.logits_to_slice(low_res).numpy()
        return Prediction(logits > 0, logits, np.full((len(masks), 1), 0.9), low_res.numpy())

    def found(self, image, frame, embedding):
        parts, count = ndimage.label(self.bright(embedding()))
        boxes = [(x.start, y.start, x.stop - 1, y.stop - 1) for y, x in ndimage.find_objects(parts)]
        scale = frame.points_to_model(np.ones(2))
        return [(np.array(boxes, np.float32).reshape(-1, 2) / scale).reshape(-1, 4).astype(np.float32)]

    def label(self, embedding, frame):
        shown = torch.from_numpy(np.where(self.bright(embedding), 8.0, -8.0).astype(np.float32))[None, None]
        return (frame.logits_to_slice(shown) > 0)[0, 0].numpy().astype(np.int64)


def disc(x, y, radius, side=SIDE):
    rows, columns = np.indices((side, side))
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def centres(side=SIDE):
    """Discs all over the picture, some at its borders and in its corners."""
    inner = [(x, y) for x in range(40, side - 40, 83) for y in range(33, side - 33, 91)]
    return [*inner, (RADIUS, RADIUS), (side - 6, 12), (RADIUS, side // 2), (side - 6, side - 6)]


def picture(*discs, side=SIDE):
    """A slice of 1 x 1 mm whose pixel (x, y) lies at RAS (-x, -y, 0), dark but for the discs."""
    values = np.full((1, side, side), 30, np.uint8)
    for one in discs:
        values[0][one] = 220
    # Of two grey levels all is known: nothing is stretched.
    return Volume(values, Geometry((side, side, 1), np.diag([-1.0, -1.0, 1.0, 1.0])), "picture", colour=False)


@pytest.fixture(scope="module")
def phantom():
    discs = [disc(x, y, RADIUS) for x, y in centres()]
    return picture(*discs), discs


def prompt_of(kind, x, y):
    if kind == "point":
        return RasPrompts(marks=[Mark("point", (-x, -y, 0), 1)])
    return RasPrompts(marks=[Mark("box", [(-x + s * RADIUS, -y + s * RADIUS, 0) for s in (1, -1)])])


@pytest.mark.parametrize("kind", ["point", "box"])
def test_small_discs_of_a_large_picture_are_found_exactly(phantom, kind):
    volume, discs = phantom
    wanted = {f"{x} {y}": prompt_of(kind, x, y) for x, y in centres()}
    found = segment(volume, LoadedModel(Ideal()), wanted, intensity="minmax")
    assert len(found) == len(discs) >= 30
    for one, truth in zip(found.values(), discs, strict=True):
        np.testing.assert_array_equal(one.mask[0], truth)
    # Seen whole, a disc is a pixel of the model's input, if it is there at all.
    whole = segment(volume, LoadedModel(Ideal()), wanted, intensity="minmax", tile=0)
    scores = [dice(one.mask[0], truth) for one, truth in zip(whole.values(), discs, strict=True)]
    assert np.mean(scores) < 0.5


def test_a_part_grows_with_what_a_click_means():
    truth = disc(200, 300, 60, 1024)
    slices = VolumePredictor(Ideal(), picture(truth, side=1024), intensity="minmax")
    part, answer = Tiles(slices, INPUT).ask(0, Prompt([[230, 330]], [1]))
    # All of it, with room on each side, and no more of the picture than that takes.
    assert answer.masks[0, 0].sum() == pytest.approx(truth.sum(), rel=0.05)
    assert part.top < 240 and part.bottom > 360 and part.left < 140 and part.right > 260 and part.shape <= (SIDE, SIDE)
    assert dice(Tiles(slices, INPUT)(0, Prompt([[230, 330]], [1])).mask, truth) > 0.95


class Local(Ideal):
    """In parts of less than 200 pixels it takes what is near the point for the object, and is sure of it."""

    def decode(self, embedding, prompts, frame, multimask=False, image=None):
        answer = super().decode(embedding, prompts, frame, multimask, image)
        if max(frame.shape) >= 200:
            return answer
        (x, y), (height, width) = prompts[0].points[0], frame.shape
        near = np.hypot(*np.ogrid[-y : height - y, -x : width - x]) < 20
        return replace(answer, masks=answer.masks & near, iou=np.ones_like(answer.iou))


@pytest.mark.parametrize("side, at", [(512, (256, 380)), (2048, (1500, 1024))])
def test_what_is_large_against_the_picture_is_asked_whole(side, at):
    truth = disc(side // 2, side // 2, side * 3 // 8, side)
    slices = VolumePredictor(Local(), picture(truth, side=side), intensity="minmax")
    part, answer = Tiles(slices, INPUT // 2).ask(0, Prompt([at], [1]))
    assert part == (0, 0, side, side) and dice(answer.masks[0, 0], truth) > 0.97
    # What lies beside it is small.
    small = disc(side // 16, side // 16, RADIUS, side)
    slices = VolumePredictor(Local(), picture(truth, small, side=side), intensity="minmax")
    part, answer = Tiles(slices, INPUT // 2).ask(0, Prompt([[side // 16] * 2], [1]))
    np.testing.assert_array_equal(answer.masks[0, 0], part.of(small))


class Elsewhere(Local):
    """Finds something else on the copy of the whole picture."""

    def decode(self, embedding, prompts, frame, multimask=False, image=None):
        answer = super().decode(embedding, prompts, frame, multimask, image)
        return replace(answer, masks=~answer.masks) if frame.shape == (213, 213) else answer


def test_what_is_not_found_again_on_a_part_is_not_asked_whole():
    truth, at = disc(320, 320, 240, 640), Prompt([[320, 475]], [1])
    for model, whole in ((Local(), True), (Elsewhere(), False)):
        slices = VolumePredictor(model, picture(truth, side=640), intensity="minmax")
        assert (Tiles(slices, INPUT // 2).ask(0, at)[0].shape == (640, 640)) is whole


class Doubtful(Ideal):
    """Expects little of what it sees in parts of less than 200 pixels."""

    def decode(self, embedding, prompts, frame, multimask=False, image=None):
        answer = super().decode(embedding, prompts, frame, multimask, image)
        return replace(answer, iou=np.full_like(answer.iou, 0.2 if max(frame.shape) < 200 else 0.9))


def test_points_are_asked_on_larger_parts_as_long_as_these_may_be_better(phantom):
    model = Doubtful()
    tiles = Tiles(VolumePredictor(model, phantom[0], intensity="minmax"), INPUT)
    x, y = centres()[7]
    part, _ = tiles.ask(0, Prompt([[x, y]], [1]))
    # 64, 128 and 256 pixels: 0.2, 0.18 and 0.9 x 0.81; no answer on 512 could count more than 0.729. And a copy of all.
    assert part.shape == (256, 256) and model.encoded == 4


def test_a_click_where_its_part_shows_nothing_is_asked_on_a_larger_one(phantom):
    tiles = Tiles(VolumePredictor(Ideal(), phantom[0], intensity="minmax"), 32)
    at = Prompt([[82, 80]], [1])
    assert tiles.whole.within(tiles._first(at)).is_constant(0)
    tiles.require(0, at)
    assert not tiles(0, at).mask.any()
    # Where there is nothing at all, that is said, and what was carried there ends.
    dark = Tiles(VolumePredictor(Ideal(), picture(disc(480, 480, RADIUS)), intensity="minmax"), 16)
    at = Prompt([[60, 60]], [1])
    with pytest.raises(ConstantSlice):
        dark.require(0, at)
    assert not dark(0, at).mask.any()


def test_what_is_found_by_itself_is_found_once_in_tiles(phantom):
    volume, discs = phantom
    big = disc(256, 256, 110)
    volume = picture(*discs, big)
    parts, count = ndimage.label(volume.array[0] > 127)
    truth = {(x.start, y.start, x.stop - 1, y.stop - 1) for y, x in ndimage.find_objects(parts)}
    tiles = Tiles(VolumePredictor(Ideal(find=True), volume, intensity="minmax"), INPUT)
    (boxes,) = tiles.find(0)
    small = {tuple(box) for box in boxes.astype(int).tolist() if box[2] - box[0] < INPUT}
    # What is smaller than the overlap is exact; the big one, which no tile holds, is that of the whole picture.
    assert small == {box for box in truth if box[2] - box[0] < INPUT} and len(boxes) == count
    found = finish(automatic(tiles, ["disc"]))["disc"].mask[0]
    np.testing.assert_array_equal(found[:100], volume.array[0, :100] > 127)
    assert dice(found, volume.array[0] > 127) > 0.97


class Edgy(Ideal):
    """Is wrong at the border of what it sees, as models are."""

    def label(self, embedding, frame):
        labels = super().label(embedding, frame)
        labels[:RING] = labels[-RING:] = labels[:, :RING] = labels[:, -RING:] = 1
        return labels


def test_label_maps_are_put_together_without_a_seam(phantom):
    volume, _ = phantom
    found = Tiles(VolumePredictor(Edgy(labels=True), volume, intensity="minmax"), INPUT).label(0)
    # What is left is at the border of the picture itself.
    inner = slice(RING, -RING)
    np.testing.assert_array_equal(found[inner, inner], volume.array[0, inner, inner] > 127)
    assert found[:RING].any()


def test_a_cache_tells_parts_apart(phantom):
    model = Ideal()
    slices = VolumePredictor(model, phantom[0], intensity="minmax")
    tiles = Tiles(slices, INPUT)
    keys = {slices.within(part).key(0) for part in tiles._tiles()}
    assert len(keys) == len([*tiles._tiles()]) and slices.key(0) not in keys
    # Prompts beside each other are answered on one part, encoded once.
    for x in (200, 201, 203):
        tiles.ask(0, Prompt([[x, 100]], [1]))
    assert model.encoded == 2


def test_what_a_prompt_takes_does_not_grow_with_the_picture():
    def peak(side):
        volume = picture(disc(side - 40, 50, RADIUS, side), disc(side - 200, 50, RADIUS, side), side=side)
        tiles = Tiles(VolumePredictor(Ideal(), volume, intensity="minmax"), INPUT)
        tiles.require(0, Prompt([[side - 200, 50]], [1]))
        tracemalloc.start()
        tiles.ask(0, Prompt([[side - 40, 50]], [1]))
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return taken

    small, large = peak(512), peak(2048)
    assert large < small + 64 * 1024 < 2048 * 2048 / 2


def test_what_is_seen_in_parts_by_itself():
    assert choose_tile(None, (1, 1024), 256, False) == 0 and choose_tile(None, (1025, 1), 256, False) == 128
    assert choose_tile(None, (4000, 4000), 256, True) == 0 and choose_tile(None, (600, 90), 256, True, 500) == 500
    with pytest.warns(Note, match="trained on whole slices and may find less on tiles of 500 pixels"):
        assert choose_tile(500, (4000, 90), 256, True) == 500
    assert choose_tile(0, (4000, 4000), 256, False) == 0 and choose_tile(500, (500, 90), 256, False) == 0
    with pytest.raises(InputError, match="too small"):
        choose_tile(8, (4000, 4000), 256, False)


@pytest.fixture
def pictures(phantom):
    """Three slices alike, the place of a disc, and its pixels."""
    values = np.repeat(phantom[0].array, 3, axis=0)
    volume = Volume(values, Geometry((SIDE, SIDE, 3), np.diag([-1.0, -1.0, 1.0, 1.0])), "pictures")
    return volume, centres()[7], phantom[1][7]


def test_carried_on_in_parts(pictures):
    volume, at, truth = pictures
    found = propagate(volume, LoadedModel(Ideal()), {"one": prompt_of("box", *at)}, intensity="minmax")["one"]
    for mask in found.mask:
        np.testing.assert_array_equal(mask, truth)
    # An answer to a part is no prompt for another one, be that the whole slice.
    seen = Tiles(VolumePredictor(Ideal(), volume, intensity="minmax"), 32)._seen
    assert seen(Part(0, 0, SIDE, SIDE), Prompt(box=[0, 0, 9, 9], mask_logits=np.ones((16, 16))))[1].mask_logits is None
    with pytest.raises(InputError, match="memory is of whole slices"):
        propagate(volume, LoadedModel(Ideal()), {}, rules={"memory": True}, tile=64)


    with pytest.raises(InputError, match="alone is no prompt"):
        rules = {"use_box": False, "use_mask": True}
        propagate(volume, LoadedModel(Ideal()), {"one": prompt_of("box", *at)}, rules=rules, intensity="minmax")


def test_mended_in_parts_and_carried_on(pictures):
    volume, (x, y), truth = pictures
    model, marks = LoadedModel(Ideal()), prompt_of("box", x, y).marks
    wrong = {"one": np.repeat(disc(x + 2, y + 1, RADIUS)[None], 3, axis=0)}
    found = correct(volume, model, wrong, {"one": RasPrompts(marks=marks)}, intensity="minmax")["one"]
    for mask in found.mask:
        np.testing.assert_array_equal(mask, truth)
    whole = correct(volume, model, wrong, {"one": RasPrompts(marks=marks)}, intensity="minmax", tile=0)["one"]
    assert dice(whole.mask[0], truth) < 0.8
    # A click takes the part of the answer around it, and an answer in parts is as fine as the slice.
    half = {"one": np.repeat((truth & (np.indices(truth.shape)[1] < x))[None], 3, axis=0)}
    click = RasPrompts(marks=[Mark("point", (-x - 2, -y, 0), 1)])
    found = correct(volume, model, half, {"one": click}, through=False, intensity="minmax")["one"]
    assert dice(found.mask[0], truth) > 0.95
    np.testing.assert_array_equal(found.mask[1:], half["one"][1:])


class Wide(Ideal):
    """Its answers are too large by a pixel of its own."""

    def bright(self, embedding):
        return ndimage.binary_dilation(super().bright(embedding))


def test_a_click_changes_no_rim_of_what_is_large():
    truth, bite = disc(500, 500, 290, 1024), disc(500, 240, 60, 1024)
    volume, there = picture(truth, side=1024), truth & ~bite
    click = RasPrompts(marks=[Mark("point", (-500, -250, 0), 1)])
    (found,) = correct(volume, LoadedModel(Wide()), {"one": there[None]}, {"one": click}, intensity="minmax").values()
    # A pixel of the model is one of 16 x 16, and all around its answer differs.
    changed = found.mask[0] ^ there
    assert changed[truth & bite].mean() > 0.9 and not changed[~disc(500, 240, 60 + 3 * 16, 1024)].any()
    assert dice(found.mask[0], truth) > max(0.98, dice(there, truth))


def test_carried_along_time_in_parts(pictures):
    volume, at, truth = pictures
    film = Film((volume,) * 2)
    found = propagate_film(film, LoadedModel(Ideal()), {"one": {1: prompt_of("box", *at)}}, intensity="minmax")["one"]
    for frame in found.frames:
        shown = np.flatnonzero(frame.mask.any(axis=(1, 2)))
        # The box of the next frame, and so its part, is a little larger.
        assert len(shown) == 1 and dice(frame.mask[shown[0]], truth) > 0.9
    with pytest.raises(InputError, match="too small"):
        propagate_film(film, LoadedModel(Ideal()), {"one": {1: prompt_of("box", *at)}}, tile=8)


def test_scored_in_parts(pictures):
    volume, _, truth = pictures
    labels = Labels(np.repeat(truth[None], 3, axis=0).astype(np.uint8), volume.geometry, {"one": 1})

    def dice_of(prompt, **more):
        report = evaluate([(volume, labels)], LoadedModel(Ideal()), prompt=prompt, intensity="minmax", **more)
        return report["cases"][0]["tile"], report["mean"]["dice"]

    assert dice_of("box") == dice_of("each-click:2") == dice_of("box", propagate=True) == (INPUT // 2, 1.0)
    tile, whole = dice_of("box", tile=0)
    assert tile == 0 and whole < 0.8
    with pytest.raises(InputError, match="too small"):
        dice_of("box", tile=8)
    with pytest.raises(InputError, match="memory is of whole slices"):
        dice_of("box", tile=64, propagate=True, memory=True)


def test_a_tile_that_cannot_be_is_refused_at_once(tmp_path, capsys):
    out = tmp_path / "out.seg.nrrd"
    given = ["--image", str(tmp_path / "none.nrrd"), "--box=0,0,0,1,1,0", "--output", str(out), "--tile", "8"]
    assert main(["segment", *given]) == 2
    assert "too small" in capsys.readouterr().err and not out.exists()
