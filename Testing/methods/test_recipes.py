"""How each method is trained by default and by its paper, against what the papers state."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.config import RECIPES
from SAMAdaptLib.training.config import TrainConfig

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("method", "stated"),
    [
        # Feng 2023, section 3.3: AdamW, 0.001, warm-up and decay.
        ("lora", {"lr": 1e-3, "optimizer": "adamw"}),
        # Wu 2023 states nothing; its code has Adam at 1e-4, whose scheduler never takes a step.
        ("msa", {"lr": 1e-4, "optimizer": "adam", "weight_decay": 0, "warmup": 0, "decay_power": 0}),
        # Qin 2024, section 3: AdamW, 1e-4, polynomial.
        ("dbsam", {"lr": 1e-4, "optimizer": "adamw"}),
        # Ward 2024, section 3: 0.001.
        ("sammix", {"lr": 1e-3}),
        # Ranem 2023, table 2: Adam, 1e-4, weight decay 1e-4, no schedule.
        ("decoder", {"lr": 1e-4, "optimizer": "adam", "weight_decay": 1e-4, "warmup": 0, "decay_power": 0}),
        # Wu 2023 states nothing of its row; the code of MedSAM has AdamW at 1e-4 and 0.01, and no schedule.
        ("full", {"lr": 1e-4, "optimizer": "adamw", "weight_decay": 0.01, "warmup": 0, "decay_power": 0}),
    ],
)
def test_a_paper_s_values(method, stated):
    config = TrainConfig(method=method, steps=1, recipe="paper").with_recipe()
    assert {name: getattr(config, name) for name in stated} == stated
    assert (config.decay_power > 0) == (config.warmup > 0) == (stated.get("decay_power") is None)


def test_every_method_has_both_and_the_rates_of_short_runs_are_those_of_the_benchmark():
    assert all(set(get_method(name).Config.recipes) == set(RECIPES) for name in METHODS)
    rates = {name: TrainConfig(method=name, steps=1).with_recipe().lr for name in METHODS}
    # What Resources/results/methods.md was made with.
    assert rates == {"lora": 1e-3, "msa": 1e-3, "dbsam": 3e-4, "sammix": 1e-3, "decoder": 3e-4, "full": 1e-4}


def test_what_the_user_gives_stands_whatever_the_recipe():
    given = TrainConfig(method="decoder", steps=1, recipe="paper", lr=5e-3, decay_power=2.0, weight_decay=0.0)
    config = given.with_recipe()
    assert (config.lr, config.decay_power, config.weight_decay) == (5e-3, 2.0, 0.0)
    assert (config.optimizer, config.warmup) == ("adam", 0.0)
    # What a run writes down is read again as it is.
    assert config.with_recipe() == config and TrainConfig.from_dict(config.to_dict()) == config
    with pytest.raises(InputError, match="Unknown method"):
        replace(given, method="magic").with_recipe()


def test_the_methods_are_listed_with_their_rates(capsys):
    assert main(["methods", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["dbsam"]["recipes"]["short"]["lr"] == 3e-4 and rows["dbsam"]["recipes"]["paper"]["lr"] == 1e-4
    assert main(["methods"]) == 0
    told = capsys.readouterr().out
    assert "lr=0.0003 optimizer=adamw weight_decay=0.1 warmup=0.1 decay_power=0.9" in told
    by_paper = "(--set recipe=paper): lr=0.0001 optimizer=adam weight_decay=0.0001 warmup=0 decay_power=0"
    assert by_paper in told
