"""How large the pixels of an ultrasound picture are, which it says of regions of it (DICOM part 3, C.8.5.5)."""

from __future__ import annotations

import math
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.multiframe import load_pydicom, reading

# Of RegionSpatialFormat and PhysicalUnits: a picture of tissue, in centimetres.
_TISSUE, _CENTIMETRES = 1, 3


def region_spacing(file: Path) -> tuple[float, float] | None:
    """The width and height of a pixel in mm; None where the file does not say it, or not the same of all its pictures
    of tissue, and without pydicom."""
    try:
        pydicom = load_pydicom(file, "An ultrasound picture")
    except InputError:
        return None
    with reading(file, "the regions of this ultrasound picture"):
        header = pydicom.dcmread(file, specific_tags=["SequenceOfUltrasoundRegions"])
        found = {
            (abs(float(region.PhysicalDeltaX)) * 10, abs(float(region.PhysicalDeltaY)) * 10)
            for region in header.get("SequenceOfUltrasoundRegions", ())
            if region.get("RegionSpatialFormat") == _TISSUE
            and region.get("PhysicalUnitsXDirection") == region.get("PhysicalUnitsYDirection") == _CENTIMETRES
        }
    if len(found) != 1:
        return None
    (spacing,) = found
    return spacing if all(math.isfinite(side) and side > 0 for side in spacing) else None
