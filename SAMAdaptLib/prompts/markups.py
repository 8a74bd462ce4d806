"""Prompts from the markups files (``.mrk.json``, and ``.fcsv`` of older versions) that 3D Slicer writes.

Facts of ``.fcsv``, from Slicer's reader: lines that begin with "#" are the header; "CoordinateSystem" in it is RAS or
0, LPS or 1, IJK or 2, and RAS when absent; fields are those of "columns", by default id, x, y, z, ow, ox, oy, oz, vis,
sel, lock, label, desc, associatedNodeID; a field in quotes may hold commas. The fiducial lists before Slicer 4.2 have
the columns label, x, y, z, sel, vis.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import read_json
from SAMAdaptLib.prompts.kinds import KINDS, Mark
from SAMAdaptLib.prompts.markup import REMEDY, Markup
from SAMAdaptLib.prompts.ras import RasPrompts

FCSV_COLUMNS = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"
OLD_FCSV_COLUMNS = "label,x,y,z,sel,vis"


def read_markups(path: str | os.PathLike[str]) -> RasPrompts:
    """Read the prompts of a markups file; one that ends with ``.fcsv`` is a list of points.

    Point lists give points, ROIs boxes, open curves lines over the object and closed ones lines around it, straight
    from control point to control point; other markups (lines, planes) are passed over. A point or open curve is
    negative when the ``name`` or ``description`` of its list, or its own ``label`` or ``description``, begins with "-"
    or contains "neg" or "background" in small or capital letters; all others are positive. Points that were never
    placed are skipped, as are ROIs of no size, curves of too few points and, with a note, points that are not selected.
    An ROI that is turned counts with the range in R, A and S that holds all of it; names of ROIs and closed curves do
    not matter.

    Returns:
        Marks in RAS mm.

    Raises:
        InputError: no such file, not JSON, not markups, nothing placed, an unknown coordinate system or unit, numbers
            missing or not finite.
    """
    data = _read_fcsv(Path(path)) if str(path).lower().endswith(".fcsv") else read_json(path, "markups file")
    markups = data.get("markups") if isinstance(data, dict) else None
    if not isinstance(markups, list) or not all(isinstance(markup, dict) for markup in markups):
        raise InputError("The file holds no markups", path, REMEDY)
    by_type = {name: kind for kind in KINDS.values() for name in kind.markups}
    typed = [(str(markup.get("type")), markup) for markup in markups]
    known = [(by_type[name], Markup(markup, path)) for name, markup in typed if name in by_type]
    marks = [Mark(kind.name, at, label) for kind, markup in known for at, label in kind.read(markup)]
    if not marks:
        found = sorted({name for name, _ in typed})
        what = f"only {', '.join(found)} without a placed point or box" if found else "no markups"
        raise InputError(f"The file holds {what}", path, "Place at least one point or ROI in 3D Slicer and save again")
    return RasPrompts(marks=marks)


def _read_fcsv(path: Path) -> dict[str, Any]:
    """The same as a ``.mrk.json`` file would hold."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError as error:
        raise InputError("No markups file", path, "Check the path") from error
    except (OSError, ValueError) as error:
        raise InputError("Cannot read the markups file", path, "Check the permissions") from error
    header = {}
    for line in lines:
        key, equals, value = line.lstrip("# ").partition("=")
        if line.startswith("#") and equals:
            header[key.strip()] = value.strip()
    old = any(line.startswith("# Fiducial List file") for line in lines)
    columns = header.get("columns", OLD_FCSV_COLUMNS if old else FCSV_COLUMNS).split(",")
    try:
        rows = [*csv.reader(line for line in lines if line.strip() and not line.startswith("#"))]
    except csv.Error as error:
        raise InputError(f"The points file is no table ({error})", path, REMEDY) from error
    points = []
    for row in rows:
        fields = dict(zip((column.strip() for column in columns), row, strict=False))
        try:
            position = [float(fields[axis]) for axis in "xyz"]
        except (KeyError, ValueError) as error:
            raise InputError("A line of the points file has no three coordinates", path, REMEDY) from error
        point = {"label": fields.get("label"), "description": fields.get("desc"), "position": position}
        points.append(point | {"selected": fields.get("sel", "1").strip() != "0"})
    system = header.get("CoordinateSystem", "RAS").upper()
    return {"markups": [{"type": "Fiducial", "coordinateSystem": system, "controlPoints": points}]}
