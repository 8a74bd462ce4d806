"""What a structure is, in the codes and colours that Slicer has for it, found by the structure's name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

GENERAL = "Segmentation category and type - 3D Slicer General Anatomy list"
DICOM = "Segmentation category and type - DICOM master list"
REGIONS = "Anatomic codes - DICOM master list"
ANATOMY = ("SCT", "123037004", "Anatomical Structure")
TISSUE = ("SCT", "85756007", "Tissue")
ALTERED = ("SCT", "49755003", "Morphologically Altered Structure")
RIGHT, LEFT = ("SCT", "24028007", "Right"), ("SCT", "7771000", "Left")
SIDES = {"right": RIGHT, "r": RIGHT, "left": LEFT, "l": LEFT}


class Kind(NamedTuple):
    """An entry of one of Slicer's lists: SNOMED CT code and meaning, red, green and blue where the list has them, and
    whether there is a left and a right one."""

    context: str
    category: tuple[str, str, str]
    code: str
    meaning: str
    color: tuple[int, int, int] | None
    sided: bool = False


@dataclass(frozen=True)
class Term:
    """What a segment shows.

    Attributes:
        context: name of the list that holds it.
        category: coding scheme, code, meaning.
        type: the same.
        side: the same, where one was named.
        color: red, green, blue in 0..1; None for tissue of no stated meaning.
        region: where in the body it is, as coding scheme, code, meaning, where that is told beside the type.
        region_side: of the region, the same.
    """

    context: str
    category: tuple[str, str, str]
    type: tuple[str, str, str]
    side: tuple[str, str, str] | None = None
    color: tuple[float, float, float] | None = None
    region: tuple[str, str, str] | None = None
    region_side: tuple[str, str, str] | None = None

    @property
    def entry(self) -> str:
        """As the text of a segment's tag ``TerminologyEntry``."""
        codes = (self.category, self.type, self.side, self.region, self.region_side)
        parts = ["^".join(part) if part else "^^" for part in codes]
        return "~".join([self.context, *parts[:3], REGIONS, *parts[3:]])

    def to_dict(self) -> dict[str, Any]:
        """As slicerio takes it."""
        given = {"category": list(self.category), "type": list(self.type)}
        more = {"typeModifier": self.side, "anatomicRegion": self.region, "anatomicRegionModifier": self.region_side}
        given |= {name: list(code) for name, code in more.items() if code is not None}
        return {"contextName": self.context, **given, "anatomicContextName": REGIONS}


# What Slicer itself gives to a segment of no stated meaning.
GENERIC = Term(GENERAL, TISSUE, TISSUE)

