"""SAM-Mix: what is trained, what the classifier's maps are, and that it learns where things are from slice labels."""

import copy
import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import KnownSlices, Shown, trainable
from SAMAdaptLib.methods.sammix.boxes import find_boxes
from SAMAdaptLib.methods.sammix.config import SamMixConfig
from SAMAdaptLib.methods.sammix.layers import SliceClassifier
from SAMAdaptLib.methods.sammix.model import SamMix, focal_loss, outline_loss, outline_shares
from SAMAdaptLib.prompts.boxes import bounding_box, box_overlap
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.engine import Asked
from SAMAdaptLib.training.finetune import Finetuning
from SAMAdaptLib.training.schedule import rate_factor
from SAMAdaptLib.training.team import Team
from Testing.tiny import build, make_library

pytestmark = pytest.mark.slow

# The paper's classifier, but small.
PAPER = {"features": "image", "strongest": 1.0, "outlines": 0.0, "decoder": "all"}
SMALL = SamMixConfig(classifier_width=8, classifier_size=64, **PAPER)


def known(images, present, outlines=None):
    """Slices of which ``present`` is known."""
    frames = [ModelFrame(image.shape, 64) for image in images]
    present = np.asarray(present)
    return KnownSlices(list(images), frames, list(map(Shown, present, outlines or [None] * len(images))))


def loss_of(model, slices, encode):
    """What the method minimises on slices."""
    method = SamMix()
    return method.slice_loss(model, method.slice_rows(model, slices, encode))


def unseen():
    raise AssertionError("the embedding was asked for")


def find(classifier, image):
    """Boxes from the image alone."""
    return classifier.find(image, ModelFrame(image.shape, 64), unseen)


def number(model, part=""):
    return sum(p.numel() for n, p in trainable(model.sam).items() if n.startswith(part))


def convolutions(module):
    return {n: p for n, p in module.named_parameters() if p.ndim == 4}


