"""The job from exemplars to a segmentation, in a process that may reach no other computer; see test_nothing_sent.py.

    python -m Testing.cli.offline FOLDER [own-network]
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.sam.registry import MODELS
from Testing.study.scene import write_weights
from Testing.tiny import TINY_VIT, scan

# Of RFC 5737: belongs to nobody.
ELSEWHERE = ("192.0.2.1", 9)
SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41


def loopback_up() -> None:
    """What a network namespace of one's own begins without."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))


def reached() -> str:
    """What comes of a try to reach another computer."""
    try:
        socket.create_connection(ELSEWHERE, 5).close()
    except (OSError, RuntimeError) as error:
        return type(error).__name__
    return "reached"


def work(folder: Path) -> None:
    """Exemplars, a training, a segmentation, and a suggestion of what to label next."""
    MODELS[TINY_VIT.name] = TINY_VIT
    volume, labels = scan(1)
    image, outlines = (str(folder / name) for name in ("scan.nrrd", "labels.nrrd"))
    for path, array in ((image, volume.array), (outlines, labels.array)):
        sitk.WriteImage(sitk.GetImageFromArray(array), path)
    model = ("--model", TINY_VIT.name, "--checkpoint", write_weights(folder / "w.safetensors"), "--device", "cpu")
    own = ("--image", image, "--labels", outlines, "--merge", "disc=1", "bean=2")
    library, run = folder / "library", folder / "run"
    for words in (
        ("exemplars", "add", "--library", library, *own, "--suggest", 2),
        ("exemplars", "check", "--library", library),
        ("finetune", "--library", library, *model, "--method", "lora", "--output", run, "--steps", 1,
         "--set", "prompts_per_slice=1", "--set", "batch_size=1", "--precision", "fp32"),
        ("adapters", "add", run, "ellipses", "--shelf", folder / "shelf"),
        ("adapters", "export", "ellipses", folder / "ellipses.zip", "--shelf", folder / "shelf"),
        ("segment", "--image", image, *model, "--adapter", run, "--segment", "disc", "--box=-17,-6,2,1,10,2",
         "--output", folder / "found.seg.nrrd"),
        ("suggest", "--image", image, *model, "--adapter", run, "--library", library, "--count", 1),
    ):  # fmt: skip
        assert main([str(word) for word in words]) == 0, words


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if "own-network" in sys.argv:
        loopback_up()
    work(place)
    # Of what a process begins, too: a child looks for another computer, and for this one.
    child = subprocess.run([sys.executable, "-c", "from Testing.cli.offline import reached; print(reached())"],
                           capture_output=True, text=True)  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 5).close()
    networks = [name for _, name in socket.if_nameindex()]
    told = {"networks": networks, "here": reached(), "child": child.stdout.strip(), "process": os.getpid()}
    (place / "told.json").write_text(json.dumps(told))
