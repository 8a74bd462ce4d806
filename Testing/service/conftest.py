"""A worker with a small model and a server, shared by the tests that leave them alive."""

import sys

import pytest
import torch

from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from Testing.service.peers import ENVIRONMENT, PATIENCE
from Testing.service.serving import TOKEN, serving, written
from Testing.tiny import TINY_VIT, VIT, build, scan


@pytest.fixture(autouse=True)
def own_models():
    """A worker that runs in this process adds base models of one's own to the registry."""
    before = dict(MODELS)
    yield
    MODELS.clear()
    MODELS.update(before)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """The small models' weights as files, by name."""
    folder = tmp_path_factory.mktemp("weights")
    paths = {}
    for kind, base in (("vit-128", VIT), ("tiny_vit-64", TINY_VIT)):
        paths[base.name] = folder / f"{base.name}.pth"
        state = build(kind).sam.state_dict()
        # Random weights expect an IoU below 0, at which every propagation ends.
        state["mask_decoder.iou_prediction_head.layers.2.bias"] += 1.0
        torch.save(state, paths[base.name])
    return paths


@pytest.fixture(scope="session")
def options(weights):
    """How to load the small ViT."""
    return {"entry": TINY_VIT, "checkpoint": weights[TINY_VIT.name], "precision": "fp32", "device": "cpu"}


@pytest.fixture(scope="module")
def reference(options):
    """The small ViT in this process."""
    return Predictor(build_sam(options["entry"], options["checkpoint"]), "fp32")


@pytest.fixture(scope="module")
def client(options):
    """Loaded, with :func:`scan` as its volume under the key "scan"."""
    client = Client(Local(sys.executable, ENVIRONMENT))
    volume, _ = scan(slices=12)
    loading = client.load(**options, prefetch=0)
    setting = client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax", name="scan0")
    for request in (loading, setting):
        request.result(PATIENCE)
    yield client
    client.close()


@pytest.fixture(scope="session")
def token(tmp_path_factory):
    return written(tmp_path_factory.mktemp("token") / "token", TOKEN)


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def server(token, cache):
    with serving(token, cache) as process:
        yield process
        assert process.poll() is None, "the server has ended"