class Fixed(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = torch.tensor(features)

    def forward(self, x):
        return self.features.expand(len(x), -1, -1, -1)


def looking(features, weight, bias, config):
    """A classifier that sees the same features [K, h, w] on every slice."""
    classifier = SliceClassifier(config, 256)
    classifier.stem, classifier.units = nn.Identity(), Fixed(features)
    classifier.head = nn.Linear(len(features), len(bias))
    with torch.no_grad():
        classifier.head.weight.copy_(torch.tensor(weight))
        classifier.head.bias.copy_(torch.tensor(bias))
    return classifier


class TestWhatIsTrained:
    def test_on_vit_b(self):
        with torch.device("meta"):
            model = build_sam("sam_vit_b", weights=False)
            model.sam.to("meta")
            SamMix().apply(model, SamMixConfig(**PAPER))
        # 12 blocks, q and v, A [8, 768] and B [768, 8]: the published number.
        assert number(model, "image_encoder.") == 12 * 2 * 2 * 8 * 768 == 294_912
        assert number(model, "mask_decoder.") == 4_058_340
        assert number(model, "classifier.") == 2_793_601
        assert number(model) == 294_912 + 4_058_340 + 2_793_601

    def test_on_the_embedding(self):
        with torch.device("meta"):
            model = build_sam("sam_vit_b", weights=False)
            model.sam.to("meta")
            SamMix().apply(model, SamMixConfig())
        # A 1x1 convolution, four 3x3 ones, five norms over 32 channels, and the head.
        layers = (256 * 32 + 32) + 4 * (9 * 32 * 32 + 32) + 5 * 2 * 32 + (32 + 1)
        assert number(model, "classifier.") == layers == 45_569

    @pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
    def test_exactly_these(self, kind):
        model = build(kind)
        plain = {n for n, _ in model.sam.named_parameters()}
        SamMix().apply(model, SMALL)
        names = set(trainable(model.sam))
        assert {n for n in names if n in plain} == {n for n in plain if n.startswith("mask_decoder.")}
        own = {"classifier." + n for n, _ in SliceClassifier(SMALL, 256).named_parameters()}
        lora = names - plain - own
        assert own < names and lora and all(".attn.qkv." in n and ".lora_" in n for n in lora)
        frozen = build(kind)
        SamMix().apply(frozen, replace(SMALL, decoder="none"))
        assert set(trainable(frozen.sam)) == own | lora

    def test_a_frozen_sam_is_merged_without_peft(self, monkeypatch):
        """Within torch.inference_mode it cannot be imported, and a row of the paper's table failed at its end."""
        monkeypatch.setitem(sys.modules, "peft", None)
        monkeypatch.setitem(sys.modules, "peft.tuners.lora", None)
        model = build()
        SamMix().apply(model, replace(SMALL, stages="frozen"))
        with torch.inference_mode():
            assert SamMix().merge(model)
        assert not trainable(model.sam)

    def test_the_start_follows_the_seed_alone(self):
        def first(seed):
            model = build()
            SamMix().apply(model, SMALL, seed)
            return model.sam.classifier.head.weight

        torch.manual_seed(5)
        wanted = torch.rand(1)
        torch.manual_seed(5)
        a, b, c = first(0), first(0), first(1)
        assert torch.equal(torch.rand(1), wanted) and torch.equal(a, b) and not torch.equal(a, c)


@pytest.mark.parametrize("features, times", [("embedding", 3), ("image", 1)])
def test_layers_on_the_embedding_learn_at_three_times_the_rate(tmp_path, features, times):
    model = build("vit-64")
    settings = {"features": features, "classifier_width": 4}
    config = TrainConfig(method="sammix", method_config=settings, steps=1, lr=1e-4, device="cpu", validation="none")
    library = make_library(tmp_path / "library", backgrounds=(0, 5))
    inputs = dict.fromkeys(("library", "checkpoint", "start_from", "synthetic"))
    asked = Asked(tmp_path / "run", inputs, model=model)
    run = Finetuning(Team("cpu"), config.with_recipe(), asked, library)
    peaks = {id(p): group["peak"] for group in run.optimizer.param_groups for p in group["params"]}
    assert len(peaks) == len(run.parameters)
    for name, parameter in run.parameters.items():
        assert peaks[id(parameter)] == pytest.approx((times if name.startswith("classifier.") else 1) * 1e-4), name


class TestClassifier:
    @pytest.mark.parametrize("depth, width", [(18, 64), (34, 64), (34, 32)])
    def test_shallow_ones_have_the_weights_of_a_common_residual_network(self, depth, width):
        ensure_torchvision()
        from torchvision.models import resnet18, resnet34

        with torch.device("meta"):
            common = {18: resnet18, 34: resnet34}[depth]()
            ours = SliceClassifier(SamMixConfig(classifier_depth=depth, classifier_width=width, **PAPER), 256)
        share = 64 // width

        def wanted(shape):
            return [shape[0] // share, 1 if shape[1] == 3 else shape[1] // share, *shape[2:]]

        shapes = sorted(wanted(p.shape) for p in convolutions(common).values())
        assert sorted(list(p.shape) for p in convolutions(ours).values()) == shapes

    def test_the_deep_one_has_the_published_layout(self):
        with torch.device("meta"):
            ours = SliceClassifier(SamMixConfig(classifier_depth=38, classifier_width=64, **PAPER), 256)
        # Wu 2019: three units of 128, three of 256, six of 512, three of 512 and 1024, and two bottlenecks.
        units = [(64, 128, 128, 1, 2), (128, 256, 256, 1, 2), (256, 512, 512, 1, 5), (512, 512, 1024, 1, 2)]
        wanted = 64 * 9
        for before, inner, after, first, more in units:
            wanted += first * (9 * before * inner + 9 * inner * after + before * after)
            wanted += more * (9 * after * inner + 9 * inner * after)
        wanted += 1024 * 512 + 9 * 512 * 1024 + 1024 * 2048 + 1024 * 2048
        wanted += 2048 * 1024 + 9 * 1024 * 2048 + 2048 * 4096 + 2048 * 4096
        assert sum(p.numel() for p in convolutions(ours).values()) == wanted
        assert sum(p.numel() for p in ours.parameters()) == 105_058_049

    @pytest.mark.parametrize("depth", [18, 34, 38])
    def test_the_name_counts_its_layers_and_maps_are_a_sixteenth(self, depth):
        small = SamMixConfig(classifier_depth=depth, classifier_width=8, classifier_size=96, **PAPER)
        classifier = SliceClassifier(small, 256)
        weighted = [n for n, m in classifier.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
        assert len([n for n in weighted if not n.endswith("shortcut")]) == depth
        with torch.no_grad():
            logits, maps = classifier([np.zeros((30, 50), np.uint8)] * 2, unseen)
        assert logits.shape == (2, 1) and maps.shape == (2, 1, 6, 6)

    def test_maps_and_logits_by_hand(self):
        features = [[[1.0, 0.0], [0.0, 2.0]], [[0.0, 3.0], [1.0, 0.0]]]
        classifier = looking(features, [[2.0, -1.0], [0.0, 0.5]], [0.25, -4.0], SMALL)
        logits, maps = classifier([np.zeros((8, 8), np.uint8)], unseen)
        assert maps[0].tolist() == [[[2.0, -3.0], [-1.0, 4.0]], [[0.0, 1.5], [0.5, 0.0]]]
        # The mean of the features times the weights: 2 * 3/4 - 4/4 + 1/4, and 1/2 - 4.
        assert logits[0].tolist() == [0.75, -3.5]

    def test_grey_levels_come_in_as_0_to_1_with_the_sides_kept(self):
        seen = []
        classifier = SliceClassifier(SMALL, 256)
        classifier.stem.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
        classifier([np.full((20, 40), 255, np.uint8)], unseen)
        assert seen[0].shape == (1, 1, 64, 64)
        assert (seen[0][0, 0, :32] == 1).all() and (seen[0][0, 0, 32:] == 0).all()

    def test_focal_loss_by_hand(self):
        probability = torch.tensor([[0.9, 0.3]])
        loss = focal_loss(torch.logit(probability), torch.tensor([[1.0, 0.0]]), 0.25, 2.0)
        wanted = -0.25 * (0.1**2 * math.log(0.9) + 0.3**2 * math.log(0.7)) / 2
        assert float(loss) == pytest.approx(wanted, rel=1e-5)
        plain = focal_loss(torch.logit(probability), torch.tensor([[0.0, 1.0]]), 1.0, 0.0)
        assert float(plain) == pytest.approx(-(math.log(0.1) + math.log(0.3)) / 2, rel=1e-5)

    def test_the_loss_reaches_the_classifier_only(self):
        model, method = build(), SamMix()
        method.apply(model, method.for_classes(SMALL, 2))
        images = [np.zeros((20, 30), np.uint8), np.full((30, 20), 99, np.uint8)]
        present = np.array([[True, False], [False, False]])
        loss = loss_of(model, known(images, present), unseen)
        logits = model.sam.classifier(images, unseen)[0].detach().double()
        p = torch.sigmoid(logits).numpy()
        right = np.where(present, p, 1 - p)
        assert loss.item() == pytest.approx(float((-0.25 * (1 - right) ** 2 * np.log(right)).mean()), rel=1e-4)
        loss.backward()
        touched = {n for n, p in model.sam.named_parameters() if p.grad is not None}
        assert touched == {"classifier." + n for n, _ in model.sam.classifier.named_parameters()}


class TestOnTheEmbedding:
    def test_it_sees_the_embedding_alone_at_no_more_than_32_places_a_side(self):
        torch.manual_seed(0)
        classifier = SliceClassifier(SamMixConfig(classifier_width=4, classes=2), 256).eval()
        embeddings = torch.randn(3, 256, 64, 64)
        coarse = torch.nn.functional.avg_pool2d(embeddings, 2)
        images = [np.zeros((9, 9), np.uint8)] * 3
        with torch.no_grad():
            logits, maps = classifier(images, lambda: embeddings)
            again = classifier(images, lambda: coarse)
            assert maps.shape == (3, 2, 32, 32)
            assert torch.equal(maps, again[1]) and torch.equal(logits, again[0])
            assert classifier(images, lambda: embeddings[..., :16, :16])[1].shape == (3, 2, 16, 16)

    def test_the_strongest_places_decide(self):
        features = [[[4.0, 1.0, 0.0], [2.0, 0.5, 0.0]]]
        for share, mean in ((1.0, 7.5 / 6), (0.5, 7.0 / 3), (1 / 3, 3.0), (0.001, 4.0)):
            classifier = looking(features, [[1.0]], [-2.0], replace(SMALL, strongest=share))
            logits, _ = classifier([np.zeros((8, 8), np.uint8)], unseen)
            assert logits.item() == pytest.approx(mean - 2)

    def test_no_gradient_reaches_sam(self):
        model, method = build("vit-64"), SamMix()
        method.apply(model, SamMixConfig(classifier_width=8))
        images = [np.arange(600, dtype=np.uint8).reshape(20, 30)]
        outlines = [np.ones((1, 20, 30), bool)]

        def encode():
            with torch.no_grad():
                return torch.randn(1, 256, model.embedding_size, model.embedding_size)

        loss_of(model, known(images, [[True]], outlines), encode).backward()
        touched = {n for n, p in model.sam.named_parameters() if p.grad is not None}
        assert touched == {"classifier." + n for n, _ in model.sam.classifier.named_parameters()}

    def test_outline_loss_by_hand(self):
        logits = torch.tensor([[[[2.0, -1.0], [0.0, -3.0]]]] * 2)
        # The upper half of a slice with as many pixels as the map has places; nobody outlined the second.
        outline, frames = np.array([[[True, True], [False, False]]]), [ModelFrame((2, 2), 16)] * 2
        p = 1 / (1 + np.exp(-np.array([2.0, -1.0, 0.0, -3.0])))
        t = np.array([1.0, 1.0, 0.0, 0.0])
        entropy = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
        wanted = entropy + 1 - (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)
        shares = outline_shares([outline, None], frames, 2, 1)
        # Of two slices one is outlined.
        assert outline_loss(logits, shares).item() == pytest.approx(wanted / 2, rel=1e-5)
        assert outline_loss(logits[:1], shares[:1]).item() == pytest.approx(wanted, rel=1e-5)
        assert outline_loss(logits[1:], shares[1:]).item() == 0

    def test_from_outlines_it_learns_where_a_pattern_is(self):
        """On embeddings in which one random direction means the object: boxes on slices never seen."""
        torch.manual_seed(0)
        rng, direction = np.random.default_rng(0), torch.randn(256, 1, 1)
        method, model = SamMix(), build()
        method.apply(model, SamMixConfig())
        optimizer = torch.optim.AdamW(model.sam.classifier.parameters(), lr=2e-3)

        def draw():
            images, masks, embeddings = [], [], []
            for number in range(4):
                mask = np.zeros((64, 64), bool)
                y, x, h, w = *rng.integers(0, 40, 2), *rng.integers(8, 24, 2)
                mask[y : y + h, x : x + w] = number % 2
                share = torch.nn.functional.avg_pool2d(torch.from_numpy(mask)[None].float(), 4)
                images.append(np.zeros((64, 64), np.uint8))
                masks.append(mask)
                embeddings.append(torch.randn(256, 16, 16) + 2 * share * direction)
            return images, np.stack(masks), torch.stack(embeddings)

        for _ in range(60):
            images, masks, embeddings = draw()
            slices = known(images, masks.any(axis=(1, 2))[:, None], [mask[None] for mask in masks])
            loss_of(model, slices, lambda embeddings=embeddings: embeddings).backward()
            optimizer.step()
            optimizer.zero_grad()
        overlaps = []
        for _ in range(4):
            images, masks, embeddings = draw()
            for image, mask, embedding in zip(images, masks, embeddings, strict=True):
                (found,) = model.find(image, ModelFrame(image.shape, 64), lambda embedding=embedding: embedding[None])
                assert bool(len(found)) == mask.any()
                if mask.any():
                    overlaps.append(box_overlap(found[:1], np.array(bounding_box(mask)))[0])
        assert np.mean(overlaps) > 0.7


class TestBoxes:
    def test_regions_become_boxes_the_largest_first(self):
        activation = np.zeros((20, 30))
        activation[2:4, 1:3] = 0.9
        activation[8:12, 20:26] = 2.0
        activation[15, 5] = 1.1
        activation[10, 27:29] = 0.6
        found = find_boxes(activation, SamMixConfig(threshold=0.4, smallest=4 / 24, margin=0))
        # 24 and 4 pixels; the single one is too small and 0.6 lies below 0.4 * 2.
        assert found.dtype == np.float32 and found.tolist() == [[20, 8, 25, 11], [1, 2, 2, 3]]
        half = SamMixConfig(smallest=1e-3, margin=0)
        assert find_boxes(activation, half).tolist() == [[20, 8, 25, 11], [5, 15, 5, 15]]
        assert np.array_equal(find_boxes(7 * activation, half), find_boxes(activation, half))

    def test_margins_end_at_the_border(self):
        activation = np.zeros((20, 30))
        activation[8:12, 22:28] = 1
        found = find_boxes(activation, SamMixConfig(margin=0.5))
        # Sides of 6 and 4 pixels grow by 3 and 2 at each end.
        assert found.tolist() == [[19, 6, 29, 13]]

    def test_nothing_is_found_where_nothing_is_active(self):
        assert find_boxes(np.zeros((5, 6)), SamMixConfig()).shape == (0, 4)

    @pytest.mark.parametrize("turned", [False, True])
    def test_boxes_lie_in_slice_pixels(self, turned):
        """The slice fills half of the square; one cell of the map is one sixteenth of it."""
        features = np.zeros((1, 4, 4), np.float32)
        # Across the padding there is more to see, which is no part of the slice.
        features[0, 0, 2], features[0, 3, 1] = 1, 9
        shape, wanted = (30, 60), np.array([30, 0, 44, 14])
        if turned:
            features, shape, wanted = features.transpose(0, 2, 1).copy(), (60, 30), wanted[[1, 0, 3, 2]]
        classifier = looking(features, [[1.0]], [0.0], replace(SMALL, margin=0))
        (found,) = find(classifier, np.zeros(shape, np.uint8))
        # Between cells the map is interpolated, and falls to a half at a cell's edge.
        assert found.shape == (1, 4) and np.abs(found[0] - wanted).max() <= 1

    def test_where_outlines_have_taught_the_places_their_probability_says_where(self):
        features = np.zeros((1, 4, 4), np.float32)
        # With the bias logits of 8, 1, 0 and, elsewhere, -2: half of the first one's value is passed by it alone, half
        # of its probability by the second and third, too.
        features[0, 1, :3] = 10, 3, 2
        widths = {}
        for outlines in (0.0, 1.0):
            classifier = looking(features, [[1.0]], [-2.0], replace(SMALL, outlines=outlines, strongest=0.1))
            (boxes,) = find(classifier, np.zeros((64, 64), np.uint8))
            widths[outlines] = boxes[0, 2] - boxes[0, 0] + 1
        assert widths[0.0] == pytest.approx(16, abs=8) and widths[1.0] == pytest.approx(48, abs=8)

    def test_what_is_improbable_gets_no_box(self):
        features = [[[1.0, 0.0], [0.0, 0.0]]]
        classifier = looking(features, [[4.0], [4.0], [-4.0]], [-0.99, -1.01, 9.0], SMALL)
        found = find(classifier, np.zeros((10, 10), np.uint8))
        # Logits of 0.01, -0.01 and 8, the last of which nothing on the slice speaks for.
        assert [len(boxes) for boxes in found] == [1, 0, 0]
        assert all(boxes.shape[1:] == (4,) and boxes.dtype == np.float32 for boxes in found)


def pictures(count, seed):
    """Half of them with a bright disc somewhere on noise; and where it is."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:48, :64]
    images, masks = [], []
    for place in range(count):
        y, x = rng.uniform(12, 36), rng.uniform(12, 52)
        disc = ((rows - y) ** 2 + (columns - x) ** 2 < 10**2) & (place % 2 == 0)
        images.append((rng.integers(0, 90, disc.shape) + 120 * disc).astype(np.uint8))
        masks.append(disc)
    return images, np.stack(masks)


def test_from_slice_labels_alone_it_learns_where_the_disc_is():
    torch.manual_seed(0)
    method, model = SamMix(), build()
    method.apply(model, SamMixConfig(classifier_width=16, classifier_size=128, threshold=0.7, **PAPER))
    optimizer = torch.optim.AdamW(model.sam.classifier.parameters())
    for step in range(40):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * rate_factor((step + 0.5) / 40, 0.1, 0.9)
        images, masks = pictures(8, step)
        loss_of(model, known(images, masks.any(axis=(1, 2))[:, None]), unseen).backward()
        optimizer.step()
        optimizer.zero_grad()
    images, masks = pictures(12, 1000)
    overlaps = []
    for image, mask in zip(images, masks, strict=True):
        (found,) = find(model, image)
        assert bool(len(found)) == mask.any()
        if mask.any():
            overlaps.append(box_overlap(found[:1], np.array(bounding_box(mask)))[0])
    assert min(overlaps) > 0.3 and np.mean(overlaps) > 0.5


class TestAdapter:
    @pytest.fixture
    def adapted(self, tmp_path):
        """A model of two classes that finds something everywhere, saved."""
        method, model = SamMix(), build()
        config = method.for_classes(SMALL, 2)
        method.apply(model, config, seed=3)
        with torch.no_grad():
            model.sam.classifier.head.bias.fill_(9)
            model.sam.classifier.head.weight.abs_()
        info = AdapterInfo(
            method="sammix",
            config=config.to_dict(),
            base=model.base.name,
            base_hash=model.base_hash,
            input_size=model.input_size,
            intensity="minmax",
            axis="axial",
            classes=("disc", "bean"),
            steps=1,
        )
        save_adapter(tmp_path, model, info)
        return model, tmp_path

    @pytest.mark.parametrize("merge", [False, True])
    def test_it_finds_the_same_after_loading(self, adapted, merge):
        model, folder = adapted
        image = pictures(1, 0)[0][0]
        loaded = build()
        assert loaded.find is None
        apply_adapter(loaded, folder, merge=merge)
        wanted, got = find(model, image), find(loaded, image)
        assert len(got) == 2 and all(len(boxes) for boxes in got)
        assert all(np.array_equal(a, b) for a, b in zip(wanted, got, strict=True))
        assert any(".lora_" in n for n, _ in loaded.sam.named_parameters()) is not merge
        assert not any(p.requires_grad for p in loaded.sam.parameters())

    def test_a_copy_finds_with_its_own_classifier(self, adapted):
        model, _ = adapted
        other = copy.deepcopy(model)
        with torch.no_grad():
            model.sam.classifier.head.bias.fill_(-9)
        image = pictures(1, 0)[0][0]
        assert [len(b) for b in find(model, image)] == [0, 0] and all(len(b) for b in find(other, image))


@pytest.mark.parametrize(
    "values, words",
    [
        ({"rank": 0}, "rank is 0"),
        ({"classes": 1.5}, "classes is 1.5"),
        ({"classifier_depth": 50}, "Give 18, 34 or 38"),
        ({"classifier_width": 0}, "classifier_width is 0"),
        ({"classifier_size": 250}, "Give a whole number of pixels, 16 or more, a multiple of 16"),
        ({"classifier_size": 0}, "classifier_size is 0"),
        ({"decoder": "yes"}, "Give lora, all or none"),
        ({"alpha": 0}, "alpha is 0"),
        ({"gamma": -1}, "gamma is -1"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"threshold": 0}, "threshold is 0"),
        ({"threshold": True}, "threshold is True"),
        ({"smallest": 1.5}, "smallest is 1.5"),
        ({"margin": -0.1}, "margin is -0.1"),
        ({"features": "pixels"}, "Give embedding or image"),
        ({"strongest": 0}, "strongest is 0"),
        ({"outlines": -1}, "outlines is -1"),
        ({"omega": 0.5}, "Known are .*threshold"),
    ],
)
def test_settings_that_cannot_be(values, words):
    with pytest.raises(InputError, match=words):
        SamMixConfig.from_dict(values)


def test_settings_travel():
    config = SamMixConfig(classifier_depth=34, margin=0.2)
    assert SamMixConfig.from_dict(config.to_dict()) == config
    assert isinstance(get_method("sammix"), SamMix)
