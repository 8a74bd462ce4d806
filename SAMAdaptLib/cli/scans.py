"""Scans and their labels: the options that name them, and reading them."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from SAMAdaptLib.defaults import LARGE
from SAMAdaptLib.errors import InputError, counted

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


MAPPING = "window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax"
MAPPINGS = (
    f"{MAPPING}; of volumes that are seen together one for all, the further ones as a tint of the first, or one for "
    "each with + between them (minmax + 0.2*minmax)"
)


KINDS = "NRRD, NIfTI, MHA, DICOM, or a picture (PNG, JPEG, TIFF, BMP)"
TOGETHER = "up to three volumes of a scan (T1, T2, FLAIR) are seen together as channels"


def add_image_argument(parser: argparse.ArgumentParser) -> None:
    """One scan by its place among the arguments, --series, --frames and --frame."""
    parser.add_argument("image", metavar="IMG", nargs="+", help=f"{KINDS}; {TOGETHER}")
    add_series_options(parser, each=True)
    add_frame_option(parser)


def add_image_options(parser: argparse.ArgumentParser, several: bool = False, required: bool = True) -> None:
    """--image, --series, --frames and --frame, of one scan or of several."""
    told = KINDS if several else f"{KINDS}; {TOGETHER}"
    parser.add_argument("--image", required=required, metavar="IMG", nargs="+", help=told)
    add_series_options(parser, each=True)
    add_frame_option(parser)
    if several:
        parser.add_argument(
            "--channels",
            type=int,
            default=1,
            metavar="N",
            help="volumes of a scan that are seen together, 1 to 3: so many --image follow one another for each scan",
        )


def add_series_options(parser: argparse.ArgumentParser, each: bool = False) -> None:
    """--series and --frames, of a single image or one for each of several."""
    count: Literal["+"] | None = "+" if each else None
    more = ", one for each image" if each else ""
    parser.add_argument(
        "--series", metavar="N", help=f"which series of a DICOM folder, by its number or identifier{more}", nargs=count
    )
    parser.add_argument(
        "--frames",
        metavar="1-20",
        help=f"which slices of that series, where it holds several stacks{more}",
        nargs=count,
    )


def add_frame_option(parser: argparse.ArgumentParser) -> None:
    """--frame."""
    parser.add_argument(
        "--frame",
        type=int,
        metavar="N",
        nargs="+",
        help="which frame of an image over time (4D, .seq.nrrd, a DICOM film or phases), from 1, one for each image",
    )


def add_resample_option(parser: argparse.ArgumentParser, what: str) -> None:
    """--resample, of a verb that reads scans."""
    parser.add_argument("--resample", action="store_true", help=f"resample {what} that lie on another grid")


def add_tile_option(parser: argparse.ArgumentParser) -> None:
    """--tile."""
    parser.add_argument(
        "--tile",
        type=int,
        metavar="PIXELS",
        help="see large slices in parts of this side, 0: whole (default: half the side of the model's input where "
        f"slices are more than {LARGE} times as large, without an adapter)",
    )


def scans_of(args: argparse.Namespace) -> list[list[str]]:
    """The files of each scan that --image names.

    Raises:
        InputError: they are not as many for each as --channels says.
    """
    count = getattr(args, "channels", len(args.image))
    if count < 1 or len(args.image) % count:
        images = counted(len(args.image), "image")
        raise InputError(f"{images} with --channels {count}", None, "Give so many --image for each scan")
    return [args.image[first : first + count] for first in range(0, len(args.image), count)]


def read_image(args: argparse.Namespace, place: int = 0) -> Volume:
    """The scan that the options name; ``place`` counts those of a verb that takes several.

    Raises:
        InputError: another number of --series, --frames or --frame than of images; see
            :func:`SAMAdaptLib.volume.volume.read_volume` and :func:`SAMAdaptLib.volume.channels.join_channels`.
    """
    from SAMAdaptLib.volume.channels import join_channels
    from SAMAdaptLib.volume.volume import read_volume

    chosen = {}
    for option in ("series", "frames", "frame"):
        given = getattr(args, option)
        if given is not None and len(given) != len(args.image):
            images = counted(len(args.image), "image")
            raise InputError(f"{images} with {len(given)} --{option}", None, "Give one for each image")
        chosen[option] = [None] * len(args.image) if given is None else given
    files = scans_of(args)[place]
    first = place * len(files)
    volumes = [
        read_volume(file, *(given[number] for given in chosen.values()))
        for number, file in enumerate(files, start=first)
    ]
    return join_channels(volumes, args.resample, files)


def add_label_options(parser: argparse.ArgumentParser, several: bool, required: bool = True) -> None:
    """--image, --labels, --merge and --resample."""
    count: Literal["+"] | None = "+" if several else None
    add_image_options(parser, several)
    text = "label map, .seg.nrrd, DICOM SEG or RTSTRUCT"
    parser.add_argument("--labels", required=required, metavar="LAB", help=text, nargs=count)
    parser.add_argument(
        "--merge",
        action="append",
        nargs="+",
        default=[],
        metavar="NAME=1,2,4",
        help="one class of several label values",
    )
    parser.add_argument(
        "--names",
        metavar="FILE",
        help="names of label values: a CSV file of VALUE,NAME, nnU-Net's dataset.json, a colour table of Slicer "
        "or label descriptions of ITK-SNAP; segmentations with names need none",
    )
    add_resample_option(parser, "labels and further volumes")


def check_pairs(args: argparse.Namespace) -> None:
    """Raises InputError where there are not as many --labels as scans."""
    scans = scans_of(args)
    if len(scans) != len(args.labels):
        images, labels = counted(len(scans), "image"), counted(len(args.labels), "label file")
        remedy = "Give one for each"
        if args.channels == 1 and len(args.labels) and len(args.image) in (2 * len(args.labels), 3 * len(args.labels)):
            remedy += f", or say --channels {len(args.image) // len(args.labels)} for volumes that are seen together"
        raise InputError(f"{images} with {labels}", None, remedy)


def read_labelled(
    args: argparse.Namespace, place: int = 0, elsewhere: Collection[int] = ()
) -> tuple[Volume, Labels]:
    """The scan and its labels on one grid, merged as asked.

    ``place`` is as for :func:`read_image`, ``elsewhere`` as for :func:`SAMAdaptLib.volume.labels.merge`.
    """
    from SAMAdaptLib.volume.case import labels_of
    from SAMAdaptLib.volume.labels import parse_merge
    from SAMAdaptLib.volume.names import read_names

    volume = read_image(args, place)
    return volume, labels_of(
        volume,
        args.labels[place] if isinstance(args.labels, list) else args.labels,
        merged=parse_merge([text for texts in args.merge for text in texts]),
        names=None if args.names is None else read_names(args.names),
        elsewhere=elsewhere,
        resample=args.resample,
    )


def first_choice(args: argparse.Namespace) -> tuple[str | None, str | None]:
    """What --series and --frames say of the first volume."""
    series, frames = (None if given is None else given[0] for given in (args.series, args.frames))
    return series, frames


def parse_slices(text: str, count: int) -> list[int]:
    """Slice indices from a text such as 12,40-60; of a range that ends outside of ``count`` slices no more than are
    needed to refuse it.

    Raises:
        InputError: anything else.
    """
    chosen: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        try:
            indices = range(int(first), min(int(last or first), int(first) + count) + 1)
        except ValueError:
            raise InputError("Cannot read the slice indices", text, "Write them as 12,40-60") from None
        if not indices:
            raise InputError(f"There are no slices from {first} to {last}", text, "Write the lower first, as 40-60")
        chosen += indices
    return chosen
