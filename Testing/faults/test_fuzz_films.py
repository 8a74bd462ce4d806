"""Images over time that are damaged: refused in one line, or a frame of them read; nothing else."""

from __future__ import annotations

import nibabel
import nrrd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from Testing.dicom_files import STORAGE, empty, save, with_pixels
from Testing.faults.conftest import asked
from Testing.faults.mutations import damaged, tries

FRAMES = np.random.default_rng(0).integers(0, 200, (3, 4, 12, 10), dtype=np.uint8)
HEADER = {
    "space": "left-posterior-superior", "space origin": np.zeros(3), "units": ["", "", "", "s"],
    "space directions": np.vstack([np.eye(3), np.full(3, np.nan)]), "kinds": ["domain", "domain", "domain", "list"],
    "axis 3 index type": "numeric", "axis 3 index values": "0 0.1 0.2",
}  # fmt: skip
# "film" in the name has the reader read a frame.
FILMS = ("film.seq.nrrd", "film.nii.gz", "film.dcm")


@pytest.fixture(scope="module")
def good(tmp_path_factory, child):
    """A folder, and bytes and hash of a good file of each kind."""
    folder, found = tmp_path_factory.mktemp("films"), {}
    nrrd.write(str(folder / FILMS[0]), FRAMES.T, HEADER)
    nibabel.save(nibabel.Nifti1Image(FRAMES.T, np.eye(4)), folder / FILMS[1])
    save(with_pixels(empty(folder / FILMS[2], STORAGE + "3.1", Modality="US", NumberOfFrames=3), FRAMES[:, 0]))
    for name in FILMS:
        read = child.read(folder / name)
        assert "hash" in read, read
        found[name] = ((folder / name).read_bytes(), read["hash"])
    return folder, found


@pytest.mark.parametrize("name", FILMS)
def test_damaged_and_cut_off(tally, child, good, name):
    folder, (whole, _) = good[0], good[1][name]
    path = folder / f"x{name}"

    def refused(data):
        path.write_bytes(data)
        return asked(tally("image files"), child, path, name.encode() + data, path)

    @tries(5)
    @given(damaged(whole))
    def check(data):
        refused(data)

    @tries(4)
    @given(st.integers(0, len(whole) - 1))
    def cut(at):
        assert "text" in refused(whole[:at]), at

    check()
    cut()
