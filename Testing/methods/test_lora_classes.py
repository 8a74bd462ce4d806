"""SAMed's label map without prompts: what is trained, what it says, and the way from a library to a segmentation."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from SAMAdaptLib.adapters.card import model_card
from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, read_adapter_info, save_adapter
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs import load
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.methods.lora.config import LoraConfig
from SAMAdaptLib.methods.lora.model import Lora
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.decode import decode, label, label_map
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.training import engine, validation
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.losses import label_iou_loss, label_loss, margins
from SAMAdaptLib.volume.segfile import read_labels
from Testing.tiny import build, make_library, scan

pytestmark = pytest.mark.slow

CLASSES = ["disc", "bean"]
# Points, absence of a point and the convolutions on a mask: 4 * 256, 256 and 4,684.
ASKED_ONLY = 5_964


def labeller(kind="vit-64", classes=2, seed=0):
    """A model with masks of its own for each class, unlike one another."""
    model = build(kind)
    Lora().apply(model, LoraConfig(head="classes", classes=classes))
    decoder, generator = model.sam.mask_decoder, torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (decoder.mask_tokens.weight, *decoder.output_hypernetworks_mlps.parameters()):
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model


def embedding_of(model, seed=3):
    side = model.embedding_size
    return torch.randn(1, model.family.channels, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("classes, published", [(1, 663_662), (8, 1_645_909)])
def test_on_vit_b_all_of_samed_that_takes_part_without_prompts_is_trained(classes, published):
    """Of SAMed with LoRA in the decoder. The sum of its parts for eight classes is 256 below a count that takes the
    prompt encoder's random frequencies, which are no parameters, for trained; that for one class is the same."""
    with torch.device("meta"):
        model = build_sam("sam_vit_b", weights=False)
        model.sam.to("meta")
        Lora().apply(model, LoraConfig(head="classes", classes=classes))
    sizes = {name: p.numel() for name, p in trainable(model.sam).items()}

    def number(*words):
        return sum(size for name, size in sizes.items() if all(word in name for word in words))

    masks = classes + 1
    assert number("lora_") == 147_456 + 23_552
    assert number("mask_tokens") == 256 * masks and number("iou_token") == 256
    # Three layers from 256 to the 32 channels of the upscaled picture.
    assert number("hypernetworks") == masks * (2 * (256 * 256 + 256) + 256 * 32 + 32) == masks * 139_808
    assert number("iou_prediction_head") == 2 * (256 * 256 + 256) + masks * 257
    assert number("output_upscaling") == 73_952
    assert number("prompt_encoder") == number("no_mask_embed") == 256
    assert sum(sizes.values()) == published - ASKED_ONLY


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_the_answer_is_segment_anything_s_to_no_prompt(kind):
    model = labeller(kind, classes=3)
    embedding, sam = embedding_of(model), model.sam
    sparse, dense = sam.prompt_encoder(points=None, boxes=None, masks=None)
    with torch.no_grad():
        wanted, quality = sam.mask_decoder.predict_masks(
            image_embeddings=embedding,
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
        )
        found, iou = label(model, embedding)
    assert found.shape == (1, 4, model.low_res_size, model.low_res_size) and found.std(1).min() > 0
    assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max() and torch.allclose(iou, quality, atol=1e-5)


def test_at_the_start_every_class_is_as_likely_as_any_other():
    model = build()
    Lora().apply(model, LoraConfig(head="classes", classes=3))
    embedding = embedding_of(model)
    with torch.no_grad():
        logits, _ = label(model, embedding)
    assert torch.allclose(logits.softmax(1), torch.full_like(logits, 1 / 4)) and logits.std() > 0
    # Labels tell them apart from the first step on.
    target = torch.zeros(1, 4, *logits.shape[2:])
    target[:, 2] = 1
    loss = label_loss(label(model, embedding)[0], target, 1.0, 0.8)
    loss.backward()
    first, _, third, last = model.sam.mask_decoder.mask_tokens.weight.grad
    assert not torch.allclose(first, third) and torch.allclose(first, last) and first.abs().max() > 0


