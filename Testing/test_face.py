"""The public face: its names, what importing it costs, and the README's example as it stands."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import SAMAdaptLib as sa

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "InputError", "Library", "Mark", "RasPrompts", "ScanTask", "Shelf", "__version__", "add_exemplar", "correct",
    "evaluate", "fetch_adapter", "finetune", "join_channels", "load_model", "next_slices", "propagate",
    "propagate_film", "publish_adapters", "published_adapters", "read_film", "read_labels", "read_volume", "run_study",
    "segment", "segment_folder", "suggest", "synthesize", "write_film", "write_segmentation",
}  # fmt: skip


def test_the_names_are_these_and_each_is_there() -> None:
    assert set(sa.__all__) == NAMES <= set(dir(sa))
    assert all(getattr(sa, name) is not None for name in NAMES)
    for name in NAMES - {"__version__"}:
        assert getattr(sa, name).__name__ == name and getattr(sa, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        sa.nonsense  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "SAMAdaptLib" / "__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    told = {(node.module, alias.asname) for node in imports for alias in node.names}
    assert told == {(f"SAMAdaptLib.{place}", name) for name, place in sa._PLACES.items()}
    assert {name for _, name in told} | {"__version__"} == NAMES


def test_importing_it_loads_nothing() -> None:
    code = "import sys; before = set(sys.modules); import SAMAdaptLib; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ast.literal_eval(done.stdout)}
    assert loaded <= {"SAMAdaptLib", "importlib", "typing", "warnings", "__future__", *sys.stdlib_module_names}


def test_the_pages_describe_every_name() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^::: (\S+)$", page, re.MULTILINE))
    assert described >= {f"SAMAdaptLib.{place}.{name}" for name, place in sa._PLACES.items()}


def example(page: str) -> list[str]:
    """The lines of a page's example."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (found,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "sa.finetune" in block]
    return [line for line in found.splitlines() if line]


def test_the_pages_have_the_example_of_the_readme() -> None:
    first, *lines = example("README.md")
    assert first == "import SAMAdaptLib as sa" and example("docs/api.md") == lines and len(lines) <= 10
    assert f"```python\n{first}\n```" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs_as_it_stands(lite_medsam_file, tmp_path, monkeypatch) -> None:
    """On the demo's scan; only the training is shorter."""
    pytest.importorskip("nilearn", reason="the demo's scan comes with nilearn")
    from SAMAdaptLib.demo.data import load_demo
    from SAMAdaptLib.volume.volume import write_volume

    code = "\n".join(example("README.md"))
    assert code.count("budget_minutes=8") == 1
    monkeypatch.chdir(tmp_path)
    Path("demo-out").mkdir()
    volume, labels = load_demo()
    masks = {name: labels.mask(name) for name in labels.names}
    write_volume("demo-out/scan.nrrd", volume.array, volume.geometry)
    sa.write_segmentation("demo-out/labels.seg.nrrd", masks, volume.geometry)
    exec(code.replace("budget_minutes=8", "steps=2, device='cpu'"), {})
    written = sa.read_labels("white.seg.nrrd")
    white = written.mask("white matter")
    # Nothing but the slice of the box, and more of the right than of the wrong on it.
    (index,) = np.flatnonzero(white.any(axis=(0, 2)))
    truth = masks["white matter"][:, index]
    assert 2 * (truth & white[:, index]).sum() > 0.3 * (truth.sum() + white.sum())
