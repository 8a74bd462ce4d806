"""``samadapt segment``"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli import segment_film, segment_folder
from SAMAdaptLib.cli.common import (
    Session,
    add_model_options,
    add_output_option,
    add_propagate_option,
    by_memory,
    model_inputs,
    open_model,
    verb_parser,
)
from SAMAdaptLib.cli.scans import (
    MAPPINGS,
    add_image_options,
    add_resample_option,
    add_tile_option,
    first_choice,
    parse_slices,
    read_image,
)
from SAMAdaptLib.cli.segment_modes import check_modes, has_text
from SAMAdaptLib.cli.segment_objects import Collect, options, prompts_by_frame, prompts_of, words_of
from SAMAdaptLib.defaults import MAX_MISSING, MIN_IOU
from SAMAdaptLib.errors import Cancelled, InputError, counted, note
from SAMAdaptLib.paths import Output
from SAMAdaptLib.prompts.kinds import KINDS
from SAMAdaptLib.volume.measures import filled_slices, millilitres

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.load import LoadedModel
    from SAMAdaptLib.jobs.slices import Segmented
    from SAMAdaptLib.sam.cache import EmbeddingCache
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "segment",
        "Segment objects from points and boxes, on their slices or through the volume, by words, or without prompts",
        "samadapt segment --image ct.nrrd --model lite_medsam --segment liver --point=-32,10,55 --propagate "
        "--output liver.seg.nrrd\n  samadapt segment --image ct.nrrd --adapter RUN --auto --output organs.seg.nrrd\n"
        '  samadapt segment --image ct.nrrd --adapter RUN --text "left kidney" --output kidney.seg.nrrd\n'
        "  samadapt segment --images SCANS --adapter RUN --auto --output RESULTS\n"
        "  samadapt segment --image cine.nii.gz --frame 1 --all-frames --segment lv --box=-60,-20,12,-10,40,12 "
        "--propagate --output lv.seq.nrrd --table lv.csv\n"
        "  samadapt segment --image ct.nrrd --continue organs.seg.nrrd --segment liver --point=-32,10,55,- --propagate "
        "--output mended.seg.nrrd",
        run,
        _writes,
    )
    parser.set_defaults(objects=None)
    add_image_options(parser, required=False)
    add_resample_option(parser, "further volumes")
    segment_folder.add_folder_options(parser)
    segment_film.add_film_options(parser)
    add_model_options(parser)
    collect = partial(parser.add_argument, action=Collect, default=argparse.SUPPRESS)
    collect("--segment", metavar="NAME", help="name of an object; its prompts follow; repeatable")
    for kind in KINDS.values():
        collect(f"--{kind.name}", metavar=kind.shown, help=kind.help)
    collect(
        "--text",
        nargs="?",
        metavar="WORDS",
        help="name the object on every slice, by its own name or in other words (adapter trained with texts)",
    )
    markups = "Slicer markups (.mrk.json, .fcsv): points, ROIs, curves over the object, closed curves around it"
    collect("--prompts", metavar="FILE", help=markups)
    collect("--at", type=int, metavar="N", help="with --all-frames: the frame of the prompts that follow; else --frame")
    parser.add_argument(
        "--auto",
        action="store_true",
        help="instead of prompts: everything that the adapter finds by itself, on every slice (trained with "
        "sammix, or with lora and head=classes)",
    )
    parser.add_argument(
        "--no-cleanup",
        dest="cleanup",
        action="store_false",
        help="with --auto and --text: keep what was found on one slice only and not on its neighbours",
    )
    add_output_option(
        parser,
        "OUT",
        ".seg.nrrd for Slicer, a label map, .png for a picture, or .dcm for a DICOM SEG where the image is DICOM; "
        ".seq.nrrd or .nii.gz with --all-frames; one "
        "that `segment` wrote and nobody changed is replaced, but for DICOM; a folder with --images",
    )
    parser.add_argument("--axis", help="axial (default), coronal or sagittal")
    parser.add_argument("--intensity", metavar="MAP", help=MAPPINGS)
    add_tile_option(parser)
    _add_propagation(parser)
    parser.add_argument("--cache", metavar="DIR", help="keep embeddings there for the next call")


def _add_propagation(parser: argparse.ArgumentParser) -> None:
    add_propagate_option(parser, "through the volume, not only the prompted slices")
    _add_continued(parser)
    parser.add_argument("--all-axes", action="store_true", help="propagate along all three axes and take the majority")
    parser.add_argument("--first", type=int, metavar="I", help="lowest slice that propagation may reach")
    parser.add_argument("--last", type=int, metavar="I", help="highest slice that propagation may reach")
    parser.add_argument(
        "--min-iou", type=float, default=MIN_IOU, help="stop where a slice overlaps less with the last one"
    )
    parser.add_argument(
        "--max-missing", type=int, default=MAX_MISSING, help="stop after so many failing slices in a row"
    )


def _add_continued(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--continue",
        dest="present",
        metavar="SEG",
        help="mend the objects of these names in a segmentation: points change it around themselves, a box says what "
        "all of the object is on its slice; with --propagate, what follows from it on other slices",
    )
    parser.add_argument(
        "--accepted", metavar="12,40-60", help="with --continue: indices of slices that are right and never change"
    )


def _writes(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.volume.mark import is_unchanged
    from SAMAdaptLib.volume.policy import check_tile
    from SAMAdaptLib.volume.result import check_result

    check_tile(args.tile)
    if (args.image is None) == (args.images is None):
        raise InputError("Give either an --image or a folder of --images", None, "Name what is to be segmented")
    segment_film.check_options(args)
    if args.images is not None:
        # Checked by the work itself, which knows its own folders.
        return []
    objects = args.objects or []
    # An object that is named by its text alone is named with it, and an empty text is refused as such.
    names = [one.name for one in objects if ("text", one.name) not in one.given]
    if args.all_frames:
        segment_film.check_output(args, names)
    else:
        check_result(args.output, args.image[0], names, frame=args.frame, series=first_choice(args)[0])
    markups = [value for one in objects for kind, value in one.given if kind == "prompts"]
    inputs = [*args.image, *model_inputs(args), *markups, *([] if args.present is None else [args.present])]
    outputs = [Output(args.output, inputs, ours=is_unchanged, overwrite=args.overwrite)]
    outputs += [] if args.table is None else [Output(args.table, inputs, overwrite=args.overwrite)]
    return outputs + ([] if args.cache is None else [Output(args.cache, inputs, folder=True)])


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Segment every object and write one file; of a folder of scans one file each."""
    objects = args.objects or []
    if len({one.name for one in objects}) < len(objects):
        raise InputError("Two objects have the same name", None, "Name every --segment differently")
    check_modes(args)
    if args.images is not None:
        return segment_folder.run(args, session)
    texts = None
    if not args.auto and has_text(args):
        texts = {one.name: words_of(one) for one in objects}
    if args.auto or texts is not None:
        if args.all_frames:
            return segment_film.find(args, session, texts, _cache(args))
        return _on_every_slice(args, session, texts)
    if not objects:
        raise InputError(
            "There is no prompt", None, f"Give --segment NAME with {options()}, --prompts or --text, or --auto"
        )
    if args.all_frames:
        placed = {one.name: prompts_by_frame(one, args.frame[0]) for one in objects}
        return segment_film.carry(args, session, placed, _cache(args))
    prompts = {one.name: prompts_of(one) for one in objects}
    from SAMAdaptLib.jobs.policy import propagation_rules
    from SAMAdaptLib.jobs.segment import correct, propagate, segment

    volume = _image(args)
    labels = _there(args, volume)
    there = {} if labels is None else {name: labels.mask(name) for name in labels.names}
    accepted = [] if args.accepted is None else parse_slices(args.accepted, max(volume.geometry.size))
    rules = segment_film.rules_of(args) | {"memory": by_memory(args)}
    propagation_rules(rules)
    model = open_model(args, session)
    common = {"axis": args.axis, "intensity": args.intensity, "tile": args.tile}
    common |= {"cache": _cache(args), "cancelled": session.cancelled}
    found: dict[str, Segmented] = {}
    chosen: dict[str, Any]
    for name, given in prompts.items():
        with session.progress(name) as tell:
            if args.present is not None:
                chosen = {"accepted": accepted, "through": args.propagate is not None, "rules": rules}
                found |= correct(volume, model, there, {name: given}, progress=tell, **chosen, **common)
            elif args.propagate or args.all_axes:
                chosen = {"all_axes": args.all_axes, "rules": rules}
                found |= propagate(volume, model, {name: given}, progress=tell, **chosen, **common)
            else:
                found |= segment(volume, model, {name: given}, progress=tell, **common)
        _tell(found[name], name, volume, model, session)
        if found[name].cancelled:
            break
    return _written(args, session, found, volume, ("slices", "stops"), labels)


