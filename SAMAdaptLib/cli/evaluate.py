"""``samadapt evaluate``"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import (
    Session,
    add_model_options,
    add_output_option,
    model_inputs,
    open_predictor,
    table,
    verb_parser,
)
from SAMAdaptLib.cli.config_file import add_config_option
from SAMAdaptLib.cli.scans import add_label_options, read_case
from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import InputError, counted
from SAMAdaptLib.files import writable_folder, write_json
from SAMAdaptLib.names import safe_name
from SAMAdaptLib.paths import Output, holds

if TYPE_CHECKING:
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume

# Ways to prompt beside those that are drawn from a label.
OF_EVALUATION = ("auto", "whole-image")


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
        "box-grow:SHARE (all sides move out by that share), box-iou:IOU, points:K, ...; clicks:N is a point and then "
        "clicks into the error, box+clicks:N a box and then those; auto lets the adapter find its own, whole-image is "
        "the box of the whole slice, to compare with",
    )
    parser.add_argument(
        "--slices",
        metavar="every:9",
        help="score these of the slices where a label is, all of them by default; volume: all slices, with a label or "
        "not, for --prompt auto",
    )
    parser.add_argument("--propagate", action="store_true", help="prompt one slice a label and score the whole volume")
    parser.add_argument("--axis", help="axial (default), coronal or sagittal")
    parser.add_argument("--intensity", metavar="MAP", help="window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax")
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
    from SAMAdaptLib.evaluation.cases import (
        AUTOMATIC,
        FOUND,
        ORACLE,
        PROPAGATED,
        evaluate_automatic,
        evaluate_oracle,
        evaluate_propagated,
        label_figures,
        mean_figures,
        parse_slices,
        whole_image,
    )
    from SAMAdaptLib.evaluation.metrics import CONVENTIONS, POLICY
    from SAMAdaptLib.evaluation.overlay import save_overlays
    from SAMAdaptLib.inference.automatic import require_finder
    from SAMAdaptLib.prompts.strategies import parse_strategy
    from SAMAdaptLib.sam.predictor import VolumePredictor
    from SAMAdaptLib.volume.image import base_name
    from SAMAdaptLib.volume.policy import choose_axis, choose_intensity
    from SAMAdaptLib.volume.segfile import read_labels

    if len(args.image) != len(args.labels):
        images, labels = counted(len(args.image), "image"), counted(len(args.labels), "label file")
        raise InputError(f"{images} with {labels}", None, "Give one for each")
    automatic = args.prompt == "auto"
    if automatic and args.propagate:
        raise InputError("Found prompts are not propagated", "--propagate", "Leave it out, or choose another --prompt")
    strategy = whole_image if args.prompt in OF_EVALUATION else parse_strategy(args.prompt, also=OF_EVALUATION)
    whole = args.slices == "volume"
    if whole and not automatic:
        raise InputError(
            f"--prompt {args.prompt} needs the label on every slice", "--slices volume", "Take --prompt auto"
        )
    choose = None if whole else parse_slices(args.slices)
    # Of several scans one may lack a structure, but not all of them: then it is a mistake.
    several = args.merge and len(args.labels) > 1
    elsewhere = {value for path in args.labels for value in read_labels(path).names.values()} if several else ()
    ready: dict[int, tuple[Volume, Labels]] = {}
    for place, path in enumerate(args.labels):
        # A fault in the last scan must not cost the work on all others.
        ready = {place: read_case(args, place, elsewhere)}
        truth = ready[place][1]
        if not whole and not any(truth.mask(name).any() for name in truth.names):
            raise InputError("No label on any of the slices to score", path, "Give labels drawn on this image")
    predictor, info = open_predictor(args, session)
    if automatic:
        require_finder(predictor)
    axis = choose_axis(args.axis, predictor.model.axis)
    cases, figures = [], []
    for place, (image, labels) in enumerate(zip(args.image, args.labels, strict=True)):
        volume, truth = ready.pop(place, None) or read_case(args, place, elsewhere)
        intensity = choose_intensity(volume, args.intensity, predictor.model.intensity)
        slices = VolumePredictor(predictor, volume, axis, intensity)
        # Minutes of work must not end at a folder that cannot be written to.
        output = writable_folder(args.output)
        common = {"tolerance_mm": args.tolerance_mm, "cancelled": session.cancelled}
        with session.progress(base_name(image)) as tell:
            if automatic:
                classes = () if info is None else info.classes
                results = evaluate_automatic(slices, truth, classes, choose, progress=tell, **common)
            elif args.propagate:
                results = evaluate_propagated(slices, truth, strategy, seed=args.seed, progress=tell, **common)
            else:
                results = evaluate_oracle(slices, truth, strategy, choose, args.seed, progress=tell, **common)
        if not any(r.slices for r in results.values()):
            raise InputError("No label on any of the slices to score", labels, "Choose other --slices or other labels")
        figures.append({name: result.figures for name, result in results.items()})
        cases.append({"image": Path(image).name, "intensity": str(intensity), "labels": figures[-1]})
        save_overlays(
            output / "overlays" / f"{len(cases):02d}_{safe_name(base_name(image))}",
            results,
            slices,
            lambda name, index, results=results: results[name].prompts.get(index),
        )
    report = {
        "cases": cases,
        "labels": label_figures(figures),
        "mean": mean_figures(figures),
        "figures": CONVENTIONS,
        "setting": FOUND if whole else AUTOMATIC if automatic else PROPAGATED if args.propagate else ORACLE,
        "policy": POLICY,
        "prompt": args.prompt,
        "tolerance_mm": args.tolerance_mm,
        "model": predictor.model.base.name,
        "adapter": None if info is None else {"method": info.method, "classes": info.classes, "steps": info.steps},
    }
    write_json(output / "metrics.json", report)
    _show(report, session)
    session.say(f"written {output / 'metrics.json'} and pictures in {output / 'overlays'}")
    return report


def _show(report: dict[str, Any], session: Session) -> None:
    header = ["Dice", "IoU", "HD95 mm", "NSD"]
    columns = ("dice", "iou", "hd95_mm", "nsd")
    rows = [
        [f"{case['image']} {name}", *(_number(f[c]) for c in columns), f["surfaces"], f["slices"]]
        for case in report["cases"]
        for name, f in case["labels"].items()
    ]
    mean = report["mean"]
    rows.append(["mean", *(_number(mean[c]) for c in columns), mean["surfaces"], ""])
    session.say(table(rows, ["label", *header, "surfaces", "slices"]))
    if len(report["cases"]) > 1:
        rows = [
            [name, *(_spread(row[c]) for c in columns), row["surfaces"], f"{row['n']} of {row['cases']}"]
            for name, row in report["labels"].items()
        ]
        session.say()
        session.say(table(rows, ["label, mean ± SD over scans", *header, "surfaces", "scans"]))
    session.say(f"HD95 and NSD (at {report['tolerance_mm']:g} mm): {_SURFACES[mean['surfaces']]}")
    if mean["n_missed"]:
        session.say(f"{mean['n_missed']} missed; a miss counts as Dice 0")


_SURFACES = {
    "3D": "of surfaces in 3D",
    "slices": "means over slices, each measured in 2D",
    "3D and slices": "in 3D, or where the table says slices, means over slices measured in 2D; the mean mixes both",
    "": "nothing to measure",
}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _spread(figure: dict[str, Any]) -> str:
    return _number(figure["mean"]) + ("" if figure["sd"] is None else f" ± {figure['sd']:.3f}")
