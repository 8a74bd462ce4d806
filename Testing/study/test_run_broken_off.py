"""Studies that are killed, stopped, begun twice, or lose their folder, and what the next call makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.locks import changing
from SAMAdaptLib.study.run import run_study
from Testing.study.runs import done, table
from Testing.study.scene import described

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small")]

ROOT = Path(__file__).resolve().parents[2]


def test_killed_in_the_middle_of_a_cell(data, tmp_path) -> None:
    """Killed in the second training: the first one stays, the second goes on, and the figures are those of no kill."""
    description = described(*data, {"method": "decoder", "slices": ["1 per scan", "2 per scan"], "synthesis": False},
                            test_prompts="box", steps=8)  # fmt: skip
    file, output = tmp_path / "study.json", tmp_path / "killed"
    file.write_text(json.dumps(description))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "Testing.study.scene", str(file), str(output)]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen, second = [], False
    assert process.stdout is not None
    for line in process.stdout:
        seen.append(line)
        second |= "'event': 'cell'" in line and "'number': 2" in line
        if second and "'event': 'step'" in line and "'step': 3" in line:
            break
    process.kill()
    assert process.wait() != 1, "".join(seen[-20:])
    process.stdout.close()
    half = {path.parent.parent.name: path.read_bytes() for path in output.glob("cells/*/run/metrics.jsonl")}
    assert len(half) == 2 and len(table(output)) == 4
    begun, found = done(description, output)
    assert len(begun) == 1 and "2 per scan" in begun[0] and [*found["cells"].values()] == ["done", "done"]
    finished, other = sorted(half, key=lambda key: len(half[key]))[::-1]
    now = {path.parent.parent.name: path.read_bytes() for path in output.glob("cells/*/run/metrics.jsonl")}
    assert now[finished] == half[finished]
    # It went on from its checkpoint: its first steps are those of before.
    assert now[other].splitlines()[0] == half[other].splitlines()[0] and len(now[other].splitlines()) == 8
    done(description, tmp_path / "unbroken")
    assert table(output) == table(tmp_path / "unbroken")


def test_stopped_it_can_be_gone_on_with(data, tmp_path) -> None:
    description = described(*data, {"method": "none"}, test_prompts=["box", "point"])
    asked = []
    with pytest.raises(Cancelled):
        run_study(description, tmp_path / "out", cancelled=lambda: asked.append(1) or len(asked) > 8)
    assert [path.suffix for path in (tmp_path / "out").glob("cells/*/scores/*")] in ([], [".json"])
    assert len(done(description, tmp_path / "out")[0]) == 1 and len(table(tmp_path / "out")) == 8


@pytest.mark.parametrize("moment", ["scan", "cell", "step", "test"])
def test_in_place_of_a_folder_that_goes_away_none_is_begun(data, tmp_path, moment) -> None:
    """At the first event of its kind; once it is back, the study goes on."""
    description = described(*data, {"method": "decoder", "slices": "1 per scan", "synthesis": False},
                            test_prompts="box")  # fmt: skip
    output, away = tmp_path / "out", tmp_path / "away"
    output.mkdir()

    def hear(event) -> None:
        if event["event"] == moment and not away.exists():
            output.rename(away)

    with pytest.raises(InputError, match="out"):
        run_study(description, output, listener=hear)
    assert away.exists() and not output.exists()
    away.rename(output)
    begun, found = done(description, output)
    assert len(begun) == 1 and [*found["cells"].values()] == ["done"] and len(table(output)) == 4


def test_what_a_kill_left_goes_once_nobody_can_be_at_it(data, tmp_path) -> None:
    """A library in the making, and a file of the study; what was begun a moment ago may be another worker's."""
    output = tmp_path / "out"
    old, young = (output / "libraries" / f".part-{name}" for name in ("old", "young"))
    file = output / ".part-old-study.json"
    for folder in (old, young):
        Library.create(folder)
    file.write_text("{")
    for path in (old, file):
        os.utime(path, (time.time() - 7200,) * 2)
    done(described(*data, {"method": "none"}), output)
    assert young.is_dir() and not old.exists() and not file.exists()


def test_a_second_study_in_the_folder_leaves(data, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    begun = time.monotonic()
    with changing(tmp_path / "out"), pytest.raises(InputError, match="Another study is running in the folder: .*out"):
        run_study(described(*data, {"method": "none"}), tmp_path / "out")
    assert time.monotonic() - begun < 20
