"""What is interrupted: each kind of work, what it has finished, and how it goes on. Loaded once, then forked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from SAMAdaptLib.adapters.fetch import fetch_adapter
from SAMAdaptLib.adapters.file import save_adapter
from SAMAdaptLib.adapters.index import published_adapters
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.adapters.parcel import is_parcel
from SAMAdaptLib.adapters.publish import publish_adapters
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.adapters.signature import make_key
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.files import read_json, sha256_file
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.prompts.boxes import box
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.sam.weights import download as downloads
from SAMAdaptLib.sam.weights.read import read_tensors
from SAMAdaptLib.study.run import run_study
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.resume import is_run
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.adapters.published import put
from Testing.study.scene import described, write_scans, write_weights
from Testing.tiny import TINY_VIT, build, make_library, scan

# Called after each piece of work with what is finished then, where pieces are told apart.
Done = Callable[[Any], None]

GREY = Intensity.parse("minmax")
BODY = np.random.default_rng(0).bytes(400_000)
ADDRESS = "address.txt"
TRAINING = TrainConfig(
    model="test_vit", method="decoder", steps=3, batch_size=1, prompts_per_slice=1, synthetic_count=4,
    checkpoint_seconds=0.0, precision="fp32", device="cpu",
)  # fmt: skip
PRETRAINING = PretrainConfig(
    model="test_vit", steps=3, batch_size=2, checkpoint_seconds=0.0, precision="fp32", device="cpu", intensity="minmax"
)


class Work:
    """A kind of work in a folder ``place``, from what lies in another one, ``given``."""

    def prepare(self, given: Path) -> None:
        """Make what it is done with, and in ``given/before`` what lies in its folder before."""

    def do(self, given: Path, place: Path, done: Done) -> None:
        """Do it, or what is left of it."""
        raise NotImplementedError

    def go_on(self, given: Path, place: Path, states: list[Any]) -> None:
        """Do what is left after an interruption; ``states`` is what was finished before the work and after each piece.
        """
        self.do(given, place, lambda state: None)

    def finished(self, given: Path, place: Path) -> Any:
        """Open the folder as a user would, check what is in it, and say what is finished, in plain values."""
        raise NotImplementedError


class Steps(Work):
    """Work of several pieces, each of which is done or not."""

    def pieces(self, given: Path, place: Path) -> list[Callable[[], object]]:
        """The pieces in their order."""
        raise NotImplementedError

    def do(self, given: Path, place: Path, done: Done) -> None:
        """See :meth:`Work.do`."""
        for piece in self.pieces(given, place):
            piece()
            done(self.finished(given, place))

    def go_on(self, given: Path, place: Path, states: list[Any]) -> None:
        """See :meth:`Work.go_on`."""
        for piece in self.pieces(given, place)[states.index(self.finished(given, place)) :]:
            piece()


class Exemplars(Steps):
    """Slices are added to a library, with neighbours and in place of another, and taken out."""

    def prepare(self, given: Path) -> None:
        make_library(given / "before", patients=1, indices=(1, 2))

    def pieces(self, given: Path, place: Path) -> list[Callable[[], object]]:
        library = Library.open(place)
        volume, labels = scan(0)
        first, second, *_ = sorted(self.finished(given, given / "before"))
        add = partial(library.add, volume, labels, "axial", intensity=GREY)
        return [
            partial(add, index=3, neighbours=1),
            partial(library.remove, first),
            partial(add, index=4, replaced=[second]),
            partial(library.add, *scan(1), "axial", 2, GREY),
        ]

    def finished(self, given: Path, place: Path) -> Any:
        # Each is compared with its hash.
        return {exemplar.info.id: exemplar.info.hash for exemplar in Library.open(place)}


class Adapters(Steps):
    """Adapters are signed, put onto a shelf, renamed, exported, deleted and imported."""

    def prepare(self, given: Path) -> None:
        for number, name in enumerate(("Liver", "new")):
            model = build("vit-64")
            method = get_method("lora")
            config = method.Config(rank=1 + number)
            method.apply(model, config)
            info = AdapterInfo("lora", config.to_dict(), "sam_vit_b", model.base_hash, 64, "minmax", "axial", ("a",), 1)
            save_adapter(given / name, model, info)
        Shelf(given / "before").add(given / "Liver", "Liver")
        make_key(given / "key")

    def pieces(self, given: Path, place: Path) -> list[Callable[[], object]]:
        shelf, parcel = Shelf(place), place / "out.samadapt.zip"
        return [
            partial(shelf.sign, "Liver", given / "key"),
            partial(shelf.add, given / "new", "Spleen"),
            partial(shelf.rename, "Spleen", "Kidney"),
            partial(shelf.export, "Kidney", parcel),
            partial(shelf.delete, "Kidney"),
            partial(shelf.import_, parcel),
        ]

    def finished(self, given: Path, place: Path) -> Any:
        entries = Shelf(place).list()
        assert not [entry.error for entry in entries if entry.info is None]
        found = {entry.name: entry.info.weights_sha256 for entry in entries if entry.info is not None}
        parcel = place / "out.samadapt.zip"
        assert not parcel.exists() or is_parcel(parcel)
        return [found, parcel.exists(), {entry.name: entry.signed.fingerprint for entry in entries}]


class Publishing(Steps):
    """Adapters are published, one of them anew, and one is fetched onto a shelf in the same folder."""

    def prepare(self, given: Path) -> None:
        for name in ("Liver", "Spleen"):
            put(Shelf(given / "shelf"), name)
        put(Shelf(given / "newer" / "shelf"), "Liver", ("Liver", "vein"), size=5000)

    def pieces(self, given: Path, place: Path) -> list[Callable[[], object]]:
        os.environ["SAMADAPT_CACHE"] = str(place / "cache")
        shelf, public = Shelf(given / "shelf"), place / "public"
        return [
            partial(publish_adapters, ["Liver"], public, shelf),
            partial(publish_adapters, ["Spleen"], public, shelf),
            partial(publish_adapters, ["Liver"], public, Shelf(given / "newer" / "shelf"), overwrite=True),
            partial(fetch_adapter, public, "Liver", shelf=Shelf(place / "shelf")),
        ]

    def finished(self, given: Path, place: Path) -> Any:
        public = place / "public"
        found = published_adapters(public) if (public / "index.json").exists() else []
        assert all(one.info is not None and sha256_file(one.place) == one.sha256 for one in found)
        entries = Shelf(place / "shelf").list()
        assert not [entry.error for entry in entries if entry.info is None]
        return [{one.name: one.info and one.info.weights_sha256 for one in found}, len(entries)]


class Synthesis(Work):
    """Synthetic slices are written."""

    def prepare(self, given: Path) -> None:
        make_library(given / "library", patients=1, indices=(2, 3))

    def do(self, given: Path, place: Path, done: Done) -> None:
        SyntheticSet(Library.open(given / "library"), 4, 1).write(place)

    def finished(self, given: Path, place: Path) -> Any:
        if not (place / "manifest.json").exists():
            return None
        manifest = read_json(place / "manifest.json", "manifest")
        for sample in manifest["samples"]:
            assert all(sha256_file(place / sample[k]["file"]) == sample[k]["sha256"] for k in ("image", "label"))
        return manifest if manifest["complete"] else None


class Training(Work):
    """An adapter is trained, with validations, checkpoints after each step, and the best weights in the end."""

    def prepare(self, given: Path) -> None:
        make_library(given / "library", patients=3, indices=(2, 3))

    def do(self, given: Path, place: Path, done: Done) -> None:
        run = place / "run"
        finetune(given / "library", run, TRAINING, model=build("vit-64"), resume=is_run(run))

    def finished(self, given: Path, place: Path) -> Any:
        run = place / "run"
        steps = [line["step"] for line in read_metrics(run) if "loss" in line]
        # An interruption costs a step at most. Once the adapter is whole, the checkpoints go.
        if steps and not (run / "adapter" / "adapter.json").exists():
            files = sorted((run / "checkpoints").glob("step-*.safetensors"))
            kept = [int(path.stem[5:]) for path in files if read_tensors(path)[0]]
            assert max(kept, default=0) >= max(steps) - 1
        return hashed(run / "adapter" / "adapter.safetensors", run / "adapter" / "adapter.json")


class Pretraining(Work):
    """The encoder's adapters are trained on slices without labels."""

    def prepare(self, given: Path) -> None:
        (given / "images").mkdir()
        for number in range(2):
            volume, _ = scan(number)
            write_volume(given / "images" / f"{number}.nrrd", volume.array, volume.geometry)

    def do(self, given: Path, place: Path, done: Done) -> None:
        run = place / "run"
        pretrain(given / "images", run, PRETRAINING, model=build("vit-64"), resume=is_run(run))

    def finished(self, given: Path, place: Path) -> Any:
        run = place / "run"
        return hashed(run / "adapter" / "adapter.safetensors", run / "adapter" / "adapter.json")


