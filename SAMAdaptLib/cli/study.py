"""``samadapt study``"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, add_output_option, duration, table, verb_parser
from SAMAdaptLib.cli.run_options import parse_settings
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
    from SAMAdaptLib.study.description import Study
    from SAMAdaptLib.study.plan import Plan

# Options that are keys of [data].
OF_DATA = ("index", "images", "labels", "names", "folds")


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "study",
        "Train and test models as a description says, on few or many labelled slices of one's own scans, and tabulate",
        "samadapt study cheap-lunch --index scans.csv --plan\n  samadapt study STUDY.toml --output DIR",
        run,
        _writes,
    )
    parser.add_argument("study", nargs="?", metavar="STUDY", help="description (TOML), or the name of a preset")
    add_output_option(
        parser, "DIR", "folder for results.csv, results.md and all that is trained; finished cells there stay", False
    )
    parser.add_argument("--plan", action="store_true", help="only tell the cells and how long they would take")
    parser.add_argument("--show", action="store_true", help="only print the description, to be changed and kept")
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="only compare the folders of two studies: rows of B with those of A, patient by patient",
    )
    parser.add_argument("--index", metavar="FILE", help="table (CSV) of scans: image, labels, patient; see [data]")
    parser.add_argument("--images", metavar="DIR", help="folder of images, in place of an index")
    parser.add_argument("--labels", metavar="DIR", help="folder of their labels, in files of the same names")
    parser.add_argument("--names", metavar="FILE", help="names of label values")
    parser.add_argument("--folds", type=int, metavar="K", help="cross-validation in K parts, by patient")
    parser.add_argument(
        "--data", action="append", default=[], metavar="NAME=VALUE", help='any other key of [data], as test=["P7"]'
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="key of [cells]; what a row says itself stays"
    )


def _writes(args: argparse.Namespace) -> list[Output]:
    if (args.study is None) == (args.compare is None):
        raise InputError("Nothing to do, or two things", None, "Give a STUDY, or --compare with two folders")
    if args.plan or args.show or args.compare:
        return []
    if args.output is None:
        raise InputError("The following arguments are required: --output", None, "Or add --plan. See study --help")
    from SAMAdaptLib.study.run import is_study

    inputs = _study(args).named_inputs()
    return [Output(args.output, inputs, folder=True, ours=is_study, overwrite=args.overwrite)]


def _study(args: argparse.Namespace) -> Study:
    """The description with what the options say, read once."""
    from SAMAdaptLib.study.description import read_study

    if not hasattr(args, "read"):
        data = {name: value for name in OF_DATA if (value := getattr(args, name)) is not None}
        args.read = read_study(args.study, data | parse_settings(args.data), parse_settings(args.set))
    found: Study = args.read
    return found


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Do what is left of a study, or only tell."""
    if args.compare:
        return _compare(args, session)
    if args.show:
        return _show(args, session)
    if args.plan:
        return _plan(args, session)
    from SAMAdaptLib.study.run import run_study

    with session.progress("study") as tell:
        place = ""

        def listen(event: dict[str, Any]) -> None:
            nonlocal place
            if event["event"] == "scan":
                tell(event["step"], event["total"], f"reading {event['scan']}")
            elif event["event"] == "cell":
                place = f"cell {event['number']} of {event['of']}"
                left = duration(event["seconds_left"])
                session.say(f"{place}: {event['row']} (about {left} left)", flush=True)
            elif event["event"] == "failed":
                session.say(f"{place} failed: {event['error']}", flush=True)
            elif event["event"] == "step":
                tell.share(event["progress"], f"{place}, step {event['step']}", event["seconds_left"])
            elif event["event"] == "stage":
                tell.stage(f"{place}, {event['text']}")
            elif event["event"] == "test":
                tell(event["step"], event["total"], f"{place}, {event['scan']}, {event['prompt']}")

        found = run_study(_study(args), args.output, listener=listen, cancelled=session.cancelled)
    failed = {key: state for key, state in found["cells"].items() if state != "done"}
    _table(found["table"], session)
    session.say(f"written {' and '.join(map(str, found['files']))}")
    if failed:
        first = next(iter(failed.values()))
        if len(failed) == len(found["cells"]):
            raise InputError(f"All {len(failed)} cells failed, the first: {first}", args.output, "See results.md there")
        session.note(f"{counted(len(failed), 'cell')} of {len(found['cells'])} failed, the first: {first}")
    return found


def _show(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.study.description import find_description

    text = find_description(args.study).read_text(encoding="utf-8")
    session.say(text.rstrip())
    return {"description": text}


def _compare(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.study.compare import COLUMNS, EXPLAINED, compare
    from SAMAdaptLib.study.ways import read_ways

    first, second = (read_ways(Path(folder)) for folder in args.compare)
    found = compare(first, second, "dice")
    session.say(table([one.words("dice") for one in found], [*COLUMNS]))
    session.say(f"Dice of {args.compare[1]} minus that of {args.compare[0]}. {EXPLAINED}")
    return {
        "metric": "dice",
        "rows": [
            {"row": one.way.name, "against": one.reference.name, "prompt": one.way.prompt, "p_holm": one.adjusted}
            | vars(one.difference)
            for one in found
        ],
    }


def _plan(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.study.plan import make_plan
    from SAMAdaptLib.study.scans import find_scans
    from SAMAdaptLib.study.times import timetable

    study = _study(args)
    with session.progress("study") as tell:
        plan = make_plan(study, find_scans(study.data), None, tell, session.cancelled)
    rows = timetable(plan, args.output)
    _tell_data(plan, session)
    session.say(
        table(
            [
                [row["row"], row["cells"], row["done"], duration(row["seconds_each"]), duration(row["seconds_left"])]
                for row in rows
            ],
            ["row", "cells", "done", "each", "left"],
        )
    )
    seconds = sum(row["seconds_left"] for row in rows)
    cells, done = (sum(row[name] for row in rows) for name in ("cells", "done"))
    sure = all(row["known"] for row in rows)
    session.say(
        f"{counted(cells, 'cell')}, {done} done; about {duration(seconds)} left on this machine"
        + ("" if sure else ", by a rough count until a cell of each kind has been timed here")
    )
    return {"cells": cells, "done": done, "seconds_left": seconds, "known": sure, "rows": rows}


def _tell_data(plan: Plan, session: Session) -> None:
    fold = plan.folds[0]
    slices = sum(len(plan.surveyed[place].labelled()) for place in fold.train)
    of = " in the first fold" if fold.number else ""
    learnt = f"{len(fold.train)} to learn from with {counted(slices, 'labelled slice')}"
    session.say(f"{counted(len(plan.scans), 'scan')}: {learnt}, {len(fold.test)} to test on{of}")
    session.say(f"structures: {', '.join(plan.structures)}")


def _table(rows: list[dict[str, Any]], session: Session) -> None:
    from SAMAdaptLib.evaluation.metrics import METRICS

    if not rows:
        return
    head = [name for name in rows[0] if name not in ("prompt", "seeds", "of") and not isinstance(rows[0][name], dict)]
    lines = [
        [" ".join(row[name] for name in head), row["prompt"], f"{row['seeds']}/{row['of']}"]
        + [_figure(row[name]) for name in METRICS]
        for row in rows
    ]
    titles = [metric.title for metric in METRICS.values()]
    session.say(table(lines, [" ".join(head), "prompt", "seeds", *titles]))


def _figure(found: dict[str, float | None]) -> str:
    if found["mean"] is None:
        return "-"
    return f"{found['mean']:.3f}" + ("" if found["sd"] is None else f" ± {found['sd']:.3f}")
