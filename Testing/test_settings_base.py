"""Settings say what they take, take it, and refuse the rest in the same words, wherever they are asked."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS, get_config
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.settings import Settings, setting
from SAMAdaptLib.study.config import CellSettings
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.training.config import TrainConfig

KINDS = [TrainConfig, PretrainConfig, CellSettings, SynthesisConfig, PropagationRules, *map(get_config, METHODS)]


@dataclass(frozen=True)
class Oven(Settings):
    what: ClassVar[str] = "oven setting"

    heat: float = setting(180.0, "of the air", above=0, high=300, unit="degrees")
    trays: int = setting(2, "trays, even", low=0, multiple=2)
    fan: bool = setting(False, "blow")
    name: str | None = setting(None, "its name")
    mode: str = setting("top", "where from", choices=("top", "bottom", "both"))
    spread: tuple[float, float] = setting((1.0, 2.0), "least and most", low=-1, high=4)
    when: str | float = setting("now", "when to begin")
    notes: dict[str, int] = setting({}, "what else")
    bakers: list[str] = setting([], "who may use it")

    def check(self) -> None:
        if self.fan and self.mode != "both":
            raise InputError("A fan blows from both sides", None, "Set mode to both")


@pytest.mark.parametrize(
    "name, takes, good, bad",
    [
        ("heat", "a number of degrees above 0, up to 300", [300, 1e-3], [0, 300.1, math.nan, "180", True, None]),
        ("trays", "a whole number of 0 or more, a multiple of 2", [0, 12], [3, -2, 2.0, True]),
        ("fan", "true or false", [True, False], [1, 0, "yes", None]),
        ("name", "a text", ["", "A", None], [1, False]),
        ("mode", "top, bottom or both", ["both"], ["middle", 1, None]),
        ("spread", "two numbers from -1 to 4, the lower first", [(0, 0), [-1, 4.0]], [(2, 1), (0, 5), 1.0, (1,), "12"]),
        ("when", "a text", ["later", 3, 0.5], [True, None, math.inf]),
        ("notes", "names and values", [{"a": 1}], [3, [1], None]),
        ("bakers", "one text or several", [[], ["A", "B"], "A"], [3, [1], ("A",), None]),
    ],
)
def test_a_setting_takes_what_it_says(name, takes, good, bad) -> None:
    known = Oven.known()[name]
    assert known.takes == takes
    for value in good:
        wanted = tuple(map(float, value)) if name == "spread" else ["A"] if (name, value) == ("bakers", "A") else value
        assert known.checked(value) == wanted == getattr(Oven.from_dict({"mode": "both", name: value}), name)
    for value in bad:
        with pytest.raises(InputError) as caught:
            Oven.from_dict({"mode": "both", name: value}, "oven.toml")
        assert str(caught.value) == f"{name} is {value!r}: oven.toml. Give {takes}."


def test_what_does_not_go_together_is_refused_with_its_file() -> None:
    with pytest.raises(InputError, match=r"A fan blows from both sides: oven.toml\. Set mode to both"):
        Oven.from_dict({"fan": True}, "oven.toml")
    with pytest.raises(InputError, match=r"Unknown oven setting 'hete': oven.toml\. Did you mean heat\? Known are"):
        Oven.from_dict({"hete": 3}, "oven.toml")
    # Nothing stands for what is gone, however alike its name is.
    with pytest.raises(InputError) as caught:
        TrainConfig.from_dict({"known_weight": 1})
    told = "Unknown training setting 'known_weight'. It is gone, and nothing has taken its place: leave it out."
    assert str(caught.value) == told


def test_numbers_of_numpy_become_plain_ones() -> None:
    oven = Oven(trays=np.int64(4), heat=np.float32(0.5), spread=np.array([1.0, 2.0]).tolist())
    assert (type(oven.trays), type(oven.heat)) == (int, float) and json.loads(json.dumps(oven.to_dict()))["trays"] == 4
    with pytest.raises(InputError, match="trays"):
        Oven(trays=np.float64(4))


def test_settings_of_two_ovens_are_their_own() -> None:
    one, other = Oven(), Oven(spread=(1, 1))
    one.notes["a"] = 1
    assert other.notes == {} == Oven.known()["notes"].default
    assert Oven.from_dict(other.to_dict()) == other and other.to_dict()["spread"] == [1.0, 1.0]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_setting_is_told_of(kind) -> None:
    assert kind().to_dict().keys() == kind.known().keys()
    for one in kind.known().values():
        assert one.help.strip() and not one.help.endswith("."), one.name
        # What is a number says within which limits.
        assert not {int, float, tuple} & {*one.kinds} or one.limits or one.choices or one.form, one.name


def test_settings_load_no_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from SAMAdaptLib.pretraining.config import PretrainConfig; from SAMAdaptLib.methods import *\n"
        "PretrainConfig(method='sammix', method_config={'rank': 2}); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
