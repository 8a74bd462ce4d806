"""Which slices are drawn: the counts that the papers state, and what every draw has to keep."""

from __future__ import annotations

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.select import suggest
from SAMAdaptLib.study.amount import parse_amount
from SAMAdaptLib.study.draw import count_of, draw
from Testing.tiny import scan

# arXiv 2308.14133, section 3.1: 2212 slices of 18 scans; which of them hold an organ it does not say.
SYNAPSE = [list(range(123))] * 16 + [list(range(122))] * 2


@pytest.mark.parametrize(
    "amount, scans, each",
    [("1 per 2 scans", 9, 1), ("1 per scan", 18, 1), ("2 per scan", 18, 2), (9, 9, 1), (36, 18, 2)],
)
def test_the_exemplars_of_synapse(amount, scans, each) -> None:
    """Section 3.2: 9 scans give one each, then all 18 one, then all two."""
    drawn = draw(SYNAPSE, amount, "most-labels", seed=3)
    assert len(drawn) == scans and {share.count for share in drawn.values()} == {each}
    # Which slices is for the rule to say, on the scan.
    assert all(share.indices is None for share in drawn.values())


@pytest.mark.parametrize("share, paper", [("0.5%", 75), ("1%", 150), ("3%", 450)])
def test_the_exemplars_of_brats(share, paper) -> None:
    """Section 3.2 draws from the 14662 tumour slices of 228 scans, and rounds the shares."""
    pool = [list(range(20, 85))] * 70 + [list(range(40, 104))] * 158
    assert sum(map(len, pool)) == 14662
    drawn = draw(pool, share, "random", seed=0)
    count = sum(one.count for one in drawn.values())
    assert count == round(14662 * float(share[:-1]) / 100) and abs(count - paper) < 0.03 * paper
    for place, one in drawn.items():
        assert one.indices is not None and len(set(one.indices)) == one.count and set(one.indices) <= set(pool[place])
        assert [*one.indices] == sorted(one.indices)
    # By lot: most scans give none, some several.
    assert len(drawn) < count
    assert drawn == draw(pool, share, "random", seed=0) != draw(pool, share, "random", seed=1)


def test_scans_with_few_slices_give_what_they_have() -> None:
    counts = {place: one.count for place, one in draw([[1], [], [4, 5, 6, 7], [2, 3]], 6, "uniform", 0).items()}
    assert counts in ({0: 1, 2: 3, 3: 2},) and draw([[1], [2, 3]], "2 per scan", "uniform", 0)[0].count == 1
    everything = draw([[1], [2, 3]], "all", "diverse", 5)
    assert [one.indices for one in everything.values()] == [(1,), (2, 3)]
    with pytest.raises(InputError, match="4 labelled slices are wanted, and the training scans have 3"):
        draw([[1], [2, 3]], 4, "random", 0)


@pytest.mark.parametrize("rule, amount", [("random", 2), ("uniform", 2), ("uniform", "1 per 2 scans")])
def test_scans_without_an_outline_take_part_where_all_are_wanted(rule, amount) -> None:
    pool = [[1, 2], [], [4, 5, 6], [2], [8]]
    some, every = draw(pool, amount, rule, 3), draw(pool, amount, rule, 3, every=True)
    assert [*every] == [0, 1, 2, 3, 4] and some.items() <= every.items() and len(some) < 5
    assert all((one.count, one.indices) == (0, ()) for place, one in every.items() if place not in some)


def test_a_scan_s_slices_are_those_that_are_suggested() -> None:
    volume, labels = scan(0)
    (share,) = draw([[1, 2, 3, 4]], 2, "most-labels", seed=7).values()
    assert share.choose(volume, labels, "axial", "most-labels") == suggest(volume, labels, "axial", 2, "most-labels")


@pytest.mark.parametrize("value", [0, -1, "0", "0%", "101%", "0 per scan", "1 per 0 scans", "some", 0.5, True, ""])
def test_what_is_no_amount(value) -> None:
    with pytest.raises(InputError, match=r"slices is .*Give a number of slices, a share"):
        parse_amount(value)


def test_by_suggestion_all_is_offered_and_counted() -> None:
    pool = [[2, 5, 6], [], [9]]
    shares = draw(pool, 3, "suggested", 7)
    assert {place: share.indices for place, share in shares.items()} == {0: (2, 5, 6), 2: (9,)}
    sizes = [len(own) for own in pool]
    amounts = {3: 3, "all": 4, "50%": 2, "1 per scan": 3, "2 per scan": 4, "1 per 3 scans": 1}
    assert {amount: count_of(sizes, amount) for amount in amounts} == amounts
    with pytest.raises(InputError, match="5 labelled slices are wanted, and the training scans have 4"):
        draw(pool, 5, "suggested", 7)
