"""The adapters verb: an adapter's way from a run over a file to another shelf."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from SAMAdaptLib.cli.main import main

ACTIONS = ("add", "list", "export", "import", "rename", "delete", "key", "sign", "publish", "browse", "fetch")


def call(capsys, *words: object, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    try:
        done = main(["adapters", *map(str, words)])
    except SystemExit as stop:
        done = stop.code
    out, err = capsys.readouterr()
    assert done == code, err
    return out, err


def test_from_a_run_to_another_shelf_and_away(capsys, run_folder, tmp_path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    call(capsys, "add", "--shelf", here, run_folder, "abdomen")
    out, _ = call(capsys, "list", "--shelf", here)
    row = ["abdomen", "liver,", "spleen", "lora", "lite_medsam", "250", "0.812", "unsigned"]
    assert out.splitlines()[1].split() == row
    out, _ = call(capsys, "export", "--shelf", here, "abdomen", tmp_path / "abdomen.samadapt.zip", "--json")
    report = json.loads(out)
    assert Path(report["file"]).stat().st_size == report["size_bytes"] > 10240
    call(capsys, "import", "--shelf", there, tmp_path / "abdomen.samadapt.zip")
    out, _ = call(capsys, "import", "--shelf", there, tmp_path / "abdomen.samadapt.zip", "--json")
    unsigned = {"state": "unsigned", "signer": "", "fingerprint": ""}
    assert json.loads(out) == {"name": "abdomen 2", "signature": unsigned}
    call(capsys, "import", "--shelf", there, tmp_path / "abdomen.samadapt.zip", "--name", "third")
    call(capsys, "rename", "--shelf", there, "third", "fourth")
    call(capsys, "delete", "--shelf", there, "abdomen", "abdomen 2")
    (entry,) = json.loads(call(capsys, "list", "--shelf", there, "--json")[0])
    assert (entry["name"], entry["error"], entry["path"]) == ("fourth", None, str(there / "fourth"))
    assert entry["info"]["classes"] == ["liver", "spleen"] and entry["info"]["validation"]["dice"] == 0.8125
    for file in (run_folder / "adapter").iterdir():
        assert (there / "fourth" / file.name).read_bytes() == file.read_bytes()


def test_a_damaged_adapter_is_listed_with_its_cause(capsys, run_folder, tmp_path) -> None:
    call(capsys, "add", "--shelf", tmp_path / "S", run_folder, "abdomen")
    (tmp_path / "S" / "abdomen" / "adapter.safetensors").write_bytes(b"")
    out, _ = call(capsys, "list", "--shelf", tmp_path / "S")
    assert "(damaged)" in out and "damaged or altered" in out
    (entry,) = json.loads(call(capsys, "list", "--shelf", tmp_path / "S", "--json")[0])
    assert entry["info"] is None and "altered" in entry["error"]


def test_an_empty_shelf(capsys, tmp_path) -> None:
    assert call(capsys, "list", "--shelf", tmp_path / "none")[0] == "no adapters\n"
    assert json.loads(call(capsys, "list", "--shelf", tmp_path / "none", "--json")[0]) == []


@pytest.mark.parametrize(
    "words, said",
    [
        (("add", "--shelf", "S", "nowhere", "x"), "nowhere"),
        (("add", "--shelf", "S", "RUN", "a/b"), "a/b"),
        (("add", "--shelf", "S", "RUN", "taken"), "taken"),
        (("export", "--shelf", "S", "nothing", "x.zip"), "nothing"),
        (("import", "--shelf", "S", "absent.zip"), "absent.zip"),
        (("import", "--shelf", "S", "RUN/adapter/adapter.json"), "zip"),
        (("rename", "--shelf", "S", "taken", "con"), "con"),
        (("delete", "--shelf", "S", "nothing"), "nothing"),
        (("steal", "--shelf", "S"), "steal"),
    ],
)
def test_bad_input_ends_in_one_line_and_code_2(capsys, run_folder, tmp_path, monkeypatch, words, said) -> None:
    monkeypatch.chdir(tmp_path)
    call(capsys, "add", "--shelf", "S", "RUN", "taken")
    before = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*"))
    out, err = call(capsys, *words, code=2)
    assert out == "" and said in err and len(err.strip().splitlines()) == 1
    assert sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_helps_with_an_example_that_parses(capsys, tmp_path, monkeypatch, action) -> None:
    out, _ = call(capsys, action, "--help")
    line = out[out.index("example:") :].splitlines()[1].strip()
    assert line.startswith(f"samadapt adapters {action} ")
    monkeypatch.chdir(tmp_path)
    _, err = call(capsys, action, *shlex.split(line)[3:], code=0 if action in ("list", "key") else 2)
    assert "unrecognized" not in err and "required" not in err


def test_an_interrupted_deletion_keeps_the_rest(capsys, run_folder, tmp_path, monkeypatch) -> None:
    from SAMAdaptLib.adapters.shelf import Shelf
    from SAMAdaptLib.cli.common import Session

    for name in ("a", "b", "c"):
        call(capsys, "add", "--shelf", tmp_path / "S", run_folder, name)
    deleted, usual = [], Shelf.delete
    monkeypatch.setattr(Shelf, "delete", lambda shelf, name: (usual(shelf, name), deleted.append(name)))
    monkeypatch.setattr(Session, "cancelled", lambda self: bool(deleted))
    monkeypatch.setattr(Session, "interrupted", property(lambda self: bool(deleted), lambda self, value: None), False)
    _, err = call(capsys, "delete", "--shelf", tmp_path / "S", "a", "b", "c", code=130)
    assert deleted == ["a"] and sorted(p.name for p in (tmp_path / "S").iterdir()) == ["b", "c"]
    assert "stopped" in err
