"""A study as one page for a supervisor, a reviewer or an ethics board, with its pictures as files beside it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

from SAMAdaptLib.errors import InputError, counted, listed
from SAMAdaptLib.evaluation.metrics import METRICS, policy, titles
from SAMAdaptLib.evaluation.plots import Label, bland_altman, box_plot, curves
from SAMAdaptLib.evaluation.report import Figure, Section, Table, write_report
from SAMAdaptLib.files import read_mapping, sha256_file, writable_folder
from SAMAdaptLib.study.checklist import answers
from SAMAdaptLib.study.compare import COLUMNS, EXPLAINED, against_first
from SAMAdaptLib.study.effort import click_tables, dice_after
from SAMAdaptLib.study.outlines import slices_section
from SAMAdaptLib.study.results import CSV, VOLUMES, cell_text
from SAMAdaptLib.study.run import told_of
from SAMAdaptLib.study.task import CELLS, ERROR, RECORD, STUDY
from SAMAdaptLib.study.ways import KEY, LABEL, NAME, PATIENT, SCAN, SEED, Way, distinct, read_ways, varies, words_of

HTML, PICTURES = "report.html", "pictures"
# Numbers that a record has of a training; its seconds may be unknown.
NUMBERS = ("steps", "labelled_slices", "scans", "parameters")
PACKAGES = ("torch", "segment-anything", "peft", "monai", "numpy", "scipy", "scikit-image", "SimpleITK")
# Of the cases with the lowest Dice.
WORST = 10
# What a structure is called a failure below.
FAILED = 0.5
SLICES = "slices"
TRUTH, RESULT = VOLUMES
# Panels side by side, so that they can be read in print.
PANELS = 3
# The title of the last section, by which a report is known again.
CHECKLIST = "For the methods section"
_SPREAD = "± is the standard deviation over seeds."


def is_study_report(path: Path) -> bool:
    """Whether a file is the report of a study, which may be written anew."""
    try:
        return f"<h2>{CHECKLIST}</h2>" in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def write_study_report(folder: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a study, as far as it has come.

    Args:
        folder: of the study.
        path: the HTML file, by default report.html in the folder; its pictures are in a folder "pictures" beside it.

    Returns:
        the file.

    Raises:
        InputError: no results in the folder, damaged ones, or the file cannot be written.
    """
    folder = Path(folder)
    ways = read_ways(folder)
    told = _told(folder)
    records = _records(folder, ways)
    path = Path(path) if path is not None else folder / HTML
    pictures = writable_folder(path.parent / PICTURES)
    sections = [
        Section("What was studied", [*_studied(told, ways)]),
        *(_results(prompt, ways, pictures) for prompt in _prompts(ways)),
        *_differences(ways),
        *slices_section(folder, ways, pictures),
        *_learning(ways, records, pictures),
        *_clicks(ways, pictures),
        _failures(folder, ways),
        _configuration(folder, told, records),
        _checklist(told, ways),
    ]
    return write_report(path, told["title"], *sections)


def _records(folder: Path, ways: Sequence[Way]) -> dict[str, dict[str, Any]]:
    """What is written down of the training of each cell that has one."""
    found = {}
    for key in dict.fromkeys(case[KEY] for way in ways for case in way.cases):
        file = folder / CELLS / key / RECORD
        training = read_mapping(file, "record of a cell").get("training") if os.path.isfile(file) else None
        if training:
            if not _is_training(training):
                raise InputError("The record of a cell is damaged", file, "Delete it, and the report does without")
            found[key] = training
    return found


def _is_training(training: Any) -> bool:
    """Whether that is what a record has of a training."""
    if not isinstance(training, dict) or not isinstance(training.get("seconds", ""), (int, float, type(None))):
        return False
    return all(isinstance(training.get(name), (int, float)) for name in NUMBERS)


def _told(folder: Path) -> dict[str, Any]:
    """What stands in the study's own file."""
    told = told_of(folder)
    cells = told.get("cells")
    texts = isinstance(told.get("title"), str) and isinstance(told.get("version"), str)
    sound = isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)
    if not texts or not sound or not isinstance(told.get("data"), dict):
        remedy = "Run `samadapt study` again, which writes it anew"
        raise InputError("The study's file is damaged", folder / STUDY, remedy)
    return told


