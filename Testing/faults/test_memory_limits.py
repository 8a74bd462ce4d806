"""Volumes that fit into no memory, under a limit of the process as `ulimit -v` sets it: a line with the size and a
remedy, no traceback, and no end by force."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.faults.interrupted import forked
from Testing.faults.reader import limit
from Testing.faults.trials import MARKS

pytestmark = MARKS
# Bytes that a process may have beyond what it has when it begins, and those of a scan.
SPARE = 256 << 20
SIDES = (1000, 1000, 600)


def make_scan(path: Path, sides: tuple[int, int, int] = SIDES) -> Path:
    """A scan of 1.2 GB, of which the disk holds nothing but the header."""
    lines = ["NRRD0004", "type: short", "dimension: 3", f"sizes: {' '.join(map(str, sides))}", "encoding: raw"]
    lines += ["space: left-posterior-superior", "space directions: (1,0,0) (0,1,0) (0,0,1)", "space origin: (0,0,0)"]
    header = ("\n".join([*lines, "endian: little"]) + "\n\n").encode()
    path.write_bytes(header)
    os.truncate(path, len(header) + 2 * int(np.prod(sides)))
    return path


def told(words: list[str], done: object) -> tuple[int, str]:
    """The exit code of a command under the limit, and what it says to the console."""
    from SAMAdaptLib.cli.main import main
    from SAMAdaptLib.sam.registry import MODELS
    from Testing.tiny import TINY_VIT

    MODELS[TINY_VIT.name] = TINY_VIT
    limit(SPARE)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main(words)
    return code, said.getvalue()


def asked(spare: int, done: object) -> dict[str, Any]:
    """What the worker answers where it finds no place for the copy of a volume, and where measuring it takes more."""
    from SAMAdaptLib.service.link.shared import SharedVolume
    from SAMAdaptLib.service.protocol import SetVolume
    from SAMAdaptLib.service.worker.application import failure
    from SAMAdaptLib.service.worker.engine import Engine

    shared = SharedVolume(np.arange(1 << 24, dtype=np.float32).reshape(64, 512, 512))
    shared.fill(60.0)
    request = SetVolume(1, shared.name, shared.shape, shared.dtype, np.eye(4), "percentile:1/99")
    # OpenBLAS takes its own memory at the first product, and before 0.3.22 never comes back where there is none. A
    # worker has multiplied long before.
    np.linalg.det(np.eye(4))
    limit(spare)
    try:
        Engine(lambda answer: None).set_volume(request)
        return {}
    except Exception as error:
        return vars(failure(1, error))
    finally:
        shared.close()


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    return make_scan(tmp_path_factory.mktemp("limits") / "large.nrrd")


MODEL = ["--model", "test_tiny_vit", "--device", "cpu"]
VERBS = {
    "segment": ["segment", "--image", "SCAN", "--output", "OUT.nrrd", *MODEL, "--point=-5,-5,5"],
    "evaluate": ["evaluate", "--image", "SCAN", "--labels", "SCAN", "--output", "OUT", *MODEL],
    "exemplars add": ["exemplars", "add", "--library", "OUT", "--image", "SCAN", "--labels", "SCAN", "--slices", "3"],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_scan_that_fits_into_no_memory_is_refused_in_a_line(verb, scan, tmp_path, tally):
    one = tally("memory: volumes beyond a limit")
    key = one.given(verb.encode())
    places = {"SCAN": str(scan), "OUT": str(tmp_path / "out"), "OUT.nrrd": str(tmp_path / "out.nrrd")}
    ended = forked(told, [places.get(word, word) for word in VERBS[verb]])
    assert not ended.killed
    code, words = ended.value
    assert code == 2 and words.count("\n") == 1, words
    # The image, and the copy that is made of it as an array.
    assert "takes 2.4 GB of memory" in words and str(scan) in words and "crop the scan" in words
    assert not [*tmp_path.rglob("out*.nrrd")]
    one.survived(key)


@pytest.mark.parametrize("spare, what", [(16 << 20, "copy of the volume (64 MB)"), (80 << 20, "too little memory")])
def test_the_worker_answers_in_a_line(spare, what, tally):
    one = tally("memory: volumes beyond a limit")
    key = one.given(f"worker {spare}".encode())
    ended = forked(asked, spare)
    assert not ended.killed
    assert what in ended.value["what"] and ended.value["trace"] == "", ended.value
    assert "crop" in ended.value["remedy"]
    one.survived(key)