class Propagation(Work):
    """A structure is carried through a scan, whose embeddings are kept on disk; the result is written."""

    def _predictor(self, cache: Path | None) -> VolumePredictor:
        return VolumePredictor(Predictor(build("vit-64")), scan(0)[0], "axial", GREY, EmbeddingCache(0, cache))

    def do(self, given: Path, place: Path, done: Done) -> None:
        on = self._predictor(place / "cache")
        _, labels = scan(0)
        prompts = {2: box(labels.mask("disc")[2])}
        rules = PropagationRules(min_iou=0.0, area_ratio=(0.0, 1e9), min_predicted_iou=0.0)
        found = finish(propagate(on, prompts, on.stack.count, on.stack.shape, rules))
        write_volume(place / "mask.nii.gz", found.mask.astype(np.uint8), labels.geometry)

    def finished(self, given: Path, place: Path) -> Any:
        on, fresh = self._predictor(place / "cache"), self._predictor(None)
        for index in range(on.stack.count):
            kept = on.cache.get(on.key(index))
            assert kept is None or np.array_equal(kept, fresh.embedding(index)[0].half().numpy())
        assert isinstance(on.cache, EmbeddingCache) and not on.cache.stats.damaged
        mask = place / "mask.nii.gz"
        return hashlib.sha256(read_volume(mask).array.tobytes()).hexdigest() if mask.exists() else None