def _prompts(ways: Sequence[Way]) -> list[str]:
    return distinct(way.prompt for way in ways)


def _distinct(ways: Sequence[Way], column: str) -> list[str]:
    return distinct(case[column] for way in ways for case in way.cases)


def _seeds(ways: Sequence[Way]) -> int:
    return max(len(way.by_seed("dice")) for way in ways)


def _studied(told: Mapping[str, Any], ways: Sequence[Way]) -> list[str]:
    patients, scans, labels = (_distinct(ways, column) for column in (PATIENT, SCAN, LABEL))
    seeds = _seeds(ways)
    rows = list(dict.fromkeys(way.name for way in ways))
    lines = [
        f"{counted(len(scans), 'scan')} of {counted(len(patients), 'patient')} were tested on. Structures: "
        f"{listed(labels)}. Prompts: {listed(_prompts(ways))}. Rows: {', '.join(rows)}.",
        f"At most {counted(seeds, 'seed')} a row. " + (
            "One seed allows no claim about a difference between rows." if seeds < 2 else _SPREAD
        ),
        policy(),
    ]  # fmt: skip
    return [*lines, f"Measured with SAMAdapt {told['version']}."]


def _results(prompt: str, ways: Sequence[Way], pictures: Path) -> Section:
    mine = [way for way in ways if way.prompt == prompt]
    # Studies of before lack some.
    fields = {key: title for key, title in titles().items() if all(key in way.cases[0] for way in mine)}
    header = ["row", "seeds", "patients", *fields.values()]
    rows: list[list[str | float | int | None]] = []
    for way in mine:
        counts = (len(way.by_seed("dice")), len(way.by_patient("dice")))
        rows.append([way.name, *counts, *(cell_text(way.spread(key), key) for key in fields)])
    tables = [Table(header, rows, f"Mean over structures, scans and seeds. {_SPREAD}")]
    labels = distinct(label for way in mine for label in way.by_structure("dice"))
    for key, metric in METRICS.items() if len(labels) > 1 else ():
        found = {way.name: way.by_structure(key) for way in mine}
        each = [[name, *(one.get(label) for label in labels)] for name, one in found.items()]
        tables.append(Table(["row", *labels], each, f"{metric.title} of each structure."))
    scores: dict[str, dict[Label, list[float | None]]] = {
        metric: {way.name: [*way.by_patient(metric).values()] for way in mine} for metric in ("dice", "hd95_mm")
    }
    boxes = box_plot(pictures / f"boxes-{_prompts(ways).index(prompt) + 1}.png", scores)
    shown = Figure(boxes, f"Prompt {prompt}: each dot is a patient, the mean over structures and seeds.")
    return Section(f"Prompt: {prompt}", (), tables, [shown, *_volumes(prompt, mine, pictures, boxes.stem)])


def _volumes(prompt: str, ways: Sequence[Way], pictures: Path, name: str) -> list[Figure]:
    """How far volumes are from the truth, a panel a row of the table."""
    pairs = {}
    for way in ways:
        cases: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for case in way.cases:
            cases.setdefault((case[SCAN], case[LABEL]), []).append((float(case[TRUTH]), float(case[RESULT])))
        pairs[way.name] = [(fmean(t for t, _ in found), fmean(r for _, r in found)) for found in cases.values()]
    figures = []
    for start in range(0, len(pairs), PANELS):
        path = pictures / f"{name}-volumes-{start // PANELS + 1}.png"
        drawn = bland_altman(path, dict([*pairs.items()][start : start + PANELS]), "volume", "mL")
        text = f"Prompt {prompt}: volumes on the tested slices, each dot a structure of a scan (mean over seeds)"
        figures.append(Figure(drawn, f"{text}; mean difference and limits of agreement (1.96 standard deviations)."))
    return figures


