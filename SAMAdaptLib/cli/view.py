"""``samadapt view``"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, add_model_options, add_output_option, model_inputs, verb_parser
from SAMAdaptLib.cli.scans import MAPPINGS, add_image_argument, add_resample_option, first_choice, read_image
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
    import numpy as np

    from SAMAdaptLib.view.session import ViewSession
    from SAMAdaptLib.volume.volume import Volume


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "view",
        "Segment a scan by clicks and boxes on a page in the browser, which only this computer serves and sees",
        "samadapt view ct.nrrd --adapter RUN --output liver.seg.nrrd",
        run,
        _writes,
    )
    add_image_argument(parser)
    add_model_options(parser, plain_points=False)
    add_output_option(
        parser,
        "OUT",
        "what Save writes (default: the name of the first IMG with .seg.nrrd, in the current folder): .seg.nrrd for "
        "Slicer, a label map, or .dcm for a DICOM SEG where the image is DICOM; segments that are there already, "
        "written by SAMAdapt and not changed since, are gone on with",
        required=False,
    )
    parser.add_argument("--axis", help="axial (default), coronal or sagittal: of the slices that are shown first")
    parser.add_argument("--intensity", metavar="MAP", help=MAPPINGS)
    add_resample_option(parser, "further volumes")
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="of the page; by default a free one")
    parser.add_argument("--no-browser", action="store_true", help="only print the address of the page")


def _writes(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.volume.image import base_name
    from SAMAdaptLib.volume.result import check_result

    args.output = args.output or f"{base_name(args.image[0])}.seg.nrrd"
    check_result(args.output, args.image[0], frame=args.frame, series=first_choice(args)[0])
    return [_output(args)]


def _output(args: argparse.Namespace) -> Output:
    from SAMAdaptLib.volume.mark import is_unchanged

    return Output(args.output, [*args.image, *model_inputs(args)], ours=is_unchanged, overwrite=args.overwrite)


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Serve the page until it or Ctrl-C ends it."""
    if find_spec("tornado") is None:
        raise InputError("The page needs a package that is not installed", "tornado", "pip install samadapt[view]")
    from SAMAdaptLib.jobs.policy import base_of
    from SAMAdaptLib.service.client import Client
    from SAMAdaptLib.service.link.place import Local
    from SAMAdaptLib.view.server import PageServer
    from SAMAdaptLib.view.session import ViewSession
    from SAMAdaptLib.volume.image import base_name
    from SAMAdaptLib.volume.policy import choose_axis, choose_intensity
    from SAMAdaptLib.volume.result import check_result

    volume = read_image(args)
    check_result(args.output, args.image[0], (), volume.geometry)
    _, info = base_of(args.model, args.adapter)
    mapping = choose_intensity(volume, args.intensity, "" if info is None else info.intensity)
    windows, channels = mapping.bounds(volume.array, volume.name), [base_name(one) for one in args.image]
    axis = choose_axis(args.axis, "" if info is None else info.axis)
    client = Client(Local(sys.executable))
    try:
        view = ViewSession(volume, client, windows, args.output, axis, _there(args, volume), channels)
        server = PageServer(view, lambda masks: _write(args, masks, volume), args.port)
        chosen = {name: getattr(args, name) for name in ("checkpoint", "adapter", "input_size", "precision", "weights")}
        view.follow(client.load(args.model, device=args.device, **chosen))
        told = {"intensity": args.intensity, "modality": volume.modality, "colour": volume.colour}
        client.set_volume(volume.array, volume.geometry, volume.name, **told)
        session.say(f"The page is at {server.url}\nIts address is its key; Ctrl-C ends it", flush=True)
        asyncio.run(server.run(_ending(view, session), not args.no_browser and _has_screen()))
    finally:
        client.close()
    session.say("Ended")
    return {"output": args.output, "segments": {one.name: {"ml": one.ml} for one in view.board.work.segments if one.ml}}


def _there(args: argparse.Namespace, volume: Volume) -> dict[str, np.ndarray]:
    """The segments that an earlier call has written, unless they are to be written over."""
    from SAMAdaptLib.volume.segfile import read_labels

    if args.overwrite or not Path(args.output).exists():
        return {}
    labels = read_labels(args.output)
    if not labels.geometry.same_grid(volume.geometry):
        what = "The segments there are those of another image"
        raise InputError(what, args.output, "Choose another --output, or replace it by --overwrite")
    return {name: labels.mask(name) for name in labels.names}


def _write(args: argparse.Namespace, masks: dict[str, np.ndarray], volume: Volume) -> None:
    from SAMAdaptLib.volume.result import check_result, write_result

    check_result(args.output, args.image[0], list(masks), volume.geometry)
    # It may have been changed by others since it was looked at.
    _output(args).check()
    write_result(args.output, masks, volume.geometry, args.image[0], *first_choice(args), frame=volume.frame)


def _ending(view: ViewSession, session: Session) -> Callable[[], bool]:
    """Whether Ctrl-C ends it: once there is nothing to lose. The second one does in any case."""
    told = False

    def stop() -> bool:
        nonlocal told
        if not session.interrupted or not view.board.unsaved:
            return session.interrupted
        if not told:
            told = True
            session.note("There is unsaved work: save it on the page, or press Ctrl-C again to throw it away")
            view.fail(InputError("Ctrl-C was pressed, and there is unsaved work", None, "Save it, or end without it"))
        return False

    return stop


def _has_screen() -> bool:
    """Whether a browser could show something; without, one for terminals would be started."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
