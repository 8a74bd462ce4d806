"""What a step sees: a function of seed, step and slot; empty slices; patients held out."""

from dataclasses import replace

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import make_library, scan

CONFIG = TrainConfig(steps=10, synthetic_count=8, batch_size=2, prompts_per_slice=3)
PLAIN = replace(CONFIG, synthesis=False, real_share=1.0, empty_share=0.0)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("data") / "library", patients=3, indices=(1, 3), backgrounds=(0,))


def same(a, b):
    prompts = all(
        np.array_equal(p.points, q.points)
        and np.array_equal(p.labels, q.labels)
        and np.array_equal(p.box, q.box)
        and np.array_equal(p.mask_logits, q.mask_logits)
        for p, q in zip(a.prompts, b.prompts, strict=True)
    )
    return np.array_equal(a.image, b.image) and np.array_equal(a.targets, b.targets) and prompts


def test_a_batch_depends_on_seed_and_step_alone(library):
    first, second = (TrainingData(library, CONFIG, 64, 16) for _ in range(2))
    for step in (0, 1, 2):
        first.batch(step)
    for a, b in zip(first.batch(5), second.batch(5), strict=True):
        assert same(a, b)
    other = TrainingData(library, replace(CONFIG, seed=1), 64, 16)
    assert not all(same(a, b) for a, b in zip(first.batch(5), other.batch(5), strict=True))
    assert not all(same(a, b) for a, b in zip(first.batch(5), first.batch(6), strict=True))
    assert not same(*first.batch(5))


def test_targets_are_classes_of_the_slice_and_points_lie_in_them(library):
    data = TrainingData(library, replace(PLAIN, prompts="random-point"), 64, 16)
    labels = [e.labels for e in data.exemplars]
    for step in range(10):
        for item in data.batch(step):
            assert item.targets.shape == (3, 40, 56) and item.targets.dtype == bool
            for prompt, target in zip(item.prompts, item.targets, strict=True):
                assert any(np.array_equal(target, plane == v) for plane in labels for v in (1, 2))
                x, y = prompt.points[0].astype(int)
                assert target[y, x]


def test_both_classes_are_asked_for_although_one_is_rare(library):
    data = TrainingData(library, PLAIN, 64, 16)
    sizes = [int(t.sum()) for step in range(40) for item in data.batch(step) for t in item.targets]
    truth = {int((e.labels == v).sum()) for e in data.exemplars for v in (2,)} - {0}
    share = np.mean([s in truth for s in sizes])
    assert 0.2 < share < 0.8


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_empty_slices_come_as_often_as_asked(library, share):
    data = TrainingData(library, replace(PLAIN, empty_share=share), 64, 16)
    items = [item for step in range(150) for item in data.batch(step)]
    empty = [not item.targets.any() for item in items]
    # Three standard deviations of 300 draws at 0.3.
    assert np.mean(empty) == pytest.approx(share, abs=0 if share in (0, 1) else 0.08)
    for item, is_empty in zip(items, empty, strict=True):
        assert is_empty or item.targets.any(axis=(1, 2)).all()
        assert not any(prompt.empty for prompt in item.prompts)


def test_a_library_without_empty_slices_trains_all_the_same(tmp_path):
    library = Library.create(tmp_path)
    volume, labels = scan()
    library.add(volume, labels, "axial", 4, Intensity.parse("minmax"))
    data = TrainingData(library, replace(PLAIN, empty_share=1.0), 64, 16)
    assert all(t.any() for t in data.batch(0)[0].targets)


def test_synthetic_slices_come_as_often_as_asked(library):
    data = TrainingData(library, replace(CONFIG, real_share=0.5, empty_share=0.0), 64, 16)
    real = [e.image for e in data.exemplars]
    shown = [any(np.array_equal(i.image, r) for r in real) for step in range(60) for i in data.batch(step)]
    assert np.mean(shown) == pytest.approx(0.5, abs=0.15)


def groups(data):
    return {e.info.group for e in data.validation}, {e.info.group for e in data.exemplars + data.empty}


def test_no_patient_is_on_both_sides(library):
    for config in (replace(CONFIG, validation="auto"), replace(CONFIG, validation="0.5")):
        data = TrainingData(library, config, 64, 16)
        held, used = groups(data)
        assert held and used and not held & used and len(held | used) == 3
        assert len(held) == (1 if config.validation == "auto" else 2)
        made = {data.synthetic.source(i)[1].group for i in range(len(data.synthetic))}
        assert made <= used


def test_who_is_held_out_follows_the_seed(library):
    chosen = [groups(TrainingData(library, replace(PLAIN, seed=s), 64, 16))[0] for s in range(8)]
    again = groups(TrainingData(library, PLAIN, 64, 16))[0]
    assert again == chosen[0] and len({frozenset(c) for c in chosen}) > 1


def test_with_two_patients_nothing_is_held_out_unless_asked(tmp_path):
    library = make_library(tmp_path / "two", patients=2, indices=(2,))
    assert groups(TrainingData(library, PLAIN, 64, 16))[0] == set()
    assert groups(TrainingData(library, replace(PLAIN, validation="none"), 64, 16))[0] == set()
    held, used = groups(TrainingData(library, replace(PLAIN, validation="0.9"), 64, 16))
    assert len(held) == 1 and len(used) == 1
    one = make_library(tmp_path / "one", patients=1, indices=(2, 3))
    with pytest.raises(InputError, match="two patients or more.*--validation none"):
        TrainingData(one, replace(PLAIN, validation="0.2"), 64, 16)


def test_libraries_that_cannot_be_used(tmp_path):
    library = Library.create(tmp_path / "a")
    volume, labels = scan()
    with pytest.raises(InputError, match="No exemplar with a label.*exemplars add"):
        TrainingData(library, PLAIN, 64, 16)
    library.add(volume, labels, "axial", 0, Intensity.parse("minmax"), background=True)
    with pytest.raises(InputError, match="No exemplar with a label"):
        TrainingData(library, PLAIN, 64, 16)
    library.add(volume, labels, "axial", 2, Intensity.parse("window:40/400"))
    with pytest.raises(InputError, match="mixes intensity mappings.*minmax.*window:40/400.*one library for each"):
        TrainingData(library, PLAIN, 64, 16)
    other = Library.create(tmp_path / "b")
    other.add(volume, labels, "axial", 2, Intensity.parse("minmax"))
    other.add(volume, labels, "coronal", 20, Intensity.parse("minmax"))
    with pytest.raises(InputError, match="mixes slice axes.*axial, coronal"):
        TrainingData(other, PLAIN, 64, 16)


@pytest.mark.parametrize(
    "change",
    [
        {"steps": None},
        {"steps": 0},
        {"lr": 0.0},
        {"batch_size": -1},
        {"budget_minutes": 0.0},
        {"empty_share": 1.5},
        {"corrections": -0.1},
        {"validation": "some"},
        {"validation": "1"},
        {"lr": float("nan")},
    ],
    ids=str,
)
def test_settings_that_cannot_be(change):
    with pytest.raises(InputError) as caught:
        replace(CONFIG, **change).validate()
    assert caught.value.remedy


def test_settings_written_and_read():
    assert TrainConfig.from_dict(CONFIG.to_dict()) == CONFIG
    with pytest.raises(InputError, match="'speed'.*newer"):
        TrainConfig.from_dict({"speed": 3})
