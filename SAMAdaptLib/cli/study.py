"""``samadapt study``"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, Teller, add_output_option, duration, table, verb_parser
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
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes of this machine that do a cell each at a time"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a running dask cluster that does the cells, such as tcp://node7:8786"
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="processes that train a cell together, by `accelerate launch`; each has a GPU, or its share of the cores",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="threads with which each cell is done, so that its figures are the same to the last digit by any number "
        "of workers (default: all cores, shared by --workers)",
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
    from SAMAdaptLib.study.run import failures, run_study

    with session.progress("study") as tell:
        found = run_study(
            _study(args),
            args.output,
            listener=_Listener(session, tell),
            cancelled=session.cancelled,
            workers=args.workers,
            scheduler=args.scheduler,
            processes=args.processes,
            threads=args.threads,
        )
    _table(found["table"], session)
    session.say(f"written {' and '.join(map(str, found['files']))}")
    failed = failures(found, args.output)
    if failed:
        session.note(f"{counted(len(failed), 'cell')} of {len(found['cells'])} failed, the first: {failed[0]}")
    return found


class _Listener:
    """Tells the events of a study: a line for each cell, and in the bar what is being done, at one place or several."""

    def __init__(self, session: Session, tell: Teller) -> None:
        self._session, self._tell = session, tell
        # Of cells: what they are called, and what those that are being done are at.
        self._places: dict[str, str] = {}
        self._now: dict[str, str] = {}
        self._ended = self._of = 0

    def __call__(self, event: dict[str, Any]) -> None:
        kind, key = event["event"], event.get("key", "")
        place = self._places.get(key, "")
        if kind == "scan":
            self._tell(event["step"], event["total"], f"reading {event['scan']}")
        elif kind == "cell":
            self._begun(key, event)
        elif kind in ("failed", "finished"):
            if kind == "failed":
                self._session.say(f"{place} failed: {event['error']}", flush=True)
            self._ended += 1
            self._now.pop(key, None)
        elif len(self._now) > 1 and kind in ("step", "stage", "test"):
            self._now[key] = f"{place}, {_doing(event)}"
            self._tell(self._ended, self._of, "; ".join(self._now.values()))
        elif kind == "step":
            self._tell.share(event["progress"], _doing(event), event["seconds_left"], place)
        elif kind == "stage":
            self._tell.stage(f"{place}, {_doing(event)}")
        elif kind == "test":
            self._tell(event["step"], event["total"], _doing(event), place)

    def _begun(self, key: str, event: dict[str, Any]) -> None:
        place = self._places[key] = self._now[key] = f"cell {event['number']} of {event['of']}"
        self._of = event["of"]
        where = f" on {event['worker']}" if event["worker"] else ""
        again = " once more, as its worker was lost," if event["again"] else ""
        left = duration(event["seconds_left"])
        self._session.say(f"{place}{again}{where}: {event['row']} (about {left} left)", flush=True)


def _doing(event: dict[str, Any]) -> str:
    if event["event"] == "step":
        return f"step {event['step']}"
    return str(event["text"]) if event["event"] == "stage" else f"{event['scan']}, {event['prompt']}"


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
        plan = make_plan(study, find_scans(study.data), None, tell, session.cancelled, args.processes)
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
    from SAMAdaptLib.evaluation.metrics import METRICS, decimals, figure_text

    if not rows:
        return
    head = [name for name in rows[0] if name not in ("prompt", "seeds", "of") and not isinstance(rows[0][name], dict)]
    lines = [
        [" ".join(row[name] for name in head), row["prompt"], f"{row['seeds']}/{row['of']}"]
        + [figure_text(row[name]["mean"], row[name]["sd"], decimals(name)) for name in METRICS]
        for row in rows
    ]
    titles = [metric.title for metric in METRICS.values()]
    session.say(table(lines, [" ".join(head), "prompt", "seeds", *titles]))
