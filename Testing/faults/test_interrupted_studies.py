"""Pretrainings and studies that are killed, or lose their disk: going on ends where an uninterrupted one does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from Testing.faults.trials import MARKS, Amount, Whole, pairs, tried

pytestmark = MARKS

AMOUNTS = {
    "pretraining": Amount(1, more=10),
    "study": Amount(0, 70, 6),
}


@pytest.mark.parametrize(("name", "kind"), pairs(AMOUNTS))
def test_what_was_finished_stays(name, kind, whole: Callable[[str], Whole], tmp_path) -> None:
    tried(name, kind, AMOUNTS[name], whole(name), tmp_path)
