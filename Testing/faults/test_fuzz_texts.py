"""JSON, TOML, tables and lists that are damaged, nested, or hold what nobody expects: one line, or what they mean."""

from __future__ import annotations

import argparse
import io
import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from SAMAdaptLib.adapters.card import model_card
from SAMAdaptLib.adapters.comparison import answering, table
from SAMAdaptLib.adapters.fetch import fetch_adapter
from SAMAdaptLib.adapters.index import INDEX, published_adapters
from SAMAdaptLib.adapters.info import INFO, AdapterInfo, read_adapter_info
from SAMAdaptLib.cli.config_file import with_file
from SAMAdaptLib.cli.main import VERBS
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.report import Figure, Section, Table, write_report
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import file_stamp, read_json, write_json
from SAMAdaptLib.prompts.markups import read_markups
from SAMAdaptLib.service.link.token import read_token
from SAMAdaptLib.study.description import read_study
from SAMAdaptLib.study.scans import read_index
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import WrittenSet
from SAMAdaptLib.volume.names import read_names
from Testing.faults.mutations import SCRIPT
from Testing.faults.texts import comparison, fuzz, of_lines
from Testing.tiny import make_library


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("texts")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    make_library(folder, patients=2, indices=(1, 3))
    return folder


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


def test_indexes_of_adapters(tally, folder):
    description = {
        "method": "lora", "config": {"rank": 2}, "base": "lite_medsam", "base_hash": "0" * 64, "input_size": 256,
        "intensity": "minmax", "axis": "axial", "classes": ["liver"], "steps": 60, "mask_prompts": False,
        "validation": {"dice": 0.8}, "weights_sha256": "0" * 64, "software": "0.2.0", "created": "",
        "format_version": 1,
    }  # fmt: skip
    entry = {"name": "liver", "file": "liver-0123456789ab.samadapt.zip", "bytes": 5, "sha256": "1" * 64, "signer": "",
             "licence": "MIT", "description": description}  # fmt: skip
    tree = {"format_version": 1, "software": "0.2.0", "adapters": [entry, entry | {"name": "spleen"}]}
    path = folder / INDEX

    def act():
        for one in published_adapters(path):
            assert Path(one.place).parent == folder and one.place.endswith(".zip") and one.bytes > 0
            assert one.name.isprintable() and one.licence.isprintable() and len(one.sha256) == 64
            assert bool(one.error) is (one.info is None)
            assert "<script" not in one.card or one.card == one.error
            with pytest.raises(InputError):
                fetch_adapter(path, one.name)

    fuzz(tally, "indexes of adapters", tree, path.write_bytes, act, path, 120)
    (folder / "links").mkdir()
    (folder / "links" / INDEX).mkdir()
    tally("indexes of adapters").tried(b"a folder", lambda: published_adapters(folder / "links"), folder / "links")


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


def test_manifests_of_synthetic_sets(tally, library, tmp_path_factory):
    known = Library.open(library)
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


def test_lists_of_points(tally, folder):
    whole = (
        b"# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n"
        b"# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\n"
        b"1,1.5,2.5,3,0,0,0,1,1,1,0,F-1,,\n2,-1,2,3,0,0,0,1,1,1,0,F-2,neg,\n"
    )
    path = folder / "a.fcsv"
    of_lines(tally, "markups", whole, path, lambda: read_markups(path), 40)


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


def test_names_in_reports_and_files_are_text(tmp_path):
    """HTML, and bytes of a file's name that are no text, in every place of a page."""
    bad = f"{SCRIPT}<img src=x onerror=y>\"'&\udcff"
    Image.new("L", (2, 2)).save(tmp_path / "a.png")
    table = Table([bad], [[bad], [[bad]], [1.5]], bad)
    page = write_report(tmp_path / "r.html", bad, Section(bad, [bad], [table], [Figure(tmp_path / "a.png", bad)]))
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "<img src=x" not in text and 'onerror=y>"' not in text
    assert text.count("&lt;script") >= 8
    write_json(tmp_path / "a.json", {bad: [bad]})
    assert read_json(tmp_path / "a.json", "names") == {bad: [bad]}


def test_tokens(tally, folder):
    path = folder / "token"
    of_lines(tally, "tokens", b"0123456789abcdef0123456789abcdef\n", path, lambda: read_token(path), 20)


def test_paths_that_no_system_has(tally, folder):
    """Of files that are read: the name itself is the input."""
    for name in ("x" * 5000, "a\0b", "\ud800", "", "~", "//", "a/" * 2000, "CON", "a:b", "*?"):
        for read in (read_markups, read_names, read_index, Library.open, read_adapter_info, read_study,
                     published_adapters):  # fmt: skip
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
    shown = io.StringIO()
    print(InputError("Unknown \x1b[2J\x07\x9b\u202e name", "a\rb", "Mend it"), file=shown)
    assert not set("\x1b\x07\x9b\u202e\r") & set(shown.getvalue())