KINDS = {
    "accumbens": Kind(DICOM, ANATOMY, "427667007", "Nucleus accumbens", None, True),
    "adrenal gland": Kind(GENERAL, ANATOMY, "23451007", "Adrenal gland", (249, 186, 150), True),
    "amygdala": Kind(GENERAL, ANATOMY, "4958002", "Amygdala", (98, 153, 112), True),
    "aorta": Kind(GENERAL, ANATOMY, "15825003", "Aorta", (224, 97, 76)),
    "artery": Kind(GENERAL, TISSUE, "51114001", "Artery", (216, 101, 79)),
    "bladder": Kind(GENERAL, ANATOMY, "89837001", "Bladder", (222, 154, 132)),
    "body fat": Kind(GENERAL, TISSUE, "248300009", "Body fat", (230, 220, 70)),
    "bone": Kind(GENERAL, TISSUE, "272673000", "Bone", (241, 214, 145)),
    "brain": Kind(GENERAL, ANATOMY, "12738006", "Brain", (250, 250, 225)),
    "brain stem": Kind(DICOM, ANATOMY, "119238007", "Brain stem", None),
    "brain ventricle": Kind(GENERAL, ANATOMY, "35764002", "Brain ventricle", (88, 106, 215)),
    "caudate nucleus": Kind(GENERAL, ANATOMY, "11000004", "Caudate nucleus", (30, 111, 85), True),
    "cerebellum": Kind(DICOM, ANATOMY, "113305005", "Cerebellum", None),
    "clavicle": Kind(GENERAL, ANATOMY, "51299004", "Clavicle", (205, 179, 108), True),
    "colon": Kind(GENERAL, ANATOMY, "71854001", "Colon", (204, 168, 143)),
    "corpus callosum": Kind(GENERAL, ANATOMY, "88442005", "Corpus callosum", (97, 113, 158)),
    "cyst": Kind(GENERAL, ALTERED, "367643001", "Cyst", (205, 205, 100)),
    "duodenum": Kind(GENERAL, ANATOMY, "38848004", "Duodenum", (255, 253, 229)),
    "edema": Kind(GENERAL, ALTERED, "79654002", "Edema", (140, 224, 228)),
    "esophagus": Kind(GENERAL, ANATOMY, "32849002", "Esophagus", (211, 171, 143)),
    "eyeball": Kind(GENERAL, ANATOMY, "79652003", "Eyeball", (194, 142, 0), True),
    "femur": Kind(DICOM, ANATOMY, "71341001", "Femur", None, True),
    "fourth ventricle": Kind(GENERAL, ANATOMY, "35918002", "Fourth ventricle", (88, 106, 215)),
    "gallbladder": Kind(GENERAL, ANATOMY, "28231008", "Gallbladder", (139, 150, 98)),
    "globus pallidus": Kind(GENERAL, ANATOMY, "14738005", "Globus pallidus", (48, 129, 126), True),
    "gray matter": Kind(GENERAL, ANATOMY, "389081007", "Gray Matter", (200, 200, 235)),
    "heart": Kind(GENERAL, ANATOMY, "80891009", "Heart", (206, 110, 84)),
    "hemorrhage": Kind(GENERAL, ALTERED, "50960005", "Hemorrhage", (188, 65, 28)),
    "hip": Kind(DICOM, ANATOMY, "24136001", "Hip joint", (177, 122, 101), True),
    "hippocampus": Kind(DICOM, ANATOMY, "5366008", "Hippocampus", None, True),
    "humerus": Kind(DICOM, ANATOMY, "85050009", "Humerus", None, True),
    "inferior vena cava": Kind(DICOM, ANATOMY, "64131007", "Inferior vena cava", None),
    "kidney": Kind(GENERAL, ANATOMY, "64033007", "Kidney", (185, 102, 83), True),
    "larynx": Kind(GENERAL, ANATOMY, "4596009", "Larynx", (150, 208, 243)),
    "lateral ventricle": Kind(GENERAL, ANATOMY, "66720007", "Lateral ventricle", (88, 106, 215), True),
    "left atrium": Kind(DICOM, ANATOMY, "82471001", "Left atrium", (203, 108, 81)),
    "left ventricle": Kind(GENERAL, ANATOMY, "87878005", "Left Ventricle", (152, 55, 13)),
    "liver": Kind(GENERAL, ANATOMY, "10200004", "Liver", (221, 130, 101)),
    "lower lobe of lung": Kind(GENERAL, ANATOMY, "90572001", "Lower lobe of lung", (224, 186, 162), True),
    "lung": Kind(GENERAL, ANATOMY, "39607008", "Lung", (197, 165, 145), True),
    "lymph node": Kind(GENERAL, TISSUE, "59441001", "Lymph node", (68, 172, 100)),
    "mandible": Kind(GENERAL, ANATOMY, "91609006", "Mandible", (222, 198, 101)),
    "mass": Kind(GENERAL, ALTERED, "4147007", "Mass", (144, 238, 144)),
    "middle lobe of right lung": Kind(GENERAL, ANATOMY, "72481006", "Middle lobe of right lung", (202, 164, 140)),
    "muscle": Kind(GENERAL, TISSUE, "71616004", "Muscle", (192, 104, 88)),
    "necrosis": Kind(GENERAL, ALTERED, "6574001", "Necrosis", (216, 191, 216)),
    "optic chiasm": Kind(GENERAL, ANATOMY, "244453006", "Optic chiasm", (99, 106, 24)),
    "pancreas": Kind(GENERAL, ANATOMY, "15776009", "Pancreas", (249, 180, 111)),
    "parotid gland": Kind(DICOM, ANATOMY, "45289007", "Parotid gland", None, True),
    "portal vein": Kind(DICOM, ANATOMY, "32764006", "Portal vein", None, True),
    "prostate": Kind(GENERAL, ANATOMY, "41216001", "Prostate", (230, 158, 140)),
    "pulmonary artery": Kind(DICOM, ANATOMY, "81040000", "Pulmonary artery", (0, 122, 171), True),
    "putamen": Kind(GENERAL, ANATOMY, "89278009", "Putamen", (210, 157, 166), True),
    "rectum": Kind(DICOM, ANATOMY, "34402009", "Rectum", None),
    "rib": Kind(GENERAL, ANATOMY, "113197003", "Rib", (253, 232, 158)),
    "right atrium": Kind(DICOM, ANATOMY, "73829009", "Right atrium", (210, 115, 89)),
    "right ventricle": Kind(GENERAL, ANATOMY, "53085002", "Right Ventricle", (181, 85, 57)),
    "sacrum": Kind(DICOM, ANATOMY, "54735007", "Sacrum", None),
    "scapula": Kind(DICOM, ANATOMY, "79601000", "Scapula", None, True),
    "skin": Kind(GENERAL, TISSUE, "39937001", "Skin", (177, 122, 101)),
    "skull": Kind(GENERAL, ANATOMY, "89546000", "Skull", (241, 213, 144)),
    "small intestine": Kind(GENERAL, ANATOMY, "30315005", "Small Intestine", (205, 167, 142)),
    "spinal cord": Kind(GENERAL, ANATOMY, "2748008", "Spinal cord", (244, 214, 49)),
    "spleen": Kind(GENERAL, ANATOMY, "78961009", "Spleen", (157, 108, 162)),
    "sternum": Kind(GENERAL, ANATOMY, "56873002", "Sternum", (244, 217, 154)),
    "stomach": Kind(GENERAL, ANATOMY, "69695003", "Stomach", (216, 132, 105)),
    "superior vena cava": Kind(DICOM, ANATOMY, "48345005", "Superior vena cava", None),
    "thalamus": Kind(GENERAL, ANATOMY, "119406000", "Thalamus", (122, 101, 38), True),
    "third ventricle": Kind(DICOM, ANATOMY, "49841001", "Third ventricle", None),
    "thyroid": Kind(GENERAL, ANATOMY, "69748006", "Thyroid", (62, 162, 114)),
    "tongue": Kind(GENERAL, ANATOMY, "21974007", "Tongue", (166, 84, 94)),
    "trachea": Kind(GENERAL, ANATOMY, "44567001", "Trachea", (182, 228, 255)),
    "upper lobe of lung": Kind(GENERAL, ANATOMY, "45653009", "Upper lobe of lung", (172, 138, 115), True),
    "uterus": Kind(GENERAL, ANATOMY, "35039007", "Uterus", (255, 181, 158)),
    "vein": Kind(GENERAL, TISSUE, "29092000", "Vein", (0, 151, 206)),
    "vertebra": Kind(DICOM, ANATOMY, "51282000", "Vertebra", None),
    "white matter": Kind(GENERAL, ANATOMY, "389080008", "White Matter", (250, 250, 210)),
}

