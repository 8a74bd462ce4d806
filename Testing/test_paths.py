"""Where results may be written: what the file system says of two paths decides, not how they are spelled."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.paths import Output, holds, keep_apart


@pytest.mark.parametrize("header, data", [("x.nhdr", "x.raw.gz"), ("x.mhd", "x.zraw")])
def test_the_voxels_of_a_detached_header_are_an_input(tmp_path, header, data) -> None:
    """As ITK writes them."""
    image = sitk.GetImageFromArray(np.zeros((2, 3, 4), np.int16))
    sitk.WriteImage(image, str(tmp_path / header), True)
    assert (tmp_path / data).is_file()
    with pytest.raises(InputError, match="is one of the inputs"):
        keep_apart(tmp_path / data, [tmp_path / header])
    keep_apart(tmp_path / "y.raw", [tmp_path / header])


@pytest.mark.parametrize(
    "name, text",
    [
        ("x.nhdr", "NRRD0004\ndimension: 3\ndata file: LIST\na0.raw\na1.raw\n"),
        ("x.nhdr", "NRRD0004\ndimension: 3\ndata file: a%d.raw 0 1 1 2\n"),
        ("x.mhd", "NDims = 3\nElementDataFile = LIST\na0.raw\na1.raw\n"),
    ],
)
def test_lists_and_patterns_of_voxel_files(tmp_path, name, text) -> None:
    (tmp_path / name).write_text(text)
    for number in (0, 1):
        (tmp_path / f"a{number}.raw").write_bytes(b"")
        with pytest.raises(InputError, match="is one of the inputs"):
            keep_apart(tmp_path / f"a{number}.raw", [tmp_path / name])


def test_links_are_seen_through(tmp_path) -> None:
    scan, folder = tmp_path / "scan.nrrd", tmp_path / "dicom"
    scan.write_text("scan")
    folder.mkdir()
    (folder / "1.dcm").symlink_to(scan)
    os.link(scan, tmp_path / "hard.nrrd")
    for output, source in ((tmp_path / "hard.nrrd", scan), (scan, folder)):
        with pytest.raises(InputError, match="is one of the inputs"):
            keep_apart(output, [source])
    with pytest.raises(InputError, match="lies inside an input"):
        keep_apart(folder / "deep" / "deeper.nrrd", [None, folder])
    keep_apart(tmp_path / "dicom2" / "x.nrrd", [folder, scan])


def test_what_does_not_exist_is_nobody_s(tmp_path) -> None:
    keep_apart(tmp_path / "a", [tmp_path / "a"])


def test_a_full_disk_is_noticed_before(tmp_path, monkeypatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 5_000_000))
    Output(tmp_path / "o.nrrd").check()
    with pytest.raises(InputError, match=r"too full for the output \(6 MB are needed\)"):
        Output(tmp_path / "o.nrrd", bytes=6_000_000).check()


def test_nothing_is_left_behind_and_missing_folders_are_told(tmp_path) -> None:
    with pytest.warns(Note, match="will be made"):
        Output(tmp_path / "a" / "b" / "o.nrrd").check()
    Output(tmp_path / "o", folder=True).check()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_device_is_no_file_to_replace(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a device"):
        Output(tmp_path / "pipe", overwrite=True).check()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_rights_are_tried(tmp_path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(InputError, match="cannot be written there"):
        Output(closed / "o.nrrd").check()
    protected = tmp_path / "o.nrrd"
    protected.write_text("mine")
    protected.chmod(0o400)
    with pytest.raises(InputError, match="write-protected"):
        Output(protected, overwrite=True).check()


def test_a_folder_is_known_by_its_manifest(tmp_path) -> None:
    ours = holds("m.json", "recipe")
    (tmp_path / ".DS_Store").write_text("")
    Output(tmp_path, folder=True, ours=ours).check()
    (tmp_path / "m.json").write_text('{"other": 1}')
    with pytest.raises(InputError, match="--overwrite"):
        Output(tmp_path, folder=True, ours=ours).check()
    (tmp_path / "m.json").write_text('{"recipe": 1}')
    Output(tmp_path, folder=True, ours=ours).check()