def _differences(ways: Sequence[Way]) -> list[Section]:
    """Each row against the first, which is the base model where a study has it."""
    lines = [one.words("dice") for one in against_first(ways, "dice")]
    if not lines:
        return []
    table = Table(COLUMNS, lines, "Difference in Dice of each row to the first that was tested with the same prompt.")
    return [Section("Differences", [EXPLAINED], [table])]


def _learning(ways: Sequence[Way], records: Mapping[str, Mapping[str, Any]], pictures: Path) -> list[Section]:
    """Dice against labelled slices and against minutes, of rows that differ in the number of slices."""
    figures = []
    for number, prompt in enumerate(_prompts(ways), start=1):
        lines: dict[str, list[tuple[Way, Mapping[str, Any]]]] = {}
        for way in ways:
            training = next((records[case[KEY]] for case in way.cases if case[KEY] in records), None)
            if way.prompt == prompt and training:
                lines.setdefault(_apart_from_slices(way, ways), []).append((way, training))
        if not any(len({one["labelled_slices"] for _, one in line}) > 1 for line in lines.values()):
            continue
        for name, title, unit, scale in (
            ("labelled_slices", "Labelled slices", "labelled slices", 1.0),
            ("seconds", "Training (minutes)", "minutes of training", 1 / 60),
        ):
            points = {
                line: [
                    (one[name] * scale, found.mean, found.sd)
                    for way, one in members
                    if one[name] and (found := way.spread("dice")).mean is not None
                ]
                for line, members in lines.items()
            }
            known = {line: those for line, those in points.items() if those}
            if known:
                drawn = curves(pictures / f"learning-{number}-{name}.png", known, title, "Dice")
                figures.append(Figure(drawn, f"Prompt {prompt}: Dice against {unit}. {_SPREAD}"))
    return [Section("More slices, more minutes", (), (), figures)] if figures else []


def _clicks(ways: Sequence[Way], pictures: Path) -> list[Section]:
    """Dice after each click, of ways in which each was scored."""
    sections = []
    for number, (prompt, tables) in enumerate(click_tables(ways), start=1):
        lines = {
            way.name: [(clicks, one.mean, one.sd) for clicks, one in dice_after(way).items() if one.mean is not None]
            for way in ways
            if way.prompt == prompt
        }
        drawn = curves(pictures / f"clicks-{number}.png", lines, "Clicks", "Dice")
        figure = Figure(drawn, f"Prompt {prompt}: Dice after each click. {_SPREAD}")
        sections.append(Section(f"Click by click: {prompt}", (), tables, [figure]))
    return sections


def _apart_from_slices(way: Way, ways: Sequence[Way]) -> str:
    """What a line of a learning curve is called."""
    rows = [other.row for other in ways]
    columns = [column for column in way.row if column not in (SLICES, NAME) and varies(rows, column)]
    return ", ".join(words_of(way.row, columns)) or way.row.get("method", "all")


def _failures(folder: Path, ways: Sequence[Way]) -> Section:
    cases = sorted(
        ((float(case["dice"]), way.name, way.prompt, case) for way in ways for case in way.cases if case["dice"]),
        key=lambda one: one[0],
    )
    below = sum(dice < FAILED for dice, *_ in cases)
    rows: list[list[str | float | int | None]] = [
        [name, prompt, case[SCAN], case[LABEL], case[SEED], dice] for dice, name, prompt, case in cases[:WORST]
    ]
    lowest = Table(["row", "prompt", "scan", "structure", "seed", "Dice"], rows, "The lowest Dice of all.")
    text = f"{below} of {counted(len(cases), 'scored structure')} have a Dice below {FAILED}."
    errors = [
        [file.parent.name, str(read_mapping(file, "error of a cell").get("error", ""))]
        for file in sorted((folder / CELLS).glob(f"*/{ERROR}"))
    ]
    failed = [Table(["cell", "error"], errors, "Cells that ended with an error and are not among the figures.")]
    return Section("Failures", [text], [lowest, *(failed if errors else [])])