class Download(Work):
    """Weights are fetched, in small blocks."""

    def do(self, given: Path, place: Path, done: Done) -> None:
        downloads.BLOCK = 1 << 15
        address = (given / ADDRESS).read_text()
        downloads.download(address, place / "w.pth", hashlib.sha256(BODY).hexdigest())

    def finished(self, given: Path, place: Path) -> Any:
        part, whole = place / "w.pth.part", place / "w.pth"
        assert not part.exists() or BODY.startswith(part.read_bytes())
        assert not whole.exists() or whole.read_bytes() == BODY
        return whole.exists() or None


class Study(Work):
    """A training and its tests are done, and written into tables."""

    def prepare(self, given: Path) -> None:
        write_scans(given / "scans", 4)
        write_weights(given / "weights.safetensors")

    def do(self, given: Path, place: Path, done: Done) -> None:
        MODELS[TINY_VIT.name] = TINY_VIT
        os.environ["SAMADAPT_CACHE"] = str(given / "cache")
        row = {"method": "decoder", "slices": 2, "synthesis": False}
        found = run_study(described(given / "scans" / "index.csv", given / "weights.safetensors", row), place / "out")
        # The study itself notes down what ended a cell, and goes on.
        errors = [state for state in found["cells"].values() if state != "done"]
        if errors:
            raise CellFailed(errors[0])

    def finished(self, given: Path, place: Path) -> Any:
        (cell,) = [*(place / "out" / "cells").glob("*")] or [place / "none"]
        # A killed process leaves hidden files that were not whole yet.
        files = sorted((cell / "scores").glob("[!.]*.json"))
        if not files:
            return None
        scores = [read_json(path, "scores")["trials"] for path in files]
        if len(scores) < 2 or not (place / "out" / "results.csv").exists():
            return None
        figures = [{key: one["labels"] for key, one in trials.items()} for trials in scores]
        adapter = cell / "run" / "adapter"
        return [figures, hashed(adapter / "adapter.safetensors", adapter / "adapter.json")]


class CellFailed(Exception):
    """A study's cell has ended with an error."""


def hashed(weights: Path, sign: Path) -> str | None:
    """The hash of a file that is whole, as another one says; None before."""
    if not sign.exists():
        return None
    assert read_json(sign, "sign")["weights_sha256"] == sha256_file(weights)
    return sha256_file(weights)


WORKS: dict[str, Work] = {
    "exemplars": Exemplars(),
    "adapters": Adapters(),
    "publishing": Publishing(),
    "synthesis": Synthesis(),
    "training": Training(),
    "pretraining": Pretraining(),
    "propagation": Propagation(),
    "download": Download(),
    "study": Study(),
}
torch.set_num_threads(1)
