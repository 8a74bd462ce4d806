"""``samadapt methods``"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from SAMAdaptLib.cli.common import Session, table, verb_parser
from SAMAdaptLib.defaults import MODEL


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    parser = verb_parser(
        verbs,
        "methods",
        "List the adaptation methods and what they cost on a base model; needs no weights",
        "samadapt methods --model sam_vit_b --json",
        run,
        None,
    )
    parser.add_argument("--model", default=MODEL, help=f"base model (default {MODEL})")
    parser.add_argument("--input-size", type=int, metavar="PX", help="side of the model input; native by default")


def run(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    """Name, paper, trainable parameters, size of the adapter file, memory of a step and settings of every method."""
    from SAMAdaptLib.errors import InputError
    from SAMAdaptLib.methods import METHODS, get_config
    from SAMAdaptLib.methods.config import RECIPES
    from SAMAdaptLib.sam.registry import check_size, get_model
    from SAMAdaptLib.training.config import MEMORIES, TrainConfig
    from SAMAdaptLib.training.memory import estimate

    # A model or size that cannot be is no method's fault.
    check_size(get_model(args.model), args.input_size)
    rows = []
    for name, entry in METHODS.items():
        session.check()
        config = get_config(name)
        row: dict[str, Any] = {
            "name": name,
            "title": entry.title,
            "paper": entry.paper,
            "settings": config.settings(),
            "recipes": {recipe: asdict(values) for recipe, values in config.recipes.items()},
        }
        try:
            found, least = (
                estimate(args.model, name, input_size=args.input_size, memory=memory) for memory in MEMORIES
            )
        except InputError as error:
            row["refused"] = str(error)
        else:
            row |= {
                "trainable": found.trainable,
                "adapter_mb": round(4 * found.trainable / 1e6, 1),
                "memory_mb": round(found.bytes / 1e6),
                "low_memory_mb": round(least.bytes / 1e6),
            }
        rows.append(row)
    if not args.json:
        figures = ("trainable", "adapter_mb", "memory_mb", "low_memory_mb")
        lines = [[r["name"], *(r.get(figure, "-") for figure in figures)] for r in rows]
        session.say(table(lines, ["method", "trainable", "file MB", "memory MB", "memory=low"]))
        session.say()
        session.say(
            f"memory: of a training with steps of {TrainConfig.batch_size} slices in 32-bit numbers, the program "
            "included, with --set memory=low in the last column"
        )
        for r in rows:
            # As --method-set takes them.
            settings = " ".join(f"{name}={json.dumps(value)}" for name, value in r["settings"].items())
            session.say(f"{r['name']}: {r['title']}; {r['paper']}")
            session.say(f"  settings (--method-set): {settings}")
            default, paper = (
                " ".join(f"{name}={value:g}" if name != "optimizer" else f"{name}={value}" for name, value in r.items())
                for r in (r["recipes"][recipe] for recipe in RECIPES)
            )
            session.say(f"  training (--set): {default}")
            if paper != default:
                session.say(f"  training by the paper (--set recipe=paper): {paper}")
            if "refused" in r:
                session.say(f"  not on {args.model}: {r['refused']}")
    return rows
