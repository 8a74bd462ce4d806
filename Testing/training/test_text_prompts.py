"""Training from texts: what is asked, of what, and whether the words come to matter."""

from collections import Counter

import numpy as np
import pytest

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.prompting import WORDINGS, draw, parse_mix
from SAMAdaptLib.volume.intensity import Intensity
from Testing.clip import make_clip
from Testing.tiny import build, make_library, scan

pytestmark = pytest.mark.slow

FRAME = ModelFrame((40, 60), 64)
MASK = np.pad(np.ones((16, 24), bool), ((10, 14), (20, 16)))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("text") / "library", indices=(3, 4), backgrounds=(0,))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("text") / "clip")


def data(library, prompts, **changes):
    changes = {"method": "msa", "method_config": {"text": "clip"}, "steps": 1} | changes
    return TrainingData(library, TrainConfig(prompts=prompts, synthetic_count=8, **changes), 64, 16)


def test_the_name_is_all_that_is_asked():
    rng = np.random.default_rng(0)
    strategy = draw(parse_mix("text"), rng)
    prompt = strategy(MASK, rng, FRAME, 16, "left kidney")
    assert prompt.text == "left kidney" and len(prompt.points) == 0
    assert prompt.box is None and prompt.mask_logits is None
    for other in ("point", "box:0.1", "neighbour"):
        assert draw(parse_mix(other), rng)(MASK, rng, FRAME, 16, "left kidney").text is None


def test_wordings_are_drawn_by_seed_and_all_hold_the_name():
    strategy = draw(parse_mix("text:varied"), np.random.default_rng(0))

    def texts(seed):
        rng = np.random.default_rng(seed)
        return [strategy(MASK, rng, FRAME, 16, "left {kidney}").text for _ in range(600)]

    drawn = Counter(texts(0))
    assert all("left {kidney}" in text for text in drawn) and {"left {kidney}", "the left {kidney}"} <= set(drawn)
    # Each one in 6 of 600; four standard deviations are 37.
    assert len(drawn) == len(WORDINGS) == 6 and all(63 < count < 137 for count in drawn.values())
    assert texts(0) == texts(0) != texts(1)


@pytest.mark.parametrize("text", ["text=0", "text:often", "texts"])
def test_mixes_that_make_no_sense(text):
    with pytest.raises(InputError):
        parse_mix(text)


def test_each_prompt_names_the_class_that_it_is_to_find(library):
    seen = Counter()
    given = data(library, "text=0.5,box=0.5", empty_share=0)
    truths = {tuple(e.image.ravel()): e.labels for e in given.exemplars}
    for step in range(20):
        for item in given.batch(step):
            labels = truths.get(tuple(item.image.ravel()))
            for prompt, target, place in zip(item.prompts, item.targets, item.classes, strict=True):
                name = library.classes[place]
                assert prompt.text in (None, name)
                if prompt.text and labels is not None:
                    np.testing.assert_array_equal(target, labels == place + 1)
                seen[prompt.text] += 1
    assert seen["disc"] > 10 and seen["bean"] > 10 and seen[None] > 40


def test_a_slice_without_the_object_is_asked_for_it_by_name(library):
    items = [item for step in range(10) for item in data(library, "text", empty_share=1).batch(step)]
    assert {prompt.text for item in items for prompt in item.prompts} == {"disc", "bean"}
    assert not any(item.targets.any() for item in items)


def test_the_same_step_asks_the_same(library):
    first, second = ([[p.text for i in data(library, "text:varied").batch(s) for p in i.prompts] for s in range(4)]
                     for _ in range(2))  # fmt: skip
    assert first == second and len({text for texts in first for text in texts}) > 3


@pytest.mark.parametrize("changes", [{"method_config": {}}, {"method": "lora", "method_config": {"rank": 4}}])
def test_texts_for_a_method_that_reads_none(library, changes):
    with pytest.raises(InputError, match="asks by text.*text:varied=0.2.*--method-set text=CLIP"):
        data(library, "box,text:varied=0.2", **changes)


def test_a_method_that_reads_texts_and_is_asked_none(library):
    with pytest.raises(InputError, match="none to learn from.*--prompts box,point=2,text=0.5"):
        data(library, "box,point=2")


def test_the_text_comes_to_choose_the_object(library, clip, tmp_path):
    """Trained on two patients, tried on a third, on slices that show both objects."""
    config = TrainConfig(
        model="test_vit", method="msa", method_config={"text": str(clip), "encoder": False}, steps=60, prompts="text=1",
        lr=3e-3, synthesis=False, empty_share=0, corrections=0, iou_weight=0, prompts_per_slice=2, validation="none",
        device="cpu",
    )  # fmt: skip
    finetune(library, tmp_path / "run", config, model=build("vit-64"))
    model = build("vit-64")
    info = apply_adapter(model, tmp_path / "run")
    assert info.config["text"] == str(clip) and info.config["text_width"] == 24 and len(info.config["text_hash"]) == 64
    volume, labels = scan(2)
    ask = VolumePredictor(Predictor(model, "fp32"), volume, "axial", Intensity.parse("minmax"))
    for index in (3, 4):
        truths = {name: labels.array[index] == value for name, value in labels.names.items()}
        for name, other in (("disc", "bean"), ("bean", "disc")):
            mask = ask(index, Prompt(text=name)).mask
            dice = {key: 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) for key, truth in truths.items()}
            assert dice[name] > 0.7 and dice[other] < 0.2
