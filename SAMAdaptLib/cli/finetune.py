"""``samadapt finetune``"""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.adapters.shelf import Shelf, default_shelf
from SAMAdaptLib.cli.common import Session, add_output_option, named_adapter, table, verb_parser
from SAMAdaptLib.cli.config_file import add_config_option
from SAMAdaptLib.cli.run_options import add_run_options, add_setting, listener, run_config, run_inputs, run_output
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.methods import get_config
from SAMAdaptLib.paths import Output
from SAMAdaptLib.training.config import TrainConfig

# Settings of a method that are options as well, and whose they are.
METHOD_OPTIONS = {"depth": "msa", "size": "dbsam"}


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "finetune",
        "Adapt a base model to the exemplars of a library",
        "samadapt finetune --library LIB --model lite_medsam --method lora --output RUN --budget-minutes 8",
        run,
        _writes,
    )
    parser.add_argument("--library", metavar="LIB", help="folder of the exemplar library")
    add_output_option(parser, "RUN", "run folder; the adapter lies in RUN/adapter", required=False)
    add_run_options(parser, TrainConfig)
    add_config_option(parser)
    add_setting(parser, TrainConfig, "method", "METHOD")
    parser.add_argument(
        "--name", metavar="NAME", help="put the adapter on the shelf under this name, too; see `samadapt adapters`"
    )
    parser.add_argument(
        "--start-from",
        type=named_adapter,
        metavar="RUN",
        help="run, adapter folder or name of an adapter on the shelf, of that method, whose weights are the start",
    )
    parser.add_argument("--no-synthesis", dest="synthesis", action="store_false", default=None, help="exemplars only")
    parser.add_argument(
        "--synthetic",
        metavar="DIR",
        help="use the slices that `samadapt synthesize` wrote there, but for those that you deleted",
    )
    add_setting(parser, TrainConfig, "prompts", "MIX")
    add_setting(parser, TrainConfig, "validation", "VALIDATION")
    for name, method in METHOD_OPTIONS.items():
        add_setting(parser, get_config(method), name, "D" if name == "depth" else None, of=method)
    parser.add_argument(
        "--estimate", action="store_true", help="only tell how much memory it would take; needs neither LIB nor RUN"
    )


def _writes(args: argparse.Namespace) -> list[Output]:
    if args.estimate:
        return []
    missing = [] if args.output else ["--output"]
    inputs = {} if missing else _inputs(args)
    if not inputs.get("library", args.library):
        missing.insert(0, "--library")
    if missing:
        raise InputError(f"The following arguments are required: {', '.join(missing)}", None, "See finetune --help")
    outputs = run_output(args, [*inputs.values(), args.config])
    if args.name is not None:
        shelf = Shelf(default_shelf())
        shelf.check_new(args.name)
        outputs.append(Output(shelf.place(args.name), [*inputs.values(), args.config], folder=True))
    return outputs


def _inputs(args: argparse.Namespace) -> dict[str, Any]:
    return run_inputs(args, "library", "checkpoint", "start_from", "synthetic")


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Train, with a bar that shows loss and Dice."""
    config = run_config(args, TrainConfig, METHOD_OPTIONS)
    if args.estimate:
        return _estimate(config, session)
    from SAMAdaptLib.training.finetune import finetune

    shelf = Shelf(default_shelf())
    last: dict[str, Any] = {}

    def figures(step: dict[str, Any]) -> str:
        last.update(step)
        loss = f"loss {step['loss']:.3f}"
        return loss if math.isnan(step["dice"]) else f"{loss}, Dice {step['dice']:.3f}"

    with session.progress("training") as tell:
        info = finetune(
            output=args.output,
            config=config,
            resume=args.resume,
            listener=listener(tell, config, figures),
            cancelled=session.cancelled,
            begun=session.begun,
            **_inputs(args),
        )
    adapter = Path(args.output) / "adapter"
    learnt = f"{info.method} on {info.base}, {', '.join(info.classes)}, {counted(info.steps, 'step')}"
    session.say(f"adapter in {adapter}: {learnt}")
    # Of several processes one.
    shelved = None if args.name is None or session.silent else _shelve(adapter, shelf, args.name)
    if shelved is not None:
        session.say(f"on the shelf as {args.name}, in {shelved}")
    if info.validation:
        dice = f"held-out patients: Dice {info.validation['dice']:.3f}"
        parts = [f"{name} {value:.3f}" for name, value in info.validation.items() if name not in ("dice", "step")]
        mean = f"{dice}, the mean of the training's prompts by their shares ({', '.join(parts)})"
        session.say(mean if info.prompted else f"{dice} without prompts")
    if info.comparison:
        _tell_comparison(info, session)
    elif info.prompted:
        from SAMAdaptLib.adapters.comparison import NOT_COMPARED

        session.note(f"{NOT_COMPARED}, by `samadapt evaluate` with --weights base and without")
    return {
        "output": args.output,
        "adapter": adapter,
        "shelf": shelved,
        "steps": info.steps,
        "classes": list(info.classes),
        "validation": info.validation,
        "comparison": info.comparison,
        "seconds": last.get("seconds"),
        "loss": last.get("loss"),
    }


def _tell_comparison(info: AdapterInfo, session: Session) -> None:
    from SAMAdaptLib.adapters import comparison

    held_out = info.comparison["held_out"]
    seen = {
        comparison.SLICES: ", whose patients the training saw on others",
        comparison.IN_TURN: f", by shorter trainings without each ({comparison.steps_in_turn(info.comparison)} steps)",
    }
    objects = counted(info.comparison["objects"], "object")
    session.say(f"Dice on {objects} of held-out {held_out}{seen.get(held_out, '')}:")
    session.say(table(comparison.table(info.comparison), ["prompt", *comparison.COLUMNS]))
    if comparison.knows_plain(info.comparison):
        session.say(comparison.PLAIN_RULE)


def _shelve(adapter: Path, shelf: Shelf, name: str) -> Path:
    try:
        return shelf.add(adapter, name)
    except InputError as error:
        raise InputError(
            f"The adapter is finished, but not on the shelf ({error.what})",
            error.where,
            f"Put it there by `samadapt adapters add {adapter} NAME`",
        ) from error


def _estimate(config: TrainConfig, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.training.memory import estimate
    from SAMAdaptLib.training.prompting import parse_mix

    # A prompt with several clicks is decoded as often, and a slice may have such prompts only.
    clicks = max(strategy.clicks for strategy, _ in parse_mix(config.prompts))
    found = estimate(
        config.model,
        config.method,
        config.batch_size,
        config.prompts_per_slice,
        config.input_size,
        config.method_config,
        max(config.corrections, clicks),
        config.memory,
    )
    session.say(f"memory: {found.text}")
    return asdict(found)
