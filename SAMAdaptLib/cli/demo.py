"""``samadapt demo``"""

from __future__ import annotations

import argparse
from typing import Any

from SAMAdaptLib.cli.common import Session, add_output_option, verb_parser
from SAMAdaptLib.paths import Output, holds


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "demo",
        "Adapt LiteMedSAM to a brain MR that comes with nilearn, and report before and after",
        "samadapt demo --output demo-out",
        run,
        _writes,
    )
    add_output_option(parser, "DIR", "folder for report.html and metrics.json")
    parser.add_argument("--minutes", type=float, help="training time; by default the whole demo takes about five")
    parser.add_argument("--seed", type=int, default=0)


def _writes(args: argparse.Namespace) -> list[Output]:
    return [Output(args.output, folder=True, ours=holds("demo.json", "written_by"), overwrite=args.overwrite)]


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Run the demo."""
    from SAMAdaptLib.demo.run import run_demo

    options = {} if args.minutes is None else {"minutes": args.minutes}
    with session.progress("demo") as tell:

        def listen(event: dict[str, Any]) -> None:
            if event["event"] == "phase":
                tell.stage(event["note"])
            elif event["event"] == "stage":
                tell.stage(event["text"])
            elif event["event"] == "step":
                tell.share(event["progress"], f"fine-tuning, step {event['step']}", event["seconds_left"])
            elif event["event"] == "progress":
                tell(event["step"], event["total"], event["note"])

        figures = run_demo(args.output, seed=args.seed, listener=listen, cancelled=session.cancelled, **options)
    before, after = figures["zero_shot"]["dice"], figures["adapted"]["dice"]
    session.say(f"one point: Dice {before:.2f} before, {after:.2f} after; report in {args.output}/report.html")
    session.say(f"click on the scan yourself: samadapt view {args.output}/scan.nrrd --adapter {args.output}/run")
    return figures
