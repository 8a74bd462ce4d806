"""What SAMAdapt does with files under Windows' rules, beyond the tests that are run once more in ``again/``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import atomic_path, write_text
from SAMAdaptLib.locks import changing
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key
from SAMAdaptLib.sam.weights.download import download
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from Testing.platforms.windows_rules import holders
from Testing.sam.test_checkpoints import BODY, SHA, serve  # noqa: F401
from Testing.tiny import VIT, build, make_library

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(
    model="test_vit", steps=4, prompts_per_slice=1, synthetic_count=4, checkpoint_seconds=0, device="cpu"
)


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return make_library(tmp_path_factory.mktemp("windows") / "library", patients=2, indices=(1, 3))


@pytest.fixture(scope="module")
def run(library, tmp_path_factory):
    """A finished run."""
    folder = tmp_path_factory.mktemp("run") / "run"
    finetune(library, folder, replace(CONFIG, steps=1), model=build("vit-64"))
    return folder


def later(seconds, act):
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("SAMAdaptLib.files.PATIENCE_S", 0.5)


@pytest.fixture
def held(tmp_path, windows):
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")
    return path


def test_a_file_that_is_looked_at_for_a_moment_is_replaced(held):
    handle = open(held, "rb")
    later(0.2, handle.close)
    write_text(held, "new")
    assert held.read_bytes() == b"new" and os.listdir(held.parent) == ["file.txt"]


def test_a_file_that_stays_open_is_named_with_the_way_out_and_nothing_is_lost(held):
    with open(held, "rb"), pytest.raises(InputError, match="file.txt.*Close the programs that have it open"):
        write_text(held, "new")
    assert held.read_bytes() == b"old" and os.listdir(held.parent) == ["file.txt"]


def test_a_path_that_is_too_long_is_said_to_be(tmp_path, windows):
    long = tmp_path / ("y" * 100) / ("z" * (150 - len(str(tmp_path))))
    for path in (long / "adapter.safetensors", long.parent / ("n" * 200) / "x", tmp_path / ("w" * 240)):
        with pytest.raises(InputError, match="The path is too long.*shorter name"), atomic_path(path) as temporary:
            temporary.write_bytes(b"")


def test_a_resumed_run_holds_none_of_its_checkpoints(library, tmp_path, windows):
    def kill(event):
        if event["event"] == "step" and event["step"] == 2:
            raise Killed

    counts = []

    def look(event):
        if event["event"] == "step":
            paths = sorted((tmp_path / "run" / "checkpoints").glob("*.safetensors"))
            counts.append(sum(path.name.startswith("step-") for path in paths))
            assert [path.name for path in paths if holders(path)] == []

    with pytest.raises(Killed):
        finetune(library, tmp_path / "run", CONFIG, model=build("vit-64"), listener=kill)
    finetune(library, tmp_path / "run", CONFIG, model=build("vit-64"), listener=look, resume=True)
    assert counts and max(counts) <= 2 and not list((tmp_path / "run" / "checkpoints").iterdir())


def test_a_loaded_model_holds_neither_its_checkpoint_nor_its_adapter(run, tmp_path, windows):
    from safetensors.torch import save_file

    state = build("vit-128").sam.state_dict()
    torch.save(state, tmp_path / "w.pth")
    save_file({name: value.contiguous() for name, value in state.items()}, tmp_path / "w.safetensors")
    models = [build_sam(VIT, tmp_path / name, input_size=64) for name in ("w.pth", "w.safetensors")]
    shelf = Shelf(tmp_path / "shelf")
    shelf.add(run, "one")
    adapted = build("vit-64")
    apply_adapter(adapted, shelf.folder / "one")
    assert not any(map(holders, (tmp_path / "w.pth", tmp_path / "w.safetensors", shelf.folder)))
    shelf.rename("one", "two")
    shelf.delete("two")
    assert os.listdir(shelf.folder) == [] and len(models) == 2


def test_an_adapter_that_is_held_is_neither_renamed_nor_half_deleted(run, tmp_path, windows):
    shelf = Shelf(tmp_path / "shelf")
    shelf.add(run, "one")
    before = {path.name: path.read_bytes() for path in (shelf.folder / "one").iterdir()}
    for change in (lambda: shelf.rename("one", "two"), lambda: shelf.delete("one")):
        mapped = np.memmap(shelf.folder / "one" / "adapter.safetensors", mode="r")
        with pytest.raises(InputError, match="Cannot change the shelf.*Close the programs"):
            change()
        assert {path.name: path.read_bytes() for path in (shelf.folder / "one").iterdir()} == before
        assert os.listdir(shelf.folder) == ["one"]
        del mapped
    shelf.delete("one")


def test_an_import_by_a_name_of_another_system(run, tmp_path, windows):
    shelf = Shelf(tmp_path / "shelf")
    shelf.add(run, "liver")
    shelf.export("liver", tmp_path / "exported.zip")
    files = {"Liver.samadapt.zip": "Liver 2", "肝臓.zip": "肝臓", "n" * 90 + ".zip": "n" * 74, " x .zip": "x"}
    for file, name in files.items():
        shutil.copy(tmp_path / "exported.zip", tmp_path / file)
        assert shelf.import_(tmp_path / file) == name


def test_a_cache_lives_with_files_that_others_are_reading(tmp_path, windows):
    keys = [embedding_key(i=i) for i in range(6)]
    cache = EmbeddingCache(0, tmp_path / "cache", disk_bytes=9000)
    for key in keys[:2]:
        cache.put(key, np.ones((4, 16, 16), np.float32))
    first, second = (tmp_path / "cache" / key[:2] / f"{key}.npy" for key in keys[:2])
    with open(first, "rb"):
        for key in keys[2:5]:
            cache.put(key, np.ones((4, 16, 16), np.float32))
        assert first.exists() and not second.exists()
        second.write_bytes(b"damaged")
        with open(second, "rb"):
            assert cache.get(keys[1]) is None
        cache.clear()
        assert first.exists() and cache.stats.disk_bytes == first.stat().st_size
    cache.clear()
    assert not first.exists() and cache.stats.disk_bytes == 0


def test_a_removed_exemplar_that_another_program_reads(library, tmp_path, windows):
    shutil.copytree(library.folder, tmp_path / "library")
    mine = Library.open(tmp_path / "library")
    gone, next_one = [info.id for info in mine.infos()][:2]
    file = tmp_path / "library" / f"{gone}_image.nrrd"
    os.utime(file, (0, 0))
    with open(file, "rb"), pytest.warns(Note, match=".*_image.nrrd cannot be deleted now"):
        mine.remove(gone)
    assert gone not in [info.id for info in Library.open(mine.folder).infos()] and file.exists()
    mine.remove(next_one)
    assert not file.exists()


CHANGING = """
import sys
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import scan
library = Library.open(sys.argv[1])
for seed in range(10, 18):
    info = library.add(*scan(seed), "axial", 2, Intensity.parse("minmax"))
    library.load(info.id)
    library.remove(info.id)