def test_the_likeliest_class_is_the_label():
    model = labeller()
    embedding, frame = embedding_of(model), ModelFrame((40, 60), 64)
    with torch.no_grad():
        logits = frame.logits_to_slice(label(model, embedding)[0])[0].numpy()
        found = label_map(model, embedding, frame)
    assert found.shape == (40, 60) and set(np.unique(found)) == {0, 1, 2}
    for value in range(3):
        others = np.delete(logits, value, axis=0).max(0)
        assert ((found == value) == (logits[value] > others)).all()
        assert np.allclose(margins(torch.from_numpy(logits)[None])[0, value], logits[value] - others)


def test_the_loss_by_hand():
    logits = np.array([[[1.0, -2.0]], [[0.5, 3.0]], [[-1.0, 0.0]]])
    target = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]])
    p = np.exp(logits) / np.exp(logits).sum(0)
    entropy = -np.log([p[0, 0, 0], p[1, 0, 1]]).mean()
    dice = [
        1 - (2 * (a * b).sum() + 1e-5) / ((a * a).sum() + (b * b).sum() + 1e-5) for a, b in zip(p, target, strict=True)
    ]
    given = [torch.from_numpy(one).float()[None] for one in (logits, target)]
    assert float(label_loss(*given, 0.2, 0.8)) == pytest.approx(0.2 * entropy + 0.8 * np.mean(dice), rel=1e-5)
    # The first two masks are right, and the last is rightly nowhere.
    assert float(label_iou_loss(torch.tensor([[1.0, 0.0, 0.5]]), *given)) == pytest.approx((0 + 1 + 0.25) / 3)


def test_what_is_saved_comes_back_and_says_what_it_is(tmp_path):
    model, again = labeller(), build()
    embedding, frame = embedding_of(model), ModelFrame((40, 60), 64)
    config = LoraConfig(head="classes", classes=2)
    info = AdapterInfo(
        "lora", config.to_dict(), model.base.name, model.base_hash, 64, "minmax", "axial", ("disc", "bean"), 1,
        prompts="none", validation={"found": 0.5, "dice": 0.5, "step": 1},
    )  # fmt: skip
    assert save_adapter(tmp_path, model, info).prompted is False and again.labels is False
    apply_adapter(again, tmp_path)
    assert again.labels is True
    with torch.no_grad():
        assert np.array_equal(label_map(again, embedding, frame), label_map(model, embedding, frame))
    card = model_card(read_adapter_info(tmp_path), "organs")
    assert "| Prompts | none: it labels whole slices by itself, and answers no point, box or mask |" in card
    assert "Dice without prompts | 0.500" in card and "Mask prompts" not in card and "prompt |" not in card


def test_a_prompt_is_refused():
    model = labeller()
    with pytest.raises(InputError, match="labels whole slices by itself and answers no prompt.*--auto, or Auto in"):
        decode(model, embedding_of(model), [Prompt(box=[1, 2, 30, 40])], ModelFrame((40, 60), 64))


def test_without_heads_nothing_would_tell_classes_apart():
    with pytest.raises(InputError, match="head is classes and heads is off"):
        LoraConfig.from_dict({"head": "classes", "heads": False})
    with pytest.raises(InputError, match="head is 'class'. Give prompts or classes"):
        LoraConfig.from_dict({"head": "class"})


