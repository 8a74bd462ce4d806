"""Scans and their labels: the options that name them, and reading them."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from SAMAdaptLib.errors import InputError, counted

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def add_image_options(parser: argparse.ArgumentParser, several: bool = False, required: bool = True) -> None:
    """--image, --series and --frames; one of each, or of each one for every image."""
    count: Literal["+"] | None = "+" if several else None
    parser.add_argument("--image", required=required, metavar="IMG", help="NRRD, NIfTI, MHA or DICOM", nargs=count)
    each = ", one for each image" if several else ""
    parser.add_argument(
        "--series", metavar="N", help=f"which series of a DICOM folder, by its number or identifier{each}", nargs=count
    )
    parser.add_argument(
        "--frames",
        metavar="1-20",
        help=f"which slices of that series, where it holds several stacks{each}",
        nargs=count,
    )


def read_image(args: argparse.Namespace, place: int = 0) -> Volume:
    """The image that the options name; ``place`` counts those of a verb that takes several.

    Raises:
        InputError: another number of --series or --frames than of images; see
            :func:`SAMAdaptLib.volume.volume.read_volume`.
    """
    from SAMAdaptLib.volume.volume import read_volume

    if not isinstance(args.image, list):
        return read_volume(args.image, args.series, args.frames)
    chosen = {}
    for option in ("series", "frames"):
        given = getattr(args, option)
        if given is not None and len(given) != len(args.image):
            images = counted(len(args.image), "image")
            raise InputError(f"{images} with {len(given)} --{option}", None, "Give one for each image")
        chosen[option] = None if given is None else given[place]
    return read_volume(args.image[place], **chosen)


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
    parser.add_argument("--resample", action="store_true", help="resample labels that lie on another grid")


def check_pairs(args: argparse.Namespace) -> None:
    """Raises InputError where there are not as many --labels as --image."""
    if len(args.image) != len(args.labels):
        images, labels = counted(len(args.image), "image"), counted(len(args.labels), "label file")
        raise InputError(f"{images} with {labels}", None, "Give one for each")


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
