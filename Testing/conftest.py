"""What all tests share: where the real scans lie, and how many threads a test may take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("SAMADAPT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "data" / "index.json").is_file():
        pytest.skip("the shared folder with real scans is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The real labelled scans."""
    return shared / "data"
