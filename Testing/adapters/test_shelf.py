"""The shelf: adapters under names, and one file to hand an adapter on that nobody can smuggle anything in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from SAMAdaptLib.adapters import info as infos
from SAMAdaptLib.adapters import parcel as parcels
from SAMAdaptLib.adapters.file import apply_adapter, read_adapter_info
from SAMAdaptLib.adapters.shelf import Shelf, adapter_named, default_shelf
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.methods import METHODS, get_method
from Testing.adapters.conftest import refused
from Testing.tiny import build

pytestmark = pytest.mark.slow

FILES = {"adapter.json", "adapter.safetensors", "MODEL_CARD.md"}


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def altered(source: Path, target: Path, extra: dict[str, bytes] | None = None, drop: str = "", **changed) -> Path:
    """The zip file again with members dropped, changed or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            key = name.partition(".")[2]
            if name != drop:
                new.writestr(name, changed.get(key, old.read(name)))
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return target


def test_neither_shelf_nor_method_names_load_torch() -> None:
    code = (
        "import sys, SAMAdaptLib.adapters.shelf; from SAMAdaptLib.methods import METHODS\n"
        "print([e.title for e in METHODS.values()])\n"
        "print([m for m in ('torch', 'peft', 'SimpleITK', 'segment_anything') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    titles, loaded = done.stdout.splitlines()
    assert loaded == "[]" and "LoRA" in titles


@pytest.mark.parametrize("name", METHODS)
def test_the_registry_names_the_class_of_that_name(name) -> None:
    assert get_method(name).name == name and METHODS[name].title.strip() and METHODS[name].paper.strip()


def test_an_empty_or_absent_shelf_lists_nothing(tmp_path) -> None:
    assert Shelf(tmp_path / "none").list() == [] and not (tmp_path / "none").exists()


def test_added_adapter_is_the_trained_one(shelf, made) -> None:
    assert content(shelf.folder / "Liver") == content(made / "adapter")
    (entry,) = shelf.list()
    assert (entry.name, entry.path, entry.error) == ("Liver", shelf.folder / "Liver", "")
    assert entry.info == read_adapter_info(made)


def test_names_are_sorted_whatever_their_case_and_other_folders_are_left_out(shelf, made) -> None:
    for name in ("spleen", "Kidney", "kidney 2"):
        shelf.add(made / "adapter", name)
    (shelf.folder / "notes").mkdir()
    (shelf.folder / "notes.txt").write_text("mine")
    assert [e.name for e in shelf.list()] == ["Kidney", "kidney 2", "Liver", "spleen"]


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../x", "a/b", "a\\b", "C:x", "con", "NUL.txt", "x.", " x", "x ", "a\nb", "a\x00b", "?",
     ".hidden", "y" * 81],
)  # fmt: skip
def test_names_that_cannot_be_a_folder_s_are_refused_everywhere(shelf, made, tmp_path, name) -> None:
    before = content(tmp_path)
    for call, args in ((shelf.add, (made, name)), (shelf.rename, ("Liver", name)), (shelf.delete, (name,)),
                       (shelf.check_new, (name,)),
                       (shelf.export, (name, tmp_path / "x.zip"))):  # fmt: skip
        refused("cannot be a file's", call, *args)
    assert content(tmp_path) == before


@pytest.mark.parametrize("name", ["Liver", "LIVER"])
def test_a_taken_name_is_refused_and_nothing_is_overwritten(shelf, made, name) -> None:
    shelf.add(made, "other")
    before = content(shelf.folder)
    shelf.check_new("new")
    refused("taken", shelf.check_new, name)
    refused("taken", shelf.add, made, name)
    refused("taken", shelf.rename, "other", name)
    assert content(shelf.folder) == before


def test_composed_and_decomposed_letters_are_one_name(shelf, made) -> None:
    shelf.add(made, "Gr\u00f6\u00dfe")
    refused("taken", shelf.add, made, "Gro\u0308\u00dfe")


def test_rename_moves_all_of_it_and_may_change_the_case(shelf) -> None:
    before = content(shelf.folder / "Liver")
    assert shelf.rename("Liver", "liver") == shelf.folder / "liver"
    assert shelf.rename("liver", "Leber größer") == shelf.folder / "Leber größer"
    assert [e.name for e in shelf.list()] == ["Leber größer"]
    assert content(shelf.folder / "Leber größer") == before
    refused("No such adapter", shelf.rename, "Liver", "x")


