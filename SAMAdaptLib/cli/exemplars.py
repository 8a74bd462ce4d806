"""``samadapt exemplars add | list | remove | check``"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, table, verb_parser
from SAMAdaptLib.cli.scans import MAPPINGS, add_label_options, parse_slices, read_image, read_labelled
from SAMAdaptLib.defaults import BACKGROUNDS, DEFACE_MM, STRATEGY, SUGGESTIONS
from SAMAdaptLib.errors import InputError, counted, listed
from SAMAdaptLib.exemplars import STRATEGIES
from SAMAdaptLib.paths import Output, holds

if TYPE_CHECKING:
    from SAMAdaptLib.exemplars.manifest import ExemplarInfo
    from SAMAdaptLib.jobs.exemplars import Added, Chosen
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def add_parser(verbs: Any) -> None:
    """Register the verb and its actions."""
    group = verbs.add_parser("exemplars", help="add, list, remove and check labelled slices of an exemplar library")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = verb_parser(
        actions,
        "add",
        "Copy labelled slices into an exemplar library, without anything that names the patient",
        "samadapt exemplars add --library LIB --image ct.nrrd --labels organs.seg.nrrd --suggest 6",
        _add,
        _writes,
    )
    _library(add)
    add.add_argument("--overwrite", action="store_true", help="start LIB in a folder that holds something else")
    add_label_options(add, several=False, required=False)
    which = add.add_mutually_exclusive_group()
    which.add_argument("--slices", metavar="12,40-60", help="slice indices along the axis")
    which.add_argument("--suggest", type=int, metavar="N", help=f"let a strategy choose N (default {SUGGESTIONS})")
    tips = "; ".join(f"{name}: {rule.tip}" for name, rule in STRATEGIES.items())
    add.add_argument("--strategy", default=STRATEGY, help=f"{tips} (default {STRATEGY})")
    add.add_argument("--axis", default="axial", help="axial (default), coronal or sagittal")
    add.add_argument("--intensity", metavar="MAP", help=MAPPINGS)
    add.add_argument(
        "--backgrounds",
        type=int,
        metavar="N",
        help=f"add N slices without any label too; by default {BACKGROUNDS} with --suggest where labels run "
        "without a gap, else none, since unlabelled slices may still hold the object",
    )
    add.add_argument(
        "--present",
        metavar="NAME,...",
        help="instead of --labels: what is on the --slices although nobody has outlined it, or none; for methods that "
        "learn from that (sammix)",
    )
    _add_ways(add)
    _add_others(actions)


def _add_ways(add: argparse.ArgumentParser) -> None:
    """How a slice is kept."""
    add.add_argument(
        "--neighbours", type=int, default=0, metavar="N", help="keep N slices on each side too (for msa with depth)"
    )
    add.add_argument(
        "--replace",
        action="store_true",
        help="a slice that LIB holds already with other outlines takes the place of what is there",
    )
    add.add_argument(
        "--deface",
        nargs="?",
        type=float,
        const=DEFACE_MM,
        metavar="MM",
        help=f"blank what is farther than MM (default {DEFACE_MM:g}) from the labels on each slice, since pixels of a "
        "head can show a face; a label near the face keeps the face. A library that was begun so goes on so",
    )
    add.add_argument(
        "--tile",
        type=int,
        metavar="PIXELS",
        help="of larger slices take the tiles of this side that show what is outlined, 0: whole slices (default: as "
        "LIB does, else whole); an adapter of them sees large slices in such tiles",
    )
    add.add_argument("--subject", help="same text for all scans of one patient; only a salted hash of it is kept")
    add.add_argument("--seed", type=int, default=0, help="of random choices")


def _add_others(actions: Any) -> None:
    listing = verb_parser(
        actions, "list", "List the exemplars of a library", "samadapt exemplars list --library LIB --json", _list, None
    )
    _library(listing)
    remove = verb_parser(
        actions, "remove", "Remove exemplars", "samadapt exemplars remove --library LIB 3f2a90c1b7de", _remove, None
    )
    _library(remove)
    remove.add_argument("id", nargs="+", help="as `exemplars list` shows it")
    check = verb_parser(
        actions,
        "check",
        "Look for what names a patient, a file or this computer in every file of a library, before it is handed on",
        "samadapt exemplars check --library LIB",
        _check,
        None,
    )
    _library(check)


def _library(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--library", required=True, metavar="LIB", help="folder of the exemplar library")


def _writes(args: argparse.Namespace) -> list[Output]:
    inputs = [*args.image, args.labels, args.names]
    ours = holds("library.json", "exemplars", "format_version")
    return [Output(args.library, inputs, folder=True, ours=ours, overwrite=args.overwrite)]


def _add(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.jobs.exemplars import add_exemplars

    volume, labels = _read(args)
    present = () if args.present in (None, "none") else tuple(name.strip() for name in args.present.split(","))
    added = add_exemplars(
        args.library,
        volume,
        labels,
        _chosen(args, volume, labels),
        axis=args.axis,
        intensity=args.intensity,
        subject=args.subject,
        present=present,
        neighbours=args.neighbours,
        replace=args.replace,
        blanked_mm=args.deface,
        tile=args.tile,
        told=lambda one: session.say(_told(one)),
        cancelled=session.cancelled,
    )
    library = Library.open(args.library)
    taken = [(one.chosen, one.info) for one in added if not one.skipped]
    session.say(f"{len(taken)} added with intensity {added[0].intensity}; " + _counts(library))
    entries = {
        background: [_entry(info) | {"slice": one.index} for one, info in taken if one.background is background]
        for background in (False, True)
    }
    return {
        "added": entries[False],
        "backgrounds": entries[True],
        "skipped": [one.chosen.index for one in added if one.skipped],
        "replaced": [old.id for one in added for old in one.replaced],
        "intensity": str(added[0].intensity),
        "counts": library.counts(),
    }


def _told(one: Added) -> str:
    became = f"{_content(one.info)} as {one.info.id}"
    if one.chosen.part is not None:
        became = f"tile at row {one.chosen.part.top} and column {one.chosen.part.left}, {became}"
    if one.replaced:
        became += f", in the place of {listed([f'{old.id} ({_content(old)})' for old in one.replaced])}"
    elif one.skipped:
        became = f"skipped, {one.skipped}"
    return f"slice {one.chosen.index}: {became}"


def _read(args: argparse.Namespace) -> tuple[Volume, Labels | None]:
    """Scan and labels; no labels where --present says what is on the slices."""
    if (args.present is None) == (args.labels is None):
        raise InputError("Nothing says what is on the slices, or two options do", None, "Give --labels or --present")
    if args.present is None:
        return read_labelled(args)
    if args.slices is None or args.backgrounds:
        raise InputError("--present goes with --slices only", None, "Name the slices: --slices 12,40-60")
    return read_image(args), None


def _chosen(args: argparse.Namespace, volume: Volume, labels: Labels | None) -> list[Chosen]:
    from SAMAdaptLib.jobs.exemplars import Chosen, empty_slices, suggested

    if args.deface is not None and args.backgrounds:
        what = "Slices without labels have nothing around which pixels could stay"
        raise InputError(what, "--backgrounds", "Leave out --backgrounds or --deface")
    if args.slices is None:
        assert labels is not None  # slices without outlines are named
        count = SUGGESTIONS if args.suggest is None else args.suggest
        return suggested(
            volume,
            labels,
            count=count,
            strategy=args.strategy,
            axis=args.axis,
            backgrounds=args.backgrounds,
            seed=args.seed,
        )
    indices = parse_slices(args.slices, max(volume.geometry.size))
    named = [Chosen(index, background=args.present == "none") for index in indices]
    if not args.backgrounds or labels is None:
        return named
    return named + empty_slices(volume, labels, args.backgrounds, axis=args.axis, seed=args.seed)


def _list(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.exemplars.library import Library

    library = Library.open(args.library)
    infos = library.infos()
    if not args.json:
        rows = [
            [
                i.id,
                _content(i),
                f"{i.shape[0]}x{i.shape[1]}",
                f"{i.pixel_spacing[0]:.3g}x{i.pixel_spacing[1]:.3g}",
                i.axis,
                i.intensity,
                i.group,
            ]
            for i in infos
        ]
        session.say(table(rows, ["exemplar", "classes", "pixels", "mm", "axis", "intensity", "patient"]))
        session.say(_counts(library))
    return {
        "classes": list(library.counts()),
        "counts": library.counts(),
        "exemplars": [_entry(i) for i in infos if i.classes],
        "present": [_entry(i) for i in infos if i.present],
        "backgrounds": [_entry(i) for i in infos if not i.classes],
    }


def _remove(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.exemplars.library import Library

    library = Library.open(args.library)
    for exemplar in args.id:
        before = library.counts()
        library.remove(exemplar)
        gone = [name for name in before if name not in library.counts()]
        forgotten = f", the last slice of {', '.join(gone)}, which the library has forgotten" if gone else ""
        session.say(f"removed {exemplar}{forgotten}")
    return {"removed": args.id, "counts": library.counts()}


def _check(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.exemplars.deface import head_names
    from SAMAdaptLib.exemplars.foreign import foreign_parts
    from SAMAdaptLib.exemplars.library import Library

    library = Library.open(args.library)
    found = foreign_parts(library)
    for one in found:
        session.say(f"{one.file}: {one.what}")
    if found:
        raise InputError(
            f"{counted(len(found), 'thing')} in the library may name somebody or {'does' if len(found) == 1 else 'do'} "
            f"not belong there, the first in {found[0].file}: {found[0].what}",
            args.library,
            "Delete such files, and take such exemplars out and add them anew under other names",
        )
    classes = listed(library.classes)
    session.say(f"{counted(len(library), 'exemplar')}, nothing that names a patient or this computer")
    session.say(f"The only words in it are the names of its classes: {classes}" if classes else "No words are in it")
    session.say("Pixels are not judged: words burnt into them, and faces on slices of a head, are for you to look for")
    whole = [info.id for info in library.infos() if info.blanked_mm is None]
    if len(whole) < len(library):
        session.say(f"{counted(len(library) - len(whole), 'slice')} of {len(library)} blanked far from the labels")
    heads = head_names(library.classes)
    if heads and whole:
        session.say(f"{listed(heads)}: of a head. {counted(len(whole), 'slice')} whole, whose pixels can show a face")
    return {"exemplars": len(library), "classes": list(library.classes), "found": [], "whole": whole, "head": heads}


def _entry(info: ExemplarInfo) -> dict[str, Any]:
    return {
        "id": info.id,
        "classes": list(info.classes),
        "present": list(info.present),
        "neighbours": info.neighbours,
        "blanked_mm": info.blanked_mm,
        "shape": list(info.shape),
        "pixel_spacing_mm": list(info.pixel_spacing),
        "axis": info.axis,
        "intensity": info.intensity,
        "group": info.group,
        "hash": info.hash,
    }


def _content(info: ExemplarInfo) -> str:
    if info.present:
        return f"{', '.join(info.present)} (not outlined)"
    return ", ".join(info.classes) or "(background)"


def _counts(library: Any) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in library.counts().items())
    return f"library: {counted(len(library), 'slice')}; {counts or 'no class'}"
