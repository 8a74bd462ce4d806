"""The documentation as a site: built without a warning, every page reachable, every promise with its test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


@pytest.mark.slow
def test_the_site_is_built_without_warnings(tmp_path) -> None:
    pytest.importorskip("mkdocs", reason="the documentation's tools are not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    for page in pages:
        folder = tmp_path / "site" / ("" if page == "index" else page.removesuffix("/index"))
        assert (folder / "index.html").is_file(), page
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{page.removesuffix("index")}' in home for page in pages - {"index"}), "a page is not in the menu"
    msa = (tmp_path / "site" / "methods" / "msa" / "index.html").read_text(encoding="utf-8")
    assert "<td>a whole number from 1 to 32</td>" in msa and "text_width" not in msa
    assert (tmp_path / "site" / "Resources" / "Screenshots" / "overview.png").is_file()


def test_every_promise_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| .*\. \| (.*) \|$", (DOCS / "reliability.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = [re.findall(r"`([^`]+)`", cell) for cell in rows]
    assert len(rows) > 10 and all(named)
    assert [name for names in named for name in names if not (ROOT / "Testing" / name).exists()] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_links_work_in_the_repository_too(page) -> None:
    """Where most people read them."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
