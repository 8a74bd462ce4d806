"""A study as it is described: in a TOML file, by the name of a preset, or as a mapping."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.sam.registry import check_size, get_model
from SAMAdaptLib.settings import read_toml, unknown_setting
from SAMAdaptLib.study.config import (
    AS_TRAINED,
    KEYS,
    METHOD_SETTINGS,
    UNET,
    UNTRAINED,
    CellSettings,
    DataSettings,
    axis_of,
    cell_keys,
)
from SAMAdaptLib.study.shipped import presets
from SAMAdaptLib.study.trial import Trial
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.prompting import parse_mix

TABLES = ("title", "data", "cells", "rows")
# Keys of [data] and of cells that are paths.
DATA_PATHS = ("index", "images", "labels", "test_images", "test_labels", "names")
CELL_PATHS = ("checkpoint", "start_from")
# Settings that a pretraining has from the training that it is for, and from [data].
OF_BOTH = ("model", "method", "method_config", "input_size", "seed", "device", "precision")
OF_SCANS = ("axis", "intensity")


@dataclass(frozen=True)
class Cell:
    """One combination of all that varies, but for the fold.

    Attributes:
        own: what it learns from and how it is tested.
        config: of its training, as it is given; of a cell without training what its tests need.
        other: UNTRAINED or UNET, "" where a SAM is adapted by the method of ``config``.
    """

    own: CellSettings
    config: TrainConfig
    other: str = ""

    @property
    def trained(self) -> bool:
        """Whether there is a training."""
        return self.other != UNTRAINED

    @property
    def method(self) -> str:
        """Name of the method."""
        return self.other or self.config.method

    def training(self) -> dict[str, Any]:
        """All settings of its training: what is left out, and what is given as it is by default, are the same."""
        if self.other:
            values = self.config.to_dict() | {"method": self.other}
            return {name: values[name] for name in KEYS[self.other] if name in values}
        full = self.config.of_method().to_dict()
        return replace(self.config.with_recipe(), method_config=full).to_dict()

    @cached_property
    def pretraining(self) -> PretrainConfig | None:
        """What comes before its training, but for axis and mapping, which are those of the scans; None for nothing.

        Raises:
            InputError: an unknown setting, a value that cannot be, or what is the training's or the scans' to say.
        """
        if not self.own.pretraining:
            return None
        # A whole encoder has no part of a method, and is the same for all of them.
        adapters = self.own.pretraining.get("train") != "encoder"
        shared = {name: getattr(self.config, name) for name in OF_BOTH if adapters or not name.startswith("method")}
        taken = [name for name in self.own.pretraining if name in (*OF_BOTH, *OF_SCANS)]
        if taken:
            raise InputError(
                f"pretraining names {', '.join(taken)}", None, "Name that for the training or in [data]; it has that"
            )
        return PretrainConfig.from_dict(shared | self.own.pretraining, "pretraining").with_length()

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """How it is tested."""
        own, found = self.own, []
        for text in own.test_prompts:
            for prompt in _as_trained(self.config.prompts) if text == AS_TRAINED else [text]:
                found.append(Trial.read(prompt, own, self.config.seed))
        return tuple(dict.fromkeys(found))

    def told(self) -> dict[str, Any]:
        """Its settings by the keys of a description."""
        values = self.own.to_dict() | self.config.to_dict() | {"method": self.method}
        values[METHOD_SETTINGS] = values.pop("method_config")
        return {name: values[name] for name in KEYS[self.other]} if self.other else values


@dataclass(frozen=True)
class Study:
    """What is to be found out, on which scans.

    Attributes:
        title: for people.
        data: the scans.
        cells: all combinations, in the order in which they are run: a seed after the other.
        source: file of the description; None where there is none.
    """

    title: str
    data: DataSettings
    cells: tuple[Cell, ...]
    source: Path | None = None

    def named_inputs(self) -> list[str | Path]:
        """The files and folders that it names."""
        of_data = [getattr(self.data, name) for name in DATA_PATHS]
        of_cells = [getattr(cell.own, name) for cell in self.cells for name in CELL_PATHS]
        return [path for path in dict.fromkeys((self.source, *of_data, *of_cells)) if path is not None]


def find_description(name: str) -> Path:
    """The file of a description, or that of a preset.

    Raises:
        InputError: neither.
    """
    known = presets()
    if Path(name).is_file():
        return Path(name)
    if name in known:
        return known[name]
    what = "There is no such description" if Path(name).suffix else "There is no file and no preset of this name"
    raise unknown_setting(f"{what}:", name, list(known))


def read_study(
    description: str | os.PathLike[str] | Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    cells: Mapping[str, Any] | None = None,
) -> Study:
    """Read a description and check all of it that can be checked without its scans.

    Args:
        description: a TOML file, the name of a preset, or what such a file holds.
        data: keys in place of those in [data]; paths as seen from the current folder.
        cells: keys in place of those in [cells]; what a row says itself stays.

    Raises:
        InputError: no such file or preset; an unknown table, key, model, method or prompt (the nearest is named); a
            value that cannot be.
    """
    data, cells = dict(data or {}), dict(cells or {})
    source: Path | None = None
    if isinstance(description, Mapping):
        found, folder = dict(description), Path()
    else:
        source = find_description(os.fspath(description))
        found, folder = read_toml(source, "description of the study"), source.parent
    for table in found:
        if table not in TABLES:
            raise unknown_setting("Unknown table or key", table, TABLES, source)
    where = source or "the description"
    of_data = _relative(_table(found, "data", where), DATA_PATHS, folder)
    common = _relative(_table(found, "cells", where), CELL_PATHS, folder)
    rows = found.get("rows", [{}])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise InputError("The rows are no tables", where, "Begin each with [[rows]]")
    rows = [_relative(row, CELL_PATHS, folder) for row in rows]
    made = _cells(common | cells, rows, where)
    if source is not None and source in presets().values() and not (of_data | data):
        raise InputError(
            f"The preset {source.stem} names no scans", None, "Give --index FILE, or --images DIR and --labels DIR"
        )
    settings = DataSettings.from_dict(_replaced(of_data, data), f"[data] in {where}")
    title = found.get("title", source.stem if source else "study")
    return Study(str(title), settings, tuple(made), source)


def _replaced(there: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Keys with others in their place; scans or a split named anew leave nothing of those there."""
    groups = ({"index", "images", "labels", "test_images", "test_labels", "patient"}, {"test", "test_share", "folds"})
    gone = {name for group in groups if group & set(given) for name in group}
    return {name: value for name, value in there.items() if name not in gone} | dict(given)


