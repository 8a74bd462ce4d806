"""``samadapt pretrain``"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from SAMAdaptLib.cli.common import Session, add_output_option, verb_parser
from SAMAdaptLib.cli.run_options import add_run_options, add_setting, listener, run_config, run_inputs, run_output
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.paths import Output
from SAMAdaptLib.pretraining.config import PretrainConfig


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "pretrain",
        "Train the image encoder on scans without labels, as a start for fine-tuning",
        "samadapt pretrain --images DIR --model lite_medsam --output RUN --budget-minutes 60\n"
        "  samadapt finetune --start-from RUN --method msa --library LIB --output RUN2",
        run,
        _writes,
    )
    parser.add_argument("--images", metavar="DIR", help="folder of NRRD, NIfTI, MHA and DICOM series")
    add_output_option(parser, "RUN", "run folder, with the result in the end")
    add_run_options(parser, PretrainConfig)
    add_setting(parser, PretrainConfig, "train", "PART")
    add_setting(parser, PretrainConfig, "method", "METHOD")
    add_setting(parser, PretrainConfig, "objectives", "NAMES")
    add_setting(parser, PretrainConfig, "batch_size", "N")
    add_setting(parser, PretrainConfig, "axis", "AXIS")
    add_setting(parser, PretrainConfig, "intensity", "MAP")


def _writes(args: argparse.Namespace) -> list[Output]:
    inputs = _inputs(args)
    if inputs["images"] is None:
        raise InputError("The following arguments are required: --images", None, "See pretrain --help")
    return run_output(args, inputs.values())


def _inputs(args: argparse.Namespace) -> dict[str, Any]:
    return run_inputs(args, "images", "checkpoint")


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Train, with a bar that shows the losses."""
    config = run_config(args, PretrainConfig)
    from SAMAdaptLib.pretraining.pretrain import pretrain

    left_out: list[dict[str, str]] = []

    def losses(step: dict[str, Any]) -> str:
        return ", ".join(f"{name} {step[name]:.3f}" for name in ("loss", *config.weights))

    with session.progress("pretraining") as tell:

        def hear(event: dict[str, Any]) -> None:
            if event["event"] == "reading":
                tell(event["step"], event["total"], "reading")
            elif event["event"] == "note":
                left_out.append({"name": event["name"], "reason": event["reason"]})
                session.say(f"left out {event['name']}: {event['reason']}")

        done = pretrain(
            output=args.output,
            config=config,
            resume=args.resume,
            listener=listener(tell, config, losses, hear),
            cancelled=session.cancelled,
            begun=session.begun,
            **_inputs(args),
        )
    adapters = config.train == "adapters"
    use = f"samadapt finetune --start-from {args.output}" if adapters else f"--checkpoint {done.path}"
    session.say(f"{counted(done.steps, 'step')}; use it with {use}")
    result = {"adapter" if adapters else "checkpoint": Path(done.path)}
    return {"output": args.output, **result, "steps": done.steps, "losses": done.losses, "left_out": left_out}