def test_delete_takes_the_adapter_and_nothing_else(shelf, made) -> None:
    shelf.add(made, "other")
    shelf.delete("Liver")
    assert [e.name for e in shelf.list()] == ["other"]
    assert {p.name for p in shelf.folder.iterdir()} == {"other"}
    refused("No such adapter", shelf.delete, "Liver")


def test_a_folder_with_other_files_is_not_deleted(shelf) -> None:
    (shelf.folder / "Liver" / "thesis.docx").write_text("years of work")
    before = content(shelf.folder)
    refused("thesis.docx", shelf.delete, "Liver")
    assert content(shelf.folder) == before


def test_a_shelf_that_goes_away_is_not_begun_anew(shelf, made, tmp_path) -> None:
    before, away = content(shelf.folder), tmp_path / "away"
    file = shelf.export("Liver", tmp_path / "x.zip")
    shelf.folder.rename(away)
    for call in (lambda: shelf.add(made, "new"), lambda: shelf.import_(file)):
        refused("The shelf is gone: .*still there", call)
    assert not shelf.folder.exists()
    away.rename(shelf.folder)
    assert content(shelf.folder) == before
    shelf.import_(file, "new")
    assert {entry.name for entry in shelf.list()} == {"Liver", "new"}


def test_a_folder_that_goes_away_during_an_export_is_not_begun_anew(shelf, tmp_path, monkeypatch) -> None:
    place = tmp_path / "share"
    place.mkdir()

    def hash_meanwhile(path) -> str:
        place.rename(tmp_path / "away")
        return sha256_file(path)

    monkeypatch.setattr(infos, "sha256_file", hash_meanwhile)
    refused("still there", shelf.export, "Liver", place / "x.zip")
    assert not place.exists() and not [*(tmp_path / "away").iterdir()]


DAMAGE = {
    "no weights": (lambda f: (f / "adapter.safetensors").unlink(), "missing"),
    "cut weights": (lambda f: os.truncate(f / "adapter.safetensors", 1000), "damaged or altered"),
    "no description": (lambda f: (f / "adapter.json").unlink(), "description is missing"),
    "no JSON": (lambda f: (f / "adapter.json").write_text("{"), "Cannot read"),
    "newer": (lambda f: rewrite(f, format_version=9), "newer"),
    "classes": (lambda f: rewrite(f, classes=5), "'classes'"),
    "size": (lambda f: rewrite(f, input_size="256"), "'input_size'"),
    "config": (lambda f: rewrite(f, config=[]), "'config'"),
}


def rewrite(folder: Path, **values) -> None:
    path = folder / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_adapter_is_listed_with_its_error_and_stays_on_the_shelf(shelf, made, tmp_path, kind) -> None:
    shelf.add(made, "sound")
    assert not any(e.error for e in shelf.list())
    damage, words = DAMAGE[kind]
    damage(shelf.folder / "Liver")
    bad, good = shelf.list()
    assert (bad.name, bad.info, good.error) == ("Liver", None, "") and words in bad.error
    with pytest.raises(InputError):
        shelf.export("Liver", tmp_path / "x.zip")
    with pytest.raises(InputError):
        shelf.add(shelf.folder / "Liver", "copy")
    assert not (tmp_path / "x.zip").exists()
    assert {p.name for p in shelf.folder.iterdir()} == {"Liver", "sound"}
    shelf.delete("Liver")


def test_the_export_is_one_zip_of_both_files_and_a_card(shelf, made, tmp_path) -> None:
    path = shelf.export("Liver", tmp_path / "liver.samadapt.zip")
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == FILES and archive.testzip() is None
        for name in FILES - {"MODEL_CARD.md"}:
            assert archive.read(name) == (made / "adapter" / name).read_bytes()
        card = archive.read("MODEL_CARD.md").decode("utf-8")
    info = read_adapter_info(made)
    stated = (
        "# Liver", "Leber, a\\|b", "LoRA", "rank = 2", "ViT-B (sam_vit_b)", info.base_hash, info.weights_sha256,
        "64 x 64", "window:40/400", "coronal", "| Training steps | 123 |", "| Dice, point prompt | 0.712 |",
        "| Dice, mean over prompts | 0.806 |", info.created, f"SAMAdapt {info.software}", "Apache-2.0",
        "Research use only", "samadapt adapters import",
    )  # fmt: skip
    assert [text for text in stated if text not in card] == []
    assert "was not written down" in card and "Not written down." in card
    # Every row of the table has two cells, whatever the classes are called.
    rows = [line for line in card.splitlines() if line.startswith("|")]
    assert rows and all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)


