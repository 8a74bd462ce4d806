"""Write samples of every file format, to be kept as today's version has them: ``Testing/samples/<version>.tar.xz``.

usage: python -m Testing.tools.freeze_samples [NAME ...]

``Testing/test_old_files.py`` opens those of all versions. A sample is never written anew: a change of a format gets its
own samples. Where there are samples of this version already, only the formats of which they hold none are written, into
``<version>-<number>.tar.xz``, or those that are named, of which the format's own version was raised. Trained values are
replaced by a short pattern that compresses to nothing; they lie where a training puts them.
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from SAMAdaptLib import __version__
from SAMAdaptLib.adapters.file import AdapterInfo, apply_adapter, save_adapter
from SAMAdaptLib.adapters.publish import publish_adapters
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.adapters.signature import make_key, sign
from SAMAdaptLib.errors import Cancelled
from SAMAdaptLib.files import write_json
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import pretrain
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import FORMAT_VERSION as CACHE_VERSION
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.run import run_study
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.volume.volume import write_volume
from Testing.study.scene import NAME, described, register, write_scans, write_weights
from Testing.tiny import build, make_library, picture, scan

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
# Settings that are no defaults, so that reading has something to get wrong.
ADAPTERS = {name: (name, {}) for name in METHODS} | {
    "msa-depth": ("msa", {"depth": 3}),
    "lora-rank": ("lora", {"rank": 2}),
}
TRAINING = TrainConfig(
    model="test_vit", steps=6, prompts_per_slice=2, synthetic_count=8, checkpoint_seconds=1e9, precision="fp32",
    device="cpu",
)  # fmt: skip
PRETRAINING = PretrainConfig(
    model="test_vit", steps=4, batch_size=3, checkpoint_seconds=1e9, precision="fp32", device="cpu", intensity="minmax"
)


def patterned(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Values of the size that a layer has at its start, repeated from a short table; a count stays as it is."""
    if tensor.ndim == 0 or not tensor.is_floating_point():
        return tensor
    # A prime, so that no row of a matrix is like the next.
    table = torch.from_numpy(np.random.default_rng(len(name)).standard_normal(251))
    values = table[torch.arange(tensor.numel()) % 251].reshape(tensor.shape)
    values = values / (tensor[0].numel() ** 0.5 if tensor.ndim > 1 else 10)
    if name.startswith("exp_avg_sq"):
        values = values.square()
    elif name.endswith("weight") and tensor.ndim == 1 and not name.startswith("exp_avg"):
        values = 1 + values
    return values.to(tensor.dtype)


def make_plain(file: Path) -> None:
    """Write a file of tensors once more, with patterned values and its own metadata."""
    with safe_open(file, "pt") as there:
        metadata, tensors = there.metadata(), {name: there.get_tensor(name) for name in there.keys()}
    save_file({name: patterned(name, tensor) for name, tensor in tensors.items()}, file, metadata=metadata)


def answer(adapter: Path) -> np.ndarray:
    """float32 [2, 40, 60]: logits of a box and a point on a fixed picture, by an adapter of the small ViT."""
    model = build("vit-64")
    apply_adapter(model, adapter)
    frame = ModelFrame((40, 60), model.input_size)
    stack = picture() if model.depth == 1 else np.stack([picture(seed=k) for k in range(model.depth)])
    with torch.no_grad():
        embeddings = encode(model, [stack], [frame], torch.float32)
        logits, _ = decode(model, embeddings, [Prompt([[30, 16]], [1]), Prompt(box=[20, 6, 50, 30])], frame)
    return logits.float().numpy()


def write_adapter(folder: Path, method_name: str, settings: dict) -> None:
    """An adapter of the small ViT with patterned values, and what it answers."""
    model, method = build("vit-64"), get_method(method_name)
    config = method.for_classes(method.Config(**settings), 2)
    method.apply(model, config, seed=1)
    with torch.no_grad():
        for name, parameter in trainable(model.sam).items():
            parameter.copy_(patterned(name, parameter))
    info = AdapterInfo(
        method_name, config.to_dict(), "test_vit", model.base_hash, 64, "window:40/400", "axial", ("disc", "Milz"), 7
    )
    save_adapter(folder, model, info)
    np.save(folder.with_suffix(".npy"), answer(folder))


def stopped_after(steps: int) -> Callable[[], bool]:
    """Says "stop" once so many steps are done."""
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) >= steps

    return stop


def stopped_run(start: Callable[[Callable[[], bool]], object], folder: Path) -> None:
    """A run that was stopped, its checkpoints patterned, the places of its inputs as on another computer."""
    try:
        start(stopped_after(4))
    except Cancelled:
        pass
    else:
        raise SystemExit("The run was not stopped")
    for file in (folder / "checkpoints").glob("*.safetensors"):
        make_plain(file)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    for place in config.get("inputs", {}).values():
        place["path"] = "/elsewhere/" + Path(place["path"]).name
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")


def write_embeddings(folder: Path) -> None:
    """A kept embedding, and the key of its slice."""
    slices = seen_slices(EmbeddingCache(folder=folder))
    slices.embedding(2)
    write_json(folder / "key.json", {"format_version": CACHE_VERSION, "key": slices.key(2)})


def seen_slices(cache: EmbeddingCache) -> VolumePredictor:
    """Slices of a scan under the small ViT."""
    return VolumePredictor(Predictor(build("vit-64"), "fp32"), scan(0)[0], intensity="window:40/400", cache=cache)