def test_held_out_slices_are_scored_by_their_labels(tmp_path, monkeypatch):
    library = make_library(tmp_path / "library", patients=3, indices=(1, 3), backgrounds=(0,))
    config = TrainConfig(method="lora", method_config={"head": "classes"}, steps=1, synthesis=False)
    data = TrainingData(library, config, 64, 16)
    # Nothing is compared with a base that labels nothing, so nothing is held out for that.
    assert data.validation and not data.compared
    ((one, two),) = [data.validation]
    assert [e.info.classes for e in (one, two)] == [("disc",), ("disc", "bean")]
    # The first slice is labelled as it is, the second as all bean.
    answers = iter([one.labels.astype(int), np.full(two.labels.shape, 2)])
    monkeypatch.setattr(validation, "label_map", lambda model, embedding, frame: next(answers))
    figures = validation.validate(SimpleNamespace(labels=True), data, lambda images, frames: torch.zeros(1))
    bean = (two.labels == 2).sum()
    wanted = np.mean([1, 0, 2 * bean / (bean + two.labels.size)])
    assert figures == {"found": pytest.approx(wanted), "dice": pytest.approx(wanted)}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on small slices, and a scan of another patient with its labels."""
    folder = tmp_path_factory.mktemp("labels")
    library = make_library(folder / "LIB", patients=3, backgrounds=(0, 5))
    volume, labels = scan(7)
    for name, array in (("image", volume.array), ("labels", labels.array)):
        picture = sitk.GetImageFromArray(array)
        picture.SetSpacing((1, 1, 3))
        sitk.WriteImage(picture, str(folder / f"{name}.nrrd"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "build_sam", lambda *names, **options: build("vit-64"))
        words = ["finetune", "--library", library.folder, "--method", "lora", "--method-set", "head=classes"]
        words += ["--output", folder / "RUN", "--steps", 60, "--device", "cpu", "--precision", "fp32"]
        words += ["--set", "lr=0.003", "--set", "synthetic_count=8", "--set", "prompts_per_slice=1"]
        assert main([str(word) for word in words]) == 0
    return folder


@pytest.fixture
def call(monkeypatch, capsys):
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))

    def call(*words):
        capsys.readouterr()
        code = main([str(word) for word in (*words, "--device", "cpu", "--json")])
        captured = capsys.readouterr()
        return json.loads(captured.out) if code == 0 else captured.err

    return call


def test_from_a_library_to_a_segmentation_without_a_prompt(run, call, tmp_path):
    info = read_adapter_info(run / "RUN")
    assert info.config["classes"] == 2 and info.prompts == "none" and not info.comparison and not info.mask_prompts
    assert set(info.validation) == {"found", "dice", "step"}
    out = tmp_path / "organs.seg.nrrd"
    told = call("segment", "--image", run / "image.nrrd", "--adapter", run / "RUN", "--auto", "--output", out)
    assert list(told["segments"]) == CLASSES
    found, truth = read_labels(out), read_labels(run / "labels.nrrd").array
    masks = [found.mask(name) for name in CLASSES]
    assert not (masks[0] & masks[1]).any()
    dice = 2 * (masks[0] & (truth == 1)).sum() / (masks[0].sum() + (truth == 1).sum())
    assert dice > 0.8, dice
    words = ("evaluate", "--image", run / "image.nrrd", "--labels", run / "labels.nrrd", "--merge", "disc=1")
    words += ("--adapter", run / "RUN", "--prompt", "auto", "--slices", "volume", "--output", tmp_path / "scores")
    scored = call(*words)
    assert scored["cases"][0]["labels"]["disc"]["dice"] == pytest.approx(dice, abs=1e-6)
    assert "Whole volume" in scored["setting"]


def test_the_base_cannot_take_its_place(run, call, tmp_path):
    out = tmp_path / "organs.seg.nrrd"
    words = ("segment", "--image", run / "image.nrrd", "--adapter", run / "RUN", "--auto", "--weights", "base")
    assert "which the base weights cannot do in its place" in call(*words, "--output", out) and not out.exists()


@pytest.mark.parametrize("asked", ["point", "propagated", "evaluate", "suggest"])
def test_what_needs_prompts_refuses_the_adapter(run, call, tmp_path, asked):
    out = tmp_path / "out"
    image = ("--image", run / "image.nrrd", "--adapter", run / "RUN")
    point = ("segment", *image, "--segment", "disc", "--point=-18,-18,6", "--output", tmp_path / "out.seg.nrrd")
    words = {
        "point": point,
        "propagated": (*point, "--propagate"),
        "evaluate": ("evaluate", *image, "--labels", run / "labels.nrrd", "--prompt", "box", "--output", out),
        "suggest": ("suggest", *image),
    }[asked]
    told = call(*words)
    assert "This adapter labels whole slices by itself" in told and ("suggest" in told) is (asked == "suggest")
    assert not list(tmp_path.iterdir())
