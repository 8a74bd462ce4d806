"""``samadapt segment``"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from SAMAdaptLib.cli.common import (
    Session,
    add_model_options,
    add_output_option,
    model_inputs,
    open_predictor,
    verb_parser,
)
from SAMAdaptLib.cli.scans import add_image_options, read_image
from SAMAdaptLib.errors import Cancelled, InputError, counted, note
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
    from SAMAdaptLib.prompts.ras import RasPrompts
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.volume.intensity import Intensity
    from SAMAdaptLib.volume.volume import Volume


@dataclass
class _Object:
    name: str
    given: list[tuple[str, str]] = field(default_factory=list)


class _Collect(argparse.Action):
    """Prompts belong to the --segment before them."""

    def __call__(self, parser: Any, namespace: Any, value: Any, option: str | None = None) -> None:
        objects = namespace.objects = list(namespace.objects or [])
        if self.dest == "segment":
            objects.append(_Object(value))
            return
        by_text = self.dest == "text"
        if not objects and by_text and value is None:
            parser.error("--text without words takes the name of a --segment before it")
        if not objects:
            objects.append(_Object(value if by_text else "Segment_1"))
        objects[-1].given.append((self.dest, value))


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "segment",
        "Segment objects from points and boxes, on their slices or through the volume, by words, or without prompts",
        "samadapt segment --image ct.nrrd --model lite_medsam --segment liver --point=-32,10,55 --propagate "
        "--output liver.seg.nrrd\n  samadapt segment --image ct.nrrd --adapter RUN --auto --output organs.seg.nrrd\n"
        '  samadapt segment --image ct.nrrd --adapter RUN --text "left kidney" --output kidney.seg.nrrd',
        run,
        _writes,
    )
    parser.set_defaults(objects=None)
    add_image_options(parser)
    add_model_options(parser)
    collect = {"action": _Collect, "default": argparse.SUPPRESS}
    parser.add_argument(
        "--segment", metavar="NAME", help="name of an object; its prompts follow; repeatable", **collect
    )
    parser.add_argument("--point", metavar="R,A,S[,-]", help="point in RAS mm; with ,- outside the object", **collect)
    parser.add_argument("--box", metavar="R0,A0,S0,R1,A1,S1", help="two opposite corners in RAS mm", **collect)
    parser.add_argument(
        "--text",
        nargs="?",
        metavar="WORDS",
        help="name the object on every slice, by its own name or in other words (adapter trained with texts)",
        **collect,
    )
    parser.add_argument(
        "--prompts", metavar="FILE", help="Slicer markups (.mrk.json, .fcsv): points and ROIs", **collect
    )
    parser.add_argument(
        "--auto",
        action="store_true",
        help="instead of prompts: everything that the adapter finds by itself, on every slice (trained with sammix)",
    )
    parser.add_argument(
        "--no-cleanup",
        dest="cleanup",
        action="store_false",
        help="with --auto and --text: keep what was found on one slice only and not on its neighbours",
    )
    add_output_option(
        parser, "OUT", ".seg.nrrd for Slicer, or a label map; one that `segment` wrote and nobody changed is replaced"
    )
    parser.add_argument("--axis", help="axial (default), coronal or sagittal")
    parser.add_argument("--intensity", metavar="MAP", help="window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax")
    parser.add_argument("--propagate", action="store_true", help="through the volume, not only the prompted slices")
    parser.add_argument("--all-axes", action="store_true", help="propagate along all three axes and take the majority")
    parser.add_argument("--first", type=int, metavar="I", help="lowest slice that propagation may reach")
    parser.add_argument("--last", type=int, metavar="I", help="highest slice that propagation may reach")
    parser.add_argument("--min-iou", type=float, default=0.5, help="stop where a slice overlaps less with the last one")
    parser.add_argument("--max-missing", type=int, default=2, help="stop after so many failing slices in a row")
    parser.add_argument("--cache", metavar="DIR", help="keep embeddings there for the next call")


def _writes(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.volume.mark import is_unchanged
    from SAMAdaptLib.volume.segfile import check_segmentation

    objects = args.objects or []
    # An object that is named by its text alone is named with it, and an empty text is refused as such.
    check_segmentation(args.output, [one.name for one in objects if ("text", one.name) not in one.given])
    markups = [value for one in objects for kind, value in one.given if kind == "prompts"]
    inputs = [args.image, *model_inputs(args), *markups]
    outputs = [Output(args.output, inputs, ours=is_unchanged, overwrite=args.overwrite)]
    return outputs + ([] if args.cache is None else [Output(args.cache, inputs, folder=True)])


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Segment every object and write one file."""
    if args.auto:
        return _on_every_slice(args, session)
    objects = args.objects or []
    if len({one.name for one in objects}) < len(objects):
        raise InputError("Two objects have the same name", None, "Name every --segment differently")
    if any(kind == "text" for one in objects for kind, _ in one.given):
        return _on_every_slice(args, session, {one.name: _words(one) for one in objects})
    prompts = {one.name: _read(one) for one in objects}
    if not prompts:
        raise InputError(
            "There is no prompt", None, "Give --segment NAME with --point, --box, --prompts or --text, or --auto"
        )
    from SAMAdaptLib.inference.segment import default_rules, segment_volume
    from SAMAdaptLib.propagation.rules import PropagationRules
    from SAMAdaptLib.volume.planes import PlaneStack
    from SAMAdaptLib.volume.policy import choose_axis, choose_intensity
    from SAMAdaptLib.volume.volume import check_writable

    volume = read_image(args)
    check_writable(args.output, volume.geometry)
    limits = {"min_iou": args.min_iou, "max_missing": args.max_missing, "first": args.first, "last": args.last}
    PropagationRules(**limits)
    predictor, _ = open_predictor(args, session)
    intensity = choose_intensity(volume, args.intensity, predictor.model.intensity)
    axis = choose_axis(args.axis, predictor.model.axis)
    cache, stack = _cache(args), PlaneStack(volume.geometry, axis)
    masks, report = {}, {}
    for name, given in prompts.items():
        with session.progress(name) as tell:
            found = segment_volume(
                predictor,
                volume,
                given,
                axis=axis,
                intensity=intensity,
                through_volume=args.propagate or args.all_axes,
                all_axes=args.all_axes,
                rules=default_rules(predictor, **limits),
                cache=cache,
                progress=tell,
                cancelled=session.cancelled,
            )
        masks[name] = found.mask
        millilitres = _millilitres(found.mask, volume)
        report[name] = {"ml": millilitres, "slices": found.slices, "stops": found.stops}
        filled = np.count_nonzero(stack.view(found.mask).any(axis=(1, 2)))
        session.say(f"{name}: {millilitres:.1f} mL on {counted(filled, 'slice')}")
        if found.ended_at_once:
            note(
                f"{name}: propagation ended at once: {found.ended_at_once}",
                None,
                "Try a box in place of points, a second prompt on a nearby slice, or an adapter",
            )
        elif not found.mask.any():
            note(f"{name}: the mask is empty", None, "Try a box, another point or an adapter")
        if found.cancelled:
            break
    return _written(args, session, masks, report, volume, intensity)


