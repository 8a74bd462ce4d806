"""An adapter that is worse than its base for some prompts: those are answered by the base, to the bit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from SAMAdaptLib.adapters.comparison import CHOICES
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.evaluate import evaluate
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.segment import propagate, segment
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.intensity import Intensity
from Testing.scarce import CUDA, told
from Testing.tiny import TINY_VIT, build, scan
from Testing.untrained import make_planted

POINT = Prompt(points=np.array([[18, 19]]), labels=np.array([1]))
BOX = Prompt(box=np.array([9, 12, 27, 26]))
CLICKED = Prompt(points=np.array([[18, 19]]), labels=np.array([1]), box=np.array([9, 12, 27, 26]))


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setitem(MODELS, TINY_VIT.name, TINY_VIT)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    path = tmp_path_factory.mktemp("base") / "tiny.pth"
    state = build("tiny_vit-64").sam.state_dict()
    # Random weights expect an IoU below 0, at which every propagation ends.
    state["mask_decoder.iou_prediction_head.layers.2.bias"] += 1.0
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    return make_planted(tmp_path_factory.mktemp("planted"), base, box="base", propagation="base")


def load(base, adapter=None, **options):
    return load_model(TINY_VIT.name, checkpoint=base, adapter=adapter, device="cpu", precision="fp32", **options)


def on(model, cache=None):
    return VolumePredictor(model.predictor, scan()[0], intensity=Intensity.parse("minmax"), cache=cache)


def test_each_kind_is_answered_by_its_weights(base, adapter):
    alone = {"base": on(load(base)), "adapted": on(load(base, adapter, weights="adapted"))}
    prompts = [POINT, BOX, CLICKED, BOX, POINT]
    for way, by_base in (("auto", [1, 3]), ("adapted", []), ("base", [0, 1, 2, 3, 4])):
        found = on(load(base, adapter, weights=way)).predict(2, prompts)
        for name, rows in (("base", by_base), ("adapted", [row for row in range(5) if row not in by_base])):
            if rows:
                # Together, since what is decoded together decides the last bits.
                wanted = alone[name].predict(2, [prompts[row] for row in rows])
                for figure in ("masks", "logits", "iou", "low_res"):
                    assert np.array_equal(getattr(found, figure)[rows], getattr(wanted, figure)), (way, name, figure)
    answers = [one.predict(2, prompts).logits for one in alone.values()]
    assert not np.isclose(*answers, atol=0.01).all(axis=(1, 2, 3)).any()


def test_answers_say_so(base, adapter):
    slices = on(load(base, adapter))
    assert [slices(2, prompt).by_base for prompt in (POINT, BOX, CLICKED)] == ["", "box", ""]


def test_embeddings_of_both_lie_side_by_side_in_a_cache(base, adapter):
    cache = EmbeddingCache()
    slices = on(load(base, adapter), cache)
    first = [slices(2, prompt).logits for prompt in (POINT, BOX)]
    assert cache.stats.misses == 2
    assert all(np.array_equal(slices(2, one).logits, old) for one, old in zip((POINT, BOX), first, strict=True))
    on(load(base), cache)(2, BOX)
    assert cache.stats.misses == 2 and cache.stats.ram_hits == 3


def test_the_choice_can_be_changed_where_both_are_kept(base, adapter):
    kept = load(base, adapter, weights="adapted", keep_base=True)
    assert kept.predictor.by_base == frozenset()
    fresh = {way: on(load(base, adapter, weights=way)) for way in CHOICES}
    for way, prompt in product(CHOICES, (POINT, BOX)):
        assert np.array_equal(on(kept.with_weights(way))(2, prompt).logits, fresh[way](2, prompt).logits)


def test_halfway_is_the_mean_of_all_weights(base, tmp_path):
    adapter = make_planted(tmp_path, base, box="halfway")
    found, plain = on(load(base, adapter)), load(base)
    ends = [load(base).predictor.model.sam.state_dict(), load(base, adapter).predictor.model.sam.state_dict()]
    moved = {name for name in ends[0] if not torch.equal(ends[0][name], ends[1][name])}
    assert moved and ends[0].keys() == ends[1].keys()
    plain.predictor.model.sam.load_state_dict({name: (ends[0][name] + ends[1][name]) / 2 for name in ends[0]})
    np.testing.assert_allclose(found(2, BOX).logits, on(plain)(2, BOX).logits, atol=1e-4)
    # It is neither the base nor the adapter, whose embeddings it must not be given.
    for way in ("base", "adapted"):
        other = on(load(base, adapter, weights=way), found.cache)
        assert np.abs(other(2, BOX).logits - found(2, BOX).logits).max() > 0.01
    assert found(2, BOX).by_base == "" == found(2, POINT).by_base
    kept = load(base, adapter, weights="base", keep_base=True).with_weights("auto")
    assert np.array_equal(on(kept)(2, BOX).logits, found(2, BOX).logits)


def test_a_plain_point_is_the_adapter_s_own_where_that_was_better(base, tmp_path, monkeypatch):
    monkeypatch.setitem(MODELS, TINY_VIT.name, replace(TINY_VIT, points=False))
    # It is never sure, so that a box is grown wherever that is not forgone.
    monkeypatch.setattr("SAMAdaptLib.sam.clicks.SURE_ENOUGH", 99.0)
    old, better = make_planted(tmp_path / "old", base), make_planted(tmp_path / "better", base, point="plain")
    grown, plain = on(load(base, old)), on(load(base, old, plain_points=True))
    assert np.abs(grown(2, POINT).logits - plain(2, POINT).logits).max() > 0.01
    kept = load(base, better, weights="base", keep_base=True)
    for model in (load(base, better), load(base, better, weights="adapted"), kept.with_weights("auto")):
        cache = EmbeddingCache()
        slices = on(model, cache)
        np.testing.assert_allclose(slices(2, POINT).logits, plain(2, POINT).logits, atol=1e-5)
        assert np.array_equal(slices(2, BOX).logits, grown(2, BOX).logits) and slices(2, POINT).by_base == ""
        # The same weights, so that a slice is encoded once.
        assert cache.stats.misses == 1
        together = slices.predict(2, [BOX, POINT, CLICKED, POINT])
        wanted = [one.predict(2, [prompt]) for one, prompt in ((grown, BOX), (plain, POINT), (grown, CLICKED))]
        np.testing.assert_allclose(together.low_res[:3, 0], [one.low_res[0, 0] for one in wanted], atol=1e-4)
    assert np.array_equal(on(kept)(2, POINT).logits, on(load(base))(2, POINT).logits)
    alone = load(base, better, plain_points=True)
    np.testing.assert_allclose(on(alone)(2, POINT).logits, plain(2, POINT).logits, atol=1e-5)
    own = load(base, better).predictor
    assert own.kept["plain"].model.sam is own.model.sam and own.kept.keys() == {"plain"}


def test_what_the_adapter_left_alone_is_in_memory_once(base, adapter, monkeypatch):
    both = load(base, adapter).predictor
    models = both.model, both.kept["base"].model
    adapted = dict(both.model.sam.named_parameters())
    changed = [n for n, p in both.kept["base"].model.sam.named_parameters() if not torch.equal(p, adapted[n])]
    # LoRA moves q and v: a fused layer an encoder block, two an attention of the decoder.
    assert 0 < len(changed) < 0.2 * len(adapted) and all("qkv" in n or "_proj" in n for n in changed)
    assert len(places(*models)) == len(adapted) + len(changed)
    # Moving from a GPU copies every tensor; so it is on the CPU, too, when the GPU has too little memory.
    failures = [CUDA]

    def answer():
        if failures:
            raise failures.pop()
        return "answered"

    monkeypatch.setattr(torch.nn.Module, "to", copied)
    monkeypatch.setattr(type(both.model), "device", torch.device("cuda"))
    with told() as notes:
        assert both.steady(answer) == "answered" and len(notes) == 1
    assert len(places(*models)) == len(adapted) + len(changed)


def places(*models):
    return {parameter.data_ptr() for model in models for parameter in model.sam.parameters()}


def copied(module, device):
    for parameter in module.parameters():
        parameter.data = parameter.data.clone()


def test_old_adapters_answer_everything_themselves(base, tmp_path):
    old = make_planted(tmp_path, base)
    assert load(base, old).predictor.kept == {} and on(load(base, old))(2, BOX).by_base == ""


def test_unknown_weights(base, adapter):
    with pytest.raises(InputError, match="Unknown weights: both.*Choose one of auto, adapted, base"):
        load(base, adapter, weights="both")


def in_space(points=(), boxes=()):
    """Prompts in RAS mm for voxels (x, y, slice) and boxes of two of them."""
    to_ras = scan()[0].geometry.to_ras
    return RasPrompts(
        to_ras(np.array(points, float).reshape(-1, 3)),
        np.ones(len(points), np.int64),
        to_ras(np.array(boxes, float).reshape(-1, 3)).reshape(-1, 6),
    )


def test_jobs_tell_which_weights_have_answered(base, adapter):
    volume, labels = scan()
    model = load(base, adapter)
    wanted = {"by point": in_space([(18, 19, 2)]), "by box": in_space(boxes=[(9, 12, 2), (27, 26, 2)])}
    found = segment(volume, model, wanted)
    assert {name: one.by_base for name, one in found.items()} == {"by point": [], "by box": ["box"]}
    plain = segment(volume, load(base), wanted, intensity="minmax")
    assert np.array_equal(found["by box"].mask, plain["by box"].mask)
    through = propagate(volume, model, {"by point": wanted["by point"]}, rules={"min_iou": 0, "area_ratio": (0, 99)})
    assert through["by point"].by_base == ["propagation"]
    report = evaluate([(volume, labels)], model, prompt="box")
    assert report["by_base"] == ["box"]
    reference = evaluate([(volume, labels)], load(base), prompt="box", intensity="minmax")
    assert report["labels"] == reference["labels"]
    assert evaluate([(volume, labels)], model.with_weights("adapted"), prompt="box")["by_base"] == []
