"""What a description says, and what it may not say."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_config
from SAMAdaptLib.study.description import presets, read_study
from SAMAdaptLib.study.naming import row_header, row_key

DATA = {"index": "scans.csv", "test": ["P1"]}


def study(*rows, data=DATA, **cells):
    return read_study({"data": data, "cells": {"steps": 2, **cells}, **({"rows": [*rows]} if rows else {})})


def test_lists_are_all_combinations_and_a_seed_comes_after_the_other() -> None:
    found = study(
        {"method": "none"},
        {"method": ["lora", "decoder"], "slices": [1, "1%"], "synthesis": [False, True]},
        seed=[0, 1],
        test_prompts=["point", "box"],
    ).cells
    one_seed = [("none", "all", True), *itertools.product(["lora", "decoder"], [1, "1%"], [False, True])]
    wanted = [(seed, *cell) for seed in (0, 1) for cell in one_seed]
    assert [(c.config.seed, c.method, c.own.slices, c.config.synthesis) for c in found] == wanted
    assert all([trial.words for trial in cell.trials] == ["point", "box"] for cell in found)


def test_what_is_left_out_and_what_is_the_default_are_one_training() -> None:
    plain, said = (study(**more).cells[0] for more in ({}, {"lr": 1e-3, "method_settings": {"rank": 4}}))
    assert plain.training() == said.training() != study(lr=2e-3).cells[0].training()


def test_chance_alone_makes_tests_of_seeds_differ() -> None:
    never = ["point", "box", "box:0", "clicks:3", "each-click:3", "centroid", "propagated box"]
    words = [*never, "random-point", "box:0.1", "points:3+box", "quadrants"]
    found = study(seed=5, test_prompts=words).cells[0].trials
    drawn = {trial.words for trial in found if trial.seed == 5}
    assert drawn == {*words} - {*never} and {trial.seed for trial in found} == {0, 5}


def test_tests_as_trained() -> None:
    cells = study(prompts=["points:3", "box:0.05=0.5,point=0.5"], test_prompts="as-trained").cells
    assert [[trial.prompt for trial in cell.trials] for cell in cells] == [["points:3"], ["box:0.05", "point"]]


def test_paths_are_seen_from_the_file(tmp_path) -> None:
    (tmp_path / "studies").mkdir()
    file = tmp_path / "studies" / "mine.toml"
    file.write_text("[data]\nindex = '../scans.csv'\nnames = '/names.csv'\nfolds = 2\n[cells]\nstart_from = 'RUN'\n")
    found = read_study(file, data={"test": ["P1"]}, cells={"steps": 7})
    assert found.title == "mine" and found.data.names == "/names.csv" and found.cells[0].config.steps == 7
    assert (found.data.index, found.cells[0].own.start_from) == (
        str(tmp_path / "studies" / ".." / "scans.csv"), str(tmp_path / "studies" / "RUN"),
    )  # fmt: skip
    # A split by options takes the place of the file's.
    assert found.data.test == ["P1"] and found.data.folds is None


@pytest.mark.parametrize(
    "made, words",
    [
        (lambda: study(stepps=3), r"Unknown key in \[cells\] 'stepps': the description. Did you mean steps\?"),
        (lambda: study({"slice": 3}), r"Unknown key in \[\[rows\]\] 'slice'.* Did you mean slices\?"),
        (lambda: study(data={"indx": "x"}), r"Unknown key in \[data\] 'indx': \[data\] in the"),
        (lambda: read_study({"cell": {}}), r"Unknown table or key 'cell'. Did you mean cells\?"),
        (lambda: study(method="lorra"), r"Unknown method 'lorra': the description. Did you mean lora\?"),
        (lambda: study(model="sam"), "Unknown base model: sam"),
        (lambda: study(input_size=300), "lite_medsam cannot run at input size 300: the description. Choose one of 256"),
        (lambda: study(method="lora", method_settings={"rnk": 3}), "'rnk': method_config. Did you mean rank"),
        (lambda: study(prompts="pont=1"), "Unknown prompt strategy: pont"),
        (lambda: study(test_prompts=["box", "pont"]), "Unknown prompt strategy: test prompt 'pont'"),
        (lambda: study(test_prompts="propagated auto"), "Found prompts are not propagated: test prompt"),
        (lambda: study(test_prompts="auto"), "lora finds no objects by itself: auto"),
        (
            lambda: study(method="lora", method_settings={"head": "classes"}),
            "lora so set answers no prompts: point. Test it with auto or auto volume",
        ),
        (
            lambda: study(method="lora", method_settings={"head": "classes"}, prompts="box", test_prompts="auto"),
            "prompts is 'box', and lora so set is trained without prompts: the description. Leave it out",
        ),
        (
            lambda: study(method="sammix", method_settings={"stages": "frozen", "rank": 16}),
            "rank is 16, and sammix so set makes no use of it: method_config. Leave it out",
        ),
        (lambda: study(method="none", test_prompts="auto volume"), "none finds no objects by itself: auto"),
        (lambda: study(method="none", test_prompts="as-trained"), "A cell without training is not tested as-trained"),
        (lambda: study(test_prompts=[]), "test_prompts is empty: the description"),
        (lambda: study({"method": "none", "synthesis": True}), "A row without training has no synthesis"),
        (lambda: study({"method": "unet", "prompts": "box"}), "A row of unet has no prompts: the description"),
        (lambda: study(method="unet", test_prompts="box"), "unet answers no prompts: box"),
        (lambda: study(method="lora", slice_labels=True), "lora learns nothing from slices without outlines"),
        (lambda: study({"method": "none"}, {"slices": "half"}), "slices is 'half': row 2 of the description"),
        (lambda: study(test_slices="third"), "Cannot read which slices to score: test prompt 'point'"),
        (lambda: study(pretraining={"stepps": 3}), "Unknown pretraining setting 'stepps': pretraining. Did you mean"),
        (lambda: study(pretraining={"seed": 3}), "pretraining names seed: the description. Name that for the training"),
        (lambda: study(pretraining={"steps": 3}, start_from="RUN"), "starts from a run, or from its own pretraining"),
        (lambda: study(data={}), "The data are named in no way, or in two"),
        (lambda: study(data={"index": "x", "images": "y", "labels": "z"}), "The data are named in no way, or in two"),
        (lambda: study(data={"images": "y"}), "A folder of images comes with one of labels"),
        (lambda: study(data={"index": "x", "folds": 2, "test": "P1"}), r"said in several ways \(test, folds\)"),
        (lambda: study(data={"images": "y", "labels": "z", "patient": "("}), "patient is no regular expression"),
        (lambda: study(data={"images": "y", "labels": "z", "patient": "a"}), "patient has to have one group"),
        (lambda: study(data={"index": "x", "folds": 1}), "folds is 1.* Give a whole number of 2 or more"),
        (lambda: read_study("mehtods"), r"no file and no preset of this name: 'mehtods'. Did you mean methods\?"),
        (lambda: read_study("methods"), "The preset methods names no scans. Give --index FILE"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(made, words) -> None:
    with pytest.raises(InputError, match=words):
        made()


def preset(name: str):
    return read_study(name, data=DATA)


def test_every_preset_can_be_read_and_names_its_table() -> None:
    assert {"methods", "prompts", "cheap-lunch", "cheap-lunch-shares"} <= set(presets())
    for name, path in presets().items():
        # SAM-Mix was trained five times.
        assert {cell.config.seed for cell in preset(name).cells} == {*range(5 if name == "sam-mix" else 3)}
        head = path.read_text(encoding="utf-8").partition("\ntitle")[0]
        assert "able" in head and all(line.startswith("#") for line in head.splitlines() if line), name


def test_the_preset_cheap_lunch_is_the_paper_s_tables() -> None:
    """arXiv 2308.14133, tables 2, 4 and 6."""
    rows = [cell for cell in preset("cheap-lunch").cells if cell.config.seed == 0]
    published = [cell for cell in rows if cell.own.name == "as published"]
    amounts = [1, "1 per 2 scans", "1 per scan", "2 per scan"]
    assert [(c.own.slices, c.config.synthesis) for c in published] == [*itertools.product(amounts, [False, True])]
    for cell in published:
        config = cell.config.with_recipe()
        assert (config.method, config.lr, config.optimizer) == ("lora", 1e-3, "adamw")
        assert (config.ce_weight, config.dice_weight, config.iou_weight) == (1, 0.8, 0)
        assert config.synthetic_count == 1800 and config.prompts == "random-point" and cell.own.rule == "most-labels"
        assert [trial.words for trial in cell.trials] == ["point", "random-point"]
    prompted = [cell for cell in rows if not cell.own.name.startswith("SAMed")]
    assert [cell.own.name for cell in prompted if cell.own.slices == "all"] == ["zero-shot", "full set"]
    without = [cell for cell in rows if cell not in prompted]
    # With synthesis on as many slices as above but one, and on all without.
    assert [(c.own.slices, c.config.synthesis) for c in without] == [*((n, True) for n in amounts[1:]), ("all", False)]
    for cell in without:
        assert cell.config.method_config == {"head": "classes"} and cell.config.ce_weight == 0.2
        assert [(trial.words, trial.prompt) for trial in cell.trials] == [("auto", "auto"), ("auto volume", "auto")]
    assert row_header(rows) == ["row", "slices", "synthesis"]
    # What is tested otherwise has figures of its own.
    apart = [replace(rows[0], own=replace(rows[0].own, tolerance_mm=mm)) for mm in (1.0, 2.0)]
    assert row_header(apart) == ["row", "tolerance_mm"] and len({*map(row_key, apart)}) == 2


def test_the_preset_prompts_is_the_paper_s_tables() -> None:
    """arXiv 2310.00504, tables 3 to 5: each row is trained and tested with its own prompt."""
    rows = [cell for cell in preset("prompts").cells if cell.config.seed == 0]
    points = [f"points:{count}" for count in (3, 10, 50, 100)]
    boxes = ["box", "box-grow:0.05", "box-grow:0.1", "box-grow:0.2"]
    every = [*points, *(f"{one}+box" for one in points), *boxes, "half:100+box", "box-center", "centroid", "quadrants"]
    trained = [cell for cell in rows if cell.trained]
    assert [cell.config.prompts for cell in trained] == every
    assert [[trial.words for trial in cell.trials] for cell in trained] == [[one] for one in every]
    assert {cell.method for cell in trained} == {"decoder"}
    (zero,) = [cell for cell in rows if not cell.trained]
    assert [trial.words for trial in zero.trials] == every


def test_the_preset_sam_mix_is_the_paper_s_tables() -> None:
    """arXiv 2412.08575, tables 1 and 2: what is outlined, what is told, and what is trained when."""
    rows = [cell for cell in preset("sam-mix").cells if cell.config.seed == 0]
    full, *limited = [cell for cell in rows if cell.own.name != "today's defaults"]
    assert full.method == "unet" and full.own.slices == "all" and not full.own.slice_labels
    assert (full.config.lr, full.config.batch_size) == (1e-3, 30)
    assert [(cell.own.name, cell.own.slices) for cell in limited] == [
        ("SAM-PP-0", 5), *(("SAM-PP", count) for count in (5, 50, 100)), *(("SAM-Mix", n) for n in (5, 50, 100))
    ]  # fmt: skip
    stages = {"SAM-PP-0": "frozen", "SAM-PP": "two", "SAM-Mix": "joint"}
    for cell in limited:
        config = cell.config.with_recipe()
        method = get_config("sammix").from_dict(config.method_config)
        assert (config.method, config.lr, method.rank, method.stages) == ("sammix", 1e-3, 8, stages[cell.own.name])
        assert cell.own.slice_labels and not config.synthesis
        if cell.own.name != "SAM-PP-0":
            assert (config.ce_weight, config.dice_weight, config.iou_weight, config.found_share) == (0, 1, 0, 1)
    assert {trial.words for cell in rows for trial in cell.trials} == {"auto volume"}
    assert len({cell.config.budget_minutes for cell in rows}) == 1


def test_the_preset_methods_has_all_methods() -> None:
    from SAMAdaptLib.methods import METHODS

    rows = [cell for cell in preset("methods").cells if cell.config.seed == 0]
    for name, length in (("equal time", "budget_minutes"), ("equal steps", "steps")):
        those = [cell for cell in rows if cell.own.name == name]
        assert [cell.method for cell in those] == [*(m for m in METHODS if m != "sammix"), "sammix"]
        assert len({getattr(cell.config, length) for cell in those} - {None}) == 1


def seed_0(name: str) -> dict[str, list]:
    """The cells of a preset that have one seed, by the names of their rows."""
    found: dict[str, list] = {}
    for cell in preset(name).cells:
        if cell.config.seed == 0:
            found.setdefault(cell.own.name, []).append(cell)
    return found


def is_published(cell) -> bool:
    """Whether a row has the paper's rates, and learns from what is labelled and nothing else."""
    config = cell.config
    made = (config.synthesis, config.empty_share, config.corrections, config.iou_weight)
    return config.recipe == "paper" and made == (False, 0, 0, 0) and cell.own.slices == "all"


