"""Signals of widgets and what hears them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

# Sender, signal and slot.
Connection = tuple[Any, str, Callable[..., Any]]


def disconnectAll(connections: Iterable[Connection]) -> None:
    """Have slots hear nothing more, also of widgets that are gone already."""
    for sender, signal, slot in connections:
        # A widget that is gone is a ValueError in PythonQt.
        with contextlib.suppress(ValueError):
            sender.disconnect(signal, slot)
