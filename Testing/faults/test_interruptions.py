"""Works that are killed, or lose their disk, at each of their changes of it: what was finished is there, and going on
ends where an uninterrupted work does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from Testing.faults.interrupted import forked, write_images
from Testing.faults.trials import MARKS, Amount, Whole, pairs, tried

pytestmark = MARKS

AMOUNTS = {
    "exemplars": Amount(3),
    "adapters": Amount(3),
    "publishing": Amount(3),
    "synthesis": Amount(2),
    "propagation": Amount(2),
    "download": Amount(2),
    "training": Amount(1, more=8),
}


@pytest.mark.parametrize(("name", "kind"), pairs(AMOUNTS))
def test_what_was_finished_stays(name, kind, whole: Callable[[str], Whole], tmp_path) -> None:
    tried(name, kind, AMOUNTS[name], whole(name), tmp_path)


@pytest.mark.parametrize("longest", [600, 1500])
def test_a_full_disk_cuts_no_image_short(longest, tmp_path) -> None:
    names = ["slice.nrrd", "a.nrrd", "a.nii", "a.nii.gz", "a.mha"]
    for name in names:
        (tmp_path / name).write_bytes(b"before")
    refused = forked(write_images, tmp_path, longest).value
    assert [*refused] == names and all(str(tmp_path / name) in words for name, words in refused.items())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(names, b"before")
