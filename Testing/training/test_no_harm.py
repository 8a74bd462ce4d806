"""Base and adapter asked the same on held-out slices."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from SAMAdaptLib.adapters.comparison import compare
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.prompts.strategies import center_point
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Prediction, Predictor
from SAMAdaptLib.training.comparison import measure
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.split import held_out_slices
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.masks import bounds, dice
from Testing.tiny import build, make_library, scan

CONFIG = TrainConfig(
    model="test_vit",
    steps=3,
    batch_size=1,
    prompts_per_slice=1,
    synthetic_count=4,
    checkpoint_seconds=1e9,
    precision="fp32",
    device="cpu",
)


def of(tmp_path, patients, indices=(1, 2, 3, 4), **settings):
    library = make_library(tmp_path / f"library{patients}", patients, indices)
    return TrainingData(library, replace(CONFIG, **settings), 64, 16)


@pytest.mark.parametrize("patients, held_out", [(1, 0), (2, 1), (3, 4)])
def test_slices_are_held_out_where_no_patient_can_be(tmp_path, patients, held_out):
    data = of(tmp_path, patients)
    assert len(data.compared) == held_out and len(data.exemplars) == 4 * patients - held_out
    apart = {e.info.id for e in data.compared}
    assert not apart & {e.info.id for e in data.exemplars}
    # Of three patients one is held out as a whole, of fewer the slice that shows most.
    assert apart == {e.info.id for e in data.validation} if patients == 3 else not data.validation
    if patients == 2:
        assert data.compared[0].info.classes == ("disc", "bean")


def test_the_last_slice_of_a_class_stays_in_the_training():
    infos = [
        SimpleNamespace(id=str(number), group="one", classes=("liver", "rare")[: 2 if number == 3 else 1], present=())
        for number in range(12)
    ]
    for seed in range(10):
        kept = held_out_slices(infos, ("liver", "rare"), False, np.random.default_rng(seed))
        assert len(set(kept)) == 2 and "3" not in kept
    # Whoever learns absences needs slices without a class, too.
    infos = infos[:4] + [SimpleNamespace(id="bare", group="one", classes=("rare",), present=())]
    for seed in range(10):
        assert "bare" not in held_out_slices(infos, ("liver", "rare"), True, np.random.default_rng(seed))


def test_a_patient_that_is_left_out_is_compared_on_and_nothing_else(tmp_path):
    library = make_library(tmp_path / "library", 4, (1, 2, 3), backgrounds=(0,))
    config = replace(CONFIG, validation="crossed")
    whole = TrainingData(library, config, 64, 16)
    assert len(whole.exemplars) == 12 and whole.compared == whole.validation == []
    assert len(set(whole.in_turn)) == 3 and {*whole.in_turn} <= {e.info.group for e in whole.exemplars}
    for patient in whole.in_turn:
        data = TrainingData(library, config, 64, 16, left_out=patient)
        assert {e.info.group for e in data.compared} == {patient} and len(data.compared) == 3
        seen = [*data.exemplars, *data.empty]
        assert len(seen) == 12 and patient not in {e.info.group for e in seen} and data.validation == data.in_turn == []


def test_nobody_is_left_out_who_alone_has_a_class(tmp_path):
    library = make_library(tmp_path / "library", 2, (1,))
    with pytest.raises(InputError, match="two patients"):
        of(tmp_path, 1, validation="crossed")
    with pytest.raises(InputError, match="answers none"):
        TrainConfig(method="lora", method_config={"head": "classes"}, validation="crossed")
    volume, labels = scan(2)
    library.add(volume, labels, "axial", 4, Intensity.parse("minmax"))
    data = TrainingData(library, replace(CONFIG, validation="crossed"), 64, 16)
    only = {i.group for i in library.infos() if "bean" in i.classes}
    assert len(only) == 1 and sorted(data.in_turn) == sorted({i.group for i in library.infos()} - only)


def test_none_are_held_out_against_the_users_wish(tmp_path):
    data = of(tmp_path, 2, validation="none")
    assert data.compared == [] and len(data.exemplars) == 8
    whole = of(tmp_path, 3, validation="0.4")
    assert {e.info.id for e in whole.compared} == {e.info.id for e in whole.validation} != set()


def test_figures_are_those_of_the_predictor(tmp_path):
    data, model = of(tmp_path, 2), build()
    found = measure(model, data, Embeddings(model, torch.float32), np.inf)
    assert (found.slices, found.classes) == (1, list(data.compared[0].info.classes))
    exemplar, predictor = data.compared[0], Predictor(build(), "fp32")
    frame = predictor.frame(exemplar.image.shape, exemplar.info.pixel_spacing)
    embedding = predictor.encode(exemplar.image, frame)
    for name, figures in zip(found.classes, found.dice, strict=True):
        truth = exemplar.labels == ("disc", "bean").index(name) + 1
        rows, columns = bounds(truth)
        box = Prompt(box=np.array([columns.start, rows.start, columns.stop - 1, rows.stop - 1]))
        mask = predictor.decode(embedding, [box], frame).masks[0, 0]
        assert figures["box"] == pytest.approx(dice(mask, truth, empty=0.0), abs=0.01)


def test_no_slice_is_begun_when_the_time_is_over(tmp_path):
    data, model = of(tmp_path, 3), build()
    encode = Embeddings(model, torch.float32)
    assert len(data.compared) == 4 and measure(model, data, encode, 0.0).slices == 1
    short, long = measure(model, data, encode, np.inf, 2), measure(model, data, encode, np.inf)
    assert (short.slices, long.slices) == (2, 4) and long.dice[: len(short.dice)] == short.dice


def test_points_are_asked_with_and_without_a_grown_box_where_both_can_be(tmp_path, monkeypatch):
    data, model = of(tmp_path, 2), build()
    exemplar = data.compared[0]
    frame = Predictor(model).frame(exemplar.image.shape, exemplar.info.pixel_spacing)

    def dices(model, image):
        embedding = Predictor(model, "fp32").encode(exemplar.image, frame)
        found = []
        for name in exemplar.info.classes:
            truth = exemplar.labels == ("disc", "bean").index(name) + 1
            answer = Predictor(model).decode(embedding, [center_point(truth)], frame, image=image)
            found.append(dice(answer.masks[0, 0], truth, empty=0.0))
        return found

    for points, grown in ((True, False), (False, True)):
        one = replace(model, points=points, grown=grown)
        assert measure(one, data, Embeddings(one, torch.float32), 9).plain == []
    # It is never sure, so that it always grows.
    monkeypatch.setattr("SAMAdaptLib.sam.clicks.SURE_ENOUGH", 2.0)
    both = replace(model, points=True, grown=True)
    found = measure(both, data, Embeddings(both, torch.float32), 9)
    assert found.plain == pytest.approx(dices(both, None), abs=0.01)
    assert [one["point"] for one in found.dice] == pytest.approx(dices(both, exemplar.image), abs=0.01)
    assert found.plain != [one["point"] for one in found.dice]


def test_harm_to_boxes_shows(tmp_path, monkeypatch):
    """The base fills boxes and finds nothing at points, the adapter fills everything but boxes alone."""
    data = of(tmp_path, 2)

    def decode(predictor, embedding, prompts, frame, image):
        masks = np.full((len(prompts), 1, 64, 64), -5.0, np.float32)
        for row, prompt in enumerate(prompts):
            wants_box = prompt.kind == "box"
            if prompt.box is not None and wants_box == predictor.model.boxes:
                x0, y0, x1, y1 = np.round(frame.points_to_model(prompt.box.reshape(2, 2)).reshape(4)).astype(int)
                masks[row, 0, y0 : y1 + 1, x0 : x1 + 1] = 5.0
        logits = frame.logits_to_slice(torch.from_numpy(masks)).numpy()
        return Prediction(logits > 0, logits, np.zeros((len(prompts), 1)), masks)

    monkeypatch.setattr(Predictor, "decode", decode)
    asked = {"mask_prompts": True, "points": True, "grown": False, "device": "cpu"}
    base, adapted = (
        measure(SimpleNamespace(boxes=way, **asked), data, lambda *seen: torch.zeros(1), np.inf)
        for way in (True, False)
    )
    found = compare(base.dice, adapted.dice, base.classes, "slices")["kinds"]
    assert {kind: row["used"] for kind, row in found.items()} == {
        "point": "adapted", "box": "base", "box+click": "adapted", "propagation": "adapted",
    }  # fmt: skip
    assert found["box"]["base"] > 0.6 and found["box"]["adapted"] == 0 == found["point"]["base"]


@pytest.mark.slow
def test_a_resumed_run_keeps_the_figures_of_the_base(tmp_path):
    library = make_library(tmp_path / "library", 2)
    trained, last = build(), {}

    def listener(event):
        if event["event"] == "step" and event["step"] == CONFIG.steps:
            last.update({name: one.detach().clone() for name, one in trainable(trained.sam).items()})

    whole = finetune(library, tmp_path / "whole", CONFIG, model=trained, listener=listener)
    # The base has been asked after the last step, and what is written are the adapter's weights all the same.
    written = load_file(tmp_path / "whole" / "adapter" / "adapter.safetensors")
    assert written.keys() == last.keys() and all(torch.equal(written[name], last[name]) for name in last)
    data = TrainingData(library, CONFIG, 64, 16)
    model = build()
    base = measure(model, data, Embeddings(model, torch.float32), np.inf)
    box = whole.comparison["classes"][base.classes[0]]["box"]
    assert box["base"] == pytest.approx(base.dice[0]["box"], abs=1e-6) and whole.comparison["held_out"] == "slices"

    with pytest.raises(Cancelled):
        finetune(library, tmp_path / "parts", CONFIG, model=build(), cancelled=lambda: True)
    resumed = finetune(library, tmp_path / "parts", CONFIG, model=build(), resume=True)
    assert resumed.comparison == whole.comparison

    boxes_only = replace(build(), grown=True)
    more = finetune(library, tmp_path / "more", CONFIG, model=boxes_only, start_from=tmp_path / "whole")
    assert more.comparison["classes"][base.classes[0]]["box"]["base"] == pytest.approx(box["base"], abs=1e-6)
    assert more.comparison["kinds"]["point"].keys() == {"base", "adapted", "halfway", "plain", "used"}


@pytest.mark.slow
def test_each_patient_in_turn_is_compared_on_by_a_training_without_it(tmp_path):
    library = make_library(tmp_path / "library", 2)
    config = replace(CONFIG, steps=8, validation="crossed")
    events = []

    def train(name, stop_at=10**9, **options):
        def listener(event):
            events.append((event["event"], event.get("text")))

        def cancelled():
            return sum(kind == "in turn" for kind, _ in events) >= stop_at

        return finetune(
            library, tmp_path / name, config, model=build(), listener=listener, cancelled=cancelled, **options
        )

    whole = train("whole")
    assert [text for kind, text in events if kind == "in turn"] == [
        f"without patient {number} of 2, step 1" for number in (1, 2)
    ]
    found = whole.comparison
    assert (whole.steps, found["steps"], found["held_out"]) == (6, [1, 1], "patients in turn")
    # The base is asked about all slices of either patient; the adapter itself has learnt from all of them.
    parts, count = [], 0
    for patient in TrainingData(library, config, 64, 16).in_turn:
        model = build()
        data = TrainingData(library, config, 64, 16, left_out=patient)
        asked = measure(model, data, Embeddings(model, torch.float32), np.inf)
        parts += [one["box"] for one, name in zip(asked.dice, asked.classes, strict=True) if name == "disc"]
        count += len(asked.classes)
    assert found["objects"] == count == 12
    assert found["classes"]["disc"]["box"]["base"] == pytest.approx(np.mean(parts), abs=1e-6)
    none = finetune(library, tmp_path / "none", replace(config, steps=6, validation="none"), model=build())
    assert none.comparison == {} and none.weights_sha256 == whole.weights_sha256

    # Stopped in the second of the short trainings, it goes on with that one.
    events.clear()
    with pytest.raises(Cancelled):
        train("parts", stop_at=2)
    events.clear()
    resumed = train("parts", resume=True)
    assert not any("without patient 1" in str(text) for _, text in events)
    assert (resumed.comparison, resumed.weights_sha256) == (whole.comparison, whole.weights_sha256)
    left = sorted(path.name for path in (tmp_path / "parts" / "left-out").iterdir())
    assert left == ["1.json", "2.json"]
