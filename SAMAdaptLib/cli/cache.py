"""``samadapt cache show | clear``"""

from __future__ import annotations

import argparse
from typing import Any

from SAMAdaptLib.cli.common import Session, table, verb_parser


def add_parser(verbs: Any) -> None:
    """Register the verb and its actions."""
    group = verbs.add_parser("cache", help="show and clear what is kept beside your own files")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = "Show what is kept, where, and how much room it takes"
    show = verb_parser(actions, "show", text, "samadapt cache show", _show, None)
    text = "Delete what is kept; it is made again where it is needed"
    clear = verb_parser(actions, "clear", text, "samadapt cache clear --embeddings CACHE", _clear, None)
    clear.add_argument("--weights", action="store_true", help="the weights that were downloaded, too")
    for parser in (show, clear):
        parser.add_argument("--embeddings", metavar="CACHE", help="folder that an option --cache has named, too")


def _show(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    from SAMAdaptLib.sam.kept import kept

    found = kept(args.embeddings)
    if not args.json:
        session.say(table([[one.what, _megabytes(one.bytes)] for one in found], ["kept", "MB"]))
        session.say()
        for one in found:
            session.say(f"{one.what}: {one.path}")
    return [{"path": one.path, "what": one.what, "size_bytes": one.bytes} for one in found]


def _clear(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.sam.kept import clear

    count = clear(args.weights, args.embeddings)
    session.say(f"{_megabytes(count)} MB given back")
    return {"size_bytes": count}


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"