def _there(args: argparse.Namespace, volume: Volume) -> Labels | None:
    """The objects of --continue, on the grid of the image."""
    from SAMAdaptLib.volume.labels import on_grid, tell_of_other_source
    from SAMAdaptLib.volume.segfile import read_labels

    if args.present is None:
        return None
    labels = read_labels(args.present, volume)
    tell_of_other_source(labels, volume, args.present)
    return on_grid(labels, volume.geometry, args.resample)


def _on_every_slice(args: argparse.Namespace, session: Session, texts: dict[str, str] | None = None) -> dict[str, Any]:
    """Segment what the adapter finds by itself, or by texts, and write one file."""
    from SAMAdaptLib.jobs.segment import segment

    volume = _image(args)
    model = open_model(args, session)
    with session.progress("slices") as tell:
        found = segment(
            volume,
            model,
            texts,
            axis=args.axis,
            intensity=args.intensity,
            clean=args.cleanup,
            tile=args.tile,
            cache=_cache(args),
            progress=tell,
            cancelled=session.cancelled,
        )
    for name, one in found.items():
        size = f"{millilitres(one.mask, volume.geometry):.1f} mL on {counted(len(one.slices), 'slice')}"
        session.say(f"{name}: {size if one.slices else 'not found'}")
    return _written(args, session, found, volume, ("slices",))


