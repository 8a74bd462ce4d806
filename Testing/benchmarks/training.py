"""Rows of training steps."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from unittest import mock

import numpy as np
import torch

from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import SamModel, build_sam
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.engine import Asked
from SAMAdaptLib.training.finetune import Finetuning
from SAMAdaptLib.training.losses import mask_loss
from SAMAdaptLib.training.team import Team
from Testing.benchmarks.made import library
from Testing.benchmarks.rows import CannotRun, Found, Machine, Row, alternate, faster, timed, with_checks, within
from Testing.benchmarks.start import ROOT, need_weights

# Before stem caching, the rewritten decoder and 16-bit decoding.
EARLIER = "d61907c3b4bda11bd4fff36552efc39a07af8acc"
SETTINGS = {"validation": "none"}
# Where the encoder is frozen; few enough to have met each slice before the measuring begins.
POOL = 4


class Paced:
    """A training in a process of its own that does a step when it is asked to; see ``paced.py``.

    Args:
        tree: folder that holds the ``SAMAdaptLib`` to be run.
        library: of exemplars.
        run: new folder.
        settings: of the training.
    """

    def __init__(self, tree: Path, library: Path, run: Path, settings: dict[str, object]) -> None:
        command = [sys.executable, str(Path(__file__).with_name("paced.py")), library, run, json.dumps(settings)]
        environment = {**os.environ, "PYTHONPATH": str(tree)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = subprocess.Popen(list(map(str, command)), env=environment, text=True, **pipes)
        self._answer()

    def __call__(self) -> float:
        """Do a step; returns its seconds."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._process.communicate()[1][-500:])
        return line.strip()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def earlier_tree() -> Iterator[Path]:
    """The sources of ``EARLIER``, out of this clone."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["git", "archive", EARLIER, "SAMAdaptLib"], cwd=ROOT, capture_output=True)
        if done.returncode:
            raise CannotRun(f"commit {EARLIER[:7]} is not in this clone: git fetch --unshallow")
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def lora_step(machine: Machine) -> Found:
    """Steps of the default training, as far as they go in new slices, now and then; the first ones do not count."""
    need_weights()
    with tempfile.TemporaryDirectory() as folder, earlier_tree() as tree, contextlib.ExitStack() as opened:
        exemplars = library(Path(folder) / "library").folder
        runs = []
        for name, at in (("now", ROOT), ("then", tree)):
            runs.append(Paced(at, exemplars, Path(folder) / name, SETTINGS))
            opened.callback(runs[-1].close)
        return alternate(*runs, fewest=5, seconds=45.0, warm=2)


@contextlib.contextmanager
def training(exemplars: Library | None = None, **settings: object) -> Iterator[Finetuning]:
    """A run that is about to begin, by default with two organs of two patients."""
    need_weights()
    with tempfile.TemporaryDirectory() as folder, Team("cpu") as team:
        config = TrainConfig(steps=10**6, **SETTINGS, **settings).with_recipe()
        exemplars = library(Path(folder) / "library") if exemplars is None else exemplars
        inputs = dict.fromkeys(("library", "checkpoint", "start_from", "synthetic"))
        yield Finetuning(team, config, Asked(Path(folder) / "run", inputs), exemplars)


def stepping(run: Finetuning) -> Callable[[], None]:
    """What does the next step of a run, as the run itself does it."""
    numbers = iter(range(10**6))

    def step() -> None:
        run.gradients(next(numbers), 0.5)
        torch.nn.utils.clip_grad_norm_(run.parameters.values(), run.config.clip)
        run.optimizer.step()
        run.optimizer.zero_grad(set_to_none=True)

    return step


def decoder_step(machine: Machine) -> Found:
    """The decoder alone, all slices met before, against a step of LoRA."""
    with training(method="decoder") as alone, training() as lora:
        alone.data.limit_synthetic(POOL)
        step = stepping(alone)
        for _ in range(2 * POOL):
            step()
        found = alternate(step, stepping(lora), fewest=5, seconds=20.0)
        return with_checks(found, note=f"{POOL} synthetic slices, all met before")


def _waiting(exemplars: Library | None = None) -> float:
    """Share of a training's time, in per cent, in which it waits for slices and prompts and computes nothing."""
    with training(exemplars) as run:
        waited, drawn = [], run.ahead

        def counted(step: int) -> object:
            begun = time.perf_counter()
            made = drawn(step)
            waited.append(time.perf_counter() - begun)
            return made

        run.ahead = counted
        step = stepping(run)
        try:
            taken = [timed(step) for _ in range(10)][2:]
        finally:
            drawn.close()
    return 100 * statistics.median(a / b for a, b in zip(waited[2:], taken, strict=True))


