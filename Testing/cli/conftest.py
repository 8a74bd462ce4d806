"""A real scan that installs everywhere: nilearn's MNI152 T1 with white matter from its tissue map."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.files import sha256_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def brain(tmp_path_factory: pytest.TempPathFactory, lite_medsam_file: Path) -> Path:
    """A folder with ``t1.nrrd`` and ``labels.nrrd`` (1 = left white matter, 2 = right, 3 = rest of the brain), 2 mm."""
    datasets = pytest.importorskip("nilearn.datasets", reason="nilearn, which carries the scan, is not installed")
    from SAMAdaptLib.volume.geometry import Geometry
    from SAMAdaptLib.volume.volume import write_volume

    folder = tmp_path_factory.mktemp("brain")
    image = datasets.load_mni152_template(resolution=2)
    white = datasets.load_mni152_wm_template(resolution=2)
    geometry = Geometry(image.shape, image.affine)
    array = np.ascontiguousarray(np.asarray(image.dataobj, dtype=np.float32).T)
    mask = np.ascontiguousarray(np.asarray(white.dataobj).T > 0.5)
    x = geometry.to_ras(np.stack([np.arange(geometry.size[0]), *np.zeros((2, geometry.size[0]))], axis=1))[:, 0]
    brain = np.ascontiguousarray(np.asarray(datasets.load_mni152_brain_mask(resolution=2).dataobj).T > 0)
    labels = np.where(mask, np.where(x < 0, 1, 2), np.where(brain, 3, 0)).astype(np.uint8)
    write_volume(folder / "t1.nrrd", array, geometry)
    write_volume(folder / "labels.nrrd", labels, geometry)
    return folder


@pytest.fixture(scope="session")
def samadapt():
    """Run the command in a process of its own, as a user does, or in this one, which has torch and peft already."""

    def call(*words: object, code: int = 0, here: bool = False) -> subprocess.CompletedProcess:
        if here:
            told, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(errors):
                found = main([str(word) for word in words])
            done = subprocess.CompletedProcess(words, found, told.getvalue(), errors.getvalue())
        else:
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "SAMAdaptLib.cli", *map(str, words)]
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == code, done.stderr[-3000:]
        return done

    return call


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run with an adapter, as far as a shelf looks into one."""
    folder = tmp_path / "RUN" / "adapter"
    folder.mkdir(parents=True)
    (folder / "adapter.safetensors").write_bytes(bytes(range(256)) * 40)
    info = {
        "method": "lora", "config": {"rank": 4}, "base": "lite_medsam", "base_hash": "0" * 64, "input_size": 256,
        "intensity": "minmax", "axis": "axial", "classes": ["liver", "spleen"], "steps": 250, "mask_prompts": False,
        "validation": {"dice": 0.8125, "point": 0.8, "box": 0.825, "step": 200}, "software": "0.1.0",
        "weights_sha256": sha256_file(folder / "adapter.safetensors"), "created": "2025-01-01T00:00:00+00:00",
        "format_version": 1,
    }  # fmt: skip
    (folder / "adapter.json").write_text(json.dumps(info))
    return folder.parent
