"""Every package that users install is listed with its licence, and none forbids what Apache-2.0 allows."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from SAMAdaptLib.sam.registry import MODELS
from Testing.tools.venv import requirements

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
ROWS = {row[0]: row[1] for row in re.findall(r"^\| (\S+) \| ([^|]+?) \|", PAGE, re.MULTILINE)}
# Of the Open Source Initiative's list, without those that reach to what links with them.
ALLOWED = re.compile(r"Apache|BSD|MIT|ISC|MPL|Mozilla|Python Software Foundation|PSF|CNRI|Zlib|CC0|HPND|CC-BY-4")


def test_every_requirement_has_its_licence():
    """tomli is for Python 3.10 only, where the page was not made; tools of the tests are not installed by users."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    users = project.split("[project]")[1].split("docs = [")[0]
    wanted = {canonicalize_name(Requirement(one).name) for one in requirements(project) if f'"{one}"' in users}
    assert {"torch", "peft", "monai", "cryptography"} <= wanted
    assert wanted - {"tomli"} <= set(ROWS)


def test_no_licence_is_unknown_or_reaches_to_others():
    assert len(ROWS) > 60
    assert {name: licence for name, licence in ROWS.items() if not ALLOWED.search(licence)} == {
        "package": "licence",
        "model": "licence",
    }
    assert not [name for name, licence in ROWS.items() if re.search(r"\bA?GPL|\bLGPL", licence)]


def test_weights_are_listed_with_their_licences():
    assert {name: ROWS.get(name) for name in MODELS} == {name: model.licence for name, model in MODELS.items()}
