"""Pretraining: what it trains and leaves alone, the same result however often it is stopped, and its use as a start."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from SAMAdaptLib.adapters.file import apply_adapter, read_adapter_info
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import VIT, build, make_library, scan

pytestmark = pytest.mark.slow

CONFIG = PretrainConfig(
    model="test_vit", steps=4, batch_size=3, checkpoint_seconds=1e9, precision="fp32", device="cpu", intensity="minmax"
)
TUNING = TrainConfig(
    model="test_vit",
    method="msa",
    steps=1,
    prompts_per_slice=1,
    synthesis=False,
    validation="none",
    precision="fp32",
    device="cpu",
)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for number in range(3):
        volume, _ = scan(number)
        write_volume(folder / f"{number}.nrrd", volume.array, volume.geometry)
    return folder


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """Weights of the small ViT at its native size, as a file."""
    path = tmp_path_factory.mktemp("weights") / "vit.safetensors"
    state = {name: tensor.contiguous() for name, tensor in build("vit-128").sam.state_dict().items()}
    # They start at zero, which every change of size would leave as it is.
    state["image_encoder.pos_embed"] = 0.1 * torch.randn(1, 8, 8, 64, generator=torch.Generator().manual_seed(0))
    save_file(state, path)
    return path


@pytest.fixture(scope="module")
def learnt(images, tmp_path_factory):
    """A run long enough to learn something."""
    folder = tmp_path_factory.mktemp("learnt") / "run"
    model = build("vit-64")
    done = pretrain(images, folder, replace(CONFIG, steps=32, lr=1e-3), model=model)
    return folder, done, model


@pytest.fixture(scope="module")
def whole(images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    pretrain(images, folder, CONFIG, model=build("vit-64"))
    return folder


def applied(kind="vit-64", method="msa", seed=0, **settings):
    """A fresh model with a fresh method."""
    model = build(kind)
    found = get_method(method)
    found.apply(model, found.Config.from_dict(settings), seed)
    return model


def weights(folder):
    return load_file(folder / "adapter" / "adapter.safetensors")


def figures(folder):
    return [{k: v for k, v in line.items() if k != "seconds"} for line in read_metrics(folder)]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_every_loss_falls(learnt):
    lines = read_metrics(learnt[0])
    assert len(lines) == 32
    for name, least in (("emix", 0.9), ("shed", 0.9), ("mae", 0.95)):
        values = [line[name] for line in lines]
        assert np.mean(values[-8:]) < least * np.mean(values[:8]), name
    assert all(line["loss"] == pytest.approx(line["emix"] + line["shed"] + line["mae"]) for line in lines)


def test_adapters_of_the_encoder_are_trained_and_nothing_else(learnt):
    fresh, after = applied(), learnt[2].sam.state_dict()
    names = set(trainable(fresh.sam))
    wanted = {n for n in names if n.startswith("image_encoder.")}
    # Four blocks of two adapters with two layers each.
    assert len(wanted) == 4 * 2 * 2 * 2
    before = fresh.sam.state_dict()
    assert {n for n in before if not torch.equal(before[n], after[n])} == wanted
    # The file holds what the method trains later, too, as it was.
    assert weights(learnt[0]).keys() == names


def test_what_a_run_leaves_behind(learnt):
    folder, done, _ = learnt
    assert sorted(p.name for p in folder.iterdir()) == ["adapter", "checkpoints", "config.json", "metrics.jsonl"]
    assert not list((folder / "checkpoints").iterdir())
    info = read_adapter_info(folder)
    assert (info.method, info.classes, info.steps, info.base_hash) == ("msa", (), 32, "random-0")
    assert (info.intensity, info.axis, info.input_size) == ("minmax", "axial", 64)
    assert done.path == folder / "adapter" and done.steps == 32
    assert done.losses == {k: read_metrics(folder)[-1][k] for k in ("loss", "emix", "shed", "mae")}
    assert b"scan" not in (folder / "config.json").read_bytes()


def test_the_adapter_gives_the_trained_encoder(learnt):
    model = build("vit-64")
    apply_adapter(model, learnt[0])
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        wanted, base = (one.sam.image_encoder(pixels) for one in (learnt[2], build("vit-64")))
        assert torch.equal(model.sam.image_encoder(pixels), wanted) and not torch.allclose(wanted, base, atol=1e-3)


class Stop:
    """Says "stop" once so many steps are done; reading asks as well, once a volume."""

    def __init__(self, steps):
        self.left = steps + 3

    def __call__(self):
        self.left -= 1
        return self.left <= 0


class Killed(BaseException):
    pass


def test_stopped_and_resumed_is_uninterrupted_to_the_bit(images, tmp_path, whole):
    for number in range(2):
        with pytest.raises(Cancelled, match="--resume"):
            pretrain(images, tmp_path, CONFIG, model=build("vit-64"), resume=number > 0, cancelled=Stop(1 + number))
    assert pretrain(images, tmp_path, CONFIG, model=build("vit-64"), resume=True).steps == 4
    assert same(weights(tmp_path), weights(whole)) and figures(tmp_path) == figures(whole)


@pytest.mark.parametrize("every", [0.0, 1e9], ids=["after a checkpoint", "before the first"])
def test_killed_and_resumed_is_uninterrupted_to_the_bit(images, tmp_path, whole, every):
    def kill(event):
        if event["event"] == "step" and event["step"] == 3:
            raise Killed

    config = replace(CONFIG, checkpoint_seconds=every)
    with pytest.raises(Killed):
        pretrain(images, tmp_path, config, model=build("vit-64"), listener=kill)
    assert len(list((tmp_path / "checkpoints").iterdir())) == (0 if every else 2)
    pretrain(images, tmp_path, config, model=build("vit-64"), resume=True)
    assert same(weights(tmp_path), weights(whole)) and figures(tmp_path) == figures(whole)


def test_a_finished_run_is_told_again_and_another_is_refused(images, whole, tmp_path):
    before = (whole / "adapter" / "adapter.safetensors").stat().st_mtime_ns
    done = pretrain(images, whole, CONFIG, model=build("vit-64"), resume=True)
    assert done.steps == 4 and done.losses["mae"] == read_metrics(whole)[-1]["mae"]
    assert (whole / "adapter" / "adapter.safetensors").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="--resume"):
        pretrain(images, whole, CONFIG, model=build("vit-64"))
    with pytest.raises(InputError, match="another seed"):
        pretrain(images, whole, replace(CONFIG, seed=1), model=build("vit-64"), resume=True)
    with pytest.raises(InputError, match="another base_hash"):
        pretrain(images, whole, CONFIG, model=build("vit-64", seed=1), resume=True)
    volume, _ = scan(7)
    write_volume(tmp_path / "other.nrrd", volume.array, volume.geometry)
    with pytest.raises(InputError, match="another images"):
        pretrain(tmp_path, whole, CONFIG, model=build("vit-64"), resume=True)


@pytest.mark.parametrize("kind", ["vit-64", "vit-128", "tiny_vit-64"])
def test_the_whole_encoder_and_nothing_else(images, native, tmp_path, kind):
    vit = kind.startswith("vit")
    model = build_sam(VIT, native, int(kind[-2:]) if kind == "vit-64" else 128) if vit else build(kind)
    before = {n: t.clone() for n, t in model.sam.state_dict().items()}
    config = replace(CONFIG, train="encoder", steps=2, objectives="mae")
    done = pretrain(images, tmp_path, config, model=model, checkpoint=native if vit else None)
    assert done.path == tmp_path / "checkpoint.safetensors"
    trained = {n for n, p in model.sam.named_parameters() if p.requires_grad}
    # At another size than the file's, positions have no place in the file.
    fixed = {"image_encoder.pos_embed"} if kind == "vit-64" else set()
    assert trained == {n for n, _ in model.sam.named_parameters() if n.startswith("image_encoder.")} - fixed
    after = model.sam.state_dict()
    changed = {n for n in before if not torch.equal(before[n], after[n])}
    assert changed <= trained and len(changed) > 0.9 * len(trained)
    again = build_sam(model.base, done.path, model.input_size)
    assert same(again.sam.state_dict(), after)
    assert again.base_hash not in ("random-0", model.base_hash)
    if vit:
        stored = load_file(done.path)
        assert stored["image_encoder.pos_embed"].shape == (1, 8, 8, 64)
        kept = torch.equal(stored["image_encoder.pos_embed"], load_file(native)["image_encoder.pos_embed"])
        assert kept == (kind == "vit-64")
        assert build_sam(VIT, done.path, 128).input_size == 128


def test_the_whole_encoder_stopped_and_resumed(images, tmp_path):
    config = replace(CONFIG, train="encoder", steps=2, objectives="shed")
    pretrain(images, tmp_path / "a", config, model=build("tiny_vit-64"))
    with pytest.raises(Cancelled):
        pretrain(images, tmp_path / "b", config, model=build("tiny_vit-64"), cancelled=Stop(1))
    assert not (tmp_path / "b" / "checkpoint.safetensors").exists()
    done = pretrain(images, tmp_path / "b", config, model=build("tiny_vit-64"), resume=True)
    assert same(load_file(done.path), load_file(tmp_path / "a" / "checkpoint.safetensors"))
    assert pretrain(images, tmp_path / "b", config, model=build("tiny_vit-64"), resume=True) == done


@pytest.mark.parametrize(
    "method, settings", [("lora", {}), ("msa", {"depth": 3}), ("dbsam", {"stages": 2})], ids=["lora", "stacks", "dbsam"]
)
def test_other_methods(images, tmp_path, method, settings):
    model = build("tiny_vit-64")
    config = replace(CONFIG, steps=1, method=method, method_config=settings)
    pretrain(images, tmp_path, config, model=model)
    fresh = applied("tiny_vit-64", method, **settings)
    before, after = fresh.sam.state_dict(), model.sam.state_dict()
    changed = {n.replace(".default.", ".") for n in before if not torch.equal(before[n], after[n])}
    assert changed and all(n.startswith("image_encoder.") and n in trainable(fresh.sam) for n in changed)
    assert weights(tmp_path).keys() == trainable(fresh.sam).keys()


def test_one_objective_has_no_part_of_the_others(images, tmp_path):
    pretrain(images, tmp_path, replace(CONFIG, steps=1, objectives="shed=0.5"), model=build("vit-64"))
    (line,) = read_metrics(tmp_path)
    assert line["loss"] == pytest.approx(0.5 * line["shed"]) and not {"mae", "emix"} & line.keys()


@pytest.mark.parametrize("method", ["decoder", "msa"])
def test_methods_without_a_part_in_the_encoder(images, tmp_path, method):
    settings = {"encoder": False} if method == "msa" else {}
    config = replace(CONFIG, method=method, method_config=settings)
    with pytest.raises(InputError, match="trains nothing in the encoder"):
        pretrain(images, tmp_path / "run", config, model=build("vit-64"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "change, words",
    [
        ({"precision": "fp8"}, "precision is .fp8.. Give auto, fp32 or bf16"),
        ({"seed": -1}, "seed is -1"),
        ({"lr": "fast"}, "lr is 'fast'"),
        ({"patches": 3}, "3 patches"),
        ({"method_config": {"depth": 99}}, "depth is 99"),
        ({"batch_size": 99}, "for batches of 99"),
    ],
)
def test_settings_that_cannot_be_leave_no_folder(images, tmp_path, change, words):
    """A folder with settings in it would refuse the corrected command."""
    with pytest.raises(InputError, match=words):
        pretrain(images, tmp_path / "run", replace(CONFIG, **change), model=build("vit-64"))
    assert not (tmp_path / "run").exists()


def test_volumes_left_out_are_told_and_the_run_goes_on(images, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for path in images.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    volume, _ = scan()
    write_volume(folder / "flat.nrrd", np.zeros_like(volume.array), volume.geometry)
    events = []
    with pytest.raises(Cancelled):
        pretrain(folder, tmp_path / "run", CONFIG, model=build("vit-64"), listener=events.append, cancelled=Stop(2))
    notes = [e for e in events if e["event"] == "note"]
    assert [(e["name"], "constant" in e["reason"]) for e in notes] == [("flat.nrrd", True)]
    assert [e["total"] for e in events if e["event"] == "reading"] == [4] * 4


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("tuning") / "library", patients=1, indices=(2, 3))


def begun(library, output, config=TUNING, **options):
    """The trainable tensors with which fine-tuning begins."""
    model, kept = options.pop("model", None) or build("vit-64"), {}

    def listen(event):
        if event["event"] == "start":
            kept.update({n: p.detach().clone() for n, p in trainable(model.sam).items()})

    finetune(library, output, config, model=model, listener=listen, **options)
    return kept


def test_fine_tuning_starts_from_the_pretrained_adapters(learnt, library, tmp_path):
    start = begun(library, tmp_path / "from", start_from=learnt[0])
    assert same(start, weights(learnt[0]))
    usual = begun(library, tmp_path / "usual")
    assert {n for n in usual if not torch.equal(usual[n], start[n])} == {n for n in usual if n.startswith("image_enc")}
    first, other = (read_metrics(tmp_path / name)[0]["loss"] for name in ("from", "usual"))
    assert first != other


def test_parts_a_class_start_as_they_are_where_the_classes_are_others(images, tmp_path):
    """The classifier of the pretraining is for one class, that of the fine-tuning for two."""
    library = make_library(tmp_path / "library", patients=1, indices=(1, 3), backgrounds=(0,))
    settings = {"classifier_width": 8}
    learnt = tmp_path / "learnt"
    config = replace(CONFIG, method="sammix", method_config=settings, objectives="mae", steps=2)
    pretrain(images, learnt, config, model=build("vit-64"))
    config = replace(TUNING, method="sammix", method_config=settings)
    usual, start = begun(library, tmp_path / "a", config), begun(library, tmp_path / "b", config, start_from=learnt)
    there = weights(learnt)
    other = {n for n in start if not torch.equal(start[n], usual[n])}
    assert other and all("lora" in n for n in other) and all(torch.equal(start[n], there[n]) for n in other)
    assert start["classifier.head.weight"].shape == (2, 8) and there["classifier.head.weight"].shape == (1, 8)
    assert {n for n in start if start[n].shape != there[n].shape} == {"classifier.head.weight", "classifier.head.bias"}
    with pytest.raises(InputError, match=r"other settings of sammix \(classifier_width = 8\).*--method-set"):
        finetune(library, tmp_path / "c", replace(config, method_config={}), model=build("vit-64"), start_from=learnt)


def test_the_start_belongs_to_the_run(learnt, whole, library, tmp_path):
    finetune(library, tmp_path, TUNING, model=build("vit-64"), start_from=learnt[0])
    finetune(library, tmp_path, TUNING, model=build("vit-64"), start_from=learnt[0] / "adapter", resume=True)
    for start in (None, whole):
        with pytest.raises(InputError, match="another start"):
            finetune(library, tmp_path, TUNING, model=build("vit-64"), start_from=start, resume=True)


@pytest.mark.parametrize(
    "change, seed, words",
    [
        ({"method": "lora"}, 0, "of the method msa, not lora.*Give --method msa"),
        ({"method_config": {"ratio": 0.5}}, 0, r"other settings of msa \(ratio = 0.25\).*--method-set"),
        ({}, 1, "other weights of test_vit .*checkpoint of the training"),
    ],
    ids=["method", "settings", "base"],
)
def test_starts_that_do_not_fit(learnt, library, tmp_path, change, seed, words):
    with pytest.raises(InputError, match=words):
        finetune(
            library, tmp_path / "run", replace(TUNING, **change), model=build("vit-64", seed), start_from=learnt[0]
        )
    assert not (tmp_path / "run").exists()


def test_a_whole_checkpoint_is_no_start_but_a_base(images, library, native, tmp_path):
    config = replace(CONFIG, train="encoder", steps=1, objectives="mae")
    done = pretrain(images, tmp_path / "run", config, model=build_sam(VIT, native, 64), checkpoint=native)
    with pytest.raises(InputError, match="Start from it with --checkpoint.*checkpoint.safetensors"):
        finetune(library, tmp_path / "tuned", TUNING, model=build("vit-64"), start_from=tmp_path / "run")
    finetune(library, tmp_path / "tuned", TUNING, model=build_sam(VIT, done.path, 64))
    assert read_adapter_info(tmp_path / "tuned").base_hash == build_sam(VIT, done.path).base_hash
