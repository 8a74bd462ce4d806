"""DB-SAM: counts, the ablation's parts, where the branches meet, the start as SAM."""

from dataclasses import replace

import pytest
import torch

from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import load_trainable, trainable
from SAMAdaptLib.methods.dbsam.config import SIZES, DbSamConfig
from SAMAdaptLib.methods.dbsam.encoder import DualBranchEncoder
from SAMAdaptLib.methods.dbsam.model import DbSam
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.training.embeddings import Embeddings
from Testing.tiny import KINDS, VIT, build

pytestmark = pytest.mark.slow

DECODER = 4_058_340
ENCODER = "image_encoder."
# The rows of the paper's table 3, and two that it does not have.
OFF = {"channel_attention": False, "bilateral": False, "fusion": False}
ROWS = [OFF, OFF | {"channel_attention": True}, {"fusion": False}, {}]
OTHERS = [OFF | {"fusion": True}, OFF | {"bilateral": True}]
TINY = [*KINDS, "vit-512"]


def fresh(kind):
    if kind == "vit-512":
        model = build_sam(replace(VIT, input_size=512, input_sizes=(512,)), weights=False)
    else:
        model = build(kind)
    if hasattr(model.sam.image_encoder, "pos_embed"):
        # Without weights the positions are all zero, and leaving them out would not show.
        with torch.no_grad():
            model.sam.image_encoder.pos_embed.normal_(generator=torch.Generator().manual_seed(7))
    return model


def adapted(kind="vit-64", **settings):
    model = fresh(kind)
    DbSam().apply(model, DbSamConfig(**settings), seed=1)
    return model


def opened(kind="vit-64", **settings):
    """A model whose added layers do something."""
    model = adapted(kind, **settings)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.sam.image_encoder.named_parameters():
            if parameter.requires_grad and not name.startswith("base_layer."):
                parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return model


def images(model, count=1, seed=0):
    return torch.randn(count, 3, model.input_size, model.input_size, generator=torch.Generator().manual_seed(seed))


def on_meta(name, input_size=None, **settings):
    with torch.device("meta"):
        model = build_sam(name, input_size=input_size, weights=False)
    model.sam.to("meta")
    DbSam().apply(model, DbSamConfig(**settings))
    return model


def number(model, *parts):
    return sum(p.numel() for n, p in trainable(model.sam).items() if all(part in n for part in parts))


