"""What is left unfinished by processes that were killed, and how it goes; folders that are not begun anew."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import UNFINISHED_S, atomic_path, part_folder, sweep
from SAMAdaptLib.paths import folder_within


@pytest.fixture
def left(tmp_path):
    """A folder in which a file and a folder were begun, by an hour and more ago and just now, among others' files."""
    names = []
    for age in (2 * UNFINISHED_S, 0.0):
        folder = part_folder(tmp_path)
        (folder / "deep").mkdir()
        (folder / "deep" / "half").write_bytes(b"0")
        with atomic_path(tmp_path / "file.json") as begun:
            kept = begun.read_bytes()
            file = begun.with_name(begun.name + "-left")
            file.write_bytes(kept)
        for path in (folder, file):
            os.utime(path, (time.time() - age,) * 2)
            names.append(path.name)
    (tmp_path / "part-of-the-scan.nrrd").write_bytes(b"0")
    os.utime(tmp_path / "part-of-the-scan.nrrd", (0, 0))
    return tmp_path, {*names[:2]}, {*names[2:]}


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_only_what_nobody_can_be_at_goes(left) -> None:
    folder, old, young = left
    sweep(folder)
    assert names(folder) == young | {"file.json", "part-of-the-scan.nrrd"}


def test_all_goes_where_nobody_else_is_at_work(left) -> None:
    sweep(left[0], 0)
    assert names(left[0]) == {"file.json", "part-of-the-scan.nrrd"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_goes_and_what_it_leads_to_stays(tmp_path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "scan.nrrd").write_bytes(b"0")
    place = tmp_path / "place"
    place.mkdir()
    (place / ".part-link").symlink_to(there)
    (place / ".part-lost").symlink_to(tmp_path / "nowhere")
    sweep(place, 0)
    assert not names(place) and names(there) == {"scan.nrrd"}


def test_what_is_not_there_needs_no_sweeping(tmp_path) -> None:
    sweep(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_removed_stops_nobody(left, monkeypatch) -> None:
    folder, old, young = left

    def denied(path, *given, **more):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", denied)
        patch.setattr(shutil, "rmtree", denied)
        sweep(folder, 0)
    assert names(folder) == old | young | {"file.json", "part-of-the-scan.nrrd"}


def test_what_lies_in_a_folder_is_made_with_all_between_and_never_the_folder_itself(tmp_path) -> None:
    outer = tmp_path / "share"
    with pytest.raises(InputError, match="network folder is still there"):
        folder_within(outer, outer / "cells" / "a")
    assert not outer.exists()
    outer.mkdir()
    for _ in range(2):
        assert folder_within(outer, outer / "cells" / "a") == outer / "cells" / "a" and (outer / "cells" / "a").is_dir()
    (outer / "file").write_bytes(b"")
    with pytest.raises(InputError, match="Cannot create the folder"):
        folder_within(outer, outer / "file")