def test_the_preset_msa_is_the_paper_s_tables() -> None:
    """arXiv 2304.12620, tables 1 to 3: SAM with 1, 3 and 10 points; full, MSA with 1."""
    rows = seed_0("msa")
    (sam,) = rows.pop("SAM")
    assert not sam.trained and [trial.words for trial in sam.trials] == ["random-point", "points:3", "points:10"]
    for kind in ("as published", "today's defaults"):
        (full,) = rows.pop(f"{kind}: full")
        assert full.method == "full" and not full.own.pretraining
        for name, depth in (("MSA", 1), ("MSA with depth", 3)):
            plain, learnt = rows.pop(f"{kind}: {name}")
            assert plain.method == "msa" and plain.pretraining is None
            assert plain.config.method_config.get("depth", 1) == depth == 1 + 2 * plain.own.neighbours
            assert learnt.pretraining.train == ("encoder" if kind == "as published" else "adapters")
            assert learnt.config == plain.config and is_published(plain) == (kind == "as published")
            assert [trial.words for trial in plain.trials] == ["random-point"]
        assert is_published(full) == (kind == "as published")
    assert not rows
    # One pretrained encoder serves both; adapters of other settings are others.
    encoders = {repr(cell.pretraining) for cell in preset("msa").cells if "published" in cell.own.name} - {"None"}
    adapters = {repr(cell.pretraining) for cell in preset("msa").cells if "today" in cell.own.name} - {"None"}
    assert (len(encoders), len(adapters)) == (3, 6)