def data_wait(machine: Machine) -> Found:
    """With small slices of two organs."""
    return Found(_waiting(), unit="%")


def data_wait_large(machine: Machine) -> Found:
    """With slices as of an abdominal CT."""
    with tempfile.TemporaryDirectory() as folder:
        return Found(_waiting(library(Path(folder) / "library", 512, 8)), unit="%")


def _plain_step(model: SamModel, images: torch.Tensor, box: torch.Tensor, target: torch.Tensor) -> None:
    """SAMed's loop on segment_anything's own modules: encode the batch, decode each slice, sum, go back."""
    sam, losses = model.sam, []
    # Encoders without any of the faster forms.
    with mock.patch.dict(os.environ, SAMADAPT_PLAIN="encoder"):
        embeddings = sam.image_encoder(images)
    for embedding in embeddings:
        sparse, dense = sam.prompt_encoder(points=None, boxes=box.expand(len(target), -1), masks=None)
        low_res, _ = sam.mask_decoder(
            image_embeddings=embedding[None],
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
        )
        logits = torch.nn.functional.interpolate(low_res, target.shape[-2:], mode="bilinear", align_corners=False)
        losses.append(mask_loss(logits, target, 1.0, 0.8))
    torch.stack(losses).mean().backward()


# Of twelve blocks.
LAST_BLOCKS = 3


def _vit_b(**settings: object) -> Found:
    """A batch of 4 slices of 256², one box each, forward and back; the plain loop adapts all blocks."""
    side, batch, method = 256, 4, get_method("lora")
    models = [build_sam("sam_vit_b", input_size=side, weights=False) for _ in range(2)]
    for model, given in zip(models, (settings, {}), strict=True):
        method.apply(model, method.Config(**given))
    pictures = list(np.random.default_rng(0).integers(0, 255, (batch, side, side), dtype=np.uint8))
    frame, box = ModelFrame((side, side), side), np.array([60, 60, 180, 180], np.float32)
    target = torch.zeros(1, 1, side, side)
    target[..., 70:170, 70:170] = 1
    dtype = encoder_dtype("auto", "cpu")
    embeddings = Embeddings(models[0], dtype)

    def ours() -> None:
        losses = []
        for embedding in embeddings(pictures, [frame] * batch):
            low_res, _ = decode(models[0], embedding[None], [Prompt(box=box)], frame, dtype=dtype)
            losses.append(mask_loss(frame.logits_to_slice(low_res), target, 1.0, 0.8))
        torch.stack(losses).mean().backward()

    sam = models[1].sam
    images = torch.stack([frame.image_to_model(one, sam.pixel_mean, sam.pixel_std) for one in pictures])
    return alternate(ours, lambda: _plain_step(models[1], images, torch.from_numpy(box)[None], target), seconds=40.0)


def vit_b_step(machine: Machine) -> Found:
    """LoRA in all blocks."""
    return with_checks(_vit_b(), note="random weights")


def cached_blocks(machine: Machine) -> Found:
    """LoRA in the last blocks only, slices met before."""
    found = _vit_b(last_blocks=LAST_BLOCKS)
    return with_checks(found, note=f"random weights, last {LAST_BLOCKS} of 12 blocks")


ROWS = (
    Row("step-lora", "LoRA step, LiteMedSAM, 2 x 4 prompts", f"commit {EARLIER[:7]}", faster(4.0), lora_step),
    Row("step-vit-b", "LoRA step, ViT-B at 256, batch 4", "plain loop", faster(3.0), vit_b_step),
    Row("step-vit-b-cached", "the same, cached stem and last blocks", "plain loop", faster(12.0), cached_blocks),
    Row("step-decoder", "decoder-only step, cached", "LoRA step", faster(30.0), decoder_step),
    Row("step-data", "the trainer waits for data", "", within(3.0), data_wait),
    Row("step-data-512", "the same, 512², 8 classes", "", within(3.0), data_wait_large),
)
