"""``samadapt suggest``"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, add_model_options, model_inputs, open_model, table, verb_parser
from SAMAdaptLib.cli.scans import MAPPINGS, add_label_options, check_pairs, read_image, read_labelled, scans_of
from SAMAdaptLib.defaults import NEXT
from SAMAdaptLib.errors import counted
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.suggest.next_slices import NextSlices
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "suggest",
        "Name the slices of unlabelled scans that are worth labelling next",
        "samadapt suggest --image patient2.nrrd patient3.nrrd --adapter RUN --count 5",
        run,
        _writes,
    )
    add_label_options(parser, several=True, required=False)
    add_model_options(parser, weights=False)
    parser.add_argument(
        "--library", metavar="LIB", help="the exemplars so far; by default those that RUN was trained on"
    )
    parser.add_argument("--count", type=int, default=NEXT, metavar="N", help=f"how many slices (default {NEXT})")
    parser.add_argument(
        "--stride",
        type=int,
        metavar="N",
        help="look at every Nth slice only; by default such that no more than 120 are looked at, all images together",
    )
    parser.add_argument("--axis", help="axial, coronal or sagittal; by default that of the adapter or the library")
    parser.add_argument("--intensity", metavar="MAP", help=MAPPINGS)
    parser.add_argument(
        "--doubt",
        type=float,
        default=0.0,
        metavar="W",
        help="how much it counts that the adapter answers otherwise when it is asked otherwise: the score is "
        "multiplied by 1 + W times its doubts (default 0: whether that helps has not been measured)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the boxes with which the adapter is asked again")
    parser.add_argument("--cache", metavar="DIR", help="keep embeddings there for the next call")


def _writes(args: argparse.Namespace) -> list[Output]:
    inputs = [*args.image, *(args.labels or []), args.names, args.library, *model_inputs(args)]
    return [] if args.cache is None else [Output(args.cache, inputs, folder=True)]


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Look through the images and tell which slices to label."""
    from SAMAdaptLib.jobs.suggest.next_slices import next_slices
    from SAMAdaptLib.jobs.suggest.scans import Scan
    from SAMAdaptLib.sam.cache import EmbeddingCache

    if args.labels is not None:
        check_pairs(args)
    scans = [Scan(Path(files[0]).name, partial(_read, args, place)) for place, files in enumerate(scans_of(args))]
    with session.progress("slices") as tell:
        found = next_slices(
            scans,
            args.adapter,
            library=args.library,
            count=args.count,
            stride=args.stride,
            axis=args.axis,
            intensity=args.intensity,
            doubt=args.doubt,
            seed=args.seed,
            model=lambda: open_model(args, session, keep_base=True),
            cache=EmbeddingCache(folder=None if args.cache is None else Path(args.cache)),
            progress=tell,
            cancelled=session.cancelled,
        )
    _show(found, session)
    return asdict(found)


def _read(args: argparse.Namespace, place: int) -> tuple[Volume, Labels | None]:
    return (read_image(args, place), None) if args.labels is None else read_labelled(args, place)


def _show(found: NextSlices, session: Session) -> None:
    rows = [
        [one.image, f"{one.axis} {one.index}", " ".join(f"{mm:.1f}" for mm in one.position_mm), f"{one.score:.3f}"]
        for one in found.slices
    ]
    session.say(table(rows, ["image", "slice", "middle, RAS mm", "score"]))
    for number, one in enumerate(found.slices, start=1):
        session.say(f"{number}. {one.image}, {one.axis} slice {one.index}: {one.reason}")
    step = "" if found.stride == 1 else f", one of every {found.stride}"
    beside = f" beside {counted(found.exemplars, 'exemplar')}" if found.exemplars else ""
    session.say(f"{counted(found.looked_at, 'slice')} looked at{step}{beside}")
