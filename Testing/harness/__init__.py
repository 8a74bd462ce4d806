"""The stand-in for the application."""

from __future__ import annotations

import sys
from pathlib import Path


def _import_slicer() -> None:
    """slicer-core takes every folder `slicer` on sys.path for a part of itself, and pytest puts Testing there."""
    kept = list(sys.path)
    testing = Path(__file__).resolve().parents[1]
    sys.path[:] = [p for p in kept if Path(p or ".").resolve() != testing]
    try:
        import slicer  # noqa: F401
    except ImportError:
        pass  # the tests that need it skip themselves
    finally:
        sys.path[:] = kept


_import_slicer()
