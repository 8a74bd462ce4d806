"""Which options of ``samadapt segment`` go together: what would be ignored is refused, before any work."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from SAMAdaptLib.cli.common import by_memory
from SAMAdaptLib.errors import InputError

CHOOSE = "Leave out one of the two"


class _Needs(NamedTuple):
    """Options that only mean something beside others.

    Attributes:
        options: as they are written.
        there: whether one of the others is there.
        others: in words.
    """

    options: tuple[str, ...]
    there: bool
    others: str


def check_modes(args: argparse.Namespace) -> None:
    """Raises InputError for options that do not go with the others, or only with others that are not there."""
    _check_continued(args)
    if args.images is not None:
        _check_folder(args)
    by_itself = args.auto or has_text(args)
    if by_itself:
        _check_every_slice(args)
    carried = args.propagate is not None or args.all_axes
    for needs in (
        _Needs(("workers", "format"), args.images is not None, "--images"),
        _Needs(("first", "last"), carried, "--propagate and --all-axes"),
        _Needs(
            ("min-iou", "max-missing"),
            (carried or args.all_frames) and not by_itself,
            "--propagate, --all-axes and, from prompts, --all-frames",
        ),
        _Needs(("no-cleanup",), by_itself, "--auto and --text"),
        _Needs(("plain-points",), not by_itself, "prompts"),
        _Needs(("weights",), args.adapter is not None, "an --adapter"),
        _Needs(("resample",), args.present is not None or len(args.image or ()) > 1, "several --image and --continue"),
    ):
        for option in needs.options:
            if not needs.there and _is_given(args, option):
                raise InputError(f"--{option} goes with {needs.others} only", None, "Leave it out")


def has_text(args: argparse.Namespace) -> bool:
    """Whether an object is named by words."""
    return any(kind == "text" for one in args.objects or [] for kind, _ in one.given)


def _is_given(args: argparse.Namespace, option: str) -> bool:
    """Whether an option has another value than where it is left out."""
    name = {"no-cleanup": "cleanup"}.get(option, option.replace("-", "_"))
    return bool(getattr(args, name) != args.parser.get_default(name))


def _refuse(args: argparse.Namespace, options: tuple[str, ...], beside: str, remedy: str = CHOOSE) -> None:
    for option in options:
        if _is_given(args, option):
            raise InputError(f"--{option} cannot be given with {beside}", None, remedy)


def _check_continued(args: argparse.Namespace) -> None:
    if args.present is None:
        if args.accepted is not None:
            raise InputError("--accepted goes with --continue only", None, "Name the segmentation that is mended")
        return
    if by_memory(args):
        raise InputError("--continue carries a correction on by masks", None, "Leave out memory behind --propagate")
    if has_text(args):
        raise InputError("--text cannot be given with --continue", None, CHOOSE)
    _refuse(args, ("auto", "images", "all-axes", "all-frames"), "--continue")


def _check_folder(args: argparse.Namespace) -> None:
    single = ("series", "frames", "all-frames", "table", "first", "last", "cache", "resample")
    _refuse(args, single, "--images", "It belongs to a single --image")
    if len(args.frame or [0]) > 1:
        raise InputError("--images takes one --frame", None, "It is taken of every image over time")


def _check_every_slice(args: argparse.Namespace) -> None:
    way = "--auto" if args.auto else "--text"
    if args.auto and args.objects:
        raise InputError(f"Prompts cannot be given with {way}", None, CHOOSE)
    _refuse(args, ("propagate", "all-axes", "first", "last"), way)
