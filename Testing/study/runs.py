"""What tests of whole studies do and look at."""

from __future__ import annotations

import csv
from pathlib import Path

from SAMAdaptLib.study.run import run_study


def done(description, output, **more) -> tuple[list[str], dict]:
    """The rows that were worked on, and what came out."""
    begun = []

    def hear(event):
        if event["event"] == "cell":
            begun.append(event["row"])

    return begun, run_study(description, output, listener=hear, **more)


def table(output: Path) -> list[dict[str, str]]:
    with open(output / "results.csv", encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]
