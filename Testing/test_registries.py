"""What can be added is named in few files: one that is there already stands for what is to come."""

import re
from pathlib import Path

import pytest

from SAMAdaptLib.evaluation.metrics import METRICS
from SAMAdaptLib.exemplars import STRATEGIES
from SAMAdaptLib.prompts.kinds import KINDS as MARKS
from SAMAdaptLib.prompts.strategies import WAYS
from SAMAdaptLib.sam.families import FAMILIES

ROOT = Path(__file__).resolve().parents[1]
# Registry, name there, and by what code and forms name it or what stands behind it; help texts may speak of prompts.
KINDS = {
    "metric": (METRICS, "hd95_mm", "hd95|HD95"),
    "family": (FAMILIES, "tiny_vit", "tiny_vit|TinyVitFamily"),
    "rule of suggestion": (STRATEGIES, "most-labels", "most-labels|most_labels"),
    "prompt kind": (MARKS, "scribble", "[\"']scribble|Scribble\\("),
    "way to prompt": (WAYS, "box-grow", "box-grow|box_grown"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_four_files_at_most_name_it(kind):
    registry, name, written = KINDS[kind]
    files = (path for room in ("SAMAdaptLib", "SAMAdapt") for path in sorted(ROOT.glob(f"{room}/**/*")))
    found = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.suffix in (".py", ".ui")
        and re.search(written, f"{path.name}\n{path.read_text(encoding='utf-8')}")
    ]
    assert name in registry and 1 <= len(found) <= 4, found
