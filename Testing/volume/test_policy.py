"""Which mapping and axis are taken where nobody names one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.policy import choose_axis, choose_intensity, join_mappings, suggest_intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.phantoms import ct, mr

WINDOW, PERCENTILE = "window:40/400", "percentile:0.5/99.5"
BOTH = join_mappings(WINDOW, "minmax")


def volume(array, modality=""):
    return Volume(array, Geometry(array.shape[::-1], np.eye(4)), "scan", modality)


def test_by_evidence():
    assert str(suggest_intensity(volume(ct()))) == WINDOW
    assert str(suggest_intensity(volume(mr()))) == PERCENTILE
    assert str(suggest_intensity(volume(ct(), "MR"))) == PERCENTILE


def test_numbers_without_their_offset_get_a_note_that_names_the_window():
    with pytest.warns(Note, match=r"scan\. If it is a CT, .* --intensity window:1064/400"):
        assert str(suggest_intensity(volume(ct() + 1024))) == PERCENTILE


@pytest.mark.parametrize(
    "array, given, trained, expected",
    [
        (ct, None, "", WINDOW), (mr, None, "", PERCENTILE), (mr, "minmax", "", "minmax"), (ct, "minmax", "", "minmax"),
        # An adapter that knows one mapping takes it for every scan.
        (ct, None, "minmax", "minmax"), (mr, None, WINDOW, WINDOW), (mr, WINDOW, WINDOW, WINDOW),
        (ct, None, BOTH, WINDOW), (mr, None, BOTH, "minmax"), (mr, WINDOW, BOTH, WINDOW),
        (ct, "minmax", BOTH, "minmax"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:The adapter was trained with CT")
def test_the_adapters_then_the_users_then_by_evidence(array, given, trained, expected):
    assert str(choose_intensity(volume(array()), given, trained)) == expected


def test_an_adapter_for_ct_on_something_else_gets_a_note():
    for array in (mr(), ct() + 1000):
        with pytest.warns(Note, match="trained with CT .window:40/400.*not those of a CT.*scan"):
            choose_intensity(volume(array), None, WINDOW)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choose_intensity(volume(ct()), None, WINDOW)


@pytest.mark.parametrize("trained", [WINDOW, BOTH])
def test_another_mapping_than_the_adapters_is_refused(trained):
    with pytest.raises(InputError, match=f"trained with intensity {trained.split(' | ')[0]}.*not percentile:1/99"):
        choose_intensity(volume(mr()), "percentile:1/99", trained)


def test_one_mapping_for_all_is_written_as_ever():
    assert join_mappings("minmax") == join_mappings("minmax", "minmax") == "minmax"


def test_axis():
    assert (choose_axis(), choose_axis("coronal"), choose_axis(None, "sagittal")) == ("axial", "coronal", "sagittal")
    with pytest.warns(Note, match="trained on sagittal slices.*coronal"):
        assert choose_axis("coronal", "sagittal") == "coronal"
