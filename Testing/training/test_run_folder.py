"""The run folder: what survives a kill, and what is refused."""

import json
import shutil

import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import RunFolder, State, read_metrics
from Testing.tiny import build, make_library

CONFIG = {"steps": 5, "lr": 1e-3, "pair": (1, 2)}


def state(step):
    return State(step, {"weight/a": torch.full((2, 3), float(step))}, {"plan": [[0, 0.0, 9]], "seconds": 0.1 * step})


def test_what_is_saved_comes_back(tmp_path):
    folder = RunFolder(tmp_path / "run", CONFIG, False)
    assert folder.latest() is None and not folder.finished
    folder.save(state(3))
    back = RunFolder(tmp_path / "run", CONFIG, True).latest()
    assert back.step == 3 and torch.equal(back.tensors["weight/a"], state(3).tensors["weight/a"])
    assert back.extra["plan"] == [[0, 0.0, 9]] and back.extra["seconds"] == 0.1 * 3


def test_the_last_two_are_kept_and_named_ones_stay(tmp_path):
    folder = RunFolder(tmp_path, CONFIG, False)
    folder.save(state(1), name="best")
    for step in (1, 2, 10, 9):
        folder.save(state(step))
    assert sorted(p.stem for p in folder.checkpoints.iterdir()) == ["best", "step-00000009", "step-00000010"]
    assert folder.latest().step == 10
    assert folder.named("best").tensors["weight/a"].max() == 1
    folder.discard_checkpoints()
    assert not list(folder.checkpoints.iterdir())


@pytest.mark.parametrize("damage", ["cut", "empty", "noise"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, damage):
    folder = RunFolder(tmp_path, CONFIG, False)
    folder.save(state(4))
    folder.save(state(6))
    newest = folder.checkpoints / "step-00000006.safetensors"
    data = newest.read_bytes()
    newest.write_bytes({"cut": data[:-5], "empty": b"", "noise": b"\xff" * len(data)}[damage])
    assert folder.latest().step == 4
    (folder.checkpoints / "step-00000004.safetensors").write_bytes(b"x")
    assert folder.latest() is None


def test_metrics_are_rewound_and_a_torn_line_is_dropped(tmp_path):
    folder = RunFolder(tmp_path, CONFIG, False)
    for step in (1, 2, 3):
        folder.append({"step": step, "loss": float("nan") if step == 2 else 0.5})
    with open(tmp_path / "metrics.jsonl", "a", encoding="utf-8") as file:
        file.write('{"step": 4, "lo')
    assert [line["step"] for line in read_metrics(tmp_path)] == [1, 2, 3]
    folder.rewind(2)
    folder.append({"step": 3, "loss": 0.25})
    text = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in text] == [
        {"step": 1, "loss": 0.5},
        {"step": 2, "loss": None},
        {"step": 3, "loss": 0.25},
    ]


def test_a_run_is_never_started_over_by_accident(tmp_path):
    RunFolder(tmp_path, CONFIG, False)
    with pytest.raises(InputError, match="A run is there already.*--resume"):
        RunFolder(tmp_path, CONFIG, False)
    RunFolder(tmp_path, CONFIG, True)
    with pytest.raises(InputError, match="another lr, steps") as caught:
        RunFolder(tmp_path, CONFIG | {"steps": 6, "lr": 1e-4}, True)
    assert "same options" in caught.value.remedy
    assert json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))["steps"] == 5


def test_a_folder_in_use_for_other_things_is_left_alone(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="Cannot create the output folder"):
        RunFolder(tmp_path / "file", CONFIG, False)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("text, said", [("[]", "damaged"), ("{", "Cannot read"), ('{"format_version": 99}', "newer")])
def test_a_config_that_cannot_be_understood(tmp_path, text, said):
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        RunFolder(tmp_path, CONFIG, True)


def test_a_run_whose_folder_goes_while_it_is_made_ready_is_begun_nowhere(tmp_path) -> None:
    """Its place may be where a share was mounted."""
    library = make_library(tmp_path / "library", indices=(1, 3))
    run = tmp_path / "shared" / "run"
    run.mkdir(parents=True)
    config = TrainConfig(model="test_vit", method="decoder", steps=1, device="cpu", synthesis=False, validation="none")

    def gone(event) -> None:
        if run.exists() and not any(run.iterdir()):
            shutil.rmtree(tmp_path / "shared")

    with pytest.raises(InputError, match="The run's folder is gone"):
        finetune(library, run, config, model=build("vit-64"), listener=gone)
    assert not (tmp_path / "shared").exists()
