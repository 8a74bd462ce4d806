"""``samadapt segment --all-frames``: an image over time."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, by_memory, open_model
from SAMAdaptLib.cli.segment_modes import has_text
from SAMAdaptLib.errors import Cancelled, InputError, note

if TYPE_CHECKING:
    import numpy as np

    from SAMAdaptLib.jobs.slices import Segmented
    from SAMAdaptLib.prompts.ras import RasPrompts
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.volume.film import Film


def add_film_options(parser: argparse.ArgumentParser) -> None:
    """--all-frames and --table."""
    parser.add_argument(
        "--all-frames",
        action="store_true",
        help="of an image over time: prompts are on --frame, and each object is carried from there along time, on the "
        "slices with prompts, or with --propagate on all slices, through the volume of each frame; by --auto and "
        "--text each frame for itself",
    )
    parser.add_argument(
        "--table",
        metavar="CSV",
        help="with --all-frames: how large each object is on each frame, in mL, or in cm² on a single slice",
    )


def check_options(args: argparse.Namespace) -> None:
    """Raises InputError for options that only go with --all-frames, or not with it."""
    if not args.all_frames:
        if any(one.at is not None for one in args.objects or []):
            raise InputError("--at goes with --all-frames only", None, "Name the frame with --frame")
        if args.table is not None:
            raise InputError("--table goes with --all-frames only", None, "Leave it out, or say --all-frames")
        return
    if args.images is not None:
        # Refused where folders are looked after.
        return
    given = {"frames": args.frames, "continue": args.present}
    for name in (name for name, value in given.items() if value is not None):
        raise InputError(f"--{name} cannot be given with --all-frames", None, "Leave out one of the two")
    if len(args.image) > 1:
        raise InputError("Several images over time cannot be seen together", None, "Give one --image")
    by_itself = args.auto or has_text(args)
    if by_itself and args.frame is not None:
        raise InputError("Without prompts no frame is the first", None, "Leave out --frame, or --all-frames")
    if not by_itself and args.frame is None:
        raise InputError("Nothing says on which frame the prompts are", None, "Name it with --frame, from 1")
    if by_memory(args):
        raise InputError("Along time an object is carried by masks", None, "Leave out memory behind --propagate")


def check_output(args: argparse.Namespace, names: Sequence[str]) -> None:
    """Raises InputError for a file that could not hold the result."""
    from SAMAdaptLib.volume.film import check_film

    check_film(args.output, tuple(names))
    if args.table is not None and not args.table.lower().endswith(".csv"):
        raise InputError("The table is written as CSV", args.table, "Let its name end with .csv")


def rules_of(args: argparse.Namespace) -> dict[str, Any]:
    """The rules of propagation that the options name."""
    return {"min_iou": args.min_iou, "max_missing": args.max_missing, "first": args.first, "last": args.last}


def carry(
    args: argparse.Namespace, session: Session, prompts: Mapping[str, Mapping[int, RasPrompts]], cache: EmbeddingCache
) -> dict[str, Any]:
    """Carry every object from the frames of its prompts to all others and write one file."""
    from SAMAdaptLib.jobs.film import propagate_film
    from SAMAdaptLib.jobs.policy import propagation_rules

    film = _read(args, {number for given in prompts.values() for number in given})
    rules = rules_of(args)
    propagation_rules(rules)
    model = open_model(args, session)
    masks: dict[str, np.ndarray] = {}
    told: dict[str, dict[str, Any]] = {}
    for name, given in prompts.items():
        with session.progress(name) as tell:
            found = propagate_film(
                film, model, {name: given}, through=args.propagate is not None, all_axes=args.all_axes,
                rules=rules, axis=args.axis, intensity=args.intensity, tile=args.tile, cache=cache,
                cancelled=session.cancelled,
                progress=lambda done, total, frame, tell=tell: tell(done, total, f"frame {frame}"),  # type: ignore[misc]
            )[name]  # fmt: skip
        masks[name] = found.mask
        told[name] = {"stops": found.stops, "slices": [one.slices for one in found.frames]}
        empty = [str(place) for place, one in enumerate(found.frames, start=1) if not one.mask.any()]
        if empty:
            reasons = [f"frame {stop['frame']}: {stop['reason']}" for stop in found.stops[:1]]
            note(f"{name}: nothing on the frames {', '.join(empty)}" + "".join(f" ({one})" for one in reasons))
        if found.cancelled:
            break
    return _written(args, session, film, masks, told, found.frames[0].intensity)


def find(
    args: argparse.Namespace, session: Session, texts: Mapping[str, str] | None, cache: EmbeddingCache
) -> dict[str, Any]:
    """Segment what the adapter finds by itself, or by texts, on each frame, and write one file."""
    import numpy as np

    from SAMAdaptLib.jobs.segment import segment

    film = _read(args)
    model = open_model(args, session)
    every: list[dict[str, Segmented]] = []
    with session.progress("frames") as tell:
        for place, volume in enumerate(film.volumes, start=1):
            every.append(
                segment(
                    volume,
                    model,
                    texts,
                    axis=args.axis,
                    intensity=args.intensity,
                    clean=args.cleanup,
                    tile=args.tile,
                    cache=cache,
                    cancelled=session.cancelled,
                )  # fmt: skip
            )
            tell(place, len(film.volumes), f"frame {place}")
    masks = {name: np.stack([found[name].mask for found in every]) for name in every[0]}
    told = {name: {"slices": [found[name].slices for found in every]} for name in masks}
    return _written(args, session, film, masks, told, next(iter(every[0].values())).intensity)


def _read(args: argparse.Namespace, numbers: Collection[int] = ()) -> Film:
    from SAMAdaptLib.volume.film import check_film, read_film
    from SAMAdaptLib.volume.moments import chosen_moments

    film = read_film(args.image[0], None if args.series is None else args.series[0])
    check_film(args.output, (), film.geometry)
    chosen_moments(len(film.volumes), tuple(sorted(numbers)), args.image[0])
    return film


def _written(
    args: argparse.Namespace,
    session: Session,
    film: Film,
    masks: Mapping[str, np.ndarray],
    told: Mapping[str, Mapping[str, Any]],
    intensity: str,
) -> dict[str, Any]:
    """Write masks and table; the answer tells of each object its size on each frame, and what is told of it."""
    from SAMAdaptLib.jobs.film import sizes, told_sizes, write_sizes
    from SAMAdaptLib.volume.film import write_film

    found = {name: sizes(mask, film) for name, mask in masks.items()}
    for name, rows in found.items():
        session.say(f"{name}: {told_sizes(rows)}")
    write_film(args.output, masks, film.geometry, film.times)
    session.say(f"written {args.output}")
    if args.table is not None:
        write_sizes(args.table, found)
        session.say(f"written {args.table}")
    if session.interrupted:
        raise Cancelled("Stopped on request; what was finished is written", args.output)
    segments = {name: {"frames": [row._asdict() for row in rows], **told[name]} for name, rows in found.items()}
    return {"output": args.output, "intensity": intensity, "segments": segments}
