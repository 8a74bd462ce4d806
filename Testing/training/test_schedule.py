"""Learning rate and length of a run, against closed forms."""

import pytest

from SAMAdaptLib.training.schedule import Plan, rate_factor


@pytest.mark.parametrize(
    "progress, wanted",
    [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5**0.9), (0.91, 0.1**0.9), (1.0, 0.0)],
)
def test_linear_warm_up_then_a_power(progress, wanted):
    assert rate_factor(progress, 0.1, 0.9) == pytest.approx(wanted)


def test_limits_of_the_warm_up():
    assert rate_factor(0.0, 0.0, 0.9) == 1.0
    assert rate_factor(0.5, 0.0, 2.0) == pytest.approx(0.25)
    assert rate_factor(0.5, 1.0, 0.9) == pytest.approx(0.5)


def test_a_power_of_0_keeps_the_rate():
    assert [rate_factor(progress, 0.0, 0) for progress in (0.0, 0.3, 0.999, 1.0)] == [1.0] * 4
    assert [rate_factor(progress, 0.5, 0) for progress in (0.25, 0.5, 1.0)] == [0.5, 1.0, 1.0]


def test_progress_is_taken_in_the_middle_of_a_step():
    plan = Plan.of(10)
    assert [plan.progress(s) for s in range(10)] == pytest.approx([0.05 + 0.1 * s for s in range(10)])
    assert plan.total == 10 and plan.progress(50) == 1.0


@pytest.mark.parametrize("total", [400, 60, 101])
def test_a_corrected_plan_goes_on_where_it_was_and_ends_at_one(total):
    plan = Plan.of(200)
    before = plan.progress(49)
    plan.correct(50, total)
    # At step 50 a quarter is done; what is left is spread evenly over what remains.
    rest = (1 - 0.25) / (total - 50)
    assert before == pytest.approx(0.2475)
    assert plan.progress(50) == pytest.approx(0.25 + rest / 2)
    assert plan.progress(total - 1) == pytest.approx(1 - rest / 2)
    assert plan.progress(49) == before and plan.total == total


def test_twice_corrected():
    plan = Plan.of(100)
    plan.correct(20, 60)
    plan.correct(40, 48)
    # 0.2 after 20 of 100; half of the remaining 0.8 after 40 of 60; then eight steps for 0.4.
    assert plan.progress(40) == pytest.approx(0.6 + 0.025)
    assert plan.progress(47) == pytest.approx(1 - 0.025)
    values = [plan.progress(s) for s in range(48)]
    assert values == sorted(values)


def test_written_and_read():
    plan = Plan.of(100)
    plan.correct(30, 70)
    plan.correct(50, 90)
    again = Plan.from_list(plan.to_list())
    assert again.legs == plan.legs and [again.progress(s) for s in range(90)] == [plan.progress(s) for s in range(90)]
