"""``samadapt bench``"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from SAMAdaptLib.cli.common import Session, verb_parser
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import writable_folder

# Its references are frozen code and packages for tests, which nobody should get installed: it is no part of the wheel.
CHECKOUT = Path(__file__).resolve().parents[2]
TABLE = CHECKOUT / "Testing" / "benchmarks" / "bench.py"


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "bench",
        "Measure this machine against references and goals, from a checkout of the sources; within 15 minutes",
        "samadapt bench --plot growth.png > bench.md",
        run,
        None,
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ROW", help="only the rows whose names begin with one of these"
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the rows about growth into this PNG file")


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Measure the rows one after the other; what cannot run says why."""
    if not TABLE.is_file():
        raise InputError(
            "The benchmark is in the sources, not in what is installed", TABLE, "Run it in a checkout: make bench"
        )
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    bench = import_module("Testing.benchmarks.bench")
    wanted = bench.chosen(args.only)
    if args.plot:
        writable_folder(Path(args.plot).parent)
    with session.progress("bench") as tell:
        lines = bench.measured(wanted, tell)
        machine, rows = next(lines), []
        for row in lines:
            rows.append(row)
            # At once, since whoever ends it early would have nothing of it.
            print(bench.line(row), file=sys.stderr, flush=True)
            session.check()
    if args.plot:
        import_module("Testing.benchmarks.growth").plot(rows, Path(args.plot))
    session.say(bench.markdown(machine, rows))
    return {"machine": machine, "rows": rows}
