"""A metric is a function and a line: the command line, its report, means, spreads and plots know it."""

import json
import statistics

import numpy as np
import pytest
import SimpleITK as sitk
from matplotlib.figure import Figure

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.evaluation.metrics import METRICS, Metric, policy, score
from SAMAdaptLib.evaluation.plots import box_plot
from SAMAdaptLib.jobs import load
from Testing.evaluation.dummy_metric import FOUND
from Testing.tiny import build, scan

TRUTH, PREDICTION = np.zeros((2, 6, 20, 20), bool)
TRUTH[1:5, 4:14, 4:14] = True
PREDICTION[1:5, 4:14, 7:17] = True


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(METRICS, "found", FOUND)


def test_it_stands_behind_the_others_with_its_own_values_for_what_is_empty(monkeypatch):
    monkeypatch.setitem(METRICS, "far_mm", Metric("Far", lambda pair: 7.0, "mm", 2.0, None, "greatest distance"))
    nothing, diagonal = np.zeros_like(TRUTH), np.linalg.norm([6 * 3, 20, 20])
    wanted = {PREDICTION.tobytes(): (0.7, 7.0), nothing.tobytes(): (0.0, diagonal)}
    for mask in (PREDICTION, nothing):
        figures = score(TRUTH, mask, (3, 1, 1))
        assert list(figures)[:6] == ["dice", "iou", "hd95_mm", "nsd", "found", "far_mm"]
        assert (figures["found"], figures["far_mm"]) == pytest.approx(wanted[mask.tobytes()])
    both = score(nothing, nothing, (3, 1, 1))
    assert (both["found"], both["far_mm"]) == (1.0, 2.0)
    assert "Dice, IoU, NSD and Found are 1" in policy() and "Hausdorff distance and greatest distance" in policy()


def test_the_command_line_prints_it_and_the_report_holds_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))
    for seed in range(2):
        volume, labels = scan(seed)
        for name, array in (("image", volume.array), ("labels", labels.array)):
            sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / f"{name}{seed}.nrrd"))
    files = {name: [str(tmp_path / f"{name}{seed}.nrrd") for seed in range(2)] for name in ("image", "labels")}
    call = ["evaluate", "--image", *files["image"], "--labels", *files["labels"], "--merge", "disc=1", "bean=2"]
    call += ["--model", "test_vit", "--prompt", "box", "--device", "cpu", "--output", str(tmp_path / "out")]
    assert main(call) == 0
    table = capsys.readouterr().out
    assert main([*call, "--overwrite", "--json"]) == 0
    told, report = json.loads(capsys.readouterr().out), json.loads((tmp_path / "out/metrics.json").read_text("utf-8"))
    assert told["cases"] == report["cases"] and told["mean"] == report["mean"]
    for figures in (f for case in report["cases"] for f in case["labels"].values()):
        # What both hold, from Dice and the two sizes.
        both = figures["dice"] * (figures["truth_voxels"] + figures["predicted_voxels"]) / 2
        assert figures["found"] == pytest.approx(both / figures["truth_voxels"]) and 0 < figures["slice_found"] <= 1
    values = {name: [case["labels"][name]["found"] for case in report["cases"]] for name in ("disc", "bean")}
    mean = statistics.mean(statistics.mean(case) for case in zip(*values.values(), strict=True))
    assert report["mean"]["found"] == pytest.approx(mean) and report["mean"]["slice_found"] is not None
    assert report["labels"]["bean"]["found"]["sd"] == pytest.approx(statistics.stdev(values["bean"]))
    assert report["figures"]["found"] == "0 to 1, of all voxels of the scored slices together"
    headers = [line.split() for line in table.splitlines() if "IoU" in line]
    assert len(headers) == 2 and all("NSD Found surfaces" in " ".join(words) for words in headers)
    assert f"{mean:.3f}" in next(line for line in table.splitlines() if line.startswith("mean"))


def test_a_plot_has_its_name_and_the_scale_of_a_share(tmp_path, monkeypatch):
    drawn = []
    subplots = Figure.subplots
    monkeypatch.setattr(Figure, "subplots", lambda *a, **b: drawn.append(subplots(*a, **b)) or drawn[-1])
    box_plot(tmp_path / "box.png", {key: {"liver": [0.4, 0.5]} for key in METRICS})
    assert [axes.get_title() for axes in drawn[0][0]] == ["Dice", "IoU", "HD95 (mm)", "NSD", "Found"]
    assert [axes.get_ylim()[1] == 1.02 for axes in drawn[0][0]] == [True, True, False, True, True]
