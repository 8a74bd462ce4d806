"""Whether scans that are to be seen together are of one patient, as far as headers and names tell it.

A name tells it where it numbers people: by the entity ``sub`` of BIDS, by a word such as "patient" or "case", by the
codes of TCGA, or, as many public sets do, by a number behind the name of the set and before that of the sequence
(BraTS_001_t1). Numbers of series, sessions, echoes and the like, and dates, are of one patient as often as not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from SAMAdaptLib.volume.image import base_name

_PERSON = re.compile(
    r"(?<![a-z0-9])(?:(sub)-([a-z0-9]+)"
    r"|(sub|subj|subject|pat|patient|pt|case|pid|mrn|person|participant|proband)[-_. ]?0*([a-z]*\d[a-z0-9]*)"
    r"|(tcga)-([a-z0-9]{2}-[a-z0-9]{4}))(?![a-z0-9])"
)
_APART = re.compile(r"[-_. ]+")
_NUMBERED = re.compile(r"([a-z]*)(\d+)")
_DATE = re.compile(r"(19|20)\d{6}(\d{4,6})?")
# What is numbered of one patient.
_WITHIN = frozenset(
    "acc acq acquisition b bval c ch channel chunk d day dcm dect dicom dir disk dwi dyn e echo exam export f "
    "file fold frame i im image img inv kev kv kvp m mono monoe month mr mri nii node part ph phase rec run s "
    "scan se seq sequence ser series server ses session set slice split study t te ti time tp tr user v "
    "version visit vol volume w week".split()
)
# How nnU-Net tells the channels of a case apart.
_CHANNEL = re.compile(r"(.+)_000\d")
# Of the folders above a file so many may tell whose it is.
_FOLDERS = 3


def of_other_patients(one: str, other: str) -> bool:
    """Whether the names of two scans, or the paths of their files, say that they are of two patients."""
    a, b = (base_name(Path(text)).lower() for text in (one, other))
    above, others = ([part.lower() for part in Path(text).parts[-2 : -2 - _FOLDERS : -1]] for text in (one, other))
    if _differ(a, b, False) and not _channels(a, b):
        return True
    return any(_differ(a, b, True) for a, b in zip(above, others, strict=False))


def _channels(one: str, other: str) -> bool:
    """Whether two names are those of the first and of another channel of one case, as nnU-Net writes them."""
    a, b = _CHANNEL.fullmatch(one), _CHANNEL.fullmatch(other)
    return a is not None and b is not None and a[1] == b[1] and (one + other).count("_0000") == 1


def _differ(one: str, other: str, folder: bool) -> bool:
    people, others = _people(one), _people(other)
    if any(people[word] != others[word] for word in people.keys() & others.keys()):
        return True
    words, more = _APART.split(one), _APART.split(other)
    at = next((place for place, (a, b) in enumerate(zip(words, more, strict=False)) if a != b), None)
    if at is None or (not folder and at + 1 >= min(len(words), len(more))):
        # Of a file what its name ends with tells what it shows.
        return False
    a, b = _NUMBERED.fullmatch(words[at]), _NUMBERED.fullmatch(more[at])
    if a is None or b is None or a[1] != b[1] or _DATE.fullmatch(a[2]) or _DATE.fullmatch(b[2]):
        return False
    before = a[1] or (words[at - 1] if at else "")
    letters = before.rstrip("0123456789")
    return bool(letters) and letters not in _WITHIN and min(len(a[2]), len(b[2])) >= (2 if a[1] else 3)


def _people(text: str) -> dict[str, str]:
    """The numbers of people in a name, by the word before each."""
    found: dict[str, str] = {}
    for match in _PERSON.finditer(text):
        word, number = [group for group in match.groups() if group is not None]
        found.setdefault(word, number.lstrip("0"))
    return found


def told_apart(names: Sequence[str]) -> tuple[str, str] | None:
    """The first of the names, and one of another patient's scan; None where there is none."""
    return next(((names[0], other) for other in names[1:] if of_other_patients(names[0], other)), None)
