"""What a step sees: a function of seed, step and slot; empty slices; patients held out."""

from dataclasses import replace

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume
from Testing.phantoms import ct, mr
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


def own_classes(folder, *members, slices=((1, "disc"), (4, "bean"))):
    """A library with an outline of each of the members' classes, in the order of patients; see ``tiny.scan``."""
    library = Library.create(folder)
    for patient, names in enumerate(members):
        volume, labels = scan(patient)
        for index, name in slices:
            if name in names:
                alone = Labels(labels.array * (labels.array == labels.names[name]), labels.geometry, labels.names)
                library.add(volume, alone, "axial", index, Intensity.parse("minmax"))
    return library


@pytest.mark.parametrize("synthesis", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_one_patient_stays_in_the_training(tmp_path, synthesis, seed):
    """Only the second patient has the bean, so that any other one is held out instead."""
    library = own_classes(tmp_path, ["disc"], ["disc", "bean"], ["disc"], ["disc"])
    patients = list(dict.fromkeys(i.group for i in library.infos()))
    for share, number in (("auto", 1), ("0.5", 2), (0.9, 3)):
        config = replace(CONFIG, seed=seed, synthesis=synthesis, validation=share)
        data = TrainingData(library, config, 64, 16)
        held, used = groups(data)
        assert data.classes == ("disc", "bean") and len(held) == number and patients[1] in used and not held & used
        if synthesis:
            assert {value for value, _ in map(data.synthetic.source, range(8))} == {1, 2}


def test_nobody_is_held_out_where_everybody_is_needed(tmp_path):
    """Each of three patients has a class of their own."""
    volume, labels = scan(2)
    everyone = own_classes(tmp_path, ["disc"], ["bean"])
    everyone.add(volume, Labels(labels.array, labels.geometry, {"blob": 1}), "axial", 1, Intensity.parse("minmax"))
    data = TrainingData(everyone, replace(CONFIG, validation="auto"), 64, 16)
    assert not data.validation and data.classes == ("disc", "bean", "blob")
    with pytest.raises(InputError, match="No patient can be held out.*--validation none"):
        TrainingData(everyone, replace(CONFIG, validation="0.3"), 64, 16)


@pytest.mark.parametrize("synthesis", [True, False])
def test_a_class_of_which_no_slice_is_left_is_forgotten(tmp_path, synthesis):
    """Values of the others stay: the bean's in its labels is 2, whatever became of the disc."""
    library = own_classes(tmp_path, ["disc", "bean"], ["bean"])
    library.remove(next(i.id for i in library.infos() if i.classes == ("disc",)))
    assert library.classes == ("disc", "bean") and library.counts() == {"bean": 2}
    config = replace(CONFIG, synthesis=synthesis, real_share=0.5, empty_share=0.0)
    data = TrainingData(library, config, 64, 16)
    assert data.classes == ("bean",)
    assert all(t.any() for step in range(10) for item in data.batch(step) for t in item.targets)


@pytest.mark.parametrize("synthesis", [True, False])
def test_a_class_that_nobody_outlined_is_an_error(tmp_path, synthesis):
    library = own_classes(tmp_path, ["disc"])
    added = library.add(scan(0)[0], None, "axial", 4, Intensity.parse("minmax"), present=("disc", "bean"))
    config = replace(CONFIG, synthesis=synthesis)
    with pytest.raises(
        InputError, match="No exemplar has an outline of bean.*exemplars add --labels.*exemplars remove"
    ):
        TrainingData(library, config, 64, 16)
    library.remove(added.id)
    assert TrainingData(library, config, 64, 16).classes == ("disc",)


ABSENCE = "sammix learns which slices show {} and which do not.*without it.*--backgrounds 2.*--present none"


def test_learning_what_is_on_slices_needs_slices_without_it(tmp_path):
    config = replace(CONFIG, method="sammix", validation="none")
    volume, labels = scan()
    library = own_classes(tmp_path / "one", ["disc"])
    for synthesis in (True, False):
        # With one class, every synthetic slice shows it.
        with pytest.raises(InputError, match=ABSENCE.format("disc")):
            TrainingData(library, replace(config, synthesis=synthesis), 64, 16)
    TrainingData(library, replace(config, method="lora"), 64, 16)
    library.add(volume, None, "axial", 0, Intensity.parse("minmax"), background=True)
    for synthesis in (True, False):
        TrainingData(library, replace(config, synthesis=synthesis), 64, 16)


def test_synthetic_slices_may_lack_a_class_of_several(tmp_path):
    """Disc and bean are both on slice 4; the disc is alone on slice 1, where the bean is known not to be."""
    config = replace(CONFIG, method="sammix", validation="none", synthetic_count=60)
    volume, labels = scan()
    library = Library.create(tmp_path)
    library.add(volume, labels, "axial", 4, Intensity.parse("minmax"))
    made = TrainingData(library, config, 64, 16).synthetic
    assert any(set(np.unique(made[i].labels)) == {0, 2} for i in range(60))
    for change in (
        {"synthesis": False}, {"real_share": 1.0}, {"synthesis_config": {"organ_probability": 1}},
        {"synthesis_config": {"whole_slice_share": 1}},
    ):  # fmt: skip
        with pytest.raises(InputError, match=ABSENCE.format("disc")):
            TrainingData(library, replace(config, **change), 64, 16)
    library.add(volume, labels, "axial", 1, Intensity.parse("minmax"))
    with pytest.raises(InputError, match=ABSENCE.format("disc")):
        TrainingData(library, replace(config, synthesis=False), 64, 16)
    library.add(scan(1)[0], None, "axial", 4, Intensity.parse("minmax"), present=("bean",))
    TrainingData(library, replace(config, synthesis=False), 64, 16)


@pytest.mark.parametrize("seed", range(6))
def test_the_only_slices_without_a_class_stay_in_the_training(tmp_path, seed):
    library = own_classes(tmp_path, ["disc"], ["disc"], ["disc"])
    library.add(scan(1)[0], None, "axial", 0, Intensity.parse("minmax"), background=True)
    data = TrainingData(library, replace(CONFIG, method="sammix", seed=seed), 64, 16)
    assert len(data.validation) == 1 and len(data.empty) == 1


def test_ct_and_others_in_one_library_and_never_in_one_slice(tmp_path):
    library = Library.create(tmp_path)
    for array, mapping in ((ct(), "window:40/400"), (mr(), "minmax")):
        volume = Volume(array, Geometry(array.shape[::-1], np.diag([-1.0, -1.0, 3.0, 1.0])))
        labels = np.zeros(array.shape, np.uint8)
        labels[6:10, 15:30, 12:25] = 1
        labels = Labels(labels, volume.geometry, {"a": 1})
        for index in (6, 7, 8):
            library.add(volume, labels, "axial", index, Intensity.parse(mapping))
        for index in (4, 11):
            library.add(volume, labels, "axial", index, Intensity.parse(mapping), background=True)
    data = TrainingData(library, replace(CONFIG, synthetic_count=24), 64, 16)
    assert data.intensity == "window:40/400 | minmax"
    mapping_of = {info.id: info.intensity for info in library.infos()}
    made = [data.synthetic[index] for index in range(24)]
    pasted = [sample for sample in made if sample.background_id is not None]
    assert {mapping_of[sample.exemplar_id] for sample in pasted} == {"window:40/400", "minmax"}
    assert all(mapping_of[sample.background_id] == mapping_of[sample.exemplar_id] for sample in pasted)


def test_libraries_that_cannot_be_used(tmp_path):
    library = Library.create(tmp_path / "a")
    volume, labels = scan()
    with pytest.raises(InputError, match="No exemplar with a label.*exemplars add"):
        TrainingData(library, PLAIN, 64, 16)
    library.add(volume, labels, "axial", 0, Intensity.parse("minmax"), background=True)
    with pytest.raises(InputError, match="No exemplar with a label"):
        TrainingData(library, PLAIN, 64, 16)
    library.add(volume, labels, "axial", 2, Intensity.parse("window:40/400"))
    # Neither shows CT numbers, so that they are of one kind.
    with pytest.raises(InputError, match="mixes intensity mappings of scans other.*minmax.*window:40/400.*again"):
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
        {"budget_minutes": float("inf")},
        {"batch_size": "two"},
        {"batch_size": 2.0},
        {"batch_size": True},
        {"lr": "fast"},
        {"recipe": "quick"},
        {"optimizer": "sgd"},
        {"decay_power": -0.1},
        {"seed": "x"},
        {"seed": -1},
        {"weight_decay": -0.1},
        {"dice_weight": -1},
        {"method": 3},
        {"method_config": 3},
        {"precision": "half"},
        {"synthesis": "yes"},
        {"validation": True},
    ],
    ids=str,
)
def test_settings_that_cannot_be(change):
    with pytest.raises(InputError) as caught:
        replace(CONFIG, **change).limited()
    assert caught.value.remedy
    if change != {"steps": None}:
        assert next(iter(change)) in caught.value.what


@pytest.mark.parametrize(
    "change",
    [{"lr": 1}, {"lr": None}, {"decay_power": 0}, {"budget_minutes": 3}, {"validation": 0.2}, {"input_size": None}],
    ids=str,
)
def test_settings_of_several_kinds(change):
    [(name, value)] = change.items()
    assert getattr(replace(CONFIG, **change).limited(), name) == value


def test_settings_written_and_read():
    assert TrainConfig.from_dict(CONFIG.to_dict()) == CONFIG
    with pytest.raises(InputError, match="'speed'.*Known are model, method"):
        TrainConfig.from_dict({"speed": 3})