def test_the_card_says_what_it_is_for_what_it_has_seen_and_its_limits(shelf, tmp_path) -> None:
    data = {"slices": 7, "unlabelled": 2, "patients": 3, "held_out": 4, "classes": {"Leber": 6, "a|b": 1},
            "images": ["CT", "other than CT"], "pixel_mm": [0.703125, 0.9], "synthetic": True}  # fmt: skip
    rewrite(shelf.folder / "Liver", data=data)
    (entry,) = shelf.list()
    assert entry.info.data == data
    with zipfile.ZipFile(shelf.export("Liver", tmp_path / "x.zip")) as archive:
        card = archive.read("MODEL_CARD.md").decode()
    titles = ["Intended use", "Limits", "Facts", "Training data", "Validation", "Base and adapted weights", "Licence"]
    assert re.findall("^## (.*)$", card, re.MULTILINE)[:7] == titles
    stated = (
        "Segmenting Leber and a\\|b in coronal slices of CT and of images other than CT", "upon prompts",
        "Neither diagnosis nor treatment", "It has seen 7 labelled slices of 3 patients.",
        "measured on those that were held out here", "| Labelled slices | 7, of 3 patients |",
        "| Slices that show a class | Leber 6, a\\|b 1 |", "| Slices without outlines | 2 |", "| Held-out slices | 4 |",
        "| Pixel size | 0.703 to 0.9 mm |", "slices made of these were used too",
    )  # fmt: skip
    assert [text for text in stated if text not in card] == []
    rewrite(shelf.folder / "Liver", validation={})
    with zipfile.ZipFile(shelf.export("Liver", tmp_path / "x.zip")) as archive:
        assert "on patients that it has not seen was not measured" in archive.read("MODEL_CARD.md").decode()


WRONG_DATA = ({"slices": "7"}, {"slices": True}, {"patients": -1}, {"pixel_mm": [1]}, {"pixel_mm": [1, "x"]},
              {"classes": ["Leber"]}, {"classes": {"Leber": None}}, {"images": "CT"}, {"held_out": None})  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_DATA, ids=str)
def test_a_description_of_other_data_than_anybody_counts_is_damaged(shelf, wrong) -> None:
    data = {"slices": 7, "unlabelled": 2, "patients": 3, "held_out": 4, "classes": {}, "images": [], "pixel_mm": [1, 1],
            "synthetic": False}  # fmt: skip
    rewrite(shelf.folder / "Liver", data=data)
    assert shelf.list()[0].info is not None
    rewrite(shelf.folder / "Liver", data=data | wrong)
    assert "damaged at 'data'" in shelf.list()[0].error


def test_no_folder_of_this_machine_leaves_it(shelf, tmp_path) -> None:
    home = tmp_path / "home" / "dr.jones" / "clip-large"
    path = shelf.folder / "Liver" / "adapter.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values | {"config": {"rank": 2, "text": str(home)}}))
    shelf.export("Liver", tmp_path / "liver.zip")
    with zipfile.ZipFile(tmp_path / "liver.zip") as archive:
        told = archive.read("adapter.json").decode() + archive.read("MODEL_CARD.md").decode()
    assert "clip-large" in told and "jones" not in told and str(tmp_path) not in told


def test_the_card_says_where_nothing_is_known(shelf, tmp_path) -> None:
    rewrite(shelf.folder / "Liver", base="ours", validation={})
    with zipfile.ZipFile(shelf.export("Liver", tmp_path / "x.zip")) as archive:
        card = archive.read("MODEL_CARD.md").decode()
    assert "no patient was held out" in card and "outside SAMAdapt" in card and "Apache" not in card


def test_export_replaces_a_file_as_a_whole_or_not_at_all(shelf, tmp_path) -> None:
    target = tmp_path / "x.zip"
    target.write_text("old")
    (shelf.folder / "Liver" / "adapter.safetensors").write_bytes(b"")
    refused("damaged", shelf.export, "Liver", target)
    assert target.read_text() == "old" and {p.name for p in tmp_path.iterdir()} == {"shelf", "x.zip"}


