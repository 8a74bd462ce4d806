"""JSON, TOML, tables and lists that are damaged, nested, or hold what nobody expects: one line, or what they mean."""

from __future__ import annotations

import argparse
import io
import json
import re
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from SAMAdaptLib.adapters.card import model_card
from SAMAdaptLib.adapters.comparison import KINDS, answering, compare, table
from SAMAdaptLib.adapters.info import INFO, AdapterInfo, read_adapter_info
from SAMAdaptLib.cli.config_file import with_file
from SAMAdaptLib.cli.main import VERBS
from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import file_stamp, json_text
from SAMAdaptLib.prompts.markups import read_markups
from SAMAdaptLib.service.link.token import read_token
from SAMAdaptLib.study.description import read_study
from SAMAdaptLib.study.scans import read_index
from SAMAdaptLib.study.shipped import presets
from SAMAdaptLib.study.ways import read_ways
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.resume import recall, stored_settings
from SAMAdaptLib.training.run_folder import FORMAT_VERSION, RunFolder, read_metrics
from SAMAdaptLib.volume.names import read_names
from Testing.faults.mutations import JUNK, as_json, damaged, tries, twisted
from Testing.tiny import make_library


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, patients=2, indices=(1, 3))
    return folder


def fuzz(tally, kind, tree, write, act, named, examples=25):
    """Try twisted trees and damaged texts; each is written as bytes and read."""
    counts = tally(kind)

    def read(data):
        write(data)
        counts.tried(data, act, named)

    @tries(examples)
    @given(twisted(tree))
    def of_values(bad):
        read(as_json(bad))

    @tries(max(examples // 3, 5))
    @given(damaged(json_text(tree).encode()))
    def of_bytes(data):
        read(data)

    write(as_json(tree))
    act()
    of_values()
    of_bytes()
    write(as_json(tree))


POINTS = {
    "@schema": "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
    "markups-schema-v1.0.3.json#",
    "markups": [
        {
            "type": "Fiducial", "coordinateSystem": "LPS", "coordinateUnits": "mm", "name": "F",
            "controlPoints": [
                {"id": "1", "label": "F-1", "description": "", "position": [-1.2, -18.5, 20.0],
                 "positionStatus": "defined", "selected": True},
                {"id": "2", "label": "neg", "position": [1, 2, 3], "positionStatus": "defined"},
            ],
        },
        {
            "type": "ROI", "coordinateSystem": "RAS", "roiType": "Box", "center": [1, 2, 3], "size": [4, 5, 6],
            "orientation": [1, 0, 0, 0, 1, 0, 0, 0, 1], "controlPoints": [{"position": [1, 2, 3]}],
        },
        {"type": "Curve", "coordinateSystem": "LPS",
         "controlPoints": [{"position": [1, 2, 3]}, {"position": [4, 5, 6]}]},
    ],
}  # fmt: skip


def test_markups(tally, folder):
    path = folder / "a.mrk.json"

    def act():
        prompts = read_markups(path)
        assert all(np.isfinite(np.asarray(mark.at)).all() for mark in prompts.marks)

    fuzz(tally, "markups", POINTS, path.write_bytes, act, path, 60)


def comparison():
    dice = [dict.fromkeys(KINDS, 0.8)] * 2
    return compare(dice, dice, ["liver", "liver"], "patients", dice, [0.4, 0.5])


def test_descriptions_of_adapters(tally, folder):
    tree = {
        "method": "lora", "config": {"rank": 2}, "base": "lite_medsam", "base_hash": "0" * 64, "input_size": 256,
        "intensity": "window:40/400", "axis": "axial", "classes": ["liver", "spleen"], "steps": 60,
        "mask_prompts": False, "validation": {"dice": 0.8, "step": 50}, "prompts": "point=1",
        "comparison": comparison(), "weights_sha256": "0" * 64, "software": "0.2.0", "created": "", "format_version": 1,
    }  # fmt: skip

    def act():
        info = read_adapter_info(folder)
        assert isinstance(info, AdapterInfo) and all(isinstance(name, str) for name in info.classes)
        answering(info.comparison)
        table(info.comparison)
        card = model_card(info, "name")
        assert "<script" not in card

    fuzz(tally, "adapter descriptions", tree, (folder / INFO).write_bytes, act, folder, 120)


def test_manifests_of_libraries(tally, library):
    tree = json.loads((library / MANIFEST).read_text())
    before = {path.name: file_stamp(path) for path in library.iterdir() if path.name != MANIFEST}

    def act():
        found = Library.open(library)
        for info in found.infos():
            assert info.shape[0] > 0 and np.isfinite(info.pixel_spacing).all() and info.bounds[0] < info.bounds[1]
            assert found.path(info.id, "image").parent == library
            assert set(info.classes) <= set(found.classes)
            # The pixels are those of the hash, or this is refused.
            found.load(info.id)

    fuzz(tally, "manifests of libraries", tree, (library / MANIFEST).write_bytes, act, library, 100)
    assert {path.name: file_stamp(path) for path in library.iterdir() if path.name != MANIFEST} == before


def test_manifests_of_synthetic_sets(tally, folder, library, tmp_path_factory):
    (library / MANIFEST).unlink()
    for path in library.iterdir():
        path.unlink()
    known = make_library(library, patients=2, indices=(1, 3))
    made = tmp_path_factory.mktemp("set")
    SyntheticSet(known, 2, 0, SynthesisConfig()).write(made)
    manifest = made / "manifest.json"
    tree = json.loads(manifest.read_text())

    def act():
        found = WrittenSet(made, known)
        assert len(found) > 0
        for index in range(len(found)):
            found[index]

    fuzz(tally, "manifests of synthetic sets", tree, manifest.write_bytes, act, made, 100)


def test_names_of_labels(tally, folder):
    for name, whole in {
        "a.json": b'{"labels": {"background": 0, "liver": 1, "spleen": 2}}',
        "b.json": b'{"1": "liver", "2": "spleen"}',
        "a.csv": b"LabelValue,Name\n1,liver\n2,spleen\n",
        "a.tsv": "1\tliver\n2\tMilz ü\n".encode(),
        "a.ctbl": b"# Color table file\n0 Background 0 0 0 0\n1 liver 221 130 101 255\n2 left_kidney 1 2 3 255\n",
        "a.txt": b'# ITK-SnAP\n    1   255    0    0        1  1  1    "liver"\n    2   0 0 0 1 1 1 "spleen"\n',
    }.items():
        path = folder / name

        def act(path=path):
            assert all(isinstance(value, int) and name.isprintable() for value, name in read_names(path).items())

        of_lines(tally, "names of labels", whole, path, act)
        if name.endswith(".json"):
            fuzz(tally, "names of labels", json.loads(whole), path.write_bytes, act, path)


WORDS = [junk if isinstance(junk, str) else str(junk) for junk in JUNK]
WORDS = [word.encode("utf-8", "surrogatepass") for word in WORDS] + ["²".encode(), "१".encode(), b"9" * 5000, b"-1"]


def of_lines(tally, kind, whole, path, act, examples=25, named=True):
    """Damaged bytes, and words in place of others."""
    counts = tally(kind)
    cuts = [*re.finditer(rb"[^\s,;=\"\t|:]+", whole)]

    def read(data):
        path.write_bytes(data)
        counts.tried(path.name.encode() + data, act, path if named else None)

    @tries(examples)
    @given(damaged(whole))
    def of_bytes(data):
        read(data)

    @tries(examples)
    @given(st.sampled_from(cuts), st.sampled_from(WORDS))
    def of_words(cut, word):
        read(whole[: cut.start()] + word + whole[cut.end() :])

    path.write_bytes(whole)
    act()
    of_bytes()
    of_words()
    path.write_bytes(whole)


def test_lists_of_points(tally, folder):
    whole = (
        b"# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n"
        b"# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\n"
        b"1,1.5,2.5,3,0,0,0,1,1,1,0,F-1,,\n2,-1,2,3,0,0,0,1,1,1,0,F-2,neg,\n"
    )
    path = folder / "a.fcsv"
    of_lines(tally, "markups", whole, path, lambda: read_markups(path), 40)


def test_an_index_of_scans(tally, folder):
    rows = b"a.nrrd,a.seg.nrrd,P1,x,CT,train\nb.nrrd,b.seg.nrrd,P2,x,CT,test\n"
    whole = b"image,labels,patient,site,modality,split\n" + rows
    for name in ("a.nrrd", "a.seg.nrrd", "b.nrrd", "b.seg.nrrd"):
        (folder / name).touch()
    path = folder / "scans.csv"
    of_lines(tally, "indices of scans", whole, path, lambda: read_index(path), 40)


def test_descriptions_of_studies(tally, folder):
    path = folder / "study.toml"
    (folder / "i.csv").write_text("image,labels,patient\n")
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


@pytest.fixture(scope="module")
def parsers():
    parser = argparse.ArgumentParser(prog="samadapt")
    verbs = parser.add_subparsers(dest="verb")
    for verb in VERBS:
        import_module(f"SAMAdaptLib.cli.{verb}").add_parser(verbs)
    return verbs.choices


def test_configurations(tally, folder, parsers):
    path = folder / "samadapt.toml"
    whole = b"""[finetune]
library = "lib"
output = "run"
model = "lite_medsam"
method = "lora"
steps = 10
seed = 1
[finetune.method_settings]
rank = 4
[synthesize]
count = 5
[evaluate]
image = ["a.nrrd"]
"""
    for verb in ("finetune", "synthesize", "evaluate"):
        argv = [verb, "--config", str(path)]
        of_lines(tally, "configurations", whole, path, lambda argv=argv: with_file(argv, parsers), 40, named=False)


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


def test_tokens(tally, folder):
    path = folder / "token"
    of_lines(tally, "tokens", b"0123456789abcdef0123456789abcdef\n", path, lambda: read_token(path), 20)


def test_paths_that_no_system_has(tally, folder):
    """Of files that are read: the name itself is the input."""
    for name in ("x" * 5000, "a\0b", "\ud800", "", "~", "//", "a/" * 2000, "CON", "a:b", "*?"):
        for read in (read_markups, read_names, read_index, Library.open, read_adapter_info, read_study):
            counts = tally("names of files")

            def act(read=read, name=name):
                try:
                    read(folder / name if name else name)
                except OSError as error:
                    # The command tells it in its own words.
                    assert error.filename is not None

            counts.tried(name.encode("utf-8", "surrogatepass") + read.__qualname__.encode(), act, None)


def test_bytes_as_text_do_not_end_a_line():
    """Words of a file go to a console: nothing in them moves its cursor or hides what follows."""
    from SAMAdaptLib.errors import InputError

    shown = io.StringIO()
    print(InputError("Unknown \x1b[2J\x07\x9b\u202e name", "a\rb", "Mend it"), file=shown)
    assert not set("\x1b\x07\x9b\u202e\r") & set(shown.getvalue())