def _on_every_slice(args: argparse.Namespace, session: Session, texts: dict[str, str] | None = None) -> dict[str, Any]:
    """Segment what the adapter finds by itself, or by texts, and write one file."""
    given = {"objects": args.objects if texts is None else None, "propagate": args.propagate}
    given |= {"all-axes": args.all_axes, "first": args.first, "last": args.last}
    useless = [name for name, value in given.items() if value is not None and value is not False]
    if useless:
        what = "Prompts" if useless[0] == "objects" else f"--{useless[0]}"
        way = "--auto" if texts is None else "--text"
        raise InputError(f"{what} cannot be given with {way}", None, "Leave out one of the two")
    from SAMAdaptLib.inference.automatic import require_finder, require_texts, segment_automatically, segment_by_text
    from SAMAdaptLib.volume.planes import PlaneStack
    from SAMAdaptLib.volume.policy import choose_axis, choose_intensity
    from SAMAdaptLib.volume.volume import check_writable

    volume = read_image(args)
    check_writable(args.output, volume.geometry)
    predictor, info = open_predictor(args, session)
    intensity = choose_intensity(volume, args.intensity, predictor.model.intensity)
    axis = choose_axis(args.axis, predictor.model.axis)
    if texts is None:
        require_finder(predictor)
    else:
        require_texts(predictor, [*texts.values()])
    stack, report = PlaneStack(volume.geometry, axis), {}
    segment = segment_automatically if texts is None else segment_by_text
    wanted = texts or (() if info is None else info.classes)
    with session.progress("slices") as tell:
        masks = segment(
            predictor,
            volume,
            wanted,
            axis=axis,
            intensity=intensity,
            clean=args.cleanup,
            cache=_cache(args),
            progress=tell,
            cancelled=session.cancelled,
        )
    for name, mask in masks.items():
        areas = stack.view(mask).sum(axis=(1, 2))
        slices = [
            {"axis": axis, "index": int(i), "source": "found", "area": int(areas[i])} for i in np.flatnonzero(areas)
        ]
        report[name] = {"ml": _millilitres(mask, volume), "slices": slices}
        size = f"{report[name]['ml']:.1f} mL on {counted(len(slices), 'slice')}"
        session.say(f"{name}: {size if slices else 'not found'}")
    return _written(args, session, masks, report, volume, intensity)


