"""What a training loads before its first step, and what it does without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from SAMAdaptLib.training.optimiser import uncompiled
from Testing.tiny import make_library

# None of them has a part in the steps of a method without LoRA, which is peft's; each takes a second or more to load.
IDLE = ("torch._dynamo", "sympy", "torchvision", "transformers", "peft", "monai", "accelerate", "scipy.signal")
# What torch itself loads is its own affair: before 2.7 its checkpoints want sympy.
RUN = """
import sys
import torch.utils.checkpoint
own = {*sys.modules}
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from Testing.tiny import build
config = TrainConfig(model="test_vit", method="decoder", steps=2, device="cpu", prompts_per_slice=2, synthetic_count=4)
finetune(sys.argv[1], sys.argv[2], config, model=build("vit-64"))
print(*({*sys.modules} - own))
"""


@pytest.mark.slow
def test_a_training_loads_nothing_that_it_does_not_use(tmp_path):
    library = make_library(tmp_path / "library").folder
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", RUN, str(library), str(tmp_path / "run")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "segment_anything" in loaded and not set(IDLE) & set(loaded)


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW])
def test_an_optimiser_moves_as_torch_s_own(kind):
    def moved(optimiser):
        weights = [torch.nn.Parameter(torch.linspace(-1, 1, 5)), torch.nn.Parameter(torch.ones(2, 3))]
        groups = [{"params": weights[:1], "lr": 0.1}, {"params": weights[1:]}]
        made = optimiser(groups, lr=0.01, weight_decay=0.1)
        for step in range(3):
            sum(((step + 1) * weight**3).sum() for weight in weights).backward()
            made.step()
            made.zero_grad(set_to_none=True)
            assert all(weight.grad is None for weight in weights)
        return weights, made.state_dict()

    (ours, state), (theirs, wanted) = moved(uncompiled(kind)), moved(kind)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert not torch.equal(ours[1], torch.ones(2, 3))
    assert state["param_groups"] == wanted["param_groups"]
    for number, kept in wanted["state"].items():
        assert all(torch.equal(state["state"][number][name], value) for name, value in kept.items())