# Where DICOM's list has no colour, and where Slicer's are so alike that neighbours could not be told apart.
COLORS = {
    "accumbens": (205, 92, 160),
    "brain stem": (170, 120, 200),
    "cerebellum": (170, 200, 235),
    "esophagus": (225, 110, 175),
    "femur": (240, 225, 190),
    "fourth ventricle": (130, 160, 255),
    "heart": (190, 45, 70),
    "hip": (226, 190, 110),
    "hippocampus": (250, 190, 20),
    "humerus": (215, 235, 190),
    "inferior vena cava": (60, 100, 190),
    "left atrium": (200, 60, 100),
    "middle lobe of right lung": (160, 180, 190),
    "muscle": (135, 70, 60),
    "parotid gland": (110, 200, 160),
    "portal vein": (70, 160, 255),
    "prostate": (120, 120, 200),
    "rectum": (150, 90, 60),
    "right atrium": (120, 90, 180),
    "sacrum": (190, 170, 110),
    "scapula": (235, 205, 165),
    "small intestine": (180, 190, 120),
    "stomach": (90, 150, 190),
    "superior vena cava": (40, 70, 150),
    "third ventricle": (50, 70, 190),
    "vertebra": (255, 235, 175),
}

# Other names in use for what is above.
SYNONYMS = {
    "accumbens area": "accumbens",
    "atrium left heart": "left atrium",
    "atrium right heart": "right atrium",
    "cancer": "mass",
    "caudate": "caudate nucleus",
    "cerebelum": "cerebellum",
    "fat": "body fat",
    "fourth ventricle brain": "fourth ventricle",
    "gall bladder": "gallbladder",
    "glioblastoma": "mass",
    "glioma": "mass",
    "grey matter": "gray matter",
    "gtv": "mass",
    "ivc": "inferior vena cava",
    "lesion": "mass",
    "lung lower lobe": "lower lobe of lung",
    "lung upper lobe": "upper lobe of lung",
    "metastasis": "mass",
    "oedema": "edema",
    "oesophagus": "esophagus",
    "pallidum": "globus pallidus",
    "parotid": "parotid gland",
    "small bowel": "small intestine",
    "svc": "superior vena cava",
    "thyroid gland": "thyroid",
    "tumor": "mass",
    "tumour": "mass",
    "urinary bladder": "bladder",
    "ventricle left heart": "left ventricle",
    "ventricle right heart": "right ventricle",
    "vertebrae": "vertebra",
}
# "liver tumour", "enhancing tumor": what ends so is one, wherever it lies.
MASSES = ("tumor", "tumour", "lesion", "metastasis", "cancer", "mass", "gtv")