def test_the_preset_dbsam_ablation_is_the_paper_s_table() -> None:
    """arXiv 2410.04172, table 3: no part; the first; the first two; all three."""
    rows = seed_0("dbsam-ablation")
    assert not rows.pop("zero-shot")[0].trained
    every = ["channel_attention", "bilateral", "fusion"]
    parts = [{*every[:count]} for count in range(4)]
    steps = ["base", "+ channel attention", "+ bilateral cross-attention", "+ fusion"]
    for kind, size in (("as published", "paper"), ("today's defaults", "lean")):
        for step, there in zip(steps, parts, strict=True):
            (cell,) = rows.pop(f"{kind}: {step}")
            settings = cell.training()["method_config"]
            assert {name for name in every if settings[name]} == there
            assert settings["size"] == size and is_published(cell) == (kind == "as published")
            assert cell.own.tolerance_mm == 1 and [trial.words for trial in cell.trials] == ["box", "box-px:20"]
            config = cell.config.with_recipe()
            if kind == "as published":
                assert (config.lr, config.optimizer, config.prompts) == (1e-4, "adamw", "box-px:20")
                assert config.ce_weight == config.dice_weight == 1
    assert not rows


def test_the_preset_dbsam_tasks_is_the_paper_s_tables() -> None:
    """arXiv 2410.04172, tables 1 and 2: SAM, MedSAM, which is the first line of table 3, and DB-SAM."""
    rows, ablation = seed_0("dbsam-tasks"), seed_0("dbsam-ablation")
    alike = {
        "SAM": "zero-shot",
        "MedSAM, as published": "as published: base",
        "DB-SAM, as published": "as published: + fusion",
        "DB-SAM, today's defaults": "today's defaults: + fusion",
    }
    assert [*rows] == [*alike]
    for name, other in alike.items():
        (one,), (same,) = rows[name], ablation[other]
        assert one.trained == same.trained and one.trials == same.trials
        ours, theirs = (cell.training() for cell in (one, same))
        if name.startswith("MedSAM"):
            # Without its parts there is nothing that could have a size.
            theirs["method_config"]["size"] = ours["method_config"]["size"]
        assert ours == theirs


def test_the_preset_interaction_clicks_ten_times_on_base_and_adapters() -> None:
    rows = seed_0("interaction")
    assert [(name, cell.method) for name, (cell,) in rows.items()] == [
        ("zero-shot", "none"), ("adapted", "lora"), ("adapted with clicks", "lora")
    ]  # fmt: skip
    for (cell,) in rows.values():
        on_slices, in_space = (trial.scoring() for trial in cell.trials)
        assert not on_slices.propagate and in_space.propagate
        # The first click is the prompt, and nine follow.
        assert {(one.each, one.first, one.strategy.clicks) for one in (on_slices, in_space)} == {(True, 1, 9)}


def test_the_preset_active_has_the_same_trainings_by_three_rules() -> None:
    rows = seed_0("active")
    trained = rows["trained"]
    curves = {rule: [cell.own.slices for cell in trained if cell.own.rule == rule]
              for rule in ("suggested", "random", "most-labels")}  # fmt: skip
    assert len({tuple(slices) for slices in curves.values()}) == 1 and sum(map(len, curves.values())) == len(trained)
    # As many steps for all, whatever a slice costs.
    assert {(cell.config.steps, cell.config.budget_minutes) for cell in trained} == {(150, None)}
