"""`samadapt exemplars check`: what does not belong into a library is found wherever it was put."""

from __future__ import annotations

import getpass
import gzip
import json
import os
import socket

import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.exemplars.foreign import foreign_parts
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.locks import LOCK
from SAMAdaptLib.volume.intensity import Intensity


@pytest.fixture
def folder(library, case, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "ct-console")
    monkeypatch.setattr(getpass, "getuser", lambda: "jdoe")
    library.add(*case, "axial", 5, Intensity.parse("window:50/100"), subject="one", neighbours=1)
    library.add(*case, "axial", 0, Intensity.parse("percentile:0.5/99.5"), background=True)
    return library.folder


def image(folder):
    return next(folder.glob("*_image.nrrd"))


def with_line(folder, line):
    path = image(folder)
    path.write_bytes(path.read_bytes().replace(b"encoding: gzip\n", b"encoding: gzip\n" + line + b"\n"))


def with_manifest(folder, change):
    path = folder / "library.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values), encoding="utf-8")


def named_stream(folder):
    head, _, packed = image(folder).read_bytes().partition(b"\n\n")
    with open(image(folder), "wb") as file:
        file.write(head + b"\n\n")
        with gzip.GzipFile("doe_jane.raw", "wb", fileobj=file, mtime=0) as stream:
            stream.write(gzip.decompress(packed))


def renamed(name):
    def change(folder):
        path = folder / "library.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"liver"', json.dumps(name)), encoding="utf-8")

    return change


def of_exemplar(**values):
    return lambda folder: with_manifest(folder, lambda manifest: manifest["exemplars"][0].update(values))


def of_manifest(**values):
    return lambda folder: with_manifest(folder, lambda manifest: manifest.update(values))


def add_text(folder):
    with open(image(folder), "ab") as file:
        file.write(b"Doe Jane")


def twice(folder):
    path = folder / "library.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"salt":', '"salt": "Doe Jane", "salt":'), encoding="utf-8")


FOREIGN = {
    "a file": (lambda f: (f / "ct.dcm").write_bytes(b"DICM"), "ct.dcm", "belongs to no exemplar"),
    "a hidden file": (lambda f: (f / ".DS_Store").write_bytes(b""), ".DS_Store", "belongs to no exemplar"),
    "an orphan": (lambda f: (f / f"{'0' * 12}_image.nrrd").write_bytes(b""), "00_image.nrrd", "to no exemplar"),
    "a folder": (lambda f: (f / "Doe").mkdir(), "Doe", "a folder"),
    "a file in a folder": (lambda f: ((f / "x").mkdir(), (f / "x" / "y").write_text("")), "x/y", "no exemplar"),
    "an entry": (of_manifest(source="ct.nrrd"), "library.json", "entry 'source'"),
    "an entry twice": (twice, "library.json", "twice"),
    "a salt": (of_manifest(salt="Doe Jane"), "library.json", "a salt that is no"),
    "a pseudonym": (of_exemplar(group="Doe"), "library.json", "pseudonym"),
    "a mapping": (of_exemplar(intensity="Doe"), "library.json", "mapping"),
    "a field": (lambda f: with_line(f, b"PatientName:=Doe"), "_image.nrrd", "'PatientName:=Doe'"),
    "content": (lambda f: with_line(f, b'content: "Doe"'), "_image.nrrd", "content"),
    "a comment": (lambda f: with_line(f, b"# Doe Jane"), "_image.nrrd", "comment 'Doe Jane'"),
    "text behind pixels": (add_text, "_image.nrrd", "8 bytes behind"),
    "a name in gzip": (named_stream, "_image.nrrd", "before its compressed pixels"),
    "a person": (renamed("liver Doe^Jane"), "library.json", "a name as DICOM"),
    "a date": (renamed("liver 1961-02-03"), "library.json", "a date"),
    "a date in one": (renamed("liver_19610203"), "library.json", "a date"),
    "a number": (renamed("liver PID778899"), "library.json", "an identifier"),
    "a UID": (renamed("1.2.840.10008.1"), "library.json", "a UID"),
    "a path": (renamed("/data/doe/liver"), "library.json", "a path"),
    "a Windows path": (renamed("C:\\doe\\liver"), "library.json", "a path"),
    "a user": (renamed("liver_JDoe"), "library.json", "this user's name"),
    "a computer": (renamed("liver (ct-console)"), "library.json", "this computer's name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_does_not_belong_there_is_named_with_its_file(folder, kind):
    change, file, what = FOREIGN[kind]
    change(folder)
    found = foreign_parts(Library.open(folder))
    assert any(one.file.endswith(file) and what in one.what for one in found), found


def test_links_lead_elsewhere(folder, tmp_path):
    target = tmp_path / "elsewhere"
    target.write_bytes(image(folder).read_bytes())
    path = image(folder)
    path.unlink()
    try:
        os.symlink(target, path)
    except OSError:
        pytest.skip("no links here")
    assert [(one.file, one.what[:6]) for one in foreign_parts(Library.open(folder))] == [(path.name, "a link")]


@pytest.mark.parametrize(
    "name", ["left kidney", "Kidney/left", "T12", "GTV 70 Gy", "aortic root", "foie é", "liver (2)", "label_17"]
)
def test_names_of_structures_are_no_names_of_people(folder, name):
    renamed(name)(folder)
    assert foreign_parts(Library.open(folder)) == []


def test_the_verb_tells_how_many_or_where(folder, capsys):
    words = ["exemplars", "check", "--library", str(folder)]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "2 exemplars, nothing that names a patient or this computer" in told and "liver and spleen" in told
    assert "faces on slices of a head" in told
    assert main([*words, "--json"]) == 0
    found = {"exemplars": 2, "classes": ["liver", "spleen"], "found": [], "head": []}
    assert json.loads(capsys.readouterr().out) == found | {"whole": [info.id for info in Library.open(folder).infos()]}
    (folder / "notes.txt").write_text("Doe Jane", encoding="utf-8")
    with_line(folder, b"PatientName:=Doe")
    assert main(words) == 2
    told = capsys.readouterr()
    assert "notes.txt: a file that belongs to no exemplar" in told.out and "PatientName" in told.out
    assert "2 things" in told.err and "Delete" in told.err
    add = image(folder)
    add.write_bytes(add.read_bytes()[:-20])
    assert main(words) == 2 and add.name in capsys.readouterr().err


def test_what_every_system_leaves_there_is_no_stranger(folder):
    (folder / LOCK).write_bytes(b"")
    assert foreign_parts(Library.open(folder)) == []
