"""``samadapt evaluate``"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from SAMAdaptLib.cli.common import (
    Bars,
    Session,
    add_model_options,
    add_output_option,
    add_propagate_option,
    by_memory,
    model_inputs,
    open_model,
    table,
    verb_parser,
)
from SAMAdaptLib.cli.config_file import add_config_option
from SAMAdaptLib.cli.scans import MAPPINGS, add_label_options, add_tile_option, check_pairs, read_labelled, scans_of
from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import listed
from SAMAdaptLib.paths import Output, holds


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "evaluate",
        "Score a model on labelled scans, with prompts drawn from the labels or found by the adapter",
        "samadapt evaluate --image flair.nrrd --labels tumour.nrrd --merge tumour=1,2,3,4 --model lite_medsam "
        "--adapter RUN --prompt point --slices every:9 --output report",
        run,
        _writes,
    )
    add_label_options(parser, several=True)
    add_model_options(parser)
    parser.add_argument(
        "--prompt",
        default="point",
        metavar="KIND",
        help="point (default), random-point, box, box:JITTER (sides move in or out by up to that share of the side), "
        "box-grow:SHARE (all sides move out by that share), box-iou:IOU, points:K, scribble (a line through the "
        "middle), scribble:pos (one drawn by chance), box+scribble:neg (one beside the object, too), lasso or "
        "lasso:JITTER (a closed line around it), ...; clicks:N is a point and then clicks into the error, box+clicks:N "
        "a box and then those, each-click:N the same with a score after each; auto lets the adapter find its own, "
        "whole-image is the box of the whole slice, to compare with",
    )
    parser.add_argument(
        "--slices",
        metavar="every:9",
        help="score these of the slices where a label is, all of them by default; volume: all slices, with a label or "
        "not, for --prompt auto",
    )
    add_propagate_option(parser, "prompt one slice a label and score the whole volume")
    parser.add_argument("--axis", help="axial (default), coronal or sagittal")
    parser.add_argument("--intensity", metavar="MAP", help=MAPPINGS)
    add_tile_option(parser)
    text = f"surface distance that NSD forgives (default {TOLERANCE_MM:g})"
    parser.add_argument("--tolerance-mm", type=float, default=TOLERANCE_MM, help=text)
    parser.add_argument("--seed", type=int, default=0, help="of random prompts")
    add_config_option(parser)
    add_output_option(parser, "DIR", "folder for metrics.json and overlays")


def _writes(args: argparse.Namespace) -> list[Output]:
    inputs = [*args.image, *args.labels, args.names, args.config, *model_inputs(args)]
    ours = holds("metrics.json", "cases", "policy")
    return [Output(args.output, inputs, folder=True, ours=ours, overwrite=args.overwrite)]


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Score every case; write metrics.json and overlay pictures."""
    from SAMAdaptLib.adapters.comparison import told
    from SAMAdaptLib.adapters.info import read_adapter_info
    from SAMAdaptLib.jobs.evaluate import Case, evaluate
    from SAMAdaptLib.volume.segfile import read_labels

    check_pairs(args)
    # Of several scans one may lack a structure, but not all of them: then it is a mistake.
    several = args.merge and len(args.labels) > 1
    moments = zip(args.labels, args.frame or [None] * len(args.labels), strict=False)
    read = (read_labels(path, frame=frame) for path, frame in moments) if several else ()
    elsewhere = {value for one in read for value in one.names.values()}
    cases = [
        Case(Path(files[0]).name, partial(read_labelled, args, place, elsewhere), labels)
        for place, (files, labels) in enumerate(zip(scans_of(args), args.labels, strict=True))
    ]
    with Bars(session) as bars:
        report = evaluate(
            cases,
            lambda: open_model(args, session),
            prompt=args.prompt,
            slices=args.slices,
            propagate=args.propagate is not None,
            memory=by_memory(args),
            axis=args.axis,
            intensity=args.intensity,
            tile=args.tile,
            tolerance_mm=args.tolerance_mm,
            seed=args.seed,
            output=args.output,
            progress=bars,
            cancelled=session.cancelled,
        )
    _show(report, session)
    for case in (one for one in report["cases"] if one["tile"]):
        session.say(f"{case['image']}: slices were seen in parts, of {case['tile']} pixels and more around points")
    if "clicks" in report:
        _show_clicks(report["clicks"], session)
    if report["by_base"]:
        session.say(told(read_adapter_info(args.adapter).comparison, report["by_base"]))
    folder = Path(args.output)
    session.say(f"written {folder / 'metrics.json'} and pictures in {folder / 'overlays'}")
    return report


def _show(report: dict[str, Any], session: Session) -> None:
    from SAMAdaptLib.evaluation.metrics import METRICS

    header = [f"{metric.name} {metric.unit}".rstrip() for metric in METRICS.values()]
    rows = [
        [f"{case['image']} {name}", *(_text(key, f[key]) for key in METRICS), f["surfaces"], f["slices"]]
        for case in report["cases"]
        for name, f in case["labels"].items()
    ]
    mean = report["mean"]
    rows.append(["mean", *(_text(key, mean[key]) for key in METRICS), mean["surfaces"], ""])
    session.say(table(rows, ["label", *header, "surfaces", "slices"]))
    if len(report["cases"]) > 1:
        rows = [
            [name, *(_spread(key, row[key]) for key in METRICS), row["surfaces"], f"{row['n']} of {row['cases']}"]
            for name, row in report["labels"].items()
        ]
        session.say()
        session.say(table(rows, ["label, mean ± SD over scans", *header, "surfaces", "scans"]))
    tolerance = f" (at {report['tolerance_mm']:g} mm)"
    on_surfaces = listed([metric.name + tolerance * metric.forgives for metric in METRICS.values() if metric.surfaces])
    session.say(f"{on_surfaces}: {_SURFACES[mean['surfaces']]}")
    if mean["n_missed"]:
        session.say(f"{mean['n_missed']} missed; a miss counts as Dice 0")


def _show_clicks(found: dict[str, Any], session: Session) -> None:
    rows = [[str(found["first"] + place), _text("dice", dice)] for place, dice in enumerate(found["dice"])]
    session.say()
    session.say(table(rows, ["clicks", "mean Dice"]))
    for goal, one in found["to"].items():
        if one is not None:
            session.say(
                f"clicks to a Dice of {goal}: {one['clicks']:.1f}, reached by {one['reached']} of {one['cases']}"
                + ("" if one["reached"] == one["cases"] else "; the others count with all their clicks")
            )


_SURFACES = {
    "3D": "of surfaces in 3D",
    "slices": "means over slices, each measured in 2D",
    "3D and slices": "in 3D, or where the table says slices, means over slices measured in 2D; the mean mixes both",
    "": "nothing to measure",
}


def _text(metric: str, mean: float | None, sd: float | None = None) -> str:
    from SAMAdaptLib.evaluation.metrics import decimals, figure_text

    return figure_text(mean, sd, decimals(metric))


def _spread(metric: str, figure: dict[str, Any]) -> str:
    return _text(metric, figure["mean"], figure["sd"])
