"""What panel and effect show before anybody chooses is what the command line takes."""

from __future__ import annotations

import argparse
from importlib import import_module

import pytest

pytestmark = pytest.mark.usefixtures("application")


def taken(*words):
    """What a verb takes for these arguments."""
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    import_module(f"SAMAdaptLib.cli.{words[0]}").add_parser(verbs)
    return parser.parse_args(words)


def test_the_panel_trains_as_the_command_does(logic):
    from SAMAdaptModuleLib.panel.ParameterNode import SAMAdaptParameterNode

    from SAMAdaptLib.cli.finetune import _config

    node = SAMAdaptParameterNode(logic.getParameterNode())
    config = _config(taken("finetune", "--library", "LIB", "--output", "RUN"))
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

    node = SAMAdaptParameterNode(logic.getParameterNode())
    args = taken("exemplars", "add", "--library", "LIB", "--image", "x.nrrd", "--labels", "y.nrrd")
    assert (node.strategy, node.axis) == (args.strategy, args.axis)
    counts = []

    def suggest(volume, labels, axis, count, *rest):
        counts.append(count)
        return [0]

    import SAMAdaptLib.exemplars.select as select

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(select, "suggest", suggest)
        exemplars._chosen(args, None, None)
    assert counts == [node.suggestionCount]
    args = taken("evaluate", "--image", "x.nrrd", "--labels", "y.nrrd", "--output", "z")
    assert node.toleranceMm == args.tolerance_mm


def test_the_effect_propagates_as_the_command_does():
    from SegmentEditorSAMAdaptLib.view.EffectOptions import PARAMETERS

    args = taken("segment", "--image", "x.nrrd", "--output", "y.seg.nrrd")
    assert (PARAMETERS["MinIoU"], PARAMETERS["MaxMissing"]) == (args.min_iou, args.max_missing)


def test_spin_boxes_begin_with_the_ranges_of_synthesis(logic, application):
    from Testing.extension.panel_job import MODULE

    module = application.loadModule(MODULE)
    module.source.SAMAdaptLogic = lambda: logic
    ui = module.widget().ui
    from SAMAdaptLib.synthesis.config import SynthesisConfig

    for name, value in SynthesisConfig().to_dict().items():
        shown = (
            [getattr(ui, name + end).value for end in ("Low", "High")]
            if isinstance(value, list)
            else getattr(ui, name + "Value").value
        )
        assert shown == pytest.approx(value), name
