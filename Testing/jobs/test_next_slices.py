"""Which slices are suggested, with models whose eyes are known and with small real ones; no truth takes part."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.suggest.next_slices import next_slices
from SAMAdaptLib.jobs.suggest.scans import Scan
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.masks import dice
from SAMAdaptLib.volume.volume import Volume
from Testing.tiny import TINY_VIT, Alone, build, make_library, scan
from Testing.untrained import make_finder, make_planted

MAP = Intensity.parse("window:127.5/255")
GEOMETRY = Geometry.from_lps((32, 32, 12), (1.0, 1.0, 3.0), (5, -7, 11), np.eye(3).ravel())
LEFT, RIGHT, NOTHING = (8, 10), (22, 20), None


class Eyes(Alone):
    """Its embedding of a slice is the slice itself, in bright and dark."""

    dtype = torch.float32

    def __init__(self):
        super().__init__(
            identity={"base": "eyes"}, intensity="", axis="", input_size=32, device=torch.device("cpu"),
            depth=1, whole_stacks=False,
        )  # fmt: skip
        self.kept, self.encoded = {}, 0

    def frame(self, shape, pixel_spacing):
        return ModelFrame(tuple(shape), 32, tuple(pixel_spacing))

    def encode(self, image, frame):
        self.encoded += 1
        picture = torch.from_numpy(image.astype(np.float32) / 255)[None, None]
        halves = [picture * (torch.arange(32) < 16), picture * (torch.arange(32) >= 16)]
        return torch.cat([picture, *halves, F.avg_pool2d(picture, 5, 1, 2)], dim=1)


class Looker:
    """A model without an adapter, as jobs take one."""

    info = None

    def __init__(self):
        self.predictor = Eyes()

    def with_weights(self, weights):
        return self

    def __call__(self):
        return self


def drawn(places, seed=0, name="one"):
    """A volume and its labels: on each slice a ball at a place, or none, in noise."""
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 60, GEOMETRY.shape).astype(np.uint8)
    labels = np.zeros(GEOMETRY.shape, np.uint8)
    rows, columns = np.mgrid[:32, :32]
    for index, place in enumerate(places):
        if place is not NOTHING:
            ball = (columns - place[0]) ** 2 + (rows - place[1]) ** 2 < 30 + index
            array[index][ball] += 150
            labels[index][ball] = 1
    return Volume(array, GEOMETRY, name), Labels(labels, GEOMETRY, {"ball": 1})


@pytest.fixture
def library(tmp_path):
    """Balls on the left, and a slice without one."""
    volume, labels = drawn([LEFT] * 10 + [NOTHING] * 2, seed=9)
    made = Library.create(tmp_path / "LIB")
    for index in (3, 6):
        made.add(volume, labels, "axial", index, MAP)
    made.add(volume, labels, "axial", 10, MAP, background=True)
    return made


def ask(volumes, library=None, **options):
    return next_slices(volumes, library=library, model=Looker(), **({"intensity": MAP} | options))


def chosen(found):
    return [(one.place, one.index) for one in found.slices]


def test_what_no_exemplar_shows_comes_first(library):
    places = [NOTHING] * 3 + [LEFT] * 5 + [RIGHT] * 4
    found = ask([drawn(places)[0]], library, count=3)
    assert found.looked_at == 12 and found.stride == 1 and found.exemplars == 3
    first = found.slices[0]
    # Of the four that show a ball where no exemplar has one; the next is of another kind.
    assert first.index in range(8, 12) and first.parts["stands_for"] >= 4
    assert first.parts["unlike_exemplars"] > 1.2 * min(one.parts["unlike_exemplars"] for one in found.slices)
    assert [one.score for one in found.slices] == sorted((one.score for one in found.slices), reverse=True)
    assert f"{first.parts['stands_for']} of 12 slices" in first.reason and "exemplar" in first.reason


def test_exemplars_tell_which_kind_of_slice_matters(library):
    """Most slices show no ball and look like no exemplar, nor like one another."""
    volume, _ = drawn([LEFT, RIGHT, LEFT, RIGHT] + [NOTHING] * 8)
    dimmed = np.random.default_rng(3).uniform(0.2, 1.4, (8, 1, 1))
    volume.array[4:] = (volume.array[4:] * dimmed).astype(np.uint8)
    assert chosen(ask([volume], library, count=1))[0][1] in (1, 3)
    expected = {one.index: one.parts["expected"] for one in ask([volume], library, count=12).slices}
    assert min(expected[index] for index in range(4)) > max(expected[index] for index in range(4, 12))
    assert {one.parts["expected"] for one in ask([volume], count=12).slices} == {1.0}


def test_suggestions_differ_from_one_another_across_volumes():
    one, _ = drawn([LEFT] * 6 + [RIGHT] * 6, 1)
    twin = Volume(one.array.copy(), GEOMETRY, "twin")
    found = chosen(ask([one, twin, drawn([(16, 26)] * 12, 2)[0]], count=6))
    assert len({index if place < 2 else (place, index) for place, index in found}) == 6
    # One of each kind before a second of any.
    assert {"third" if place == 2 else index // 6 for place, index in found[:3]} == {"third", 0, 1}
    assert found == chosen(ask([one, twin, drawn([(16, 26)] * 12, 2)[0]], count=6))


def test_what_is_in_the_library_is_not_suggested_again(library, tmp_path):
    volume, labels = drawn([LEFT] * 6 + [RIGHT] * 6)
    for index in (6, 7, 9):
        library.add(volume, labels, "axial", index, MAP)
    found = ask([volume], library, count=99)
    assert sorted(index for _, index in chosen(found)) == [0, 1, 2, 3, 4, 5, 8, 10, 11]
    # A volume stored in another type has other pixels as far as a library can tell.
    assert len(chosen(ask([Volume(volume.array.astype(np.int16), GEOMETRY)], library, count=99))) == 12


def test_a_step_leaves_out_slices_and_every_scan_is_looked_at(library):
    volumes = [drawn([LEFT] * 12, seed)[0] for seed in range(3)]
    found = ask(volumes, library, count=99, stride=5)
    assert sorted(chosen(found)) == [(place, index) for place in range(3) for index in (2, 7)]
    assert found.stride == 5 and found.looked_at == 6
    many = Geometry.from_lps((32, 32, 150), (1, 1, 1), (0, 0, 0), np.eye(3).ravel())
    long = Volume(np.random.default_rng(0).integers(0, 200, many.shape).astype(np.uint8), many)
    found = ask([long, long], count=1)
    assert found.stride == 3 and found.looked_at == 100


def test_places_are_those_of_the_patient():
    """An oblique grid: RAS of the middle of the slice, by its matrix."""
    turn = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    geometry = Geometry.from_lps((32, 32, 12), (1.0, 1.0, 3.0), (5, -7, 11), turn.ravel())
    volume = Volume(drawn([LEFT] * 12)[0].array, geometry)
    for axis in ("axial", "coronal"):
        for one in ask([volume], count=3, axis=axis).slices:
            ijk = [15.5, 15.5, one.index, 1] if axis == "axial" else [15.5, one.index, 5.5, 1]
            assert one.axis == axis and np.allclose(one.position_mm, (geometry.ijk_to_ras @ ijk)[:3])


def test_a_cache_spares_the_encoding(library, tmp_path):
    model, volume = Looker(), drawn([LEFT] * 12)[0]
    cache = EmbeddingCache(folder=tmp_path / "cache")
    first = next_slices([volume], library=library, model=model, intensity=MAP, cache=cache)
    assert model.predictor.encoded == 12 + 3
    again = EmbeddingCache(folder=tmp_path / "cache")
    assert next_slices([volume], library=library, model=model, intensity=MAP, cache=again) == first
    assert model.predictor.encoded == 12 + 3


def test_bad_input_is_refused_before_anything_is_looked_at(library, tmp_path):
    def never():
        raise AssertionError("loaded")

    volume, labels = drawn([LEFT] * 2 + [NOTHING] * 10)
    flat = Volume(np.full(GEOMETRY.shape, 7, np.uint8), GEOMETRY, "flat")
    full = Library.create(tmp_path / "full")
    for index in range(12):
        full.add(volume, labels, "axial", index, MAP, background=index > 1)
    elsewhere = Labels(np.zeros((2, 2, 2), np.uint8), Geometry((2, 2, 2), np.eye(4)), {"ball": 1})
    for given, options, words in (
        ([volume], {"count": 0}, "number of slices to suggest is 0"),
        ([volume], {"stride": 0}, "step from slice to slice is 0"),
        ([volume], {"doubt": -1}, "weight of doubts is -1"),
        ([], {}, "no scan"),
        ([flat], {}, "No slice shows anything: flat"),
        ([volume], {"library": full}, "Every slice that shows something is in the library already: one"),
        ([volume], {"library": tmp_path / "none"}, "none"),
        ([volume], {"axis": "oblique"}, "Unknown slice axis"),
        ([volume], {"adapter": tmp_path}, "No adapter here"),
        ([Scan("one", lambda: (volume, elsewhere))], {}, "another grid"),
    ):
        with pytest.raises(InputError, match=words):
            next_slices(given, model=never, **options)
    with pytest.warns(UserWarning, match="in the library already, so none is suggested: one"):
        assert {place for place, _ in chosen(ask([volume, drawn([LEFT] * 12, 5)[0]], full))} == {1}


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("base") / "tiny.pth"
    torch.save(build("tiny_vit-64").sam.state_dict(), path)
    return path


def loaded(weights, adapter=None, **options):
    options = {"device": "cpu", "precision": "fp32", "keep_base": True} | options
    return load_model(TINY_VIT.name, checkpoint=weights, adapter=adapter, **options)


def test_doubts_are_what_the_model_answers_otherwise(registry, weights, tmp_path):
    """Each against the same question put in another way: to another model, or about a turned volume."""
    adapter = make_planted(tmp_path / "planted", weights, box="base")
    volume, labels = scan(3)
    boxes = {}
    for name in labels.names:
        rows, columns = (np.flatnonzero(labels.mask(name)[3].any(axis=axis)) for axis in (1, 0))
        boxes[name] = Prompt(box=np.array([columns[0], rows[0], columns[-1], rows[-1]]))

    def answers(model, of, prompts):
        on = VolumePredictor(model.predictor, of, intensity=Intensity.parse("minmax"))
        return on.predict(3, prompts)

    adapted = loaded(weights, adapter).with_weights("adapted")
    base = loaded(weights)
    found = answers(adapted, volume, [*boxes.values()])
    turned = Volume(np.ascontiguousarray(volume.array[:, :, ::-1]), volume.geometry)
    swapped = [Prompt(box=[55 - box.box[2], box.box[1], 55 - box.box[0], box.box[3]]) for box in boxes.values()]
    others = {"weights": answers(base, volume, [*boxes.values()]).masks[:, 0],
              "turned": answers(adapted, turned, swapped).masks[:, 0, :, ::-1]}  # fmt: skip
    wanted = {
        name: [1 - dice(*pair) for pair in zip(found.masks[:, 0], masks, strict=True)] for name, masks in others.items()
    }
    wanted["iou"] = 1 - np.clip(found.iou[:, 0], 0, 1)

    def asked(**options):
        segmented = Scan("one", lambda: (volume, labels))
        return next_slices([segmented], adapter, model=loaded(weights, adapter), count=6, **options)

    given = asked()
    parts = {one.index: one.parts for one in given.slices}
    for name, values in wanted.items():
        assert parts[3][name] == pytest.approx(np.mean(values), abs=2e-3), name
    assert 0 < parts[3]["weights"] < 1 and 0 <= parts[3]["prompts"] < 1
    # Where nothing was segmented, nothing can be asked.
    assert "prompts" not in parts[0] and "expected" in parts[0]
    assert asked() == given
    for one in asked(doubt=0.5).slices:
        named = [one.parts[name] for name in ("iou", "prompts", "turned", "weights") if name in one.parts]
        assert one.score == pytest.approx(one.parts["adds"] * (1 + 0.5 * np.mean(named or [0])))
    assert all(one.score == one.parts["adds"] for one in given.slices)
    assert {one.index: one.parts for one in asked(seed=1).slices}[3]["prompts"] != parts[3]["prompts"]


def test_an_adapter_that_finds_objects_is_asked_by_its_own_boxes(registry, weights, tmp_path):
    adapter = make_finder(tmp_path / "finder", weights)
    model = loaded(weights, adapter)
    found = next_slices([scan(0)[0]], adapter, model=model, count=6)
    on = VolumePredictor(model.predictor, scan(0)[0], intensity=Intensity.parse("minmax"))
    has = {index for index in range(6) if any(len(boxes) for boxes in on.find(index))}
    assert has and {one.index for one in found.slices if "prompts" in one.parts} == has


def test_exemplars_tell_where_to_ask_an_adapter_that_finds_nothing(registry, weights, tmp_path):
    adapter = make_planted(tmp_path / "planted", weights)
    library = make_library(tmp_path / "LIB", patients=2, indices=(2, 3))
    model = loaded(weights, adapter)
    found = next_slices([scan(5)[0]], adapter, model=model, library=library, count=6)
    assert any("prompts" in one.parts for one in found.slices) and found.exemplars == 4
    assert not any("prompts" in one.parts for one in next_slices([scan(5)[0]], adapter, model=model, count=6).slices)
    with pytest.raises(InputError, match="loaded without its base"):
        next_slices([scan(5)[0]], adapter, model=loaded(weights, adapter, keep_base=False))


def test_an_encoder_that_no_training_changed_is_asked_once(registry, weights, tmp_path, monkeypatch):
    from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
    from SAMAdaptLib.methods.decoder.config import DecoderConfig
    from SAMAdaptLib.methods.decoder.model import Decoder

    model = build("tiny_vit-64")
    Decoder().apply(model, DecoderConfig())
    info = AdapterInfo("decoder", DecoderConfig().to_dict(), TINY_VIT.name, loaded(weights).predictor.model.base_hash,
                       64, "minmax", "axial", ("disc", "bean"), 1)  # fmt: skip
    save_adapter(tmp_path / "decoder", model, info)
    given = loaded(weights, tmp_path / "decoder")
    calls = []
    for predictor in (given.predictor, given.predictor.kept["base"]):
        predictor.model.sam.image_encoder.register_forward_hook(lambda *_: calls.append(1))
    found = next_slices([Scan("one", lambda: scan(0))], tmp_path / "decoder", model=given, count=1, doubt=1)
    # Six slices, and the four with structures among those that were asked of once more, turned round.
    assert found.looked_at == 6 and 6 + 3 <= len(calls) <= 6 + 4


def test_the_library_of_a_run_is_found_by_itself(registry, weights, tmp_path):
    """Where it moved it is missed with a word; one of other structures is refused, one that lacks some is not."""
    run = tmp_path / "RUN"
    make_planted(run / "adapter", weights)
    library = make_library(tmp_path / "LIB")
    place = {"path": str(library.folder), "from_run": "../LIB"}
    (run / "config.json").write_text(json.dumps({"format_version": 1, "inputs": {"library": place}}))
    model = loaded(weights, run)
    found = next_slices([scan(4)[0]], run, model=model)
    assert found.library == str(library.folder) and found.exemplars == 8
    other = Library.create(tmp_path / "other")
    volume, labels = scan(0)
    other.add(volume, Labels(labels.array, labels.geometry, {"liver": 1}), "axial", 2, Intensity.parse("minmax"))
    with pytest.raises(InputError, match="holds liver, and the adapter was trained for disc and bean"):
        next_slices([scan(4)[0]], run, model=model, library=other)
    other.add(volume, Labels(labels.array, labels.geometry, {"disc": 1}), "axial", 3, Intensity.parse("minmax"))
    with pytest.warns(UserWarning, match="no exemplar of bean"):
        next_slices([scan(4)[0]], run, model=model, library=other)
    library.folder.rename(tmp_path / "moved")
    with pytest.warns(UserWarning, match="no longer there.*name it by --library"):
        assert next_slices([scan(4)[0]], run, model=model).exemplars == 0
