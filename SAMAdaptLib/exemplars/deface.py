"""Faces: whether a scan is of a head, whose pixels can show one, and slices without what is far from their labels."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.policy import is_ct
from SAMAdaptLib.volume.volume import Volume

# No scan is wider.
MAX_MM = 1000.0
# Of a CT, what is blanked is air, in Hounsfield units: it stays what its scan is, and has an outside.
BLANK_HU = -1000
# Of BodyPartExamined (PS3.16 annex L), which is written in many ways.
PARTS = (
    "HEAD", "BRAIN", "SKULL", "FACE", "JAW", "MAXILLA", "MANDIBLE", "NOSE", "ORBIT", "EYE", "EAR", "SINUS", "TMJ",
    "TONGUE", "MOUTH", "PAROTID", "PITUITARY", "CRANI", "CEREBR", "WHOLEBODY",
)  # fmt: skip
# Words of names that structures of a head have, and others have not.
WORDS = re.compile(
    r"(?<![a-z])(brain|cerebr|cerebell|hippocamp|thalam|hypothalam|amygdal|putamen|pallidum|caudate nucleus|glioma|"
    r"glioblast|crani|skull|mandib|maxill|eye|eyeball|orbit|lens|optic|chiasm|cochlea|pituitar|parotid|submandib|"
    r"oral cavity|tongue|nasal|teeth|tooth)",
    re.IGNORECASE,
)


def head_names(names: Iterable[str]) -> list[str]:
    """Names of structures that lie in a head, as far as their words tell."""
    return [name for name in names if WORDS.search(re.sub("(?<=[a-z])(?=[A-Z])", " ", name))]


def shows_head(volume: Volume, names: Iterable[str]) -> str:
    """What tells that a scan shows a head, for people.

    Args:
        volume: the scan, which knows what DICOM says was examined.
        names: of the structures outlined in it.

    Returns:
        "" where nothing does, which does not mean that there is no face.
    """
    part = re.sub("[^A-Z]", "", volume.body_part.upper())
    said = next((word for word in PARTS if word in part), None)
    if said is not None:
        # Not the header's own text, which may hold anything.
        return f"its DICOM header says {said}"
    found = head_names(names)
    return f"{found[0]} is outlined in it" if found else ""


def near_labels(outlined: Mask, pixel_spacing: tuple[float, float], margin_mm: float) -> Mask:
    """The pixels [H, W] whose centres lie no farther than so many mm from that of an outlined one, on the slice.

    Args:
        outlined: bool [H, W].
        pixel_spacing: (row mm, column mm).
        margin_mm: see :func:`check_margin`.
    """
    from scipy import ndimage

    near: Mask = ndimage.distance_transform_edt(~outlined, sampling=pixel_spacing) <= margin_mm
    return near & outlined.any()


def blanked(volume: Volume, pixels: np.ndarray, near: Mask) -> np.ndarray:
    """A copy of pixels [..., H, W] of a volume, of several channels [..., H, W, C], in which only those near its labels
    are left.

    The others are air in a CT, else the lowest value of the volume, each channel for itself. Every intensity mapping
    that was found on the whole volume shows that as it shows air or background.
    """
    if volume.channels > 1:
        channels = (volume.channel(place) for place in range(volume.channels))
        return np.stack([blanked(one, pixels[..., place], near) for place, one in enumerate(channels)], axis=-1)
    if is_ct(volume):
        value = BLANK_HU if volume.array.dtype.kind == "f" else max(BLANK_HU, int(np.iinfo(volume.array.dtype).min))
    else:
        value = volume.array.min()
    return np.where(near, pixels, np.array(value, pixels.dtype))


def check_margin(margin_mm: float) -> float:
    """The margin itself; raises InputError where it is none."""
    if not 0 <= margin_mm <= MAX_MM:
        raise InputError("The margin around the labels", f"{margin_mm:g} mm", f"Give 0 to {MAX_MM:g} mm")
    return float(margin_mm)
