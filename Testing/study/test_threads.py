"""Threads of cells: the same adapters and figures to the bit, however many workers share the cores."""

import hashlib
from pathlib import Path

import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.run import run_study
from Testing.study.runs import table
from Testing.study.scene import NAME, described, write_scans, write_weights
from Testing.tiny import TINY_VIT

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Three trainings, two of which share their exemplars."""
    monkeypatch.setitem(MODELS, NAME, TINY_VIT)
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    write_scans(tmp_path / "data", 4)
    write_weights(tmp_path / "w.safetensors")
    rows = {"method": "decoder", "seed": [0, 1]}, {"method": "lora", "seed": 0}
    return described(
        tmp_path / "data" / "index.csv", tmp_path / "w.safetensors", *rows,
        slices="1 per scan", synthesis=True, steps=3, batch_size=2, test_prompts=["box"], test_slices="every:4",
    )  # fmt: skip


def adapters(output: Path) -> dict[str, str]:
    files = output.glob("cells/*/run/adapter/adapter.safetensors")
    return {file.parts[-4]: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_two_workers_give_what_one_process_gives(study, tmp_path) -> None:
    used: list[int] = []
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        # Had this process its own two threads, and each worker one, sums would be rounded in another order.
        run_study(study, tmp_path / "one", threads=1, listener=lambda event: used.append(torch.get_num_threads()))
        assert torch.get_num_threads() == 2 and {*used[-4:]} == {1}
    finally:
        torch.set_num_threads(before)
    with dask.config.set({"distributed.worker.preload": [write_scans.__module__]}):
        found = run_study(study, tmp_path / "two", workers=2, threads=1)
    assert [*found["cells"].values()] == ["done"] * 3
    assert len(adapters(tmp_path / "one")) == 3 and adapters(tmp_path / "one") == adapters(tmp_path / "two")
    assert table(tmp_path / "one") == table(tmp_path / "two")


def test_fewer_threads_than_processes_are_refused_before_any_work(study, tmp_path) -> None:
    for threads, processes in ((0, 1), (1, 2)):
        with pytest.raises(InputError, match=f"{threads} threads for each cell.*from {processes}"):
            run_study(study, tmp_path / "out", threads=threads, processes=processes)
    assert not (tmp_path / "out").exists()
