"""The folder of a study whose figures are made up, so that every table can be worked out by hand."""

from __future__ import annotations

import csv
import json

from SAMAdaptLib.evaluation.metrics import METRICS

CELLS = [{"method": "none", "model": "lite_medsam", "test_prompts": ["point", "box"]}] + [
    {"method": method, "model": "lite_medsam", "slices": slices, "seed": seed, "validation": "auto", "rule": "random"}
    for method in ("lora", "decoder")
    for slices in (4, 12)
    for seed in (0, 1)
]
PATIENTS = ("P1", "P2", "P3", "P4")
LABELS = ("anterior", "posterior")


def dice(cell, prompt, patient, label):
    """Of a structure, by a rule."""
    start = {"point": 0.4, "box": 0.7}[prompt] + 0.02 * PATIENTS.index(patient) - 0.05 * LABELS.index(label)
    gain = {"none": 0.0, "lora": 0.2, "decoder": 0.1}[cell["method"]] * (cell.get("slices", 0) / 12)
    return start + gain + 0.01 * cell.get("seed", 0) * (1 + PATIENTS.index(patient))


def make_study(folder, cells=CELLS, patients=PATIENTS):
    """Write study.json, results.csv and the cells' records, as a study does."""
    rows = []
    for cell in cells:
        key = f"{cell['method']}{cell.get('slices', '')}-{cell.get('seed', 0)}"
        place = folder / "cells" / key
        place.mkdir(parents=True)
        shown = {name: cell.get(name, "") for name in ("method", "model", "slices", "rule")}
        head = {"cell": key, "row": "", **shown, "seed": cell.get("seed", 0), "fold": ""}
        for prompt in ("point", "box"):
            for patient in patients:
                for label in LABELS:
                    whose = {"test_prompt": prompt, "scan": f"{patient}-1", "patient": patient, "site": "A"}
                    value = dice(cell, prompt, patient, label)
                    figures = {name: value for name in METRICS} | {"hd95_mm": 10 * (1 - value)}
                    # Of a result that is as far too small as its Dice is from one.
                    volumes = {"truth_ml": 10 + PATIENTS.index(patient), "result_ml": 9 + value}
                    rows.append(head | whose | {"modality": "MR", "label": label} | figures | volumes)
        if cell["method"] != "none":
            training = {"steps": 30, "seconds": 10.0 * cell["slices"], "parameters": 1234567, "bytes": 4938268}
            counts = {"labelled_slices": cell["slices"], "scans": 4, "backgrounds": 0, "classes": LABELS}
            (place / "cell.json").write_text(json.dumps({"seconds": {}, "training": training | counts}))
    failed = folder / "cells" / "failed"
    failed.mkdir()
    (failed / "error.json").write_text(json.dumps({"error": "A scan <cannot> be read"}))
    told = {"format_version": 1, "version": "0.2.0", "title": "Two methods", "data": {"axis": "coronal"}}
    (folder / "study.json").write_text(json.dumps(told | {"cells": cells}))
    with (folder / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    return folder