def test_an_imported_adapter_gives_the_same_answers(shelf, made, tmp_path) -> None:
    import torch

    other = Shelf(tmp_path / "other")
    name = other.import_(shelf.export("Liver", tmp_path / "My liver.samadapt.zip"))
    assert name == "My liver" and content(other.folder / name) == content(made / "adapter")
    one, two = build("vit-64"), build("vit-64")
    for model in (one, two):
        model.base = replace(model.base, name="sam_vit_b")
    apply_adapter(one, made)
    apply_adapter(two, other.folder / name)
    pairs = zip(one.sam.state_dict().values(), two.sam.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_a_file_s_own_name_gets_a_number_where_taken_and_a_given_one_is_refused(shelf, tmp_path) -> None:
    path = shelf.export("Liver", tmp_path / "liver.zip")
    assert [shelf.import_(path), shelf.import_(path), shelf.import_(path, "mine")] == ["liver 2", "liver 3", "mine"]
    refused("taken", shelf.import_, path, "Mine")
    assert len(shelf.list()) == 4


EVIL = {
    "upwards": ({"../evil.txt": b"x"}, "something else"),
    "absolute": ({"/tmp/evil.txt": b"x"}, "something else"),
    "drive": ({"C:\\evil.txt": b"x"}, "something else"),
    "another file": ({"setup.py": b"x"}, "something else"),
    "folder": ({"sub/": b""}, "something else"),
    "in a folder": ({"sub/adapter.json": b"{}"}, "something else"),
    "other case": ({"ADAPTER.JSON": b"{}"}, "something else"),
    "cut name": ({"adapter.json~~.py": b"{}"}, "something else"),
}


@pytest.mark.parametrize("kind", EVIL)
def test_a_file_with_anything_else_in_it_is_refused(shelf, tmp_path, kind) -> None:
    extra, words = EVIL[kind]
    bad = altered(shelf.export("Liver", tmp_path / "good.zip"), tmp_path / "bad.zip", extra)
    # Python's own writer ends a name at a NUL.
    bad.write_bytes(bad.read_bytes().replace(b"json~~", b"json\0~"))
    before = content(tmp_path)
    assert refused(words, shelf.import_, bad).where == str(bad)
    assert content(tmp_path) == before and [e.name for e in shelf.list()] == ["Liver"]
    assert [p.name for p in shelf.folder.iterdir()] == ["Liver"]


def test_damaged_files_are_refused_and_leave_nothing(shelf, tmp_path, made) -> None:
    good = shelf.export("Liver", tmp_path / "good.zip")
    data = good.read_bytes()
    described = json.loads((made / "adapter" / "adapter.json").read_text())

    def raw(change) -> Path:
        (tmp_path / "bad.zip").write_bytes(change(bytearray(data)))
        return tmp_path / "bad.zip"

    def flip(at: int):
        def change(copy: bytearray) -> bytearray:
            copy[at] ^= 255
            return copy

        return change

    def encrypted(copy: bytearray) -> bytearray:
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            for match in re.finditer(re.escape(signature), bytes(copy)):
                copy[match.start() + offset] |= 1
        return copy

    def info(**values) -> Path:
        return altered(good, tmp_path / "bad.zip", json=json.dumps(described | values).encode())

    inside = data.index(b"adapter.safetensors") + 5000
    cases = {
        "no zip file": (lambda: raw(lambda c: bytearray(b"hello")), "no zip file"),
        "cut": (lambda: raw(lambda c: c[: len(c) // 2]), "no zip file"),
        "one bit": (lambda: raw(flip(inside)), "damaged"),
        "encrypted": (lambda: raw(encrypted), "encrypted"),
        "no weights": (lambda: altered(good, tmp_path / "bad.zip", drop="adapter.safetensors"), "lacks adapter.safe"),
        "no description": (lambda: altered(good, tmp_path / "bad.zip", drop="adapter.json"), "lacks adapter.json"),
        "other weights": (lambda: altered(good, tmp_path / "bad.zip", safetensors=b"x" * 99), "altered"),
        "newer": (lambda: info(format_version=99), "newer"),
        "method": (lambda: info(method="magic"), "magic"),
        "text": (lambda: altered(good, tmp_path / "bad.zip", json=b"\xff"), "Cannot read"),
        "absent": (lambda: tmp_path / "absent.zip", "No such file"),
        "a folder": (lambda: tmp_path, "No such file"),
    }
    for case, (make, words) in cases.items():
        error = refused(words, shelf.import_, make())
        assert ".part-" not in str(error), case
        assert [p.name for p in shelf.folder.iterdir()] == ["Liver"], case
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = altered(good, tmp_path / "bad.zip", {"adapter.json": b"{}"})
    refused("twice", shelf.import_, twice)


def test_sizes_are_limited_by_what_the_header_says_and_what_comes_out(shelf, tmp_path, monkeypatch) -> None:
    good = shelf.export("Liver", tmp_path / "good.zip")
    card = altered(good, tmp_path / "bad.zip", md=b"x" * ((1 << 20) + 1))
    refused("larger than any", shelf.import_, card)
    # Bytes beyond the header's promise: the size in both headers of a deflated member is made smaller.
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(FILES):
            new.writestr(name, b"\0" * 5_000_000 if name == "adapter.safetensors" else old.read(name))
    data = (tmp_path / "bomb.zip").read_bytes().replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "bomb.zip").write_bytes(data)
    refused("damaged", shelf.import_, tmp_path / "bomb.zip")
    monkeypatch.setitem(parcels.MAX_BYTES, "adapter.safetensors", 1000)
    refused("larger than any", shelf.import_, good)
    assert [p.name for p in shelf.folder.iterdir()] == ["Liver"]


def test_a_shelf_that_is_a_file(made, tmp_path) -> None:
    (tmp_path / "file").write_text("mine")
    refused("file", Shelf(tmp_path / "file").add, made, "x")
    assert Shelf(tmp_path / "file").list() == [] and (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "platform, variables, wanted",
    [
        ("linux", {}, ".local/share/SAMAdapt/adapters"),
        ("linux", {"XDG_DATA_HOME": "data"}, "data/SAMAdapt/adapters"),
        ("darwin", {}, "Library/Application Support/SAMAdapt/adapters"),
        ("win32", {}, "AppData/Local/SAMAdapt/adapters"),
        ("win32", {"LOCALAPPDATA": "L"}, "L/SAMAdapt/adapters"),
        ("linux", {"SAMADAPT_SHELF": "mine"}, "mine"),
    ],
)
def test_it_lies_where_each_system_keeps_such_data(monkeypatch, tmp_path, platform, variables, wanted) -> None:
    for name in ("SAMADAPT_SHELF", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert default_shelf() == tmp_path / wanted


def test_an_adapter_is_found_by_its_name_and_a_folder_comes_first(made, tmp_path, monkeypatch, capsys) -> None:
    place = Shelf(default_shelf()).add(made, "Liver, portal")
    assert Path(adapter_named("Liver, portal")) == place == Shelf(default_shelf()).list()[0].path
    with pytest.raises(InputError, match="neither as a folder nor on the shelf: spleen.*On it are Liver, portal"):
        adapter_named("spleen")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Liver, portal").mkdir()
    assert adapter_named("Liver, portal") == "Liver, portal"
    assert main(["adapters", "list"]) == 0 and "Liver, portal" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["segment", "--image", "x.nrrd", "--adapter", "spleen", "--output", "y.nrrd"])
    assert "On it are Liver, portal. See `samadapt segment --help`" in capsys.readouterr().err


def test_who_imports_at_the_same_time_gets_a_name_of_its_own(shelf, tmp_path) -> None:
    parcel = shelf.export("Liver", tmp_path / "Liver.samadapt.zip")
    with ThreadPoolExecutor(6) as pool:
        names = [*pool.map(lambda _: Shelf(shelf.folder).import_(parcel), range(18))]
    assert len({*names}) == 18
    assert sorted(entry.name for entry in shelf.list()) == sorted(["Liver", *names])


def test_what_a_killed_process_left_goes_once_nobody_can_be_at_it(shelf, made) -> None:
    old, young = (shelf.folder / f".part-{name}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir()
        (folder / "adapter.safetensors").write_bytes(b"0")
    os.utime(old, (time.time() - 7200,) * 2)
    shelf.add(made, "Spleen")
    assert young.is_dir() and not old.exists()
