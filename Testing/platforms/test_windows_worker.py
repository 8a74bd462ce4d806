"""A worker and its application, both under Windows' rules: start, shared memory, end."""

from __future__ import annotations

import os
import sys
import time

import numpy as np
import pytest

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.intensity import Intensity
from Testing.platforms.windows_rules import family, holders
from Testing.service.conftest import options, weights  # noqa: F401
from Testing.service.peers import ENVIRONMENT, PATIENCE, SEGMENTS, segments
from Testing.tiny import TINY_VIT, scan

pytestmark = pytest.mark.slow

POINT = Prompt([[20, 18]], [1])


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.fixture
def client(windows):
    own = {name: value for name, value in os.environ.items() if name.startswith("SAMADAPT_WINDOWS")}
    client = Client(Local([sys.executable, str(windows)], ENVIRONMENT | own | {"PATH": os.environ["PATH"]}))
    yield client
    client.close()


def test_a_worker_from_its_start_to_its_end(client, options):  # noqa: F811
    volume, _ = scan(slices=12)
    loading = client.load(**options, prefetch=0)
    setting = client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax", name="scan0")
    for request in (loading, setting):
        request.result(PATIENCE)
    # A process group of its own, and no console window.
    assert client._child._process.creationflags == 0x200 | 0x8000000
    answer = client.predict(SlicePlane(3), POINT).result(PATIENCE)
    slices = VolumePredictor(
        Predictor(build_sam(TINY_VIT, options["checkpoint"]), "fp32"), volume, "axial", Intensity.parse("minmax")
    )
    np.testing.assert_array_equal(answer.masks[0].full(), slices.predict(3, [POINT]).masks[0, 0])
    pid = client.pid
    (name,) = segments()
    segment = SEGMENTS / name
    assert pid in family() and any(str(pid) in each for each in holders(segment))
    assert holders(options["checkpoint"]) == []
    client.clear_volume()
    # There for as long as the worker looks at it, and nobody has to remove it.
    assert until(lambda: not any(str(pid) in each for each in holders(segment)) and not segments())
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax").result(PATIENCE)
    client.close()
    assert until(lambda: pid not in family()) and not segments()


def test_a_worker_that_never_answers_is_ended_with_what_it_has_started(windows, tmp_path):
    """As Slicer's launcher does, whose child is the one that works."""
    launcher = tmp_path / "launcher.py"
    launcher.write_text(
        "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "time.sleep(60)",
        encoding="utf-8",
    )
    before = len(family())
    client = Client(Local([sys.executable, str(launcher)], ENVIRONMENT))
    client._start()
    assert until(lambda: len(family()) == before + 2)
    client.close()
    assert until(lambda: len(family()) == before)


def test_names_of_segments_are_short_enough_for_a_mac(monkeypatch):
    """PSHMNAMLEN of macOS's sys/posix_shm_internal.h is 31, the slash included; its process ids end at 99998."""
    monkeypatch.setattr(os, "getpid", lambda: 99998)
    volume = SharedVolume(np.zeros((1, 2, 3), np.int16))
    try:
        assert len("/" + volume.name.lstrip("/")) <= 31
    finally:
        volume.close()
