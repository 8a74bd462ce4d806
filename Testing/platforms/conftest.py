"""Other systems' rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Windows' rules for one test; gives the interpreter's arguments under which another process keeps them too."""
    from Testing.platforms import windows_rules

    with windows_rules.rules(tmp_path_factory.mktemp("tools")):
        yield Path(windows_rules.__file__)
