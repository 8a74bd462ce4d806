"""What a user reads while the work goes on, without a terminal; the clock is the test's."""

from __future__ import annotations

import pytest

from SAMAdaptLib.cli import common
from SAMAdaptLib.cli.common import Teller, duration


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

    monkeypatch.setattr(common.time, "monotonic", lambda: Clock.now)
    return Clock


def test_the_time_left_is_that_of_the_last_steps(clock, capsys):
    """A minute for the first step, then a second for each: after 31 of 100 steps 69 s are left, not 91 / 31 * 69."""
    tell = Teller("training")
    for step in range(1, 41):
        clock.now = 60 + step
        tell(step, 100)
    assert capsys.readouterr().err.splitlines()[-1].startswith("training 31/100, 1 min 10 s left")


def test_no_time_is_told_before_it_is_known(clock, capsys):
    tell = Teller("training")
    clock.now = 50
    tell(1, 8)
    assert capsys.readouterr().err == "training 1/8\n"


def test_a_slice_is_called_so(clock, capsys):
    tell = Teller("liver")
    tell(1, 4, 17)
    clock.now = 12
    tell(2, 4, 18)
    assert capsys.readouterr().err == "liver 2/4, 24 s left, slice 18\n"


def test_a_stage_is_said_at_once_and_shares_do_not_jump(clock, capsys):
    tell = Teller("training")
    tell.stage("loading the base model")
    for seconds, share in ((1, 0.1), (11, 0.2), (15, 0.25), (22, 0.3)):
        clock.now = seconds
        tell.share(share, "step 3, loss 0.5", 100 - seconds)
    assert capsys.readouterr().err.splitlines() == [
        "training: loading the base model",
        "training 20 %, 1 min 30 s left, step 3, loss 0.5",
        "training 30 %, 1 min 20 s left, step 3, loss 0.5",
    ]


def test_what_is_left_of_a_part_is_not_said_of_the_whole(clock, capsys):
    """Of a study of twenty hours a line said "study 95 %, 20 s left", which was of one cell of thirteen."""
    tell = Teller("study")
    clock.now = 11
    tell.share(0.95, "step 95", 20, "cell 2 of 13")
    clock.now = 22
    tell(1, 8, "scan, point", "cell 3 of 13")
    assert capsys.readouterr().err.splitlines() == [
        "study, cell 2 of 13: 95 %, 20 s left, step 95",
        "study, cell 3 of 13: 1/8, scan, point",
    ]


@pytest.mark.parametrize(
    "seconds, text", [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (151, "2 min 30 s"), (3900, "1 h 5 min"), (-3, "0 s")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
