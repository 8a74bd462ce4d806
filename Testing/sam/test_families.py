"""A third family is one file and a line in the registry: it is built, encodes, decodes, adapted and trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.objectives import KINDS as OBJECTIVES
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.families import FAMILIES, FamilyEntry, get_family
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.memory import estimate
from SAMAdaptLib.volume.intensity import Intensity
from Testing.sam.dummy_family import FINE, WIDTH
from Testing.tiny import VIT, make_library, picture, scan

DUMMY = replace(VIT, name="test_dummy", family="dummy", input_size=64, input_sizes=(64, 128), arch={"blocks": 4})
BOX = Prompt(box=[10, 10, 30, 30])


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(FAMILIES, "dummy", FamilyEntry("Testing.sam.dummy_family", "DummyFamily"))
    get_family.cache_clear()
    yield
    get_family.cache_clear()


def build(size=None):
    return build_sam(DUMMY, input_size=size, weights=False)


def adapted(method, **settings):
    model, chosen = build(), get_method(method)
    chosen.apply(model, chosen.for_classes(chosen.Config.from_dict(settings), 2))
    return model


def pixels(model, count=1):
    return torch.rand(count, 3, 64, 64, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("size", [64, 128])
def test_what_it_yields_has_its_own_width_and_grid(size) -> None:
    predictor = Predictor(build(size), "fp32")
    assert (predictor.model.embedding_size, predictor.model.low_res_size) == (size // 8, size // 2)
    frame = predictor.frame((40, 60))
    embedding = predictor.encode(picture(), frame)
    assert embedding.shape == (1, WIDTH + 4 * FINE, size // 8, size // 8)
    answer = predictor.decode(embedding, [BOX, Prompt([[20, 20]], [1])], frame, multimask=True)
    assert answer.masks.shape == (2, 3, 40, 60) and answer.low_res.shape == (2, 3, size // 2, size // 2)


def test_the_answer_is_that_of_its_decoder_and_its_finer_map() -> None:
    predictor = Predictor(build(), "fp32")
    sam, frame = predictor.model.sam, predictor.frame((64, 64))
    image = picture((64, 64))
    got = predictor.decode(predictor.encode(image, frame), [BOX], frame).low_res
    with torch.no_grad():
        given = frame.image_to_model(image, sam.pixel_mean, sam.pixel_std)[None]
        x = sam.image_encoder.patch(given).permute(0, 2, 3, 1)
        for block in sam.image_encoder.blocks:
            q, k, v = block.attn.qkv(block.norm1(x)).reshape(1, 64, 3, 3, 8).permute(2, 0, 3, 1, 4)
            mixed = ((q @ k.transpose(-2, -1)) / 8**0.5).softmax(-1) @ v
            x = x + block.attn.proj(mixed.transpose(1, 2).reshape(1, 8, 8, 24))
            x = x + block.mlp(block.norm2(x))
        coarse = sam.image_encoder.neck(x.permute(0, 3, 1, 2))
        fine = sam.image_encoder.fine(given).mean(1).repeat_interleave(2, 1).repeat_interleave(2, 2)
        sparse, dense = sam.prompt_encoder(None, torch.tensor([[10.0, 10, 30, 30]]), None)
        masks, _ = sam.mask_decoder(coarse, sam.prompt_encoder.get_dense_pe(), sparse, dense, False)
    assert np.abs(got - (masks + fine).numpy()).max() < 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_it_and_starts_where_it_was(method) -> None:
    base, model = build(), adapted(method)
    with torch.no_grad():
        wanted, got = (one.sam.image_encoder(pixels(one)) for one in (base, model))
    assert wanted.std() > 0.01 and (wanted - got).abs().max() < 1e-6
    assert trainable(model.sam)


@pytest.mark.parametrize("method, parameters", [("lora", 4 * 2 * 2 * 4 * 24), ("msa", 4 * 2 * (2 * 24 * 6 + 6 + 24))])
def test_adapters_stand_in_each_of_its_blocks_and_learn(method, parameters) -> None:
    """LoRA of rank 4 in q and v of four blocks of width 24; MSA's two adapters a block of a quarter of the width."""
    model = adapted(method)
    mine = {n: p for n, p in trainable(model.sam).items() if n.startswith("image_encoder.")}
    assert sum(p.numel() for p in mine.values()) == parameters
    optimizer = torch.optim.SGD(mine.values(), lr=1e-3)
    for _ in range(2):
        optimizer.zero_grad()
        (model.sam.image_encoder(pixels(model)) * torch.linspace(-1, 1, 8)).sum().backward()
        optimizer.step()
    assert all(p.grad.any() for p in mine.values())


def test_stacks_mix_over_depth_with_its_own_attention() -> None:
    model = adapted("msa", depth=3)
    with torch.no_grad():
        for block in model.sam.image_encoder.blocks:
            torch.nn.init.constant_(block.after_depth.up.weight, 0.1)
        one, other = (pixels(model, 3).index_fill(0, torch.tensor([2]), fill) for fill in (0.0, 1.0))
        first, second = model.sam.image_encoder(one)[0], model.sam.image_encoder(other)[0]
    assert (first - second).abs().max() > 1e-4


def test_a_volume_is_predicted_through_the_cache_and_a_training_leaves_an_adapter(tmp_path) -> None:
    library = make_library(tmp_path / "library", patients=3, indices=(1, 3), backgrounds=(0,))
    config = TrainConfig(
        model=DUMMY.name, steps=2, prompts_per_slice=2, synthetic_count=4, precision="fp32", device="cpu"
    )
    info = finetune(library, tmp_path / "run", config, model=build())
    assert (info.base, info.steps, info.input_size) == ("test_dummy", 2, 64)
    model = build()
    apply_adapter(model, tmp_path / "run" / "adapter")
    scanned = VolumePredictor(Predictor(model, "fp32"), scan()[0], intensity=Intensity.parse("minmax"))
    first = scanned.predict(2, [BOX])
    assert scanned.cache.stats.misses == 1 and scanned.embedding(2).shape == (1, WIDTH + 4 * FINE, 8, 8)
    assert scanned.cache.stats.ram_hits == 1 and np.array_equal(scanned.predict(2, [BOX]).logits, first.logits)


def test_memory_and_pretraining_know_its_width() -> None:
    model = build()
    assert estimate(DUMMY, "lora").weights >= 4 * sum(p.numel() for p in model.sam.parameters())
    for kind in OBJECTIVES.values():
        head = kind(PretrainConfig(steps=1, patches=4), 64, model.embedding_size, model.family.channels).head
        assert any(WIDTH + 4 * FINE in p.shape for p in head.parameters())


def test_its_weights_are_read_from_a_file(tmp_path) -> None:
    state = {n: t.contiguous() for n, t in build().sam.state_dict().items()}
    save_file(state, tmp_path / "w.safetensors")
    again = build_sam(DUMMY, tmp_path / "w.safetensors", input_size=128)
    assert all(torch.equal(again.sam.state_dict()[n], t) for n, t in state.items())


def test_a_base_of_an_unknown_family_is_told() -> None:
    with pytest.raises(InputError, match="Unknown family of base models: swin. Choose one of vit, tiny_vit"):
        build_sam(replace(DUMMY, family="swin"), weights=False)