def _image(args: argparse.Namespace) -> Volume:
    from SAMAdaptLib.volume.result import check_result

    volume = read_image(args)
    check_result(args.output, args.image[0], (), volume.geometry)
    return volume


def _tell(found: Segmented, name: str, volume: Volume, model: LoadedModel, session: Session) -> None:
    from SAMAdaptLib.adapters.comparison import told

    filled = filled_slices(found.mask, volume.geometry, found.axis)
    session.say(f"{name}: {millilitres(found.mask, volume.geometry):.1f} mL on {counted(filled, 'slice')}")
    if found.by_base and model.info is not None:
        session.say(f"{name}: {told(model.info.comparison, found.by_base)}")
    if found.ended_at_once:
        note(
            f"{name}: propagation ended at once: {found.ended_at_once}",
            None,
            "Try a box in place of points, a second prompt on a nearby slice, or an adapter",
        )
    elif not found.mask.any():
        note(f"{name}: the mask is empty", None, "Try a box, another point or an adapter")


def _cache(args: argparse.Namespace) -> EmbeddingCache:
    from SAMAdaptLib.sam.cache import EmbeddingCache

    return EmbeddingCache(folder=None if args.cache is None else Path(args.cache))


def _written(
    args: argparse.Namespace,
    session: Session,
    found: dict[str, Segmented],
    volume: Volume,
    told: tuple[str, ...],
    there: Labels | None = None,
) -> dict[str, Any]:
    """Write the masks, in the place of those that are there; the answer tells of each object its size and these
    attributes."""
    from SAMAdaptLib.volume.result import write_result

    masks = {} if there is None else {name: there.mask(name) for name in there.names}
    masks |= {name: one.mask for name, one in found.items()}
    write_result(args.output, masks, volume.geometry, args.image[0], *first_choice(args), there, volume.frame)
    session.say(f"written {args.output}")
    if session.interrupted:
        raise Cancelled("Stopped on request; what was finished is written", args.output)
    segments = {
        name: {"ml": millilitres(one.mask, volume.geometry)} | {what: getattr(one, what) for what in told}
        for name, one in found.items()
    }
    return {"output": args.output, "intensity": next(iter(found.values())).intensity, "segments": segments}
