"""The command ``samadapt``: verbs, exit codes, and one line for whatever went wrong."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from SAMAdaptLib import __version__
from SAMAdaptLib.cli.common import Session
from SAMAdaptLib.cli.config_file import with_file
from SAMAdaptLib.errors import STILL_THERE, Cancelled, InputError, SAMAdaptError, is_lost, notes_to
from SAMAdaptLib.files import CHECK, finite, unwritable
from SAMAdaptLib.shortage import out_of_memory, too_little_memory
from SAMAdaptLib.training.launch import ToldElsewhere, place, told_by_first

# One file a verb; each has add_parser(subparsers) and run(args, session) -> result.
VERBS = (
    "models",
    "methods",
    "exemplars",
    "synthesize",
    "pretrain",
    "finetune",
    "segment",
    "view",
    "evaluate",
    "suggest",
    "study",
    "report",
    "adapters",
    "cache",
    "serve",
    "demo",
    "bench",
)
# Those that several processes can do together; see SAMAdaptLib.training.team.
SHARED_VERBS = ("pretrain", "finetune")
# RAS coordinates begin with a minus as often as not, which argparse takes for an option.
COORDINATES = re.compile(r"-\s*[\d.][\d.eE+-]*\s*,")
# Of a disk that takes no more; not all systems know all.
_FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "EMFILE",
                                                 "ENFILE")} - {None}  # fmt: skip


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        words = f"samadapt: error: {message.rstrip('.')}. See `{self.prog} --help`.\n"
        self.exit(2, None if told_by_first() else words)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``samadapt`` with these arguments; returns the exit code: 0 done, 1 in part, 2 bad input, 130 interrupted."""
    parser = _Parser(
        prog="samadapt",
        description="Adapt Segment Anything to your anatomy with a handful of labelled slices. "
        "Research use only, not a medical device.",
    )
    parser.add_argument("--version", action="version", version=f"samadapt {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for verb in VERBS:
        import_module(f"SAMAdaptLib.cli.{verb}").add_parser(verbs)
    try:
        words, told = with_file(sys.argv[1:] if argv is None else argv, verbs.choices)
    except SAMAdaptError as error:
        return _fail(error, 2)
    args, unknown = parser.parse_known_args(_join_coordinates(words))
    if unknown:
        # argparse would name the command's own help, which says nothing of a verb's options.
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    session = Session(getattr(args, "json", False))
    unicode = _let_everything_be_printed()
    if told:
        session.note(told)
    # Threads that spin while they wait make torch five times slower as soon as another program wants a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        with session, warnings.catch_warnings(), notes_to(session.note):
            warnings.filterwarnings("ignore", category=FutureWarning)
            if place().count > 1 and args.verb not in SHARED_VERBS:
                raise InputError(
                    f"`{args.verb}` is the work of one process, and {place().count} were launched",
                    None,
                    f"Launch one; several share {' and '.join(SHARED_VERBS)}",
                )
            for output in args.writes(args) if args.writes else ():
                output.check()
            result = args.run(args, session)
        if args.json and not session.silent:
            if session.notes and isinstance(result, dict):
                result = {**result, "notes": session.notes}
            print(json.dumps(finite(result), indent=2, ensure_ascii=not unicode))
        return session.code
    except (Exception, KeyboardInterrupt) as error:
        return _ended(error, session, args.verb)


def _ended(error: BaseException, session: Session, verb: str) -> int:
    """The exit code of what has ended a verb, which is told in one line; what nobody can help is raised again."""
    if isinstance(error, (Cancelled, ToldElsewhere)):
        return _fail(error, error.exit_code)
    if isinstance(error, SAMAdaptError):
        return _fail(error, 2)
    if isinstance(error, KeyboardInterrupt):
        return 130 if session.silent else _fail("Interrupted; files written so far are whole", 130)
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe has gone, as with `| head`; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if out_of_memory(error):
        return _fail(too_little_memory(error), 2)
    refusal = refused(error, f"samadapt {verb}") if isinstance(error, OSError) else None
    if refusal is None:
        raise error
    return _fail(refusal, 2)


def refused(error: OSError, where: str) -> InputError | None:
    """What to tell of an error of the system that nobody has foreseen: a path that is too long, a disk that went away.

    Args:
        error: as it was raised.
        where: what was done, for an error that names no file.

    Returns:
        None where it is no answer of a disk or a network folder, but a mistake of the program.
    """
    lost = is_lost(error)
    if error.filename is not None:
        remedy = STILL_THERE if lost and not isinstance(error, FileNotFoundError) else "Check the path"
        return unwritable(error.filename, error, "The system cannot use this", remedy)
    if lost or error.errno in _FULL:
        what = f"The system can read or write no more, and names no file ({error.strerror or error})"
        return InputError(what, where, STILL_THERE if lost else CHECK)
    return None


def _let_everything_be_printed() -> bool:
    """Have what the encoding of the output lacks, such as most names on Windows, escaped instead of raising; returns
    whether it lacks nothing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"


def _fail(error: object, code: int) -> int:
    if isinstance(error, ToldElsewhere) or told_by_first():
        return code
    word = "stopped" if code == 130 else "error"
    print(f"samadapt: {word}: " + " ".join(str(error).split()), file=sys.stderr)
    return code


def _join_coordinates(argv: Sequence[str]) -> list[str]:
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1].startswith("--") and COORDINATES.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