def term_of(name: str) -> Term | None:
    """The term for a structure's name, such as "liver", "kidney_left", "Left Kidney", "lungs" or "vertebrae_L1".

    Returns:
        None for a name that is not known, or one with a side that the structure does not have.
    """
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    words = [word for word in re.sub(r"[\W_]+", " ", apart).lower().split() if not re.fullmatch(r"[ctls]?\d+", word)]
    found, side = _known(words), None
    if found is None:
        sides = [word for word in words if word in SIDES]
        rest = [word for word in words if word not in SIDES]
        found = _known(rest)
        if rest and rest[-1] in MASSES:
            return _term("mass")
        if found is None or len(sides) > 1 or (sides and not KINDS[found].sided):
            return None
        side = SIDES[sides[0]] if sides else None
    return replace(_term(found), side=side)


def term_of_entry(entry: str, color: tuple[float, float, float] | None = None) -> Term | None:
    """The term in a segment's tag ``TerminologyEntry``, which need not be one of those above.

    Args:
        entry: see :attr:`Term.entry`.
        color: red, green, blue in 0..1, which the tag does not hold.

    Returns:
        None for a text without a category or a type.
    """
    context, *parts = entry.split("~")
    category, kind, side, _, region, region_side = (_code(part) for part in (*parts, *6 * ("",))[:6])
    if category is None or kind is None:
        return None
    return Term(context, category, kind, side, color, region, region_side)


def _code(text: str) -> tuple[str, str, str] | None:
    """Coding scheme, code and meaning; None where one of them is not there."""
    scheme, code, meaning = (*text.split("^"), "", "", "")[:3]
    return (scheme, code, meaning) if scheme and code and meaning else None


def terms_of(names: list[str]) -> list[Term]:
    """A term for each of several structures that are shown together; :data:`GENERIC` for what is not known.

    Two that mean the same, such as several tumours, share the term but not the colour: only the first has it.
    """
    terms: list[Term] = []
    for name in names:
        term = term_of(name) or GENERIC
        terms.append(replace(term, color=None) if term in terms else term)
    return terms


def _term(name: str) -> Term:
    kind = KINDS[name]
    color = COLORS.get(name) or kind.color
    code = ("SCT", kind.code, kind.meaning)
    shown = None if color is None else (color[0] / 255, color[1] / 255, color[2] / 255)
    return Term(kind.context, kind.category, code, color=shown)


def _key(words: list[str]) -> tuple[str, ...]:
    """The same for any order of the words."""
    return tuple(sorted(word for word in words if word not in ("of", "the")))


def _known(words: list[str]) -> str | None:
    singular = [word if len(word) < 4 else word.removesuffix("s") for word in words]
    return _NAMES.get(_key(words)) or _NAMES.get(_key(singular))


_NAMES = {_key(name.split()): name for name in KINDS} | {_key(name.split()): of for name, of in SYNONYMS.items()}
