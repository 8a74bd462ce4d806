"""Errors of the system that name no file: a line for what a disk or a network folder says, a traceback for mistakes."""

from __future__ import annotations

import errno
import os

import pytest

from SAMAdaptLib.cli import methods
from SAMAdaptLib.cli.main import main

STILL = "See whether the disk or the network folder is still there, and try again"
SPACE = "Check the free space and the permissions"


def raising(monkeypatch, error: OSError) -> None:
    def run(args, session):
        raise error

    monkeypatch.setattr(methods, "run", run)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("EIO", STILL), ("ESTALE", STILL), ("ENOTCONN", STILL), ("ETIMEDOUT", STILL), ("ENODEV", STILL), ("ENOENT", STILL),
     ("ENOSPC", SPACE), ("EDQUOT", SPACE), ("EROFS", SPACE), ("EFBIG", SPACE), ("EMFILE", SPACE)],
)  # fmt: skip
def test_what_a_disk_says_is_one_line(monkeypatch, capsys, name, remedy) -> None:
    if not hasattr(errno, name):
        pytest.skip(f"this system has no {name}")
    number = getattr(errno, name)
    raising(monkeypatch, OSError(number, os.strerror(number)))
    assert main(["methods"]) == 2
    told = f"The system can read or write no more, and names no file ({os.strerror(number)}): samadapt methods"
    assert capsys.readouterr().err == f"samadapt: error: {told}. {remedy}.\n"


def test_a_file_that_is_known_is_named(monkeypatch, capsys) -> None:
    raising(monkeypatch, OSError(errno.EIO, "Input/output error", "/share/slice.nrrd"))
    assert main(["methods"]) == 2
    told = f"The system cannot use this (Input/output error): /share/slice.nrrd. {STILL}."
    assert capsys.readouterr().err == f"samadapt: error: {told}\n"


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EBADF, "Bad file descriptor"), OSError(errno.EINVAL, "Invalid argument"), OSError("no number"),
     ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")],
)  # fmt: skip
def test_mistakes_of_the_program_are_not_hidden(monkeypatch, error) -> None:
    raising(monkeypatch, error)
    with pytest.raises(OSError) as raised:
        main(["methods"])
    assert raised.value is error


@pytest.mark.skipif(os.name == "nt", reason="a folder that is in use stays there")
def test_the_folder_one_stands_in_may_go(monkeypatch, tmp_path, capsys) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["exemplars", "list", "--library", "library"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("samadapt: error: ") and told.count("\n") == 1
