"""What panel and effect show before anybody chooses is what the command line takes."""

from __future__ import annotations

import argparse
from importlib import import_module

import pytest

from Testing.extension.panel_job import MODULE
from Testing.tiny import scan

pytestmark = pytest.mark.usefixtures("application")


def taken(*words):
    """What a verb takes for these arguments."""
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    import_module(f"SAMAdaptLib.cli.{words[0]}").add_parser(verbs)
    return parser.parse_args(words)


def test_the_panel_trains_as_the_command_does(logic):
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

    from SAMAdaptLib.cli.finetune import METHOD_OPTIONS
    from SAMAdaptLib.cli.run_options import run_config
    from SAMAdaptLib.training.config import TrainConfig

    node = SAMAdaptParameterNode(logic.getParameterNode())
    config = run_config(taken("finetune", "--library", "LIB", "--output", "RUN"), TrainConfig, METHOD_OPTIONS)
    for shown, setting in (
        ("method", "method"),
        ("model", "model"),
        ("budgetMinutes", "budget_minutes"),
        ("validation", "validation"),
        ("seed", "seed"),
        ("useSynthesis", "synthesis"),
        ("syntheticCount", "synthetic_count"),
    ):
        assert getattr(node, shown) == getattr(config, setting), shown
    assert config.steps is None and node.synthesis == "{}" and config.synthesis_config == {}
    assert logic.settings.device == config.device


def test_the_panel_suggests_and_evaluates_as_the_command_does(logic):
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

    from SAMAdaptLib.cli import exemplars
    from SAMAdaptLib.jobs import exemplars as jobs

    node = SAMAdaptParameterNode(logic.getParameterNode())
    args = taken("exemplars", "add", "--library", "LIB", "--image", "x.nrrd", "--labels", "y.nrrd")
    assert (node.strategy, node.axis) == (args.strategy, args.axis)
    counts = []

    def suggest(volume, labels, axis, count, *rest):
        counts.append(count)
        return [0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "suggest", suggest)
        exemplars._chosen(args, *scan())
    assert counts == [node.suggestionCount]
    args = taken("evaluate", "--image", "x.nrrd", "--labels", "y.nrrd", "--output", "z")
    assert node.toleranceMm == args.tolerance_mm


def test_the_effect_propagates_as_the_command_does():
    from SegmentEditorSAMAdaptLib.view.EffectOptions import PARAMETERS

    args = taken("segment", "--image", "x.nrrd", "--output", "y.seg.nrrd")
    assert (PARAMETERS["MinIoU"], PARAMETERS["MaxMissing"]) == (args.min_iou, args.max_missing)


@pytest.fixture
def ui(logic, application):
    module = application.loadModule(MODULE)
    module.source.SAMAdaptLogic = lambda: logic
    return module.widget().ui


def test_spin_boxes_begin_with_the_ranges_of_synthesis(ui):
    from SAMAdaptLib.synthesis.config import SynthesisConfig

    for name, value in SynthesisConfig().to_dict().items():
        shown = (
            [getattr(ui, name + end).value for end in ("Low", "High")]
            if isinstance(value, list)
            else getattr(ui, name + "Value").value
        )
        assert shown == pytest.approx(value), name


def test_widgets_say_and_allow_what_their_settings_do(ui):
    for spin, (low, high) in {
        "scaleHigh": (0.2, 3), "offsetLow": (-1, 1), "shift_mmValue": (0, 1000), "rotation_degreesValue": (0, 180),
        "seedSpin": (0, 2**31 - 1), "syntheticCountSpin": (1, 10**6), "budgetSpin": (0.1, 1440),
    }.items():  # fmt: skip
        assert (getattr(ui, spin).minimum, getattr(ui, spin).maximum) == (low, high), spin
    assert ui.gammaLow.toolTip == ui.gammaLayoutLabel.toolTip == (
        "Exponent on the grey levels. Takes two numbers from 0.2 to 5, the lower first."
    )
    assert ui.budgetSpinLabel.toolTip.endswith("Takes a number of minutes above 0.")
    assert ui.seedSpin.toolTip.endswith("the same seed gives the same slices and the same training. Takes a whole "
                                        "number of 0 or more.")  # fmt: skip