def write_study(folder: Path) -> None:
    """The folder of a study whose base model was tested, as on another computer."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        index = write_scans(place, 4, site=["A", "A", "B", "B"])
        weights = write_weights(place / "weights.safetensors")
        register()
        # Nothing of it is drawn, so that no figure depends on a random generator.
        run_study(described(index, weights, {"method": "none"}, test_prompts=["box"]), folder)
        del MODELS[NAME]
    told = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    told["data"]["index"] = "/elsewhere/index.csv"
    for cell in told["cells"]:
        cell["checkpoint"] = "/elsewhere/weights.safetensors"
    write_json(folder / "study.json", told)


SETTINGS = """\
[finetune]
library = "LIB"
output = "RUN"
model = "lite_medsam"
method = "lora"
budget-minutes = 4
lr = 2e-3
prompts = "box:0.05=0.5,point=0.5"
synthesis_config = {shift_mm = 5}

[finetune.method_settings]
rank = 8

[synthesize]
library = "LIB"
output = "SET"
count = 12
seed = 3
shift_mm = 5

[evaluate]
image = ["a.nrrd"]
labels = ["a.seg.nrrd"]
output = "OUT"
prompt = "box"
tolerance-mm = 1
"""
STUDY = """\
title = "Four ellipses"

[data]
index = "index.csv"
test = ["P2", "P3"]

[cells]
model = "lite_medsam"
steps = 3
test_prompts = ["box", "random-point"]

[[rows]]
method = "none"

[[rows]]
method = "lora"
slices = ["2 per scan", 3]
rule = "random"
seed = [0, 1]
"""


def write_settings(folder: Path) -> None:
    """What users write by hand: a configuration of the command line, and the description of a study."""
    folder.mkdir(parents=True)
    (folder / "samadapt.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def write_signed(folder: Path) -> None:
    """A signed adapter with its model card, and the public key to check it with; the private one is gone."""
    write_adapter(folder / "adapter", "lora", {"rank": 2})
    (folder / "adapter.npy").unlink()
    with tempfile.TemporaryDirectory() as made:
        key = Path(made) / "signer"
        make_key(key)
        sign(folder / "adapter", "Milz", key)
        shutil.copy(f"{key}.pub", folder / "signer.pub")


def write_published(folder: Path) -> None:
    """A folder of published adapters, of which one is signed by the key beside it."""
    with tempfile.TemporaryDirectory() as made:
        shelf = Shelf(Path(made) / "shelf")
        for name in ("Milz", "signed"):
            write_adapter(Path(made) / name, "lora", {"rank": 2})
            shelf.add(Path(made) / name, name)
        key = Path(made) / "signer"
        make_key(key)
        publish_adapters(["Milz"], folder / "public", shelf, licence="CC BY 4.0, A. Body")
        publish_adapters(["signed"], folder / "public", shelf, key)
        shutil.copy(f"{key}.pub", folder / "signer.pub")


LATER: dict[str, Callable[[Path], None]] = {
    "embeddings": write_embeddings, "study": write_study, "settings": write_settings, "signed": write_signed,
    "published": write_published,
}  # fmt: skip


def write_all(root: Path) -> None:
    """Every format below a folder."""
    write_first(root)
    for name, write in LATER.items():
        write(root / name)


def write_first(root: Path) -> None:
    """Those that there were in 0.1.0."""
    for name, (method, settings) in ADAPTERS.items():
        write_adapter(root / "adapters" / name, method, settings)
    library = make_library(root / "library", patients=3, indices=(1, 3), backgrounds=(0,))
    SyntheticSet(library, 4, 5).write(root / "synthetic")
    stopped_run(
        lambda stop: finetune(library, root / "run", TRAINING, model=build("vit-64"), cancelled=stop), root / "run"
    )
    images = root / "images"
    images.mkdir()
    for number in range(2):
        volume, _ = scan(number)
        write_volume(images / f"{number}.nrrd", volume.array, volume.geometry)
    learnt = root / "pretraining"
    stopped_run(
        lambda stop: pretrain(images, learnt, replace(PRETRAINING), model=build("vit-64"), cancelled=stop), learnt
    )
    shelf = Shelf(root / "shelf")
    shelf.add(root / "adapters" / "lora-rank", "Milz")
    shelf.export("Milz", root / "Milz.zip")


def main(names: list[str]) -> int:
    """Write the samples of this version, unless they are there, or of formats of these names."""
    there = [*SAMPLES.glob(f"{__version__}.tar.xz"), *SAMPLES.glob(f"{__version__}-*.tar.xz")]
    held = {name.split("/")[0] for archive in there for name in tarfile.open(archive).getnames()}
    missing = names or [name for name in LATER if name not in held]
    if there and not missing:
        print(f"Samples of {__version__} are there; what an earlier SAMAdapt has written does not change")
        return 1
    target = SAMPLES / (f"{__version__}-{len(there)}.tar.xz" if there else f"{__version__}.tar.xz")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / __version__
        if there:
            for name in missing:
                LATER[name](root / name)
        else:
            write_all(root)
        packed = Path(folder) / target.name
        with tarfile.open(packed, "w:xz", preset=6) as archive:
            for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".lock"):
                info = archive.gettarinfo(path, path.relative_to(root).as_posix())
                info.uid = info.gid = info.mtime = 0
                info.uname = info.gname = ""
                with open(path, "rb") as file:
                    archive.addfile(info, file)
        SAMPLES.mkdir(exist_ok=True)
        shutil.move(packed, target)
    print(f"{target.name}: {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
