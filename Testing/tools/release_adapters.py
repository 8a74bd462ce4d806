"""Train the adapters that go with a release, from public scans whose licences permit it, and publish them in a folder:

    python -m Testing.tools.release_adapters DIR [--minutes 8] [--steps N] [--key KEY] [NAME ...]

All files of DIR are the assets of the release: ``samadapt adapters fetch`` takes the address of its ``index.json``. The
scans are those of the folder that the tests use, see ``SAMADAPT_SHARED`` in CONTRIBUTING.md.

An adapter is made of the scans' slices, so it is handed on under a licence only that allows changed versions, also for
money, and asks for no more than to be named. Left out are therefore, of the same folder: AMOS (CC BY-NC-SA), BraTS 2013
(CC BY-NC-SA) and the lung tumour of the IBSI (CC BY-NC), which forbid use for money, and the hippocampus of the Medical
Segmentation Decathlon (CC BY-SA), whose terms whatever is made of it would have to carry.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import SAMAdaptLib as sa
from SAMAdaptLib.adapters.publish import is_published
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.paths import Output
from SAMAdaptLib.volume.labels import Labels, merge, on_grid
from SAMAdaptLib.volume.volume import Volume

SHARED = Path(os.environ.get("SAMADAPT_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"


@dataclass(frozen=True)
class Release:
    """An adapter of a release.

    Attributes:
        dataset: as ``index.json`` of the folder of scans names it.
        cases: patients that it is trained on; those held out for the figures on the card are among them.
        classes: names, and what the labels call them.
        per_patient: slices of each.
        licence: of the data, and whom to credit.
        offset: of the grey levels, to be added.
    """

    dataset: str
    cases: tuple[str, ...]
    classes: Mapping[str, Sequence[str]]
    per_patient: int
    licence: str
    offset: int = 0


RELEASES = {
    "soft tissue tumour, T1": Release(
        "soft_tissue_sarcoma_ibsi",
        tuple(f"STS_{number:03d}_MR_T1" for number in (3, 10, 18, 23, 26, 28, 38, 50)),
        {"soft tissue tumour": ["GTV (tumour mass)"]},
        3,
        "CC BY 3.0. Trained on Soft-tissue-Sarcoma (Vallieres et al. 2015, TCIA), as the IBSI has prepared it",
    ),
    "head and neck, CT": Release(
        "head_neck_ct_openkbp",
        ("pt_4", "pt_34", "pt_60", "pt_82"),
        {"brainstem": ["Brainstem"], "spinal cord": ["SpinalCord"], "mandible": ["Mandible"],
         "parotid gland": ["RightParotid", "LeftParotid"]},
        5,
        "MIT. Trained on OpenKBP (Babier et al. 2021)",
        # What is there are Hounsfield units and 1000.
        -1000,
    ),
    "upper abdomen, CT": Release(
        "abdomen_ct_totalsegmentator",
        ("example_ct_3mm", "example_ct_dicom_1mm"),
        {name: [name] for name in ("liver", "spleen", "stomach", "pancreas", "aorta")},
        6,
        "Apache-2.0. Trained on examples of TotalSegmentator (Wasserthal et al. 2023) and its own output on them",
    ),
}  # fmt: skip


def read(release: Release, case: dict[str, Any]) -> tuple[Volume, Labels]:
    """A scan, and its labels by the classes' names; those that this patient does not show are left out."""
    values = {name: int(value) for value, name in case["labels_present"].items()}
    there = {
        name: [values[label] for label in labels if label in values] for name, labels in release.classes.items()
    }
    volume = sa.read_volume(SHARED / case["image"])
    labels = merge(sa.read_labels(SHARED / case["label"]), {name: found for name, found in there.items() if found})
    # A whole number more or less stays within int16 here.
    return replace(volume, array=volume.array + release.offset), on_grid(labels, volume.geometry)


def train(name: str, folder: Path, settings: dict[str, Any]) -> Path:
    """Train an adapter in a folder; returns its run."""
    release, library = RELEASES[name], folder / "library"
    cases = {one["case"]: one for one in json.loads((SHARED / "index.json").read_text("utf-8"))
             if one["dataset"] == release.dataset}  # fmt: skip
    for case in release.cases:
        volume, labels = read(release, cases[case])
        for index in sa.suggest(volume, labels, count=release.per_patient):
            sa.add_exemplar(library, volume, labels, index, subject=case)
    sa.finetune(library, folder / "run", **settings)
    return folder / "run"


def main(words: Sequence[str] | None = None) -> int:
    """Train and publish them, one after the other; what is published stays, and is left alone without a name."""
    parser = argparse.ArgumentParser(prog="release_adapters", description="Train and publish adapters of a release.")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join(RELEASES))
    parser.add_argument("--minutes", type=float, default=8.0, help="of each training (default 8)")
    parser.add_argument("--steps", type=int, help="of each training, in place of a time")
    parser.add_argument("--key", help="private key to sign them with")
    args = parser.parse_args(words)
    settings = {"budget_minutes": args.minutes} if args.steps is None else {"steps": args.steps}
    try:
        unknown = sorted({*args.names} - {*RELEASES})
        if unknown:
            raise InputError("No such adapter of a release", unknown[0], f"Choose of {', '.join(RELEASES)}")
        if not (SHARED / "index.json").is_file():
            raise InputError("The folder of scans is not there", SHARED, "Name its parent by SAMADAPT_SHARED")
        Output(args.folder, folder=True, ours=is_published).check()
        there = {one.name for one in sa.published_adapters(args.folder)} if is_published(Path(args.folder)) else set()
        for name in args.names or [name for name in RELEASES if name not in there]:
            with tempfile.TemporaryDirectory() as made:
                shelf = sa.Shelf(Path(made) / "shelf")
                shelf.add(train(name, Path(made), settings), name)
                # As each is done, so that a stop costs one.
                (one,) = sa.publish_adapters(
                    [name], args.folder, shelf, args.key, RELEASES[name].licence, overwrite=True
                )
            print(f"{one.name}: {one.place}, {one.signed}, {one.info and one.info.validation}", flush=True)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
