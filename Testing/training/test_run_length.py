"""How long a run is, and what is said of it, with steps whose time is known."""

from __future__ import annotations

import contextlib
import warnings
from types import SimpleNamespace

import pytest
import torch

from SAMAdaptLib.errors import Note
from SAMAdaptLib.training import engine as runner
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.engine import Asked, Run
from SAMAdaptLib.training.team import Team


class Clock:
    now = 0.0


class Timed(Run):
    """Steps of known seconds: the first ones slow, as where a model is loaded and slices are encoded once."""

    def __init__(self, config, seconds, first=0.0):
        self.events = []
        asked = Asked("run", {}, listener=self.events.append)
        super().__init__(Team("cpu"), config, asked, config.full_recipe())
        self.trained = torch.nn.Linear(1, 1)
        self.parameters = dict(self.trained.named_parameters())
        self.optimizer = torch.optim.SGD([{"params": [*self.parameters.values()], "peak": 0.1}])
        self.folder = SimpleNamespace(
            finished=False, folder="run", latest=lambda: None, rewind=lambda step: None, append=lambda line: None,
            save=lambda state: None, alone=contextlib.nullcontext,
        )  # fmt: skip
        self.seconds_of, self.first = seconds, first

    def forward(self, step, progress):
        Clock.now += self.seconds_of + self.first
        self.first = 0.0
        return {"loss": 0.5}

    def finish(self):
        return self.step


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    Clock.now = 0.0
    monkeypatch.setattr(runner.time, "monotonic", lambda: Clock.now)


def execute(run):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run.execute()
    return [str(w.message) for w in caught if issubclass(w.category, Note)]


def test_time_left_is_that_of_the_recent_steps():
    run = Timed(TrainConfig(steps=50, device="cpu"), seconds=2.0, first=100.0)
    assert execute(run) == []
    left = {e["step"]: e["seconds_left"] for e in run.events if e["event"] == "step"}
    # 2 s a step from the third on, whatever the first took; 100 s would give 51 s a step after the second.
    assert [left[step] for step in (3, 10, 40, 50)] == pytest.approx([94, 80, 20, 0])


def test_progress_only_rises_while_the_number_of_steps_is_corrected():
    run = Timed(TrainConfig(budget_minutes=4, device="cpu"), seconds=1.0)
    speeds = iter([1.0] * 13 + [3.0] * 30 + [0.5] * 1000)
    usual = run.forward

    def forward(step, progress):
        run.seconds_of = next(speeds)
        return usual(step, progress)

    run.forward = forward
    execute(run)
    steps = [e for e in run.events if e["event"] == "step"]
    assert len({e["total"] for e in steps}) > 1
    shares = [e["progress"] for e in steps]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1, abs=0.01) and shares[0] < 0.02


def test_a_budget_for_a_few_steps_is_said_before_and_after_with_what_would_do():
    """10 s a step after 50 s at the start: 2 minutes have room for a few, 20 take 250 s and a reserve of 4 %."""
    run = Timed(TrainConfig(budget_minutes=2, device="cpu"), seconds=10.0, first=50.0)
    before, after = execute(run)
    # 115.2 s less 70 s for two steps leave four more.
    assert "2 min have room for about 6 steps only" in before and "--budget-minutes 5 or more" in before
    assert "room for 6 steps only" in after and "--budget-minutes 5 or more" in after


def test_nothing_is_said_where_steps_were_asked_for_or_the_budget_does():
    assert execute(Timed(TrainConfig(steps=5, device="cpu"), 10.0)) == []
    assert execute(Timed(TrainConfig(steps=5, budget_minutes=10, device="cpu"), 10.0)) == []
    assert execute(Timed(TrainConfig(budget_minutes=10, device="cpu"), 10.0)) == []
