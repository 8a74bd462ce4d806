"""What a training takes in the end is what was told before its start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from Testing.faults.trials import ALL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ALL, reason="minutes; `make faults` does it"),
    pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the peak"),
]
WITHIN = 0.10


@pytest.mark.parametrize("method, mode", [("decoder", "fast"), ("lora", "fast"), ("lora", "low"), ("msa", "fast")])
def test_a_training_takes_what_was_estimated(method, mode, lite_medsam_file, tally):
    one = tally("memory: estimates of a training's peak")
    key = one.given(f"{method} {mode}".encode())
    command = [sys.executable, "-m", "Testing.faults.estimated", method, mode]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    peak, estimated = map(int, done.stdout.split())
    assert estimated == pytest.approx(peak, rel=WITHIN)
    one.survived(key)
