"""One library, CT and others: which mapping a new exemplar takes, and what an adapter trained with it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.mapping import library_intensity, mappings_by_kind, single_mappings
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.phantoms import ct, mr

WINDOW, PERCENTILE = "window:40/400", "percentile:0.5/99.5"


def volume(array):
    return Volume(array, Geometry(array.shape[::-1], np.diag([-1.0, -1.0, 3.0, 1.0])), "scan")


def add(library, array, intensity, index=8):
    source = volume(array)
    labels = np.zeros(array.shape, np.uint8)
    labels[:, 15:30, 12:25] = 1
    return library.add(source, Labels(labels, source.geometry, {"a": 1}), "axial", index, Intensity.parse(intensity))


@pytest.fixture
def library(tmp_path):
    return Library.create(tmp_path / "library")


def test_an_empty_or_missing_library_leaves_it_to_the_values(library, tmp_path):
    for folder in (library.folder, tmp_path / "none"):
        assert str(library_intensity(folder, volume(ct()))) == WINDOW
        assert str(library_intensity(folder, volume(mr()))) == PERCENTILE
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("first", "second", "mapping"), [(ct, ct, "window:50/350"), (mr, mr, "window:300/900")])
def test_the_library_s_scans_of_a_kind_share_their_mapping(library, first, second, mapping):
    add(library, first(), mapping)
    assert str(library_intensity(library.folder, volume(second(seed=1).astype(np.float32)))) == mapping
    assert str(library_intensity(library.folder, volume(second(seed=1)), "minmax")) == "minmax"


def test_a_scan_of_another_kind_takes_its_own_with_a_note(library):
    add(library, mr(), "minmax")
    with pytest.warns(Note, match="scan is CT.*exemplars are no CT.*window:40/400, they by minmax"):
        assert str(library_intensity(library.folder, volume(ct()))) == WINDOW
    add(library, ct(), WINDOW)
    assert mappings_by_kind(library) == {True: [WINDOW], False: ["minmax"]}
    # From now on the library knows both.
    assert str(library_intensity(library.folder, volume(mr(seed=1)))) == "minmax"
    assert single_mappings(library) == "window:40/400 | minmax"


def test_two_mappings_of_one_kind_want_a_word(library):
    add(library, ct(), WINDOW)
    add(library, ct(seed=1), "window:-600/1500")
    with pytest.raises(InputError, match="several intensity mappings .window:40/400, window:-600/1500.*--intensity"):
        library_intensity(library.folder, volume(ct(seed=2)))
    with pytest.raises(InputError, match="mixes intensity mappings of CT .window:-600/1500, window:40/400"):
        single_mappings(library)
    assert str(library_intensity(library.folder, volume(mr()), PERCENTILE)) == PERCENTILE


def test_one_mapping_for_all_is_that_mapping(library):
    add(library, ct(), PERCENTILE)
    add(library, mr(), PERCENTILE)
    assert single_mappings(library) == PERCENTILE


def test_a_ct_of_whole_and_one_of_fractional_numbers_on_the_command_line(tmp_path, capsys):
    """They were shown by two mappings, and the training refused them."""
    labels = np.zeros((16, 48, 40), np.uint8)
    labels[3:13, 15:30, 12:25] = 1
    geometry = volume(ct()).geometry
    write_volume(tmp_path / "labels.nrrd", labels, geometry)
    for name, array in (("whole", np.round(ct()).astype(np.int16)), ("fractions", ct(seed=1).astype(np.float32))):
        write_volume(tmp_path / f"{name}.nrrd", array, geometry)
        call = ["exemplars", "add", "--library", tmp_path / "L", "--image", tmp_path / f"{name}.nrrd", "--labels",
                tmp_path / "labels.nrrd", "--suggest", 2, "--strategy", "diverse", "--json"]  # fmt: skip
        assert main([str(word) for word in call]) == 0
        assert json.loads(capsys.readouterr().out)["intensity"] == WINDOW
    assert single_mappings(Library.open(tmp_path / "L")) == WINDOW


def test_slices_of_every_real_ct_show_it(shared_data):
    """A library knows its kinds from single slices; all axial ones of the seven CTs tell, and none of an MR."""
    from SAMAdaptLib.volume.evidence import has_ct_numbers, sample
    from SAMAdaptLib.volume.volume import read_volume

    for pattern, answer in (("*ct*/*image.nrrd", True), ("soft*/*_CT_image.nrrd", True), ("soft*/*_MR_*", False),
                            ("brain_mri_tumour*/*image.nrrd", False)):  # fmt: skip
        files = [path for path in sorted(shared_data.glob(pattern)) if "openkbp" not in path.parent.name]
        for path in (path for path in files if "label" not in path.name):
            assert {has_ct_numbers(sample(one)) for one in read_volume(path).array} == {answer}, path.name
