"""Pretrainings and studies that are killed, or lose their disk: going on ends where an uninterrupted one does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from Testing.faults.trials import ALL, KINDS, MARKS, Amount, Whole, tried

pytestmark = MARKS

AMOUNTS = {
    "pretraining": Amount(1, more=10),
    "study": Amount(0, 70, 6),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name, amount in AMOUNTS.items() if amount.few or ALL])
def test_what_was_finished_stays(name, kind, whole: Callable[[str], Whole], tmp_path) -> None:
    tried(name, kind, AMOUNTS[name], whole(name), tmp_path)
