"""What ``accelerate launch`` starts in the tests: the command with the small models, or single steps of all kinds.

``SAMADAPT_FAULT=RANK:STEP:WHAT`` lets a process fail, die, or be interrupted with the launcher, at a step.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.pretrain import Pretraining
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.engine import Asked, Run
from SAMAdaptLib.training.finetune import Finetuning
from SAMAdaptLib.training.step import Drawn, Stepper
from SAMAdaptLib.training.team import Team
from Testing.tiny import KINDS, TINY_VIT, VIT, build

# Three slices for two processes, so that their shares differ.
COMMON = {"steps": 9, "precision": "fp32", "device": "cpu", "seed": 3}
TRAINING = TrainConfig(batch_size=3, prompts_per_slice=2, corrections=0.5, synthetic_count=8, **COMMON)
TUNED = {
    "lora": ("vit-64", TRAINING),
    "stem": ("tiny_vit-64", TRAINING),
    # Nothing is learnt about mask prompts, which none of these has.
    "decoder": ("vit-64", replace(TRAINING, method="decoder", prompts="box", corrections=0.0)),
    "sammix": (
        "vit-64",
        replace(TRAINING, method="sammix", method_config={"classifier_width": 8, "classifier_size": 64}),
    ),
}
PRETRAINED = {
    "encoder": ("tiny_vit-64", PretrainConfig(train="encoder", batch_size=5, **COMMON)),
    "msa": ("vit-64", PretrainConfig(batch_size=3, **COMMON)),
}


def run_of(name: str, library: Path, images: Path, output: Path, team: Team) -> Run:
    """A run that is ready for its first step."""
    kind, config = (TUNED | PRETRAINED)[name]
    inputs = dict.fromkeys(("library", "checkpoint", "start_from", "synthetic")) | {"images": images}
    asked = Asked(output, inputs, model=build(kind))
    if name in PRETRAINED:
        return Pretraining(team, config, asked, images)
    return Finetuning(team, config.with_recipe(), asked, library)


def one_step(run: Run) -> tuple[dict[str, float], dict[str, torch.Tensor]]:
    """Figures and gradients of a step late in the run, all processes together."""
    chance = torch.Generator().manual_seed(1)
    with torch.no_grad():
        # Some start at zero, and then others have no gradient.
        for parameter in run.parameters.values():
            parameter += 0.02 * torch.randn(parameter.shape, generator=chance)
    figures = run.gradients(5, 0.6)
    return figures, {name: p.grad.clone() for name, p in run.parameters.items() if p.grad is not None}


def _steps(library: Path, images: Path, folder: Path) -> None:
    with Team("cpu") as team:
        for name in TUNED | PRETRAINED:
            figures, gradients = one_step(run_of(name, library, images, folder / name, team))
            told = {key: repr(value) for key, value in figures.items()}
            save_file(gradients, folder / f"{name}-{team.rank}.safetensors", metadata=told)


def _interrupt() -> None:
    """Ctrl-C at the launcher, and wait until it has passed it on."""
    came, usual = threading.Event(), signal.getsignal(signal.SIGINT)

    def hear(*signalled: object) -> None:
        usual(*signalled)
        came.set()

    signal.signal(signal.SIGINT, hear)
    os.kill(os.getppid(), signal.SIGINT)
    while not came.wait(0.01):
        pass


def break_off(fault: str) -> None:
    """Let a process do what ``SAMADAPT_FAULT`` says."""
    rank, step, what = fault.split(":")
    usual = Stepper.__call__

    def broken(self: Stepper, number: int, progress: float, drawn: Drawn) -> dict[str, float]:
        if os.environ["RANK"] == rank and number == int(step):
            if what == "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            if what == "fails":
                raise InputError("A slice cannot be used", what, "Leave it out")
            _interrupt()
        return usual(self, number, progress, drawn)

    Stepper.__call__ = broken


def _tell_of_threads() -> None:
    names = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").glob("*")]
    # Both processes end at once on one pipe: one write is not torn apart, print makes several.
    os.write(2, f"\nthreads at the end: {' '.join(sorted(names))}\n".encode())


if __name__ == "__main__":
    # Called last, since it is registered first.
    atexit.register(_tell_of_threads)
    MODELS.update({model.name: model for model in (VIT, TINY_VIT)})
    assert KINDS["vit-64"][0] is VIT
    if os.environ.get("SAMADAPT_FAULT"):
        break_off(os.environ["SAMADAPT_FAULT"])
    if sys.argv[1] == "steps":
        _steps(*map(Path, sys.argv[2:]))
    else:
        sys.exit(main(sys.argv[1:]))