def _configuration(folder: Path, told: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]) -> Section:
    data = [[name, _plain(value)] for name, value in told["data"].items() if value not in (None, "", [])]
    shared, apart = _settings(told["cells"])
    trained = [
        [key, one["steps"], one["labelled_slices"], one["scans"], _whole(one["seconds"]), f"{one['parameters']:,}",
         one.get("processes", 1)]
        for key, one in records.items()
    ]  # fmt: skip
    columns = ["cell", "steps", "labelled slices", "patients", "seconds", "parameters", "processes"]
    return Section(
        "Configuration",
        [
            f"SHA-256 of {CSV}: {sha256_file(folder / CSV)}; of {STUDY}: {sha256_file(folder / STUDY)}.",
            f"Report made on {platform.system()} {platform.machine()} with Python {platform.python_version()}; "
            + ", ".join(_versions())
            + ".",
        ],
        [
            Table(["key", "value"], data, "Data."),
            Table(["setting", "value"], shared, "Settings that all cells share."),
            Table(["setting", "values"], apart, "Settings in which cells differ."),
            Table(columns, trained, "Trainings."),
        ],
    )


def _settings(cells: Sequence[Mapping[str, Any]]) -> tuple[list[list[str]], list[list[str]]]:
    """Settings of all cells, and those in which they differ with their values."""
    names = dict.fromkeys(name for cell in cells for name in cell)
    values = {name: list(dict.fromkeys(_plain(cell[name]) for cell in cells if name in cell)) for name in names}
    shared = [[name, found[0]] for name, found in values.items() if len(found) == 1]
    return shared, [[name, "; ".join(found)] for name, found in values.items() if len(found) > 1]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_plain(one)}" for name, one in value.items()) or "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(one) for one in value) or "-"
    return "-" if value is None or value == "" else str(value)


def _whole(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.0f}"


def _versions() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            # Whoever only reads results needs few of them.
            continue
    return found


def _checklist(told: Mapping[str, Any], ways: Sequence[Way]) -> Section:
    facts = _facts(told, ways)
    table = Table(["CLAIM", "TRIPOD+AI", "asked", "answer"], answers(facts))
    text = (
        "Items of CLAIM (2020) and TRIPOD+AI (2024) on methods and results, in short. What the study knows is given; "
        "the rest is for those who did it."
    )
    return Section(CHECKLIST, [text], [table])


def _facts(told: Mapping[str, Any], ways: Sequence[Way]) -> dict[str, str]:
    data, (shared, apart) = told["data"], _settings(told["cells"])
    settings = dict(shared) | {name: f"({values})" for name, values in apart}
    patients, scans = len(_distinct(ways, PATIENT)), len(_distinct(ways, SCAN))
    sites = [site for site in _distinct(ways, "site") if site] if "site" in ways[0].cases[0] else []
    seeds = _seeds(ways)
    return {
        "preparation": f"Slices along {data.get('axis')}, grey levels by {data.get('intensity') or 'the scan type'}, "
        "resampled to the model's input, see Configuration.",
        "slices": f"Labelled slices: {settings.get('slices', '-')}, drawn by the rule {settings.get('rule', '-')}.",
        "structures": f"{listed(_distinct(ways, LABEL))}.",
        "missing": "Structures that a scan does not show are not scored there; failed cells are listed under Failures.",
        "size": f"{counted(patients, 'patient')} with {counted(scans, 'scan')} tested on; how that was chosen is for "
        "the authors to tell.",
        "partitions": "By patient, never by slice or scan; nobody is trained and tested on. See Configuration, Data.",
        "models": f"Methods {settings.get('method', '-')} on {settings.get('model', '-')}; trained parameters under "
        "Configuration.",
        "software": f"SAMAdapt {told['version']}, {', '.join(_versions())}, Python {sys.version.split()[0]}.",
        "training": "Public weights of the base model; all settings under Configuration.",
        "chosen": f"Validation: {settings.get('validation', '-')}, on training patients only; those tested had no say.",
        "metrics": policy(),
        "statistics": EXPLAINED,
        "robustness": f"{counted(seeds, 'seed')} a row at most; prompts: {listed(_prompts(ways))}.",
        "external": f"Sites among the tested scans: {listed(sites)}." if sites else "",
        "performance": "Tables and box plots above, for each structure and prompt.",
        "failures": "Under Failures.",
    }
