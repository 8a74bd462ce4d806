"""Results of a study as files: results.csv for programs, results.md for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SAMAdaptLib import __version__
from SAMAdaptLib.errors import counted
from SAMAdaptLib.evaluation.metrics import METRICS, policy, titles
from SAMAdaptLib.files import write_text
from SAMAdaptLib.study.effort import click_tables
from SAMAdaptLib.study.naming import row_header, row_words
from SAMAdaptLib.study.plan import Plan
from SAMAdaptLib.study.results import CSV, Results, Row, cell_text
from SAMAdaptLib.study.ways import ways_of

MARKDOWN = "results.md"


def write_tables(
    plan: Plan, results: Results, records: Mapping[str, Mapping[str, Any]], errors: Mapping[str, str], output: Path
) -> None:
    """Write results.csv, a row for every cell, scan, structure and prompt, and results.md, means over seeds.

    Args:
        plan: of the study.
        results: as far as they are there.
        records: of tasks by key, see :mod:`SAMAdaptLib.study.cell`.
        errors: of tasks that ended with one, by key.
        output: folder.

    Raises:
        InputError: the folder cannot be written to.
    """
    cases = results.cases()
    columns = list(dict.fromkeys(name for row in cases for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(cases)
    write_text(output / CSV, text.getvalue(), anew=False)
    write_text(output / MARKDOWN, _page(plan, results, cases, records, errors), anew=False)


def _page(
    plan: Plan,
    results: Results,
    cases: Sequence[Mapping[str, Any]],
    records: Mapping[str, Mapping[str, Any]],
    errors: Mapping[str, str],
) -> str:
    header, rows = row_header(plan.cells), results.rows()
    parts = [f"# {plan.study.title}", _conditions(plan)]
    if _of_their_own(rows):
        parts += _section("Each tested with a prompt of its own", header, rows, prompts=True)
    else:
        for prompt in dict.fromkeys(row.prompt for row in rows):
            parts += _section(f"Prompt: {prompt}", header, [row for row in rows if row.prompt == prompt])
    for prompt, tables in click_tables(ways_of(cases)):
        parts.append(f"## Click by click: {prompt}")
        for table in tables:
            parts += [table.caption, _markdown(table.header, table.rows)]
    parts += _costs(plan, header, records)
    if errors:
        failed = [[asked.task, *row_words(asked.cell, header), asked.cell.config.seed, asked.fold or "-", error]
                  for key, error in errors.items() for asked in plan.of_task(key)]  # fmt: skip
        parts += ["## Failed cells", _markdown(["cell", *header, "seed", "fold", "error"], failed)]
    return "\n\n".join(parts) + "\n"


def _of_their_own(rows: Sequence[Row]) -> bool:
    """Whether no two trainings are tested with the same prompt, so that there is one table instead of one a prompt."""
    prompts = [row.prompt for row in rows if row.cell.trained]
    return len(prompts) > 1 and len(set(prompts)) == len(prompts)


def _section(title: str, header: Sequence[str], rows: Sequence[Row], prompts: bool = False) -> list[str]:
    """A table of all metrics, and one a metric of each structure where there are several."""
    heads = [[*row_words(row.cell, header), *([row.prompt] if prompts else [])] for row in rows]
    header = [*header, *(["prompt"] if prompts else [])]
    lines = [
        [*head, _seeds(row), *(cell_text(row.figures[key], key) for key in titles())]
        for head, row in zip(heads, rows, strict=True)
    ]
    parts = [f"## {title}", _markdown([*header, "seeds", *titles().values()], lines)]
    labels = list(dict.fromkeys(label for row in rows for label in row.structures))
    for key, metric in METRICS.items() if len(labels) > 1 else ():
        lines = [
            [*head, *(_of_structure(row, label, key) for label in labels)]
            for head, row in zip(heads, rows, strict=True)
        ]
        parts += [f"{metric.title} of each structure:", _markdown([*header, *labels], lines)]
    return parts


def _conditions(plan: Plan) -> str:
    fold = plan.folds[0]
    patients = len({scan.patient for scan in plan.scans})
    if fold.number:
        split = f"{len(plan.folds)} folds by patient, each tested on once"
    else:
        sides = [len({plan.scans[place].patient for place in side}) for side in (fold.train, fold.test)]
        split = f"{counted(sides[0], 'patient')} to learn from and {sides[1]} to test on, nobody in both"
    return (
        f"{counted(len(plan.scans), 'scan')} of {counted(patients, 'patient')}: {split}. "
        f"Structures: {', '.join(plan.structures)}. SAMAdapt {__version__}.\n\n"
        "Figures are means over structures within a scan, then over scans, then over seeds, ± the standard deviation "
        f"over seeds; one seed has none, and allows no claim. {policy()} Prompts are drawn from the truth on tested "
        "slices that hold the structure, unless a prompt is propagated or found."
    )


def _of_structure(row: Row, label: str, metric: str) -> str:
    return cell_text(row.structures[label][metric], metric) if label in row.structures else "-"


def _seeds(row: Row) -> str:
    return str(row.seeds) if row.seeds == row.wanted else f"{row.seeds} of {row.wanted}"


def _costs(plan: Plan, header: Sequence[str], records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the trainings took, a row for every cell that has one."""
    lines = []
    for asked in plan.asked:
        record = records.get(asked.task, {})
        training, seconds = record.get("training"), record.get("seconds", {})
        if training:
            lines.append(
                [
                    *row_words(asked.cell, header),
                    asked.cell.config.seed,
                    asked.fold or "-",
                    training["labelled_slices"],
                    training["scans"],
                    training["steps"],
                    _number(training["seconds"]),
                    _number(seconds.get("test")),
                    f"{training['parameters']:,}",
                    f"{training['bytes'] / 1e6:.1f}",
                    training.get("processes", 1),
                ]
            )
    columns = ["seed", "fold", "labelled slices", "patients", "steps", "training s", "test s", "parameters", "MB",
               "processes"]  # fmt: skip
    return ["## Trainings", _markdown([*header, *columns], lines)] if lines else []


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _markdown(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
