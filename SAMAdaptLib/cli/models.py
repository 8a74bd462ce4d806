"""``samadapt models``"""

from __future__ import annotations

import argparse
from typing import Any

from SAMAdaptLib.cli.common import Session, table, verb_parser


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    text = "List the base models and where their weights are"
    verb_parser(verbs, "models", text, "samadapt models --json", run, None)


def run(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    """Name, size, licence, input size and place of every base model."""
    from SAMAdaptLib.sam.registry import MODELS
    from SAMAdaptLib.sam.weights.locate import locate

    rows = []
    for model in MODELS.values():
        found = locate(model)
        rows.append(
            {
                "name": model.name,
                "title": model.title,
                "size_mb": round(model.size_bytes / 1e6, 1) if model.size_bytes else None,
                "licence": model.licence,
                "input_size": model.input_size,
                "input_sizes": list(model.input_sizes),
                "source": found.source,
                "path": found.path,
                "where": found.detail,
                "sha256": model.sha256,
            }
        )
    if not args.json:
        lines = [[r["name"], r["size_mb"], r["input_size"], r["licence"], r["source"]] for r in rows]
        session.say(table(lines, ["model", "MB", "input", "licence", "weights"]))
        session.say()
        for r in rows:
            session.say(f"{r['name']}: {r['path'] or r['where']}")
    return rows
