"""The rules themselves: each refuses what Windows refuses, and no more."""

from __future__ import annotations

import multiprocessing
import os
import select
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from Testing.platforms.windows_rules import OneFile


@pytest.fixture
def file(tmp_path, windows):
    path = tmp_path / "here" / "file"
    path.parent.mkdir()
    path.write_bytes(b"0123")
    return path


def test_a_descriptor_for_reading_cannot_be_synchronised(file):
    with open(file, "rb") as handle, pytest.raises(OSError, match="Bad file descriptor"):
        os.fsync(handle.fileno())
    with open(file, "r+b") as handle:
        os.fsync(handle.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fsync(folder)
    os.close(folder)


def test_what_is_open_or_mapped_stays_where_it_is(file, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"new")
    for holding in (lambda: open(file, "rb"), lambda: np.memmap(file, mode="r")):
        held = holding()
        for change in (file.unlink, lambda: file.rename(tmp_path / "x"), lambda: os.replace(other, file),
                       lambda: file.parent.rename(tmp_path / "there"), lambda: shutil.rmtree(file.parent)):  # fmt: skip
            with pytest.raises(PermissionError) as caught:
                change()
            assert caught.value.winerror in (5, 32)
        getattr(held, "close", lambda: None)()
        del held
    assert file.read_bytes() == b"0123"
    os.replace(other, file)
    file.parent.rename(tmp_path / "there")
    shutil.rmtree(tmp_path / "there")


def test_another_process_of_the_family_counts_and_no_other(file):
    code = f"import sys, time; file = open({str(file)!r}); print('ready', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        with pytest.raises(PermissionError):
            file.unlink()
        child.kill()
    file.unlink()


@pytest.mark.parametrize(
    "name", ["con", "Aux.txt", "nul.tar.gz", "LPT1", "com\u00b9.nrrd", "a:b", "a?", "x ", "x.", 'q"', "a\\b"]
)  # fmt: skip
def test_names_that_windows_does_not_take(file, name):
    for make in ((file.parent / name).touch, (file.parent / name).mkdir, lambda: file.rename(file.parent / name)):
        with pytest.raises(OSError) as caught:
            make()
        assert caught.value.winerror == 123
    assert os.listdir(file.parent) == ["file"]


def test_names_that_it_does_take(file):
    for name in ("console", "com10", "Größe 1.2", "肝臓", ".hidden", "a'b;c=d,e[1](2)"):
        (file.parent / name).touch()


def test_a_path_has_less_than_260_characters(file):
    room = 259 - len(str(file.parent)) - 1
    (file.parent / ("n" * min(room, 200))).touch()
    deep = file.parent / ("d" * 100)
    deep.mkdir()
    fits = deep / ("n" * (259 - len(str(deep)) - 1))
    fits.touch()
    with pytest.raises(FileNotFoundError):
        fits.with_name(fits.name + "n").touch()
    with pytest.raises(FileNotFoundError):
        (deep / ("m" * (248 - len(str(deep)) - 1))).mkdir()


def test_names_of_one_file(file):
    for name in ("File", "FILE"):
        with pytest.raises(OneFile):
            file.with_name(name).write_bytes(b"")
    file.rename(file.with_name("FILE"))
    with pytest.raises(OneFile):
        (file.parent / "Gro\u0308\u00dfe").touch() or (file.parent / "Gr\u00f6\u00dfe").touch()


def test_a_rename_does_not_replace(file):
    other = file.with_name("other")
    other.touch()
    with pytest.raises(FileExistsError):
        file.rename(other)
    file.replace(other)


def test_what_only_posix_has(windows):
    with pytest.raises(ImportError):
        import fcntl  # noqa: F401
    with pytest.raises(ValueError, match="fork"):
        multiprocessing.get_context("fork")
    assert multiprocessing.get_context().get_start_method() == "spawn"
    reading, writing = os.pipe()
    with pytest.raises(OSError):
        select.select([reading], [], [], 0)
    os.close(reading), os.close(writing)
    from SAMAdaptLib.service.link import process as child

    assert child.os.name == "nt" and not hasattr(child.os, "killpg") and not hasattr(child.signal, "SIGKILL")


def test_taskkill_ends_the_tree(windows):
    code = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    grandchild = int(child.stdout.readline())
    done = subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], creationflags=subprocess.CREATE_NO_WINDOW)
    assert done.returncode == 0 and child.wait(5) == -9
    child.stdout.close()
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{grandchild}/exe") and time.monotonic() < end:
        time.sleep(0.01)
    assert not os.path.exists(f"/proc/{grandchild}/exe")


def test_shared_memory_goes_with_its_last_user(windows):
    from multiprocessing.shared_memory import SharedMemory

    first = SharedMemory("samadapt-rules-test", create=True, size=4096)
    second = SharedMemory("samadapt-rules-test")
    first.unlink()
    first.close()
    SharedMemory("samadapt-rules-test").close()
    second.close()
    with pytest.raises(FileNotFoundError):
        SharedMemory("samadapt-rules-test")