def _table(found: Mapping[str, Any], name: str, where: str | os.PathLike[str]) -> dict[str, Any]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{name} is no table", where, f"Begin it with [{name}]")
    return table


def _relative(values: Mapping[str, Any], names: Sequence[str], folder: Path) -> dict[str, Any]:
    """With paths as seen from here."""
    return {
        name: os.fspath(folder / value) if name in names and isinstance(value, str) else value
        for name, value in values.items()
    }


def _cells(
    common: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], where: str | os.PathLike[str]
) -> list[Cell]:
    known = cell_keys()
    for table, values in (("[cells]", common), *(("[[rows]]", row) for row in rows)):
        for name in values:
            if name not in known:
                raise unknown_setting(f"Unknown key in {table}", name, list(known), where)
    made: list[Cell] = []
    for number, row in enumerate(rows, start=1):
        place = f"row {number} of {where}" if len(rows) > 1 else where
        idle = [name for name in row if name not in KEYS.get(str(row.get("method")), row)]
        if idle:
            kind = "without training" if row["method"] == UNTRAINED else f"of {row['method']}"
            raise InputError(f"A row {kind} has no {', '.join(idle)}", place, "Leave it out")
        made += [_cell(values, place) for values in _combinations({**common, **row})]
    distinct = list({(cell.own.name, repr(cell.told())): cell for cell in made}.values())
    return sorted(distinct, key=lambda cell: cell.config.seed)


def _combinations(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    axes = {name: axis_of(name, value) for name, value in values.items()}
    for chosen in product(*axes.values()):
        combined = dict(zip(axes, chosen, strict=True))
        keys = KEYS.get(str(combined.get("method")), combined)
        yield {name: value for name, value in combined.items() if name in keys}


def _cell(values: Mapping[str, Any], where: str | os.PathLike[str]) -> Cell:
    """One combination, checked."""
    own_keys = CellSettings.known()
    own = CellSettings.from_dict({name: value for name, value in values.items() if name in own_keys}, where)
    rest = {name: value for name, value in values.items() if name not in own_keys}
    other = str(rest.pop("method")) if rest.get("method") in KEYS else ""
    if METHOD_SETTINGS in rest:
        rest["method_config"] = rest.pop(METHOD_SETTINGS)
    try:
        if (method := rest.get("method")) is not None and method not in METHODS:
            raise unknown_setting("Unknown method", str(method), [*METHODS, *KEYS])
        config = TrainConfig.from_dict(rest).with_length()
        check_size(get_model(config.model), config.input_size)
        cell = Cell(own, config, other)
        _check_prompts(cell)
    except InputError as error:
        raise error if error.where else InputError(error.what, where, error.remedy) from error
    return cell


def _check_prompts(cell: Cell) -> None:
    if cell.trained:
        parse_mix(cell.config.prompts)
        _ = cell.pretraining
    elif AS_TRAINED in cell.own.test_prompts:
        raise InputError(f"A cell without training is not tested {AS_TRAINED}", "test_prompts", "Name its prompts")
    method = cell.config.of_method()
    finds, prompted = {UNTRAINED: (False, True), UNET: (True, False)}.get(cell.other, (method.finds, method.prompted))
    for trial in cell.trials:
        if trial.prompt == "auto" and not finds:
            raise InputError(f"{cell.method} finds no objects by itself", trial.prompt, "Test it with other prompts")
        if trial.prompt != "auto" and not prompted:
            what = f"{cell.method} answers no prompts" if cell.other else f"{cell.method} so set answers no prompts"
            raise InputError(what, trial.words, "Test it with auto or auto volume")
    if cell.own.slice_labels and not (cell.other or get_method(cell.config.method).learns_slices):
        raise InputError(f"{cell.method} learns nothing from slices without outlines", "slice_labels", "Leave it out")


def _as_trained(mix: str) -> list[str]:
    return [part.partition("=")[0].strip() for part in mix.split(",")]


