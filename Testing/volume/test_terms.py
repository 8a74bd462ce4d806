"""Codes and colours of structures against Slicer's own lists, from which the values here were read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.terminology import DICOM, GENERAL, GENERIC, KINDS, term_of, terms_of

LEFT, RIGHT = "7771000", "24028007"
# Name as data sets spell it: list, type, side, red, green, blue (None: a colour of our own).
KNOWN = {
    "liver": (GENERAL, "10200004", None, (221, 130, 101)),
    "Spleen": (GENERAL, "78961009", None, (157, 108, 162)),
    "aorta": (GENERAL, "15825003", None, (224, 97, 76)),
    "tumour": (GENERAL, "4147007", None, (144, 238, 144)),
    "liver_tumor": (GENERAL, "4147007", None, (144, 238, 144)),
    "GTV (lung tumour)": (GENERAL, "4147007", None, (144, 238, 144)),
    "left lung lesion": (GENERAL, "4147007", None, (144, 238, 144)),
    "hippocampus": (DICOM, "5366008", None, None),
    "Hippocampus_L": (DICOM, "5366008", LEFT, None),
    "R hippocampus": (DICOM, "5366008", RIGHT, None),
    "kidney_left": (GENERAL, "64033007", LEFT, (185, 102, 83)),
    "right kidney": (GENERAL, "64033007", RIGHT, (185, 102, 83)),
    "kidneys": (GENERAL, "64033007", None, (185, 102, 83)),
    "lung_lower_lobe_left": (GENERAL, "90572001", LEFT, (224, 186, 162)),
    "lung_middle_lobe_right": (GENERAL, "72481006", None, None),
    "heart_ventricle_left": (GENERAL, "87878005", None, (152, 55, 13)),
    "inferior_vena_cava": (DICOM, "64131007", None, None),
    "vertebrae_L1": (DICOM, "51282000", None, None),
    "LeftParotid": (DICOM, "45289007", LEFT, None),
    "SpinalCord": (GENERAL, "2748008", None, (244, 214, 49)),
    "stomach": (GENERAL, "69695003", None, None),
}
# What lies side by side in a picture.
NEIGHBOURS = (
    "liver, stomach, spleen, pancreas, kidney, colon, small intestine, duodenum, gallbladder, aorta, bladder, "
    "inferior vena cava, portal vein, esophagus, adrenal gland, prostate, rectum, muscle",
    "bladder, prostate, rectum, femur, hip, sacrum, colon",
    "heart, lung, esophagus, trachea, aorta, superior vena cava, pulmonary artery, rib, muscle",
    "left atrium, right atrium, left ventricle, right ventricle, aorta, pulmonary artery, lung",
    "upper lobe of lung, middle lobe of right lung, lower lobe of lung, heart",
    "hippocampus, amygdala, thalamus, putamen, caudate nucleus, globus pallidus, accumbens, lateral ventricle, "
    "third ventricle, fourth ventricle, brain stem, cerebellum, gray matter, white matter, corpus callosum",
    "mass, edema, necrosis, brain, cyst, hemorrhage",
)


@pytest.mark.parametrize("name", KNOWN)
def test_codes_and_colours_are_those_of_slicers_lists(name) -> None:
    term, (context, code, side, color) = term_of(name), KNOWN[name]
    assert (term.context, term.type[:2], term.side and term.side[1]) == (context, ("SCT", code), side)
    assert color is None or [round(255 * part) for part in term.color] == list(color)


@pytest.mark.parametrize(
    "name", ["", "something", "label_3", "Segment_1", "left liver", "left right kidney", "liver and spleen", "L", "12"]
)
def test_what_is_not_known_is_not_guessed(name) -> None:
    assert term_of(name) is None


@pytest.mark.parametrize("together", NEIGHBOURS)
def test_neighbours_differ_in_colour(together) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    seen = {name: rgb2lab(np.array(term_of(name).color)) for name in together.split(", ")}
    # 1 is just noticeable side by side.
    assert [pair for pair in combinations(seen, 2) if deltaE_ciede2000(seen[pair[0]], seen[pair[1]]) < 6] == []


def test_every_entry_is_found_by_its_own_name_and_meaning() -> None:
    assert {name: term_of(name).type[1] for name in KINDS} == {name: kind.code for name, kind in KINDS.items()}
    assert len({kind.code for kind in KINDS.values()}) == len(KINDS)
    spoken = {kind.code for kind in KINDS.values()} - {"427667007", "24136001"}
    assert all(term_of(kind.meaning).type[1] == kind.code for kind in KINDS.values() if kind.code in spoken)


def test_a_written_segmentation_tells_what_its_segments_are(tmp_path) -> None:
    import slicerio

    geometry = Geometry((4, 4, 4), np.eye(4))
    masks = {name: np.zeros(geometry.shape, bool) for name in ("liver", "kidney_left", "tumour", "lesion", "what not")}
    for index, mask in enumerate(masks.values()):
        mask[index % 4, index // 4] = True
    write_segmentation(tmp_path / "a.seg.nrrd", masks, geometry, colors={"kidney_left": (0.25, 0.5, 0.75)})
    segments = {s["name"]: s for s in slicerio.read_segmentation(str(tmp_path / "a.seg.nrrd"))["segments"]}
    assert segments["liver"]["terminology"]["type"] == ["SCT", "10200004", "Liver"]
    assert segments["kidney_left"]["terminology"]["typeModifier"] == ["SCT", LEFT, "Left"]
    assert segments["what not"]["terminology"]["type"] == ["SCT", "85756007", "Tissue"]
    assert segments["tumour"]["terminology"] == segments["lesion"]["terminology"]
    np.testing.assert_allclose(segments["liver"]["color"], np.array([221, 130, 101]) / 255, atol=1e-4)
    # A colour that was asked for counts; of two with one meaning only the first has its colour.
    assert segments["kidney_left"]["color"] == [0.25, 0.5, 0.75]
    assert len({tuple(segment["color"]) for segment in segments.values()}) == 5


def test_several_of_one_meaning_share_it_but_not_the_colour() -> None:
    first, second, third, unknown = terms_of(["lesion", "tumour", "mass", "?"])
    assert first.type == second.type == third.type and first.color and second.color is third.color is None
    assert unknown == GENERIC and first.entry == second.entry