class TestCounts:
    @pytest.mark.parametrize(
        "size, levels, ffn, branches, fusion, neck, total",
        [
            ("lean", 1, 295_872, 195_008, 199_040, 0, 20_764_324),
            ("paper", 1, 4_722_432, 1_910_528, 199_040, 0, 57_892_324),
            ("full", 4, 4_753_152, 8_243_968, 7_186_304, 787_456, 73_575_076),
        ],
    )
    def test_vit_b_part_by_part(self, size, levels, ffn, branches, fusion, neck, total):
        model = on_meta("sam_vit_b", size=size)
        # The public code's channel attention has 893,184 as well.
        assert [number(model, f"meetings.{i}.channel_attention.") for i in range(4)] == [893_184] * 4
        for side, asked in ((".to_deep.", levels), (".to_shallow.", 1)):
            # 12 heads of 4 points a map: offsets, shares, value and output; three norms; the FFN.
            attention = asked * (768 * 96 + 96 + 768 * 48 + 48) + 2 * (768 * 768 + 768)
            assert number(model, side) == 4 * (attention + 3 * 1536 + ffn)
            assert number(model, side, ".ffn.") == 4 * ffn
        assert number(model, ENCODER + "convolution.") == branches
        assert number(model, ENCODER + "fusion.") == fusion
        assert number(model, ENCODER + "base_layer.") == number(model, ENCODER + "base_layer.neck.") == neck
        assert number(model, "mask_decoder.") == DECODER
        assert number(model, "") == total

    def test_the_lean_one_is_what_the_design_asks_for(self):
        assert number(on_meta("sam_vit_b"), ENCODER) == pytest.approx(16.7e6, abs=0.05e6)

    def test_what_the_public_code_has_beyond_its_paper_makes_its_73_6_million(self):
        paper, full = on_meta("sam_vit_b", size="paper"), on_meta("sam_vit_b", size="full")

        def more(*parts):
            return number(full, *parts) - number(paper, *parts)

        branches = 2_217_600 + 2_202_240 + 1_910_528
        joined = 4 * 768 * 768 + 768
        gate = (2 * 768 + 768) + (2 * 768 * 64 + 128) + 1536 + (2 * 768 * 3072 + 3072 + 768)
        paper_gate, norm = 2 * (2 * 768 * 64 + 64 + 768) + 768, 1536
        assert more("convolution.") == branches + 4 * 768
        assert more(".attention.") == 4 * 3 * (768 * 144 + 144)
        assert more("meetings.", ".ffn.") == more("meetings.", ".depthwise.") == 8 * 3072 * 10
        assert more("fusion.") == joined + gate - paper_gate + norm
        assert more("neck.") == 787_456
        assert more("") == 15_682_752
        assert number(full, "") == pytest.approx(73.6e6, abs=0.05e6)
        # The design's own count of the public code, part by part, in millions.
        designed = [("convolution.", 8.24), ("channel_attention.", 3.57), (".to_deep.", 25.5), (".to_shallow.", 24.2)]
        designed += [("fusion.join.", 2.36), ("neck.", 0.79), ("mask_decoder.", 4.06)]
        for part, millions in designed:
            assert number(full, part) == pytest.approx(millions * 1e6, abs=0.06e6)
        assert number(full, "fusion.") - number(full, "fusion.join.") == pytest.approx(4.82e6, abs=0.01e6)

    def test_a_stage_for_every_block(self):
        # 155.6 million by the design's count, which has the narrow convolution branch.
        model = on_meta("sam_vit_b", size="paper", stages=12)
        found = number(model, ENCODER) - 1_910_528 + 195_008
        assert found == pytest.approx(155.6e6, abs=0.05e6)

    @pytest.mark.parametrize(
        "name, widths",
        [
            ("sam_vit_l", [1024] * 4),
            ("sam_vit_h", [1280] * 4),
            ("mobile_sam", [128, 160, 320, 320]),
            ("lite_medsam", [128, 160, 320, 320]),
        ],
    )
    def test_others_follow_their_widths(self, name, widths):
        heads = {128: 8, 160: 10, 320: 10, 1024: 8, 1280: 10}

        def cross(c, other):
            asked = 12 * heads[c] * (c + 1) + other * c + c + c * c + c
            return asked + 4 * c + 2 * other + 2 * c * (c // 4) + c // 4 + c

        last = widths[-1]
        attention = sum(2 * c + 9 * c + 2 * c * (c // 4) + c * c for c in widths)
        both = sum(cross(c, last) + cross(last, c) for c in widths)
        hidden = last // 12
        branch = 27 * 64 + 64 * 64 + 576 * 128 + 128 * 128 + 128 * last + 2 * (64 + 64 + 128 + 128)
        fusion = 2 * (2 * last * hidden + hidden + last) + last
        model = on_meta(name)
        assert number(model, ENCODER) == attention + both + branch + fusion
        assert number(model, "mask_decoder.") == DECODER
        size, grid = model.input_size, model.embedding_size
        assert model.sam.image_encoder(torch.empty(1, 3, size, size, device="meta")).shape == (1, 256, grid, grid)

    @pytest.mark.parametrize("name", ["sam_vit_b", "mobile_sam", "lite_medsam"])
    @pytest.mark.parametrize("input_size", [256, 512, 1024])
    def test_as_released_it_fits_every_grid(self, name, input_size):
        if input_size not in MODELS[name].input_sizes:
            pytest.skip("not a size of this model")
        model = on_meta(name, input_size, size="full")
        grid = model.embedding_size
        found = model.sam.image_encoder(torch.empty(1, 3, input_size, input_size, device="meta"))
        assert found.shape == (1, 256, grid, grid)
        assert [b.side for b in model.sam.image_encoder.convolution.branches] == [
            16 * grid,
            8 * grid,
            4 * grid,
            2 * grid,
        ]


class TestAblation:
    def parts(self, **settings):
        """Added parts and the stages that have them."""
        names = [n.removeprefix(ENCODER) for n in trainable(adapted(**settings).sam) if n.startswith(ENCODER)]
        found = {}
        for name in names:
            place, *inside = name.split(".")
            stage = None
            if place == "meetings":
                stage, place = int(inside[0]), inside[1]
            found.setdefault(place, set()).add(stage)
        return found

    @pytest.mark.parametrize("size", SIZES)
    def test_rows_of_the_table(self, size):
        every = {0, 1, 2, 3}
        none, attention, both, all_three = (self.parts(size=size, **row) for row in ROWS)
        assert none == {}
        # Of the base encoder its neck, in the released size.
        neck = {"base_layer": {None}} if size == "full" else {}
        assert attention == neck | {"channel_attention": every}
        # Nobody reads the convolution branches after the last stage, where there is no fusion.
        assert both == attention | {"to_deep": every, "to_shallow": every - {3}, "convolution": {None}}
        assert all_three == both | {"to_shallow": every, "fusion": {None}}

    def test_other_choices(self):
        every = {0, 1, 2, 3}
        alone, pair = (self.parts(**row) for row in OTHERS)
        assert alone == {"fusion": {None}, "convolution": {None}}
        assert pair == {"to_deep": every, "to_shallow": every - {3}, "convolution": {None}}

    @pytest.mark.parametrize("size", SIZES)
    def test_the_decoder_is_trained_in_every_row(self, size):
        for row in ROWS:
            model = adapted(size=size, **row)
            assert number(model, "mask_decoder.") == DECODER
            assert {n.split(".")[0] for n in trainable(model.sam)} <= {"image_encoder", "mask_decoder"}

    @pytest.mark.parametrize("size", ["lean", "full"])
    def test_the_first_row_keeps_the_encoder_and_its_embeddings(self, size):
        model = adapted(size=size, **OFF)
        assert type(model.sam.image_encoder) is type(build().sam.image_encoder)
        assert Embeddings(model, torch.float32).frozen
        assert not Embeddings(adapted(**ROWS[1]), torch.float32).frozen

    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("row", [*ROWS[1:], *OTHERS])
    def test_every_part_can_change_the_embedding(self, row, size):
        base, model = fresh("vit-64"), opened(size=size, **row)
        with torch.no_grad():
            wanted, got = (m.sam.image_encoder(images(m)) for m in (base, model))
        assert torch.isfinite(got).all() and (wanted - got).abs().max() > 1e-3


class TestEncoder:
    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("kind, stages", [*((k, 4) for k in TINY), *((k, s) for k in KINDS for s in (1, 3))])
    def test_it_starts_as_the_base_encoder(self, kind, stages, size):
        base, model = fresh(kind), adapted(kind, stages=stages, size=size)
        batch = images(base, 2)
        with torch.no_grad():
            wanted, got = base.sam.image_encoder(batch), model.sam.image_encoder(batch)
        assert wanted.shape == (2, 256, base.embedding_size, base.embedding_size) and wanted.std() > 0
        assert (wanted - got).abs().max() <= 1e-6 * wanted.abs().max()

    @pytest.mark.parametrize("name, each", [("sam_vit_b", 3), ("sam_vit_h", 8), ("mobile_sam", 1)])
    def test_branches_meet_after_each_quarter(self, name, each):
        model = on_meta(name, 256)
        encoder, said = model.sam.image_encoder, []
        base = encoder.base_layer
        watched = [(b, "block") for b in (base.blocks if hasattr(base, "blocks") else base.layers)]
        watched += [(m, "meeting") for m in encoder.meetings] + [(encoder.fusion, "fusion"), (base.neck, "neck")]
        for module, word in watched:
            module.register_forward_hook(lambda *_, word=word: said.append(word))
        encoder(torch.empty(1, 3, 256, 256, device="meta"))
        assert said == 4 * (["block"] * each + ["meeting"]) + ["fusion", "neck"]

    def test_uneven_stages_take_every_block_once(self):
        encoder, said = adapted(stages=3).sam.image_encoder, []
        for module, word in [*((b, "b") for b in encoder.base_layer.blocks), *((m, "m") for m in encoder.meetings)]:
            module.register_forward_hook(lambda *_, word=word: said.append(word))
        encoder(images(adapted()))
        assert "".join(said) == "bmbmbbm"

    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("row", [*ROWS[1:], *OTHERS])
    def test_every_row_starts_as_the_base_encoder(self, row, size):
        base, model = fresh("vit-64"), adapted(size=size, **row)
        with torch.no_grad():
            wanted, got = (m.sam.image_encoder(images(base)) for m in (base, model))
        assert (wanted - got).abs().max() <= 1e-6 * wanted.abs().max()

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
    def test_the_base_encoder_is_inside_and_frozen(self, kind, size):
        base, model = fresh(kind), adapted(kind, size=size)
        encoder = model.sam.image_encoder
        assert isinstance(encoder, DualBranchEncoder) and encoder.img_size == base.input_size
        kept = encoder.base_layer.state_dict()
        wanted = base.sam.image_encoder.state_dict()
        assert kept.keys() == wanted.keys() and all(torch.equal(kept[n], wanted[n]) for n in kept)
        inside = {n for n, p in encoder.base_layer.named_parameters() if p.requires_grad}
        # The neck is all that the public code trains of it: two convolutions without bias, two norms.
        neck = {"neck.0.weight", "neck.1.weight", "neck.1.bias", "neck.2.weight", "neck.3.weight", "neck.3.bias"}
        assert inside == (neck if size == "full" else set())
        assert all(p.requires_grad for n, p in encoder.named_parameters() if not n.startswith("base_layer."))
        assert not any(m.training for m in model.sam.modules())

    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
    @pytest.mark.parametrize("row", [*ROWS[1:], *OTHERS])
    def test_gradients_reach_everything_from_the_second_step_on(self, kind, row, size):
        model = adapted(kind, size=size, **row)
        encoder = model.sam.image_encoder
        mine = {n: p for n, p in encoder.named_parameters() if p.requires_grad}
        optimizer = torch.optim.SGD(mine.values(), lr=1e-4)
        for step in range(2):
            optimizer.zero_grad()
            out = encoder(images(model, 2, seed=step))
            # Not the mean square, which the neck's norm keeps as it is.
            (out * torch.linspace(-1, 1, out.numel()).view(out.shape)).sum().backward()
            assert all(p.grad is not None for p in mine.values())
            optimizer.step()
        assert [n for n, p in mine.items() if not p.grad.any()] == []
        assert not any(p.grad is not None for p in encoder.base_layer.parameters() if not p.requires_grad)

    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
    def test_a_batch_is_its_slices(self, kind, size):
        model = opened(kind, size=size)
        batch = images(model, 4)
        with torch.no_grad():
            together = model.sam.image_encoder(batch)
            for k in range(4):
                alone = model.sam.image_encoder(batch[k : k + 1])
                assert (alone[0] - together[k]).abs().max() < 1e-5 * together.abs().max()

    @pytest.mark.parametrize("size", ["lean", "full"])
    @pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
    def test_bfloat16_is_near(self, kind, size):
        model = opened(kind, size=size)
        with torch.no_grad():
            wanted = model.sam.image_encoder(images(model))
            with torch.autocast("cpu", torch.bfloat16):
                got = model.sam.image_encoder(images(model)).float()
        assert torch.cosine_similarity(wanted.flatten(), got.flatten(), dim=0) > 0.999

    def test_new_layers_come_from_the_seed_alone(self):
        def first(seed, before):
            torch.manual_seed(before)
            model = build()
            DbSam().apply(model, DbSamConfig(), seed=seed)
            drawn = torch.rand(1)
            return trainable(model.sam)["image_encoder.convolution.branches.0.0.weight"], drawn

        (a, drawn), (b, _), (c, _) = first(1, 5), first(1, 6), first(2, 5)
        torch.manual_seed(5)
        assert torch.equal(a, b) and not torch.equal(a, c) and torch.equal(drawn, torch.rand(1))


def test_settings_travel_with_the_adapter(tmp_path):
    settings = {"size": "full", "bilateral": False, "stages": 2}
    model = opened(**settings)
    info = AdapterInfo(
        method="dbsam",
        config=DbSamConfig(**settings).to_dict(),
        base=model.base.name,
        base_hash=model.base_hash,
        input_size=model.input_size,
        intensity="minmax",
        axis="axial",
        classes=("disc",),
        steps=0,
    )
    save_adapter(tmp_path, model, info)
    again = fresh("vit-64")
    assert apply_adapter(again, tmp_path).config == settings | {"channel_attention": True, "fusion": True}
    with torch.no_grad():
        assert torch.equal(again.sam.image_encoder(images(model)), model.sam.image_encoder(images(model)))
    state = {n: p.detach() for n, p in trainable(model.sam).items()}
    with pytest.raises(InputError, match="does not fit"):
        load_trainable(adapted(**settings | {"stages": 4}).sam, state)


@pytest.mark.parametrize(
    "setting, words",
    [
        ({"size": "huge"}, "'huge'"),
        ({"size": 2}, "size"),
        ({"channel_attention": "yes"}, "channel_attention"),
        ({"bilateral": 1}, "bilateral"),
        ({"fusion": None}, "fusion"),
        ({"stages": 0}, "stages is 0"),
        ({"stages": True}, "stages is True"),
        ({"stages": 1.5}, "stages is 1.5"),
        ({"dropout": 0.4}, "dropout"),
    ],
)
def test_bad_settings_are_refused(setting, words):
    with pytest.raises(InputError, match=words):
        get_method("dbsam").Config.from_dict(setting)


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_more_stages_than_blocks_are_refused_and_nothing_is_changed(kind):
    model = build(kind)
    encoder = model.sam.image_encoder
    with pytest.raises(InputError, match="5 stages are wanted, the encoder has 4"):
        DbSam().apply(model, DbSamConfig(stages=5))
    assert model.sam.image_encoder is encoder and not trainable(model.sam)
