"""The tests of other folders once more, each under Windows' rules.

What a module imports from another test module, its tests, fixtures and helpers, is run as if it stood here.
"""

import pytest


@pytest.fixture(autouse=True)
def _windows(tmp_path, windows):
    """Every test here is under the rules."""
