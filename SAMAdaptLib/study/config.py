"""What a study's description may say: the tables [data], [cells] and [[rows]] of its TOML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from SAMAdaptLib import defaults
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars import STRATEGIES
from SAMAdaptLib.settings import Setting, Settings, setting
from SAMAdaptLib.study.amount import ALL, FORM, parse_amount
from SAMAdaptLib.training.config import TrainConfig

# The method of cells that train nothing.
UNTRAINED = "none"
# That of cells that train a U-Net in place of a SAM, see SAMAdaptLib.training.unet.
UNET = "unet"
# The prompt of a test that is whatever the cell was trained with.
AS_TRAINED = "as-trained"
# The rule whose slices are not drawn: the base model looks for them on the scans.
SUGGESTED = "suggested"
# What the settings of a method are called in a file, as in samadapt.toml.
METHOD_SETTINGS = "method_settings"


@dataclass(frozen=True)
class DataSettings(Settings):
    """The table [data]: which scans, whose they are, and who is tested on.

    Paths are as seen from the folder of the description, those in an index as seen from the folder of the index.
    """

    what: ClassVar[str] = "key in [data]"

    index: str | None = setting(
        None, "table (CSV) with the columns image, labels and patient, and if wanted site, modality, split and series"
    )
    images: str | None = setting(None, "in place of an index: folder of images")
    labels: str | None = setting(None, "folder of their labels, in files of the same names")
    test_images: str | None = setting(None, "folder of the images to test on, where the split is by folders")
    test_labels: str | None = setting(None, "folder of their labels")
    patient: str | None = setting(
        None,
        "of folders: regular expression whose first group is the patient in a file's name; by default each file is of "
        "another patient",
    )
    test: list[str] = setting([], "patients to test on; all others are trained on")
    test_share: float | None = setting(None, "share of the patients to test on, drawn", above=0, high=0.9)
    folds: int | None = setting(None, "parts of a cross-validation; each patient is in one of them", low=2)
    split_seed: int = setting(0, "of what is drawn of the patients", low=0)
    classes: list[str] = setting([], "structures to be learnt and tested; all by default")
    names: str | None = setting(None, "file with names of label values, as `samadapt evaluate --names` reads it")
    merge: list[str] = setting([], "structures of several label values, as tumour=1,2,4")
    resample: bool = setting(False, "resample labels that lie on another grid than their image")
    axis: str = setting(defaults.AXIS, "of the slices", choices=("axial", "coronal", "sagittal"))
    intensity: str | None = setting(
        None,
        "mapping to grey levels; by default the one that suits a scan's values",
        form="window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax",
    )

    def check(self) -> None:
        """Raises InputError for keys that contradict one another."""
        folders = {"images": self.images, "labels": self.labels}
        if (self.index is None) == (self.images is None and self.labels is None):
            raise InputError("The data are named in no way, or in two", None, "Give index, or images and labels")
        if (self.test_images is None) != (self.test_labels is None) or self._is_half(folders):
            raise InputError("A folder of images comes with one of labels", None, "Give both")
        if self.index is not None and (self.test_images or self.patient):
            raise InputError("An index names patients and split itself", None, "Leave out patient and test_images")
        ways = [name for name in ("test_images", "test", "test_share", "folds") if getattr(self, name)]
        if len(ways) > 1:
            raise InputError(f"The split is said in several ways ({', '.join(ways)})", None, "Leave one of them")
        if self.patient is not None:
            _check_pattern(self.patient)

    def _is_half(self, folders: dict[str, str | None]) -> bool:
        return self.index is None and None in folders.values()


def _check_pattern(text: str) -> None:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise InputError(f"patient is no regular expression ({error})", repr(text), "Write one as (.*)_t1") from error
    if groups != 1:
        raise InputError("patient has to have one group in brackets", repr(text), "Write it as (.*)_t1")


@dataclass(frozen=True)
class CellSettings(Settings):
    """What a cell has beside the settings of its training: what it learns from, and how it is tested."""

    what: ClassVar[str] = "key of a cell"

    name: str = setting("", "what tables call the row; by default they show what differs between rows")
    slices: int | str = setting(ALL, "labelled slices to learn from", form=FORM)
    rule: str = setting(
        defaults.STRATEGY,
        "how they are drawn: random, by lot from those of all training scans; suggested, as `samadapt suggest` names "
        "them, five at a time; any other, as many of one scan as of another, there as `samadapt exemplars add "
        "--strategy` chooses",
        choices=(*STRATEGIES, SUGGESTED),
    )
    backgrounds: int | None = setting(
        None,
        "slices without a label from each scan that gives labelled ones; by default as `samadapt exemplars add` takes "
        "them",
        low=0,
    )
    slice_labels: bool = setting(
        False,
        "of all other slices of the training scans with something on them, tell what it is, but not where; for methods "
        "that learn from that (sammix)",
    )
    neighbours: int = setting(0, "slices kept on each side, for msa with depth", low=0)
    checkpoint: str | None = setting(None, "file of the base model's weights")
    start_from: str | None = setting(None, "run or adapter whose weights are the start, such as a pretrained one")
    pretraining: dict[str, Any] = setting(
        {},
        "settings of `samadapt pretrain`, such as budget_minutes: the training scans without their labels are learnt "
        "from before the training; what both have is the training's",
    )
    test_prompts: list[str] = setting(
        ["point"],
        "prompts to test with",
        form="those of `samadapt evaluate --prompt`, propagated before one that is asked on one slice, and with "
        "each-click:N on the worst slice after each click, auto volume for all slices without a prompt, or as-trained",
    )
    test_slices: str | None = setting(None, "which of the labelled slices are tested, as every:9; all by default")
    tolerance_mm: float = setting(
        defaults.TOLERANCE_MM, "surface distance that NSD forgives", low=0, unit="millimetres"
    )
    weights: str = setting(
        defaults.WEIGHTS,
        "which weights answer: auto, for each prompt those that held-out slices speak for, adapted or base",
        choices=("auto", "adapted", "base"),
    )
    plain_points: bool = setting(False, "give points as they are also to a model that was trained with boxes only")

    def check(self) -> None:
        """Raises InputError for an amount of slices that cannot be, or no prompt to test with."""
        parse_amount(self.slices)
        if self.pretraining and self.start_from:
            raise InputError("A cell starts from a run, or from its own pretraining", None, "Leave one of them out")
        if not self.test_prompts:
            raise InputError("test_prompts is empty", None, "Name one, such as point")


# What a cell without training has; all else is of trainings.
OF_TESTS = (
    "name", "method", "model", "checkpoint", "input_size", "device", "precision", "seed", "test_prompts", "test_slices",
    "tolerance_mm", "weights", "plain_points",
)  # fmt: skip

# What a cell of a U-Net has.
OF_UNET = (
    "name", "method", "device", "seed", "test_prompts", "test_slices", "tolerance_mm", "slices", "rule", "backgrounds",
    "steps", "budget_minutes", "batch_size", "lr", "ce_weight", "dice_weight", "empty_share", "clip",
    "checkpoint_seconds",
)  # fmt: skip
# The keys of cells that adapt no SAM, by their methods.
KEYS = {UNTRAINED: OF_TESTS, UNET: OF_UNET}


def cell_keys() -> dict[str, Setting]:
    """The keys of [cells] and [[rows]]: those of a cell and of its training."""
    training = TrainConfig.known()
    renamed = {"method_config": METHOD_SETTINGS}
    return CellSettings.known() | {renamed.get(name, name): one for name, one in training.items()}


def axis_of(name: str, value: Any) -> list[Any]:
    """The values that a key of [cells] or [[rows]] takes one after the other: those of a list, unless the key itself
    takes a list."""
    if isinstance(value, list) and list not in cell_keys()[name].kinds:
        return value
    return [value]
