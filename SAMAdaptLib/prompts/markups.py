"""Points and boxes from the markups files (``.mrk.json``, and ``.fcsv`` of older versions) that 3D Slicer writes.

Facts of the format, from Slicer's published schema (versions 1.0.0 to 1.0.4): ``coordinateSystem`` is "LPS" or "RAS"
for each markup on its own and LPS when absent; old files hold "1" for LPS and "0" for RAS; ``coordinateUnits`` is mm
(default) or um; ``positionStatus`` is "defined" (default), "preview" or "undefined"; the columns of an ROI's
``orientation`` (9 numbers, row by row) are its axes; ``center`` may be left out when the first control point gives it.

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

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import read_json
from SAMAdaptLib.prompts.ras import RasPrompts

TO_RAS = {"LPS": (-1.0, -1.0, 1.0), "1": (-1.0, -1.0, 1.0), "RAS": (1.0, 1.0, 1.0), "0": (1.0, 1.0, 1.0)}
MM = {"mm": 1.0, "um": 1e-3}
FCSV_COLUMNS = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"
OLD_FCSV_COLUMNS = "label,x,y,z,sel,vis"
POINT_TYPES = ("Fiducial", "PointList")
REMEDY = "Save the points or the ROI again from 3D Slicer"


def read_markups(path: str | os.PathLike[str]) -> RasPrompts:
    """Read the points and boxes of a markups file; one that ends with ``.fcsv`` is a list of points.

    Point lists give points, ROIs boxes; other markups (lines, curves, planes) are passed over. A point is negative when
    the ``name`` or ``description`` of its list, or its own ``label`` or ``description``, begins with "-" or contains
    "neg" or "background" in small or capital letters; all others are positive. Points that were never placed are
    skipped, as are ROIs of no size and, with a note, points that are not selected. An ROI that is turned counts with
    the range in R, A and S that holds all of it; its name does not matter.

    Returns:
        Points and boxes in RAS mm.

    Raises:
        InputError: no such file, not JSON, not markups, nothing placed, an unknown coordinate system or unit, numbers
            missing or not finite.
    """
    data = _read_fcsv(Path(path)) if str(path).lower().endswith(".fcsv") else read_json(path, "markups file")
    markups = data.get("markups") if isinstance(data, dict) else None
    if not isinstance(markups, list) or not all(isinstance(markup, dict) for markup in markups):
        raise InputError("The file holds no markups", path, REMEDY)
    points, labels, boxes, off = [], [], [], 0
    for markup in markups:
        kind = markup.get("type")
        if kind not in (*POINT_TYPES, "ROI"):
            continue
        scale = _scale(markup, path)
        placed = [p for p in _control_points(markup, path) if p.get("positionStatus", "defined") == "defined"]
        if kind == "ROI":
            box = _box(markup, placed, path)
            boxes += [] if box is None else [(box * scale).ravel()]
            continue
        for point in placed:
            if point.get("selected", True) is False:
                off += 1
                continue
            points.append(_vector(point.get("position"), 3, "a position", path) * scale)
            labels.append(0 if _negative(markup) or _negative(point) else 1)
    if off:
        note(f"{off} of the points are not selected and were left out", path, "Select them in 3D Slicer to use them")
    prompts = RasPrompts(np.array(points), np.array(labels), np.array(boxes))
    if prompts.empty:
        found = sorted({str(markup.get("type")) for markup in markups})
        what = f"only {', '.join(found)} without a placed point or box" if found else "no markups"
        raise InputError(f"The file holds {what}", path, "Place at least one point or ROI in 3D Slicer and save again")
    return prompts


def _read_fcsv(path: Path) -> dict[str, Any]:
    """The same as a ``.mrk.json`` file would hold."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError as error:
        raise InputError("No markups file", path, "Check the path") from error
    except OSError as error:
        raise InputError("Cannot read the markups file", path, "Check the permissions") from error
    header = {}
    for line in lines:
        key, equals, value = line.lstrip("# ").partition("=")
        if line.startswith("#") and equals:
            header[key.strip()] = value.strip()
    old = any(line.startswith("# Fiducial List file") for line in lines)
    columns = header.get("columns", OLD_FCSV_COLUMNS if old else FCSV_COLUMNS).split(",")
    points = []
    for row in csv.reader(line for line in lines if line.strip() and not line.startswith("#")):
        fields = dict(zip((column.strip() for column in columns), row, strict=False))
        try:
            position = [float(fields[axis]) for axis in "xyz"]
        except (KeyError, ValueError) as error:
            raise InputError("A line of the points file has no three coordinates", path, REMEDY) from error
        point = {"label": fields.get("label"), "description": fields.get("desc"), "position": position}
        points.append(point | {"selected": fields.get("sel", "1").strip() != "0"})
    system = header.get("CoordinateSystem", "RAS").upper()
    return {"markups": [{"type": "Fiducial", "coordinateSystem": system, "controlPoints": points}]}


def _scale(markup: dict[str, Any], path: str | os.PathLike[str]) -> np.ndarray:
    """The factors [3] from the markup's coordinates to RAS mm."""
    system = str(markup.get("coordinateSystem", "LPS"))
    if system not in TO_RAS:
        raise InputError(f"Unknown coordinate system {system!r} in the markups", path, "Save the markups as LPS or RAS")
    unit = markup.get("coordinateUnits", "mm")
    # A DICOM code in place of a word: [code, scheme, meaning].
    unit = str(unit[0] if isinstance(unit, list) and unit else unit)
    if unit not in MM:
        raise InputError(f"Unknown unit {unit!r} in the markups", path, "Save the markups in mm")
    return np.array(TO_RAS[system]) * MM[unit]


def _control_points(markup: dict[str, Any], path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    points = markup.get("controlPoints", [])
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise InputError("The control points of the markups are damaged", path, REMEDY)
    return points


def _negative(item: dict[str, Any]) -> bool:
    texts = [str(item.get(key) or "").strip().lower() for key in ("name", "label", "description")]
    return any(text.startswith("-") or "neg" in text or "background" in text for text in texts)


def _box(markup: dict[str, Any], placed: list[dict[str, Any]], path: str | os.PathLike[str]) -> np.ndarray | None:
    """Low and high corner [2, 3] in the markup's own coordinates."""
    size = np.abs(_vector(markup.get("size", [0, 0, 0]), 3, "an ROI size", path))
    center = markup.get("center", placed[0].get("position") if placed else None)
    if not size.any() or center is None:
        return None
    axes = _vector(markup.get("orientation", np.eye(3).ravel().tolist()), 9, "an ROI orientation", path).reshape(3, 3)
    reach = np.abs(axes) @ size / 2
    center = _vector(center, 3, "an ROI center", path)
    return np.stack([center - reach, center + reach])


def _vector(values: Any, count: int, what: str, path: str | os.PathLike[str]) -> np.ndarray:
    numbers = isinstance(values, list) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    if not numbers or len(values) != count or not np.isfinite(np.array(values, dtype=np.float64)).all():
        raise InputError(f"The markups hold {what} that is not {count} finite numbers", path, REMEDY)
    return np.array(values, dtype=np.float64)
