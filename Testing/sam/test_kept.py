"""What is kept beside the user's own files: for its owner alone, counted, and gone when it is to go."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import private_folder, write_json
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key
from SAMAdaptLib.sam.kept import CHECKPOINTS, ESTIMATES, FETCHED, SERVED, SESSIONS, TIMES, clear, kept
from SAMAdaptLib.sam.weights.download import is_verified

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")


@pytest.fixture
def filled(tmp_path, monkeypatch) -> tuple[Path, Path]:
    """A cache folder with all that is kept, 1,000 bytes a file, what is not SAMAdapt's, and a folder of embeddings."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SAMADAPT_CACHE", str(folder))
    served = f"{SERVED}/{'a' * 64}/adapter.json", f"{SESSIONS}/sessions.log"
    fetched = f"{FETCHED}/{'b' * 64}/liver.samadapt.zip"
    for name in (f"{CHECKPOINTS}/sam.pth", fetched, *served, ESTIMATES, TIMES, "thesis.docx"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(1000))
    cache = EmbeddingCache(folder=tmp_path / "embeddings")
    cache.put(embedding_key(index=1), np.ones((4, 8, 8), np.float32))
    (tmp_path / "embeddings" / "notes.txt").write_text("mine")
    return folder, tmp_path / "embeddings"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_kept_is_counted(filled) -> None:
    folder, embeddings = filled
    names = (CHECKPOINTS, FETCHED, SERVED, SESSIONS, ESTIMATES, TIMES)
    assert {one.path.name: one.bytes for one in kept()} == dict.fromkeys(names, 1000)
    (stored,) = embeddings.glob("??/*.npy")
    last = kept(embeddings)[-1]
    assert (last.path, last.bytes) == (embeddings, stored.stat().st_size)


def test_clearing_takes_what_is_kept_and_nothing_else(filled) -> None:
    folder, embeddings = filled
    assert clear() == 5000
    assert files(folder) == {f"{CHECKPOINTS}/sam.pth", "thesis.docx"} and len(files(embeddings)) == 2
    assert clear(weights=True, embeddings=embeddings) > 1000
    assert files(folder) == {"thesis.docx"} and files(embeddings) == {"notes.txt"}
    assert clear(weights=True, embeddings=embeddings) == 0 and not any(one.bytes for one in kept(embeddings))


def test_a_download_that_goes_on_stays_and_one_that_was_left_goes(filled) -> None:
    folder, _ = filled
    for name, age in (("now", 0), ("left", 7200)):
        path = folder / CHECKPOINTS / f"{name}.pth.part"
        path.write_bytes(bytes(10))
        os.utime(path, (time.time() - age,) * 2)
    clear(weights=True)
    assert files(folder) == {f"{CHECKPOINTS}/now.pth.part", "thesis.docx"}


def test_an_adapter_that_is_being_received_stays_and_one_that_was_left_goes(filled) -> None:
    folder, _ = filled
    for name, age in (("now", 0), ("left", 7200)):
        part = folder / SERVED / f".part-{name}"
        (part / "adapter").mkdir(parents=True)
        (part / "adapter" / "adapter.json").write_bytes(bytes(10))
        (part / "empty").mkdir()
        for path in (part / "adapter" / "adapter.json", part / "adapter", part / "empty", part):
            os.utime(path, (time.time() - age,) * 2)
    assert clear() == 5010
    assert files(folder) == {f"{SERVED}/.part-now/adapter/adapter.json", f"{CHECKPOINTS}/sam.pth", "thesis.docx"}
    assert (folder / SERVED / ".part-now" / "empty").is_dir() and not (folder / SERVED / ".part-left").exists()


def test_a_folder_that_is_not_there_is_none_of_embeddings(filled, tmp_path) -> None:
    for call in (kept, lambda place: clear(embeddings=place)):
        with pytest.raises(InputError, match="no folder of embeddings"):
            call(tmp_path / "typo")
    assert not (tmp_path / "typo").exists() and len(files(filled[0])) == 7


@POSIX
def test_what_is_kept_is_for_its_owner_alone_whatever_the_mask(tmp_path, no_mask) -> None:
    EmbeddingCache(folder=tmp_path / "a" / "embeddings").put(embedding_key(i=1), np.ones((1, 2, 2), np.float32))
    write_json(tmp_path / "b" / "estimates.json", {}, private=True)
    weights = private_folder(tmp_path / "c") / "w.pth"
    weights.write_bytes(b"")
    assert is_verified(weights, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    shared = tmp_path / "shared"
    shared.mkdir(0o775)
    assert private_folder(shared) == shared
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes.pop(shared) == 0o775
    folders = {path for path in modes if path.is_dir()}
    assert len(folders) == 5 and {modes[path] for path in folders} == {0o700}
    whole = [path for path in modes if path.suffix in (".npy", ".json")]
    assert len(whole) == 2 and {modes[path] for path in whole} == {0o600}


def test_on_the_command_line(filled, capsys) -> None:
    folder, embeddings = filled
    assert main(["cache", "show", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["path"]: one["size_bytes"] for one in told}[str(folder / SERVED)] == 1000
    assert main(["cache", "show"]) == 0 and str(folder / CHECKPOINTS) in capsys.readouterr().out
    assert main(["cache", "clear", "--embeddings", str(embeddings), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["size_bytes"] > 3000
    assert files(folder) == {f"{CHECKPOINTS}/sam.pth", "thesis.docx"} and files(embeddings) == {"notes.txt"}
    assert main(["cache", "clear", "--weights"]) == 0 and capsys.readouterr().out == "0.0 MB given back\n"
    assert files(folder) == {"thesis.docx"}
