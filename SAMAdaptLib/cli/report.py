"""``samadapt report``"""

from __future__ import annotations

import argparse
from typing import Any

from SAMAdaptLib.cli.common import Session, add_output_option, verb_parser
from SAMAdaptLib.paths import Output


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "report",
        "Write a study as one page with tables, plots, differences with intervals, failures and a methods checklist",
        "samadapt report DIR\n  samadapt report DIR --output for-the-board/report.html",
        run,
        _writes,
    )
    parser.add_argument("study", metavar="DIR", help="folder that `samadapt study` has filled, whole or in part")
    add_output_option(
        parser, "FILE", "the page (HTML); by default report.html in DIR; its pictures lie beside it", required=False
    )


def _writes(args: argparse.Namespace) -> list[Output]:
    # The page of a study is made anew in its folder as often as one likes.
    if args.output is None:
        return []
    from SAMAdaptLib.study.report import is_study_report

    return [Output(args.output, [args.study], ours=is_study_report, overwrite=args.overwrite)]


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Write the page."""
    from SAMAdaptLib.study.report import write_study_report

    page = write_study_report(args.study, args.output)
    session.say(f"written {page}")
    return {"file": page}
