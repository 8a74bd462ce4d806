"""A whole study in seconds, against the verbs that do its steps by hand; failed, changed and gone on with."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import statistics
from pathlib import Path

import numpy as np
import pytest

import SAMAdaptLib as sa
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.scoring import evaluate_oracle, parse_slices
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.propagation.fusion import drop_lone_slices
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study import cell
from SAMAdaptLib.study.report import write_study_report
from SAMAdaptLib.study.run import run_study
from SAMAdaptLib.study.scans import Scan
from SAMAdaptLib.study.shown import kept_slice
from SAMAdaptLib.study.survey import Reading, survey
from SAMAdaptLib.training.unet import WIDTHS, Unet
from SAMAdaptLib.volume.intensity import to_uint8
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import write_volume
from Testing.study.runs import done, table
from Testing.study.scene import NAME, QUICK, described, write_index
from Testing.tiny import TINY_VIT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small")]

ROOT = Path(__file__).resolve().parents[2]
ROWS = ({"method": "none"}, {"method": "decoder", "slices": "2 per scan", "synthesis": [False, True]},
        {"method": "decoder", "slices": 3, "rule": "random", "synthesis": False})  # fmt: skip
PROMPTS = ["box", "random-point"]


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A study of four cells, run once."""
    output = tmp_path_factory.mktemp("whole") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, NAME, TINY_VIT)
        patch.setenv("SAMADAPT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        begun, found = done(described(*data, *ROWS, seed=3, test_prompts=PROMPTS), output)
    return begun, found, output


def test_four_cells_from_end_to_end(whole) -> None:
    begun, found, output = whole
    assert len(begun) == 4 and [*found["cells"].values()] == ["done"] * 4
    rows = table(output)
    # Cells, test scans, structures, prompts.
    assert len(rows) == 4 * 2 * 2 * 2 and {row["site"] for row in rows} == {"B"}
    assert {row["patient"] for row in rows} == {"P2", "P3"} and {row["label"] for row in rows} == {"disc", "bean"}
    assert [row["method"] for row in rows[::8]] == ["none", "decoder", "decoder", "decoder"]
    page = (output / "results.md").read_text(encoding="utf-8")
    boxes = [row for row in rows if row["method"] == "none" and row["test_prompt"] == "box"]
    mean = statistics.mean(float(row["dice"]) for row in boxes)
    assert f"| none | - | - | - | 1 | {mean:.3f} |" in page
    (zero,) = [row for row in found["table"] if row["method"] == "none" and row["prompt"] == "box"]
    assert zero["dice"]["mean"] == pytest.approx(mean) and zero["dice"]["sd"] is None


def test_volumes_are_those_of_the_tested_slices(whole, data) -> None:
    folder = data[0].parent
    for row in table(whole[2]):
        labels = sa.read_labels(folder / f"labels{row['patient'][1]}.seg.nrrd")
        # All slices with the structure are tested, so that the truth is all of it.
        voxel = math.prod(labels.geometry.spacing) / 1000
        assert float(row["truth_ml"]) == pytest.approx(voxel * labels.mask(row["label"]).sum())
        # Dice and IoU say by how much a result is larger: D = 2 I / (T + R), I = J (T + R - I).
        truth, result, dice = (float(row[name]) for name in ("truth_ml", "result_ml", "dice"))
        both = dice * (truth + result) / 2
        assert float(row["iou"]) * (truth + result - both) == pytest.approx(both)


def test_its_figures_are_those_of_the_verbs(whole, data, tmp_path, capsys) -> None:
    """exemplars add, finetune and evaluate by hand give the same slices and the same figures, to the last digit."""
    folder, output = data[0].parent, whole[2]
    for patient in (0, 1):
        scan = ["--image", folder / f"image{patient}.nrrd", "--labels", folder / f"labels{patient}.seg.nrrd"]
        words = ["exemplars", "add", "--library", tmp_path / "LIB", *scan, "--suggest", 2]
        assert main([str(word) for word in words]) == 0
    ours = [{info.hash for info in Library.open(one).infos()} for one in (output / "libraries").iterdir()]
    assert {info.hash for info in Library.open(tmp_path / "LIB").infos()} in ours
    settings = [f"--set={name}={value}" for name, value in QUICK.items() if name != "model"]
    words = ["finetune", "--library", tmp_path / "LIB", "--output", tmp_path / "RUN", "--method", "decoder"]
    words += ["--seed", 3, "--no-synthesis", "--model", NAME, "--checkpoint", data[1], *settings]
    assert main([str(word) for word in words]) == 0
    capsys.readouterr()
    rows = table(output)
    (key,) = {row["cell"] for row in rows if row["slices"] == "2 per scan" and row["synthesis"] == "False"}
    (zero,) = {row["cell"] for row in rows if row["method"] == "none"}
    scans = [
        (sa.read_volume(folder / f"image{n}.nrrd"), sa.read_labels(folder / f"labels{n}.seg.nrrd")) for n in (2, 3)
    ]
    for adapter, cells, prompt in ((tmp_path / "RUN", key, "box"), (tmp_path / "RUN", key, "random-point"),
                                   (None, zero, "random-point")):  # fmt: skip
        model = sa.load_model(NAME, adapter=adapter, checkpoint=data[1], device="cpu", precision="fp32")
        report = sa.evaluate(scans, model, prompt=prompt, seed=3)
        by_hand = {(f"image{number}", label): figures for number, case in enumerate(report["cases"], start=2)
                   for label, figures in case["labels"].items()}  # fmt: skip
        those = [row for row in rows if (row["cell"], row["test_prompt"]) == (cells, prompt)]
        assert len(those) == len(by_hand) == 4
        for row in those:
            figures = by_hand[row["scan"], row["label"]]
            for name in ("dice", "iou", "hd95_mm", "nsd", "slice_dice"):
                assert float(row[name]) == figures[name], (prompt, row["scan"], name)


def test_the_report_shows_the_largest_slice_of_the_worst_and_the_best(whole, data) -> None:
    folder, output = data[0].parent, whole[2]
    rows = [row for row in table(output) if (row["method"], row["test_prompt"]) == ("none", "box")]
    worst = min(rows, key=lambda row: float(row["dice"]))
    number = worst["patient"][1]
    volume, truth = sa.read_volume(folder / f"image{number}.nrrd"), sa.read_labels(folder / f"labels{number}.seg.nrrd")
    on = VolumePredictor(sa.load_model(NAME, checkpoint=data[1], device="cpu", precision="fp32").predictor, volume)
    by_hand = evaluate_oracle(on, truth, parse_strategy("box"), parse_slices(None))[worst["label"]]
    (scores,) = [json.loads(path.read_text()) for path in (output / "cells" / worst["cell"] / "scores").iterdir()
                 if json.loads(path.read_text())["scan"] == worst["scan"]]  # fmt: skip
    (kept,) = [one["shown"][worst["label"]] for one in scores["trials"].values() if one["prompt"] == "box"]
    areas = truth.mask(worst["label"]).sum(axis=(1, 2))
    assert areas[kept["index"]] == areas.max()
    shown = kept_slice(output, kept, "worst")
    assert np.array_equal(shown.truth, truth.mask(worst["label"])[kept["index"]])
    assert np.array_equal(shown.result, by_hand.prediction[kept["index"]])
    assert np.array_equal(shown.image, on.image(kept["index"])) and shown.spacing == on.stack.pixel_spacing
    # Image and reference once for all cells: two scans with two structures.
    assert len([*(output / "slices").iterdir()]) == 4
    page = write_study_report(output).read_text(encoding="utf-8")
    assert "<h2>Worst, median and best</h2>" in page
    # Of each prompt.
    assert len([*(output / "pictures").glob("slices-*.svg")]) == len(PROMPTS)


def test_what_is_done_is_never_done_again(whole, data, monkeypatch) -> None:
    output = whole[2]
    before = (output / "results.csv").read_bytes()
    monkeypatch.setattr(cell, "_train", lambda *given: pytest.fail("trained again"))
    monkeypatch.setattr("SAMAdaptLib.study.survey._look", lambda *given: pytest.fail("read again"))
    again = described(*data, *ROWS, seed=3, test_prompts=PROMPTS)
    assert done(again, output)[0] == [] and (output / "results.csv").read_bytes() == before
    # Another prompt is asked of the models that are there, and only that one.
    tested = []
    scoring = cell.Trial.scoring
    monkeypatch.setattr(cell.Trial, "scoring", lambda self: tested.append(self.words) or scoring(self))
    monkeypatch.setattr("SAMAdaptLib.study.times.test_work", lambda task, plan: [1.0] * len(task.targets))
    again = described(*data, *ROWS[:2], seed=3, test_prompts=["box", "centroid"])
    tested.clear()
    begun, _ = done(again, output)
    assert len(begun) == 3 and tested.count("centroid") >= 6
    rows = table(output)
    old = [row for row in csv.DictReader(before.decode().splitlines()) if row["test_prompt"] == "box"]
    kept = {(row["cell"], row["scan"], row["label"]): row["dice"] for row in old}
    for row in rows:
        if row["test_prompt"] == "box":
            assert row["dice"] == kept[row["cell"], row["scan"], row["label"]]


def test_a_cell_that_fails_is_told_and_the_rest_goes_on(data, tmp_path, monkeypatch) -> None:
    description = described(*data, {"method": ["decoder", "lora"]}, {"method": "none"}, test_prompts="box")
    from SAMAdaptLib.training import finetune as room

    real = room.finetune
    broken = {"lora": RuntimeError("no memory left"), "decoder": InputError("Of no use", "LIB", "Take another")}

    def fails(library, run, config, **given):
        if config.method in broken:
            raise broken[config.method]
        return real(library, run, config, **given)

    monkeypatch.setattr(room, "finetune", fails)
    begun, found = done(description, tmp_path / "out")
    assert len(begun) == 3 and sorted(found["cells"].values()) == [
        "Of no use: LIB. Take another.", "RuntimeError: no memory left", "done",
    ]  # fmt: skip
    page = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    assert "Failed cells" in page and "no memory left" in page and "0 of 1" in page
    errors = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("cells/*/error.json")]
    assert len(errors) == 2 and all("fails" in one["traceback"] for one in errors)
    # The next call tries them again, and them alone.
    broken.pop("decoder")
    begun, found = done(description, tmp_path / "out")
    assert len(begun) == 2 and sorted(found["cells"].values())[1:] == ["done", "done"]
    assert len([*(tmp_path / "out").glob("cells/*/error.json")]) == 1


