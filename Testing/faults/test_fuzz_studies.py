"""Descriptions, run folders and study folders that are damaged, nested, or hold what nobody expects."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from SAMAdaptLib.adapters.comparison import pooled
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.study import report
from SAMAdaptLib.study.description import read_study
from SAMAdaptLib.study.scans import read_index
from SAMAdaptLib.study.shipped import presets
from SAMAdaptLib.study.task import RECORD, SCORES, Task
from SAMAdaptLib.study.ways import read_ways
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.crossed import _read as read_kept
from SAMAdaptLib.training.resume import recall, stored_settings
from SAMAdaptLib.training.run_folder import FORMAT_VERSION, RunFolder, read_metrics
from SAMAdaptLib.training.unet import INFO as UNET
from SAMAdaptLib.training.unet import read_unet
from Testing.faults.texts import comparison, fuzz, of_lines
from Testing.study.made_up import make_study


def test_an_index_of_scans(tally, tmp_path):
    rows = b"a.nrrd,a.seg.nrrd,P1,x,CT,train\nb.nrrd,b.seg.nrrd,P2,x,CT,test\n"
    whole = b"image,labels,patient,site,modality,split\n" + rows
    for name in ("a.nrrd", "a.seg.nrrd", "b.nrrd", "b.seg.nrrd"):
        (tmp_path / name).touch()
    path = tmp_path / "scans.csv"
    of_lines(tally, "indices of scans", whole, path, lambda: read_index(path), 40)


def test_descriptions_of_studies(tally, tmp_path):
    path = tmp_path / "study.toml"
    (tmp_path / "i.csv").write_text("image,labels,patient\n")
    whole = b"""title = "A"
[data]
index = "i.csv"
folds = 3
[cells]
model = "lite_medsam"
method = ["lora"]
steps = 10
slices = [2, "all"]
test_prompts = ["box", "point"]
seed = [0, 1]
[[rows]]
name = "x"
method_settings = {rank = 2}
"""
    assert read_study(path if not path.write_bytes(whole) else path).cells
    of_lines(tally, "descriptions of studies", whole, path, lambda: read_study(path), 60, named=False)
    preset = next(iter(presets().values())).read_bytes() + b"\n[data]\nindex = 'i.csv'\nfolds = 2\n"
    of_lines(tally, "descriptions of studies", preset, path, lambda: read_study(path), 20, named=False)
    deep = b"a = " + b"[" * 50_000
    path.write_bytes(deep)
    assert tally("descriptions of studies").tried(deep, lambda: read_study(path), path) is None


RUN = {
    "format_version": FORMAT_VERSION, "model": "lite_medsam", "method": "lora", "steps": 10, "seed": 0,
    "inputs": {"library": {"path": ".", "from_run": ".."}},
}  # fmt: skip


def test_configurations_of_runs(tally, tmp_path_factory):
    run = tmp_path_factory.mktemp("run")
    asked = {name: value for name, value in RUN.items() if name not in ("format_version", "inputs")}

    def act():
        TrainConfig.from_dict(stored_settings(run, TrainConfig), run)
        recall(run, {"library": None})
        RunFolder(run, asked, resume=True)

    fuzz(tally, "configurations of runs", RUN, (run / "config.json").write_bytes, act, run, 80)


def test_metrics_of_runs(tally, tmp_path_factory):
    run = tmp_path_factory.mktemp("metrics")
    (run / "config.json").write_text(json.dumps(RUN))
    asked = {name: value for name, value in RUN.items() if name not in ("format_version", "inputs")}
    lines = [json.dumps({"step": step, "loss": 1.5 / step, "rate": 1e-4}) + "\n" for step in (1, 2, 3)]
    whole = "".join(lines).encode()

    def act():
        assert all(isinstance(line, dict) for line in read_metrics(run))
        RunFolder(run, asked, resume=True).rewind(2)
        assert all(line["step"] <= 2 for line in read_metrics(run) if "step" in line)

    of_lines(tally, "metrics of runs", whole, run / "metrics.jsonl", act, 60, named=False)


def test_results_of_studies(tally, tmp_path_factory):
    study = tmp_path_factory.mktemp("study")
    head = f"cell,row,method,seed,fold,test_prompt,scan,patient,site,modality,label,clicks,{','.join(METRICS)}\n"
    whole = (head + f"k,r,lora,0,,box,s,p,x,CT,liver,1{',0.5' * len(METRICS)}\n" * 2).encode()
    path = study / "results.csv"

    def act():
        for way in read_ways(study):
            way.by_seed("dice")

    of_lines(tally, "results of studies", whole, path, act, 60)


@pytest.fixture
def unplotted(monkeypatch):
    """Pictures take seconds."""

    def drawn(path, *_):
        path.write_bytes(b"")
        return path

    for name in ("box_plot", "bland_altman", "curves"):
        monkeypatch.setattr(report, name, drawn)


def test_folders_of_studies(tally, tmp_path, unplotted):
    """Their report is made, or says which file is damaged; nothing in it runs."""
    study = make_study(tmp_path / "study")
    key = sorted(path.name for path in (study / "cells").iterdir() if path.name.startswith("lora"))[0]
    for path in (study / "study.json", study / "cells" / key / "cell.json", study / "cells" / "failed" / "error.json"):

        def act():
            page = report.write_study_report(study).read_text(encoding="utf-8")
            assert "<script" not in page and "<h2>" in page

        fuzz(tally, "folders of studies", json.loads(path.read_text()), path.write_bytes, act, path, 12)


def test_what_runs_and_cells_keep(tally, tmp_path):
    """Of a U-Net, of a comparison on one patient, of a cell, and of its scores, which are found anew."""
    fuzz(tally, "configurations of runs", {"classes": ["liver"], "steps": 5}, (tmp_path / UNET).write_bytes,
         lambda: read_unet(tmp_path), tmp_path, 20)  # fmt: skip
    path = tmp_path / "1.json"

    def kept():
        found = read_kept(path)
        pooled([found["comparison"]])

    fuzz(tally, "configurations of runs", {"comparison": comparison(), "steps": 5}, path.write_bytes, kept, path, 60)
    task = SimpleNamespace(folder=lambda output: output)
    fuzz(tally, "folders of studies", {"seconds": {"training": 3.0}, "training": None}, (tmp_path / RECORD).write_bytes,
         lambda: Task.record(task, tmp_path)["seconds"], tmp_path, 20)  # fmt: skip
    (tmp_path / SCORES).mkdir()
    fuzz(tally, "folders of studies", {"scan": "a", "trials": {"k": {"labels": {}}}},
         (tmp_path / SCORES / "a.json").write_bytes,
         lambda: "k" in Task.scores(task, tmp_path, SimpleNamespace(file="a.json")), tmp_path, 20)  # fmt: skip
