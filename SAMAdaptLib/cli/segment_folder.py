"""``samadapt segment --images``: all scans of a folder."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, by_memory, duration
from SAMAdaptLib.errors import InputError, counted

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.folder.task import Result, ScanTask


def add_folder_options(parser: argparse.ArgumentParser) -> None:
    """--images, --format and --workers."""
    parser.add_argument(
        "--images",
        metavar="DIR",
        help="in place of --image: all scans and pictures in a folder and the folders in it, each by itself, by "
        "--auto, --text, or --prompts with a folder of markups files named as the scans are; OUT is a folder, which a "
        "second call goes on with",
    )
    parser.add_argument(
        "--format",
        metavar="EXT",
        help="with --images: extension of the results, .seg.nrrd (default; .png of pictures), that of a label map, "
        "such as .nii.gz, or .dcm for DICOM SEG",
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="with --images: so many scans at once, each by a process"
    )


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Segment every scan of the folder; some that fail are told, and the others done."""
    task = _task(args)
    from SAMAdaptLib.jobs.folder.run import segment_folder

    with session.progress("scans") as tell:
        found = segment_folder(
            args.images,
            args.output,
            task,
            workers=args.workers,
            overwrite=args.overwrite,
            listener=lambda name, result: _tell(session, name, result),
            progress=tell,
            cancelled=session.cancelled,
        )
    before = f", {found['before']} done before" if found["before"] else ""
    session.say(f"{counted(found['done'], 'scan')} segmented{before}; written {', '.join(found['files'])}")
    if found["failed"]:
        session.code = 1
        session.say(f"{counted(len(found['failed']), 'scan')} failed:")
        for name, error in found["failed"].items():
            session.say(f"  {name}: {error}")
    return found


def _task(args: argparse.Namespace) -> ScanTask:
    objects = args.objects or []
    if not args.auto and not objects:
        remedy = "Give --auto, --text, or --segment NAME with --prompts FOLDER"
        raise InputError("Nothing says what is to be segmented in the scans", None, remedy)
    texts, prompts = {}, {}
    for one in objects:
        if [kind for kind, _ in one.given] not in (["text"], ["prompts"]):
            remedy = "Scans differ: give --text, or --prompts with a folder of markups files"
            raise InputError("An object in a folder of scans takes one text or one folder of prompts", one.name, remedy)
        ((kind, value),) = one.given
        if kind == "text":
            texts[one.name] = one.name if value is None else value
        else:
            prompts[one.name] = value
    from SAMAdaptLib.jobs.folder.task import ScanTask
    from SAMAdaptLib.volume.image import SEGMENTATION
    from SAMAdaptLib.volume.result import is_dicom_result

    names = ("model", "adapter", "checkpoint", "input_size", "device", "precision", "plain_points", "weights")
    return ScanTask(
        {name: getattr(args, name) for name in names},
        texts or None,
        prompts or None,
        args.propagate is not None,
        args.all_axes,
        {"min_iou": args.min_iou, "max_missing": args.max_missing, "memory": by_memory(args)},
        args.axis,
        args.intensity,
        args.cleanup,
        args.format or SEGMENTATION,
        args.tile,
        # A picture is none of DICOM.
        None if args.format is None or is_dicom_result(args.format) else args.format,
        None if args.frame is None else args.frame[0],
    )


def _tell(session: Session, name: str, result: Result) -> None:
    for text in result.notes:
        session.note(f"{name}: {text}")
    sizes = [f"{row['structure']} {_size(row)}" for row in result.rows]
    words = f"failed: {result.error}" if result.error else ", ".join(sizes)
    session.say(f"{name}: {words} ({duration(result.seconds)})", flush=True)


def _size(row: dict[str, Any]) -> str:
    return f"{row['pixels']} pixels" if row["volume_ml"] is None else f"{row['volume_ml']:g} mL"
