"""When the base is preferred to the adapter, and how it is told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from SAMAdaptLib.adapters.card import model_card
from SAMAdaptLib.adapters.comparison import answering, compare, pooled, table, told
from SAMAdaptLib.adapters.info import INFO, AdapterInfo, read_adapter_info
from SAMAdaptLib.errors import InputError

KINDS = ("point", "box", "box+click", "propagation")


def dice(point=0.5, box=0.5, **more):
    return {"point": point, "box": box, "box+click": 0.5, "propagation": 0.5} | more


def used(*pairs, classes=None):
    """Which answers boxes, for pairs of (base, adapted) Dice of one object each."""
    base, adapted = zip(*pairs, strict=True)
    names = classes or ["liver"] * len(pairs)
    found = compare([dice(box=one) for one in base], [dice(box=one) for one in adapted], names, "slices")
    return found["kinds"]["box"]["used"]


def test_figures_are_means_over_classes():
    base = [dice(0.2), dice(0.4), dice(0.9)]
    adapted = [dice(0.8), dice(0.6), dice(0.7)]
    found = compare(base, adapted, ["liver", "liver", "spleen"], "patients")
    assert found["kinds"]["point"] == {"base": pytest.approx(0.6), "adapted": pytest.approx(0.7), "used": "adapted"}
    assert found["classes"]["liver"]["point"] == {"base": pytest.approx(0.3), "adapted": pytest.approx(0.7)}
    assert (found["held_out"], found["objects"], found["classes"]["spleen"]["objects"]) == ("patients", 3, 1)
    assert list(found["kinds"]) == list(KINDS) and compare([], [], [], "slices") == {}


def test_the_base_is_preferred_where_it_is_better_by_more_than_chance():
    assert used((0.90, 0.885)) == "base"
    assert used((0.90, 0.895)) == "adapted"
    assert used((0.90, 0.90)) == "adapted"


def test_few_objects_say_little_of_points():
    def answers(base, adapted, objects, classes=("liver",)):
        names = [name for name in classes for _ in range(objects)]
        given = [[dice(one)] * objects for one in base], [[dice(one)] * objects for one in adapted]
        found = compare(*(sum(rows, []) for rows in given), names, "patients")
        return found["kinds"]["point"]["used"]

    # The figures of one seed on a patient that was held out: the base had 0.527 on four other ones, the adapter 0.746.
    assert answers([0.8557], [0.8452], 3) == "adapted"
    for objects, chance in ((1, 0.1), (4, 0.05), (25, 0.02), (400, 0.01)):
        assert answers([0.9], [0.9 - chance + 0.001], objects) == "adapted"
        assert answers([0.9], [0.9 - chance - 0.001], objects) == "base"
    # A class of two objects may lose more than one of many, too.
    assert answers([0.9, 0.2], [0.84, 0.3], 2, ("liver", "spleen")) == "adapted"
    assert answers([0.9, 0.2], [0.82, 0.23], 2, ("liver", "spleen")) == "base"


def test_a_gain_of_others_does_not_pay_for_the_ruin_of_a_class():
    liver, stomach = [(0.90, 0.98)] * 4, [(0.91, 0.80)] * 2
    names = ["liver", "spleen", "kidney", "aorta", "stomach", "stomach"]
    assert used(*liver, *stomach, classes=names) == "base"
    # One object may be chance, and where all others gain more, the loss is the price.
    assert used(*liver, stomach[0], classes=names[:5]) == "adapted"
    assert used(*[(0.3, 0.8)] * 4, *stomach, classes=names) == "adapted"


def all_three(base, halfway, adapted, held_out="slices"):
    """Which answers points and which boxes, for Dice of one object."""
    given = [[dice(one, one)] for one in (base, adapted, halfway)]
    found = compare(*given[:2], ["liver"], held_out, given[2])
    assert found["kinds"]["box"]["halfway"] == halfway == found["classes"]["liver"]["box"]["halfway"]
    return found["kinds"]["point"]["used"], found["kinds"]["box"]["used"]


def test_the_weights_halfway_answer_boxes_unless_they_are_far_behind():
    assert all_three(0.85, 0.90, 0.94) == ("adapted", "halfway")
    assert all_three(0.70, 0.80, 0.87) == ("adapted", "adapted")
    # What no training has seen is not known by heart.
    assert all_three(0.85, 0.90, 0.94, "patients") == ("adapted", "adapted")
    assert all_three(0.85, 0.90, 0.86, "patients") == ("adapted", "halfway")
    # A longer training goes farther from the base than those that were compared.
    assert all_three(0.85, 0.90, 0.94, "patients in turn") == ("adapted", "halfway")
    # The base is asked for where the weights that would answer are worse.
    assert all_three(0.95, 0.92, 0.96) == ("adapted", "base")
    assert all_three(0.92, 0.95, 0.80) == ("base", "halfway")


def plain(base, adapted, alone, held_out="patients"):
    """The row of points, for Dice of one object each; adapted with a grown box, and alone without."""
    given = [[dice(one) for one in values] for values in (base, adapted)]
    return compare(*given, ["liver"] * len(base), held_out, (), alone)


def test_a_comparison_pooled_over_patients_is_that_of_all_their_objects():
    names = ["liver", "liver", "spleen", "liver"]
    base = [dice(0.2, 0.9), dice(0.4, 0.95), dice(0.9, 0.7), dice(0.1, 0.88)]
    adapted = [dice(0.8, 0.9), dice(0.6, 0.8), dice(0.7, 0.9), dice(0.3, 0.6)]
    halfway = [dice(0.5, 0.91), dice(0.5, 0.92), dice(0.5, 0.8), dice(0.5, 0.9)]
    alone = [0.7, 0.9, 0.8, 0.4]
    first, other = slice(0, 3), slice(3, 4)
    parts = [
        compare(base[part], adapted[part], names[part], "slices", halfway[part], alone[part]) for part in (first, other)
    ]
    # Nothing was asked about a third one.
    found, whole = pooled([*parts, {}]), compare(base, adapted, names, "slices", halfway, alone)
    assert (found["held_out"], found["objects"]) == ("patients in turn", 4) and pooled([]) == {}
    for kind in KINDS:
        assert found["kinds"][kind].pop("used") == whole["kinds"][kind].pop("used")
        assert found["kinds"][kind] == pytest.approx(whole["kinds"][kind])
        for name in whole["classes"]:
            assert found["classes"][name][kind] == pytest.approx(whole["classes"][name][kind])


def test_a_plain_point_answers_where_it_is_better_by_more_than_chance():
    assert plain([0.6], [0.828], [0.872])["kinds"]["point"] == {
        "base": 0.6, "adapted": 0.828, "plain": 0.872, "used": "plain",
    }  # fmt: skip
    # On patients that the training saw, by heart in part, a little more is not enough.
    ways = {0.882: ("plain", "plain"), 0.872: ("plain", "adapted"), 0.837: ("adapted",) * 2, 0.7: ("adapted",) * 2}
    for alone, wanted in ways.items():
        for held_out, way in zip(("patients", "slices", "patients in turn"), (*wanted, wanted[1]), strict=True):
            found = plain([0.6], [0.828], [alone], held_out)
            assert found["kinds"]["point"]["used"] == way and answering(found, "adapted").get("point", "adapted") == way
    # The mean over objects decides, and the base is asked for where it is better than what would answer.
    assert plain([0.6, 0.6], [0.8, 0.6], [0.7, 0.8])["kinds"]["point"]["plain"] == pytest.approx(0.75)
    assert plain([0.84], [0.80], [0.85])["kinds"]["point"]["used"] == "plain"
    assert plain([0.96], [0.80], [0.85])["kinds"]["point"]["used"] == "base"
    found = plain([0.6], [0.828], [0.872])
    assert found["classes"]["liver"]["point"]["plain"] == 0.872
    assert all("plain" not in found["kinds"][kind] for kind in KINDS[1:])


def test_a_wish_for_weights_says_nothing_of_how_their_points_are_answered():
    better, beaten = (plain([one], [0.80], [0.85]) for one in (0.5, 0.96))
    assert answering(better) == {"point": "plain"} and answering(beaten) == {"point": "base"}
    for one in (better, beaten):
        assert answering(one, "adapted") == {"point": "plain"}
        assert answering(one, "base") == dict.fromkeys(KINDS, "base")
    assert answering(plain([0.5], [0.85], [0.80]), "adapted") == {} == answering(plain([0.5], [0.85], [0.80]))


def test_both_ways_of_a_point_are_shown(info):
    alone = plain([0.6], [0.828], [0.872])
    assert table(alone)[:2] == [["point", "0.600", "-", "0.828", "-"], ["plain point", "-", "-", "0.872", "adapted"]]
    worse = plain([0.6], [0.872], [0.828])
    assert table(worse)[:2] == [["point", "0.600", "-", "0.872", "adapted"], ["plain point", "-", "-", "0.828", "-"]]
    assert "point 0.960 against 0.850 adapted" in told(plain([0.96], [0.80], [0.85]), ["point"])
    card = model_card(replace(info, comparison=alone), "organs")
    assert "| plain point | - | - | 0.872 | adapted |" in card and "a weak choice" not in card
    assert "a weak choice" in model_card(replace(info, comparison=alone | {"held_out": "slices"}), "organs")
    assert "plain point" not in model_card(info, "organs")


@pytest.fixture
def info():
    base, adapted = [dice(0.3, 0.95), dice(0.5, 0.91)], [dice(0.8, 0.94), dice(0.7, 0.49)]
    comparison = compare(base, adapted, ["liver", "stomach"], "slices")
    return AdapterInfo(
        "lora", {}, "lite_medsam", "b", 256, "minmax", "axial", ("liver", "stomach"), 60, comparison=comparison
    )


def test_what_a_user_wants_comes_first(info):
    assert answering(info.comparison) == {"box": "base"} and answering({}) == {}
    assert answering(info.comparison, "adapted") == {}
    assert answering(info.comparison, "base") == dict.fromkeys(KINDS, "base")
    with pytest.raises(InputError, match="Unknown weights: all"):
        answering(info.comparison, "all")


def test_it_is_told_why(info):
    text = "box answered with the base weights, which were better on held-out slices (Dice: "
    assert told(info.comparison, ["box"]) == text + "box 0.930 against 0.715 adapted)"
    assert told(info.comparison, []) == ""
    assert told(info.comparison, ["point"]) == "point answered with the base weights, as asked"
    assert told({}, ["box", "propagation"]) == "box and propagation answered with the base weights, as asked"


def test_the_card_shows_both(info):
    card = model_card(info, "organs")
    assert "| box | 0.930 | - | 0.715 | base |" in card and "| point | 0.400 | - | 0.750 | adapted |" in card
    assert "| stomach | 1 | 0.500 | 0.700 | 0.910 | 0.490 | 0.500 | 0.500 | 0.500 | 0.500 |" in card
    assert "of patients of whom it saw others" in card
    assert "did not see" in model_card(replace(info, comparison=info.comparison | {"held_out": "patients"}), "organs")
    in_turn = info.comparison | {"held_out": "patients in turn", "steps": [9, 11]}
    assert "trainings of 9 and 11 steps. This" in model_card(replace(info, comparison=in_turn), "organs")
    assert table(info.comparison)[1] == ["box", "0.930", "-", "0.715", "base"]
    assert "were not compared" in model_card(replace(info, comparison={}), "organs")


def test_descriptions_from_before_and_damaged_ones(info, tmp_path):
    values = json.loads(json.dumps(asdict(info)))
    file = tmp_path / INFO
    file.write_text(json.dumps(values))
    assert read_adapter_info(tmp_path) == info
    file.write_text(json.dumps({name: value for name, value in values.items() if name != "comparison"}))
    assert read_adapter_info(tmp_path) == replace(info, comparison={}) and answering({}) == {}
    for wrong in (
        {"steps": 9},
        {"kinds": {"box": {"base": 1, "adapted": 1}}},
        {"kinds": {"box": {"base": 1, "adapted": 1, "used": "halfway"}}},
        {"kinds": {"point": {"base": 1, "adapted": 1, "used": "plain"}}},
        {"kinds": {"point": {"base": 1, "adapted": 1, "plain": "1", "used": "adapted"}}},
        {"kinds": []},
        {"kinds": {"box": 3}},
        [],
    ):
        file.write_text(json.dumps(values | {"comparison": wrong}))
        with pytest.raises(InputError, match="damaged at 'comparison'"):
            read_adapter_info(tmp_path)