def test_what_is_bad_is_told_before_any_work(data, tmp_path) -> None:
    folder = data[0].parent
    truth = sa.read_labels(folder / "labels3.seg.nrrd")
    write_segmentation(folder / "disc.seg.nrrd", {"disc": truth.mask("disc")}, truth.geometry)

    def in_index(**columns):
        """The scans in an index whose columns are these, with a split."""
        names = {"image": [f"image{n}.nrrd" for n in range(4)], "patient": [f"P{n}" for n in range(4)],
                 "labels": [f"labels{n}" for n in range(4)], "split": ["train", "train", "test", "test"]}  # fmt: skip
        rows = [dict(zip(names, cells, strict=True)) for cells in zip(*(names | columns).values(), strict=True)]
        rows = [row | {"labels": row["labels"] + ".seg.nrrd"} for row in rows]
        index = write_index(folder / "bad.csv", rows)
        return lambda description: description.update(data={"index": str(index)})

    def refused(words, change):
        description = described(*data, {"method": "none"}, test_prompts="box")
        change(description)
        with pytest.raises(InputError, match=words):
            run_study(description, tmp_path / "out")
        assert sorted(tmp_path.iterdir()) == there

    there: list[Path] = []
    refused("5 folds for 4 patients", lambda d: d.update(data={"index": d["data"]["index"], "folds": 5}))
    refused("9 labelled slices are wanted, and the training scans have 8", lambda d: d.update(rows=[{"slices": 9}]))
    refused("There is no checkpoint file here", lambda d: d["cells"].update(checkpoint="none.pth"))
    refused("No label of tumour on this scan", lambda d: d["data"].update(classes=["tumour"]))
    refused("1 patient is trained and tested on: P1", in_index(patient=["P0", "P1", "P1", "P3"]))
    refused("No test scan shows bean", in_index(labels=["labels0", "labels1", "disc", "disc"]))
    image = sa.read_volume(folder / "image3.nrrd")
    for name, value, words in (("flat", 7.0, "constant, all voxels are 7: .*flat"), ("nan", np.nan, "NaN.*nan.nrrd"),
                               ("huge", np.inf, "infinite.*huge.nrrd")):  # fmt: skip
        array = image.array.astype(np.float32)
        array[... if name == "flat" else (1, 2, 3)] = value
        write_volume(folder / f"{name}.nrrd", array, image.geometry)
        refused(words, in_index(image=["image0.nrrd", "image1.nrrd", "image2.nrrd", f"{name}.nrrd"]))
    old = '{"format_version": 1, "version": "0.0.1", "title": "old"}'
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.json").write_text(old)
    there.append(tmp_path / "out")
    refused(r"results there are of SAMAdapt 0\.0\.1, and this is", lambda d: None)
    # What was there is still that of the study before.
    (tmp_path / "out" / "study.json").write_text(old.replace("0.0.1", sa.__version__))
    refused("There is no checkpoint file here", lambda d: d["cells"].update(checkpoint="none.pth"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["study.json"]
    assert json.loads((tmp_path / "out" / "study.json").read_text())["title"] == "old"
    with pytest.raises(InputError, match="lies inside an input|holds an input"):
        run_study(described(*data, {"method": "none"}), data[0].parent)


def test_folds_are_pooled_and_seeds_are_spread(data, tmp_path) -> None:
    """Mean and standard deviation of results.md, worked out from results.csv."""
    description = described(*data, {"method": "none"}, seed=[0, 1, 2], test_prompts=["random-point", "box"])
    description["data"] = {"index": str(data[0]), "folds": 2}
    _, found = done(description, tmp_path / "out")
    rows = table(tmp_path / "out")
    assert {row["fold"] for row in rows} == {"1", "2"} and len(rows) == 3 * 4 * 2 * 2
    for prompt in ("random-point", "box"):
        by_seed = []
        for seed in "012":
            of = [row for row in rows if row["seed"] == seed and row["test_prompt"] == prompt]
            assert {row["scan"] for row in of} == {"image0", "image1", "image2", "image3"}
            scans = [[float(row["dice"]) for row in of if row["scan"] == scan] for scan in {row["scan"] for row in of}]
            by_seed.append(statistics.mean(map(statistics.mean, scans)))
        (row,) = [row for row in found["table"] if row["prompt"] == prompt]
        assert row["dice"]["mean"] == pytest.approx(statistics.mean(by_seed))
        if prompt == "box":
            # The same box for every seed: one test, and no spread.
            assert len(set(by_seed)) == 1 and row["dice"]["sd"] is None and (row["seeds"], row["of"]) == (1, 1)
        else:
            assert row["dice"]["sd"] == pytest.approx(statistics.stdev(by_seed)) and row["seeds"] == 3
    assert len([*(tmp_path / "out" / "cells").iterdir()]) == 2


def test_scans_of_a_patient_stay_together_and_libraries_are_the_same_again(data, tmp_path) -> None:
    rows = list(csv.DictReader(data[0].read_text(encoding="utf-8").splitlines()))
    index = data[0].with_name("two.csv")
    with open(index, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"patient": "P0" if row["patient"] == "P1" else row["patient"]} for row in rows)
    description = described(index, data[1], {"method": "decoder", "synthesis": False}, test_prompts="box", steps=1)
    for place in ("one", "two"):
        done(description, tmp_path / place)
    manifests = [next((tmp_path / place / "libraries").glob("*/library.json")) for place in ("one", "two")]
    one, two = (json.loads(path.read_text()) for path in manifests)
    groups = {info["group"] for info in one["exemplars"] if info["classes"]}
    assert len(groups) == 1 and one == two and "P0" not in manifests[0].read_text()
    if os.name == "posix":
        # Other users' workers read it, as far as this user lets others read what is made without a word.
        (tmp_path / "as it is").mkdir()
        assert manifests[0].parent.stat().st_mode == (tmp_path / "as it is").stat().st_mode


def test_a_pretraining_is_that_of_the_verb_and_is_shared(data, tmp_path) -> None:
    """Of the training patients alone: pretrain and finetune by hand give the same weights."""
    settings = {"batch_size": 2, "steps": 2, "checkpoint_seconds": 0.0}
    rows = {"method": "lora", "slices": ["1 per scan", "2 per scan"], "synthesis": False, "steps": 1,
            "pretraining": [{}, settings, {**settings, "train": "encoder"}]}  # fmt: skip
    description = described(*data, rows, test_prompts="box")
    begun, found = done(description, tmp_path / "out")
    assert len(begun) == 6 and {*found["cells"].values()} == {"done"}
    learnt = [*(tmp_path / "out" / "pretrainings").iterdir()]
    assert len(learnt) == 2
    (tmp_path / "images").mkdir()
    for name in ("image0.nrrd", "image1.nrrd"):
        shutil.copy(data[0].parent / name, tmp_path / "images")
    given = {"model": NAME, "method": "lora", "device": "cpu", "precision": "fp32", **settings}
    config = PretrainConfig.from_dict(given)
    pretrain(tmp_path / "images", tmp_path / "hand", config, checkpoint=data[1])
    weights = (tmp_path / "hand" / "adapter" / "adapter.safetensors").read_bytes()
    (adapters,) = [place for place in learnt if (place / "run" / "adapter").is_dir()]
    assert (adapters / "run" / "adapter" / "adapter.safetensors").read_bytes() == weights
    (encoder,) = [place / "run" / "checkpoint.safetensors" for place in learnt if place != adapters]
    starts = [json.loads(path.read_text())["inputs"] for path in (tmp_path / "out").glob("cells/*/run/config.json")]
    from_adapters = [one["start_from"]["path"] for one in starts if "start_from" in one]
    assert from_adapters == [str(adapters / "run")] * 2
    bases = sorted(one["checkpoint"]["path"] for one in starts)
    assert bases == sorted([str(encoder)] * 2 + [str(data[1])] * 4)


def test_a_u_net_and_what_learns_from_slice_labels(data, tmp_path) -> None:
    """Rows of SAM-Mix's tables: the figures of the U-Net are those of its own label maps, and of the slices that nobody
    outlined the library has names alone."""
    from monai.networks.nets.unet import UNet

    settings = {"stages": "two", "features": "image", "classifier_width": 4, "classifier_size": 32}
    rows = (
        {"method": "unet", "slices": "2 per scan"},
        {"method": "sammix", "slices": 3, "rule": "random", "slice_labels": True, "backgrounds": 1,
         "method_settings": settings},
    )  # fmt: skip
    description = described(*data, *rows, test_prompts=["auto volume"], seed=1)
    begun, found = done(description, tmp_path / "out")
    assert len(begun) == 2 and [*found["cells"].values()] == ["done"] * 2
    assert done(description, tmp_path / "out")[0] == []
    cases = table(tmp_path / "out")
    (key,) = {row["cell"] for row in cases if row["method"] == "unet"}
    network = Unet(tmp_path / "out" / "cells" / key / "run", "cpu")
    volume = sa.read_volume(data[0].parent / "image2.nrrd")
    truth = sa.read_labels(data[0].parent / "labels2.seg.nrrd")
    bounds = choose_intensity(volume, None).bounds(volume.array)
    labels = np.stack([network.label(to_uint8(plane, bounds), (1.0, 1.0)) for plane in volume.array])
    for value, name in enumerate(network.info.classes, start=1):
        (case,) = [row for row in cases if (row["cell"], row["patient"], row["label"]) == (key, "P2", name)]
        mask, wanted = drop_lone_slices(labels == value), truth.mask(name)
        assert float(case["dice"]) == pytest.approx(2 * (mask & wanted).sum() / (mask.sum() + wanted.sum()))
    record = json.loads((tmp_path / "out" / "cells" / key / "cell.json").read_text(encoding="utf-8"))["training"]
    plain = UNet(2, 1, 3, WIDTHS, (2,) * 4, num_res_units=2)
    assert record["parameters"] == sum(p.numel() for p in plain.parameters())
    (told,) = [one for one in map(Library.open, (tmp_path / "out" / "libraries").iterdir()) if one.infos()[-1].present]
    outlined, named = ([info for info in told.infos() if getattr(info, way)] for way in ("classes", "present"))
    # The discs are on four slices of each of two scans, the beans on the upper two of those.
    assert (len(outlined), len(named)) == (3, 5)
    shown = [name for info in (*outlined, *named) for name in info.classes + info.present]
    assert (shown.count("disc"), shown.count("bean")) == (8, 4) and any(info.background for info in told.infos())


def test_suggested_slices_are_those_of_the_verb_with_those_before_known(data, tmp_path) -> None:
    """Six: five that the base model names, and one more that it names with these in the library."""
    row = {"method": "decoder", "slices": 6, "rule": "suggested", "synthesis": False, "backgrounds": 1}
    done(described(*data, row, test_prompts="box", steps=1), tmp_path / "out")
    (place,) = (tmp_path / "out" / "libraries").iterdir()
    infos = Library.open(place).infos()
    chosen = [info.hash for info in infos if info.classes]
    assert len(chosen) == 6 and len(infos) > 6
    model = sa.load_model(NAME, checkpoint=data[1], device="cpu", precision="fp32")
    scans = []
    for number in (0, 1):
        found = sa.read_volume(data[0].parent / f"image{number}.nrrd")
        scans.append((found, sa.read_labels(data[0].parent / f"labels{number}.seg.nrrd")))
    shown = [[int(k) for k in np.flatnonzero(sum(labels.mask(name) for name in labels.names).sum(axis=(1, 2)) >= 10)]
             for _, labels in scans]  # fmt: skip
    library = Library.create(tmp_path / "LIB")
    for count in (5, 1):
        known = library if len(library) else None
        # In the order of what is on them, whatever they are called.
        order = sorted((0, 1), key=lambda n: _fingerprint(data, n))
        named = sa.next_slices([scans[n][0] for n in order], library=known, count=count, model=model,
                               among=[shown[n] for n in order])  # fmt: skip
        for one in named.slices:
            volume, labels = scans[order[one.place]]
            library.add(volume, labels, "axial", one.index, choose_intensity(volume))
    assert {info.hash for info in library.infos()} == {*chosen}


def _fingerprint(data, number: int) -> str:
    reading = Reading({}, None, (), (), False, "axial", None)
    scan = Scan(data[0].parent / f"image{number}.nrrd", data[0].parent / f"labels{number}.seg.nrrd", f"P{number}")
    return survey([scan], reading)[0][0].fingerprint