def _cache(args: argparse.Namespace) -> EmbeddingCache:
    from SAMAdaptLib.files import writable_folder
    from SAMAdaptLib.sam.cache import EmbeddingCache

    return EmbeddingCache(folder=None if args.cache is None else writable_folder(args.cache))


def _millilitres(mask: np.ndarray, volume: Volume) -> float:
    return float(mask.sum() * np.prod(volume.geometry.spacing) / 1000)


def _written(
    args: argparse.Namespace, session: Session, masks: dict, report: dict, volume: Volume, intensity: Intensity
) -> dict[str, Any]:
    from SAMAdaptLib.volume.segfile import write_segmentation

    write_segmentation(args.output, masks, volume.geometry)
    session.say(f"written {args.output}")
    if session.interrupted:
        raise Cancelled("Stopped on request; what was finished is written", args.output)
    return {"output": args.output, "intensity": str(intensity), "segments": report}


def _words(one: _Object) -> str:
    """The text of an object, which may not have other prompts as well: those are on slices of their own."""
    if [kind for kind, _ in one.given] != ["text"]:
        raise InputError(
            "Objects by --text take one text each and no other prompts", one.name, "Segment the others in another call"
        )
    text = one.given[0][1]
    return one.name if text is None else text


def _read(one: _Object) -> RasPrompts:
    from SAMAdaptLib.prompts.markups import read_markups
    from SAMAdaptLib.prompts.ras import RasPrompts, parse_box, parse_point

    points = [parse_point(value) for kind, value in one.given if kind == "point"]
    boxes = [parse_box(value) for kind, value in one.given if kind == "box"]
    found = RasPrompts(
        np.array([p for p, _ in points]).reshape(-1, 3),
        np.array([label for _, label in points], dtype=np.int64),
        np.array(boxes).reshape(-1, 6),
    )
    for kind, value in one.given:
        if kind == "prompts":
            found = found.joined(read_markups(value))
    if found.empty:
        raise InputError(
            "An object has no prompt", one.name, "Give --point, --box, --prompts or --text after --segment"
        )
    return found
