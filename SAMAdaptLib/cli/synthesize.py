"""``samadapt synthesize``"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from SAMAdaptLib.cli.common import Session, add_output_option, verb_parser
from SAMAdaptLib.cli.config_file import add_config_option
from SAMAdaptLib.cli.run_options import run_settings
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.files import read_json
from SAMAdaptLib.paths import Output, holds


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "synthesize",
        "Write a synthetic training set from a library of exemplars, with a preview sheet",
        "samadapt synthesize --library LIB --count 200 --seed 0 --output synthetic",
        run,
        _writes,
    )
    parser.add_argument("--library", required=True, metavar="LIB", help="folder of the exemplar library")
    parser.add_argument("--count", type=int, default=200, help="number of slices (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same slices")
    add_output_option(parser, "DIR", "new folder, or one begun with the same options")
    add_config_option(parser, "; or a JSON file with settings alone")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a range of the transforms")
    parser.add_argument("--workers", type=int, default=0, help="processes beside this one; the result is the same")


def _writes(args: argparse.Namespace) -> list[Output]:
    ours = holds("manifest.json", "recipe", "samples")
    return [Output(args.output, [args.library, args.config], folder=True, ours=ours, overwrite=args.overwrite)]


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Write the set and its preview."""
    from SAMAdaptLib.jobs.synthesize import PREVIEW, synthesize
    from SAMAdaptLib.synthesis.config import SynthesisConfig

    alone = args.config and Path(args.config).suffix.lower() == ".json"
    values = read_json(args.config, "synthesis settings") if alone else {}
    if not isinstance(values, dict):
        raise InputError("The synthesis settings are not a mapping", args.config, "Give names and values")
    values = SynthesisConfig.from_dict(values | run_settings(args, SynthesisConfig)).to_dict()
    with session.progress("synthesis") as tell:

        def report(done: int, total: int) -> None:
            session.check()
            tell(done, total)

        made = synthesize(
            args.library,
            args.output,
            count=args.count,
            seed=args.seed,
            workers=args.workers,
            overwrite=args.overwrite,
            progress=report,
            **values,
        )
    preview = Path(args.output) / PREVIEW
    session.say(f"{counted(len(made), 'slice')} in {args.output}, preview in {preview}")
    return {"output": args.output, "count": len(made), "classes": list(made.classes), "preview": preview}