print(len(library))
"""


def test_one_process_changes_a_library_and_another_reads_it(tmp_path, windows):
    make_library(tmp_path / "library", patients=1, indices=(1,))
    (tmp_path / "changing.py").write_text(CHANGING, encoding="utf-8")
    path = os.pathsep.join(map(str, (windows.parents[2], tmp_path)))
    with subprocess.Popen(
        [sys.executable, str(windows), "-m", "changing", str(tmp_path / "library")],
        env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as child:  # fmt: skip
        counts = set()
        while child.poll() is None:
            library = Library.open(tmp_path / "library")
            counts.add(len(library))
            library.load(library.infos()[0].id)
        words = child.stdout.read().decode()
    assert (child.returncode, words.split()) == (0, ["1"]), words
    assert counts == {1, 2} and len(os.listdir(tmp_path / "library")) == 3


ADDING = """
import sys
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import scan
library = Library.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for seed in range(int(sys.argv[2]), int(sys.argv[2]) + 6):
    library.add(*scan(seed), "axial", 2, Intensity.parse("minmax"))
"""


@pytest.mark.parametrize("rules", [True, False], ids=["windows", "linux"])
def test_two_processes_add_at_once_and_nothing_is_lost(tmp_path, request, rules):
    library = Library.create(tmp_path / "library")
    (tmp_path / "adding.py").write_text(ADDING, encoding="utf-8")
    under = [str(request.getfixturevalue("windows"))] if rules else []
    root = str(Path(__file__).resolve().parents[2])
    children = [
        subprocess.Popen(
            [sys.executable, *under, "-m", "adding", str(library.folder), start], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join((root, str(tmp_path)))},
        )
        for start in ("100", "200")
    ]  # fmt: skip
    for child in children:
        assert child.stdout.readline().strip() == b"ready"
    for child in children:
        child.stdin.write(b"\n")
        child.stdin.flush()
    assert [child.wait(60) for child in children] == [0, 0]
    for child in children:
        child.stdin.close(), child.stdout.close()
    found = Library.open(library.folder)
    assert len(os.listdir(found.folder)) == 1 + 2 * 12
    assert len(found) == 12 and all(found.load(info.id).labels.any() for info in found.infos())


def test_a_folder_that_another_process_is_changing_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("SAMAdaptLib.locks.LOCK_SECONDS", 0.1)
    with changing(tmp_path), pytest.raises(InputError, match="Another process is changing"), changing(tmp_path):
        pass
    with changing(tmp_path):
        pass


def test_a_download_goes_on_where_it_stopped(serve, tmp_path, windows):  # noqa: F811
    server = serve(cuts=[1_000_000, 0])
    with pytest.raises(InputError, match="Try again"):
        download(server.url, tmp_path / "w.pth", SHA)
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY
    assert server.asked[-1] == "bytes=1000000-" and sorted(os.listdir(tmp_path)) == ["w.pth", "w.pth.ok"]


def test_a_finished_download_that_is_looked_at_by_a_scanner(serve, tmp_path, windows):  # noqa: F811
    def scanner(done, total):
        if done == total:
            later(0.3, open(tmp_path / "w.pth.part", "rb").close)

    assert download(serve().url, tmp_path / "w.pth", SHA, progress=scanner).read_bytes() == BODY
