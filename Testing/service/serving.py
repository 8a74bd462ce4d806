"""A real ``samadapt serve`` on this machine, and a client of it."""

import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.remote import Server
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.volume.geometry import Geometry
from Testing.service.peers import ENVIRONMENT, PATIENCE
from Testing.tiny import build

TOKEN = "0123456789abcdef0123456789abcdef"
PROMPT = Prompt(box=[30, 20, 70, 60])


def scan(seed=0):
    """An object that LiteMedSAM finds, in noise."""
    array = (np.random.default_rng(seed).normal(size=(6, 90, 110)) * 20).astype(np.int16)
    array[1:5, 25:55, 35:65] += 300
    return array, Geometry(array.shape[::-1], np.eye(4))


def written(path, text, mode=0o600):
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


@contextmanager
def serving(token, cache, *options, port=0):
    """A server; gives its process and its address."""
    command = [sys.executable, "-m", "SAMAdaptLib.cli", "serve", "--token-file", token, "--port", port, *options]
    env = ENVIRONMENT | {"SAMADAPT_CACHE": str(cache), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(list(map(str, command)), env=env, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("Listening at 127.0.0.1:"), line
        process.address = line.split()[2].rstrip(";")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def calling(server, token, **options):
    client = Client(Server(getattr(server, "address", server), token))
    try:
        yield client
    finally:
        client.close()


def result(client, request, seconds=PATIENCE):
    return request.result(seconds)


def click(client, index=2):
    return result(client, client.predict(SlicePlane(index), PROMPT, multimask=True, want_logits=True))


def use(client, model="lite_medsam", seed=0, **options):
    build("lite_medsam")  # skips where its weights are not installed
    array, geometry = scan(seed)
    loading = client.load(model, precision="fp32", device="cpu", prefetch=0, **options)
    setting = client.set_volume(array, geometry, ("scan", seed), intensity="minmax")
    return result(client, loading), result(client, setting)


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()
