"""``samadapt segment --text``, in this process, with a small model and adapters of a few steps or none."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from safetensors.torch import save_file

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.segment import segment as segment_volume
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.clip import make_clip
from Testing.tiny import VIT, build, make_library, scan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a scan whose slice 2 is blank, weights, CLIP, a library, and adapters with texts and without."""
    folder = tmp_path_factory.mktemp("text")
    volume, _ = scan(3)
    volume.array[2] = volume.array.max()
    write_volume(folder / "scan.nrrd", volume.array, volume.geometry)
    state = {name: tensor.contiguous() for name, tensor in build("vit-128").sam.state_dict().items()}
    save_file(state, folder / "weights.safetensors")
    make_clip(folder / "clip")
    make_library(folder / "library", indices=(3, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, VIT.name, VIT)
        for name, words in {
            "texts": ("--method-set", f"text={folder / 'clip'}", "--prompts", "text=0.7,box=0.3"),
            "boxes": ("--prompts", "box"),
        }.items():
            called = main([
                "finetune", "--library", str(folder / "library"), "--output", str(folder / name), "--model", VIT.name,
                "--checkpoint", str(folder / "weights.safetensors"), "--method", "msa", "--method-set", "encoder=false",
                "--steps", "2", "--no-synthesis", "--input-size", "64", "--validation", "none", "--device", "cpu",
                *words,
            ])  # fmt: skip
            assert called == 0
        yield folder


def segment(place: Path, adapter: str, *words: object) -> int:
    common = ("--image", place / "scan.nrrd", "--checkpoint", place / "weights.safetensors", "--device", "cpu")
    return main([str(w) for w in ("segment", *common, "--adapter", place / adapter, *words)])


def refused(capsys, *words: object) -> str:
    capsys.readouterr()
    try:
        assert segment(*words) == 2
    except SystemExit as stop:
        assert stop.code == 2
    return capsys.readouterr().err


def test_each_slice_is_asked_in_the_given_words(place, tmp_path, capsys):
    out = tmp_path / "out.seg.nrrd"
    capsys.readouterr()
    given = ("--segment", "disc", "--text", "--segment", "second", "--text", "the bean")
    assert segment(place, "texts", *given, "--no-cleanup", "--output", out, "--json") == 0
    report = json.loads(capsys.readouterr().out)["segments"]
    written = sitk.GetArrayFromImage(sitk.ReadImage(str(out)))
    # Overlapping segments make layers, of one segment each.
    masks = np.moveaxis(written, -1, 0) if written.ndim == 4 else np.stack([written == 1, written == 2])
    model = load_model(checkpoint=place / "weights.safetensors", adapter=place / "texts", device="cpu")
    ask = VolumePredictor(model.predictor, read_volume(place / "scan.nrrd"))
    for mask, (name, text) in zip(masks, {"disc": "disc", "second": "the bean"}.items(), strict=True):
        wanted = [np.zeros((40, 56), bool) if k == 2 else ask(k, Prompt(text=text)).mask for k in range(6)]
        assert np.array_equal(mask > 0, wanted) and any(slice_.any() for slice_ in wanted)
        found = {entry["index"]: entry["area"] for entry in report[name]["slices"]}
        assert found == {k: int(slice_.sum()) for k, slice_ in enumerate(wanted) if slice_.any()}


def test_words_alone_name_the_segment(place, tmp_path, capsys):
    capsys.readouterr()
    assert segment(place, "texts", "--text", "the disc", "--output", tmp_path / "o.nrrd", "--json") == 0
    assert list(json.loads(capsys.readouterr().out)["segments"]) == ["the disc"]


@pytest.mark.parametrize(
    "adapter, words, wanted",
    [
        ("boxes", ("--text", "disc"), "This model knows no text prompts: disc.*--prompts text=1"),
        ("texts", ("--text", ""), "text prompt is empty"),
        ("texts", ("--text", "disc " * 20), "22 tokens, CLIP takes 16"),
        ("texts", ("--text",), "--text without words takes the name of a --segment before it"),
        ("texts", ("--segment", "a", "--text", "--point=0,0,0"), "one text each and no other prompts: a"),
        ("texts", ("--text", "disc", "--text", "bean"), "one text each and no other prompts: disc"),
        ("texts", ("--segment", "a", "--text", "--segment", "b", "--point=0,0,0"), "no other prompts: b"),
        ("texts", ("--segment", "a", "--text", "--segment", "a", "--text", "b"), "same name"),
        ("texts", ("--text", "disc", "--propagate"), "--propagate cannot be given with --text"),
        ("texts", ("--text", "disc", "--first", 0), "--first cannot be given with --text"),
        ("texts", ("--text", "disc", "--auto"), "Prompts cannot be given with --auto"),
    ],
)
def test_what_cannot_be_asked(place, tmp_path, capsys, adapter, words, wanted):
    assert re.search(wanted, refused(capsys, place, adapter, *words, "--output", tmp_path / "o.nrrd"))
    assert not (tmp_path / "o.nrrd").exists()


def test_a_missing_or_other_text_model_is_named_before_any_work(place, tmp_path, capsys, monkeypatch):
    (place / "clip").rename(place / "away")
    encoded = []
    monkeypatch.setattr(VolumePredictor, "embedding", lambda self, index: encoded.append(index))
    try:
        error = refused(capsys, place, "texts", "--text", "disc", "--output", tmp_path / "o.nrrd")
        assert str(place / "clip") in error and "SAMADAPT_TEXT_MODEL" in error
        make_clip(place / "clip", seed=1)
        error = refused(capsys, place, "texts", "--text", "disc", "--output", tmp_path / "o.nrrd")
        assert "not the one of the training" in error and str(place / "clip") in error
        assert encoded == []
    finally:
        shutil.rmtree(place / "clip", ignore_errors=True)
        (place / "away").rename(place / "clip")


def test_stopping_keeps_what_is_done(place):
    model = load_model(checkpoint=place / "weights.safetensors", adapter=place / "texts", device="cpu")
    asked, told = iter([False] * 4 + [True]), []
    found = segment_volume(
        read_volume(place / "scan.nrrd"),
        model,
        {"a": "disc", "b": "bean"},
        clean=False,
        progress=lambda *now: told.append(now),
        cancelled=lambda: next(asked),
    )
    assert told == [(k + 1, 6, k) for k in range(4)] and list(found) == ["a", "b"]
    masks = [one.mask for one in found.values()]
    assert all(one.cancelled for one in found.values())
    assert all(mask[3].any() and not mask[2].any() and not mask[4:].any() for mask in masks)
