"""Frames, masks and shared memory, without a worker."""

import json
import subprocess
import sys

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service import protocol
from SAMAdaptLib.service.link import shared
from SAMAdaptLib.service.link.shared import AttachedVolume, SharedVolume
from SAMAdaptLib.service.link.wire import Unpacker, pack
from SAMAdaptLib.service.packed import PackedMask


def unpacked(data, pieces=1):
    unpacker, found = Unpacker(), []
    step = -(-len(data) // pieces)
    for start in range(0, len(data), step):
        unpacker.feed(data[start : start + step])
        found += list(unpacker)
    return found


def test_messages_come_back_as_they_were_whatever_the_pieces():
    rng = np.random.default_rng(0)
    prompt = Prompt([[1.5, 2], [3, 4]], [1, 0], [0, 1, 2, 3], rng.normal(size=(16, 16)), rng.normal(size=(5, 2)))
    picture = protocol.Picture(rng.integers(-1000, 1000, (7, 5)).astype(np.int16)[:, ::-1], (0.5, 2.0))
    sent = [
        protocol.Predict(3, picture, prompt, True, False),
        protocol.Propagate(4, "sagittal", [(2, Prompt([[0, 0]], [1]))], {"area_ratio": (0.4, 2.5)}),
        protocol.Correct(6, "axial", [(3, PackedMask.of(np.eye(5) > 0))], [(3, prompt)], [1, 7], {}, False),
        protocol.Train(5, "lib", "out", {"steps": 3, "method_config": {"names": ["a", "b"]}}),
    ]
    data = b"".join(map(pack, sent))
    for pieces in (1, 2, 50):
        first, second, fourth, third = unpacked(data, pieces)
        assert (first.id, first.multimask, first.plane.pixel_spacing) == (3, True, (0.5, 2.0))
        np.testing.assert_array_equal(first.plane.values, picture.values)
        assert first.plane.values.dtype == np.int16
        for name in ("points", "labels", "box", "mask_logits", "outline"):
            np.testing.assert_array_equal(getattr(first.prompt, name), getattr(prompt, name))
            assert getattr(first.prompt, name).dtype == getattr(prompt, name).dtype
        assert second.prompts[0][0] == 2 and second.prompts[0][1].box is None
        assert second.rules == {"area_ratio": (0.4, 2.5)}
        assert third == sent[3]
        ((index, mask),) = fourth.present
        assert (index, fourth.accepted, fourth.through) == (3, [1, 7], False) and (mask.full() == np.eye(5)).all()


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"SAM1" + b"\xff" * 8, pack(protocol.Cancel(1))[4:] * 3])
def test_what_is_not_the_protocol_is_refused(data):
    with pytest.raises(ValueError, match="protocol"):
        unpacked(data)


def test_objects_do_not_travel():
    with pytest.raises(TypeError, match="object"):
        pack(protocol.Encode(1, protocol.Picture(np.array([[object()]]))))


def test_a_mask_is_packed_by_its_bounding_box():
    mask = np.zeros((512, 512), bool)
    mask[100:103, 200:211] = np.random.default_rng(0).random((3, 11)) < 0.5
    mask[100, 200] = mask[102, 210] = True
    packed = PackedMask.of(mask)
    assert packed.box == (100, 200, 103, 211) and packed.bits.nbytes == 5  # ceil(33 / 8)
    np.testing.assert_array_equal(packed.full(), mask)
    assert len(json.dumps(packed.box)) and packed.crop().shape == (3, 11)
    empty = PackedMask.of(np.zeros((4, 5), bool))
    assert empty.box == (0, 0, 0, 0) and not empty.full().any() and empty.full().shape == (4, 5)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_volume_is_shared_piece_by_piece_and_given_back(order, monkeypatch):
    monkeypatch.setattr(shared, "SLAB_BYTES", 1000)
    array = np.asarray(np.random.default_rng(0).integers(-1000, 3000, (9, 20, 30)).astype(np.int16), order=order)
    volume = SharedVolume(array)
    pieces = 0
    while not volume.fill(0.0):
        pieces += 1
    assert pieces >= 8
    attached = AttachedVolume(volume.name, volume.shape, volume.dtype)
    np.testing.assert_array_equal(attached.array, array)
    with pytest.raises(ValueError, match="read-only"):
        attached.array[0] = 0
    volume.close()
    volume.close()
    np.testing.assert_array_equal(attached.array, array)
    attached.detach()
    with pytest.raises(InputError, match="gone.*Choose the volume again"):
        AttachedVolume(volume.name, volume.shape, volume.dtype)


def test_a_process_that_attaches_neither_removes_nor_complains():
    volume = SharedVolume(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    volume.fill(1.0)
    code = (
        "from SAMAdaptLib.service.link.shared import AttachedVolume;"
        f"volume = AttachedVolume({volume.name!r}, (2, 3, 4), '<i2'); print(volume.array.sum()); volume.detach()"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.stdout.strip(), done.stderr) == ("276", "")
    volume.close()


@pytest.mark.skipif(not shared.SEGMENT_FOLDER.is_dir(), reason="segments are no files on this system")
def test_what_a_killed_process_left_is_removed_by_the_next():
    """Nobody had: application and worker killed together left a patient's scan in memory until the next start."""
    import fcntl

    make = "from SAMAdaptLib.service.link.shared import *; s = Segment((2, 3, 4), 'i2'); print(s.name, flush=True); "
    names = {}
    for end in ("os.kill(os.getpid(), 9)", "sys.stdin.read()"):
        process = subprocess.Popen(
            [sys.executable, "-c", make + end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        names[end] = shared.SEGMENT_FOLDER / process.stdout.readline().strip()
        if "kill" in end:
            process.wait()
            # One of a living process of another container, whose number is nobody's here.
            other = names[end].with_name(f"samadapt-{process.pid}-other")
            process.stdout.close(), process.stdin.close()
    killed, living = names.values()
    other.write_bytes(b"voxels")
    try:
        with open(other, "rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            assert living.is_file()
            shared.Segment((2, 3, 4), "i2").close()
            assert not killed.exists() and living.is_file() and other.is_file()
        shared.Segment((2, 3, 4), "i2").close()
        assert not other.exists() and living.is_file()
    finally:
        other.unlink(missing_ok=True)
        process.communicate("")
    assert process.returncode == 0 and not living.exists()


def test_volumes_that_cannot_be_shared(monkeypatch):
    for shape in ((2, 3, 4, 4), (2, 3, 4, 1), (2, 3, 4, 3, 1), (2, 3), (0, 3, 4)):
        with pytest.raises(InputError, match="Give a 3D volume of real numbers"):
            SharedVolume(np.zeros(shape))
    with pytest.raises(InputError, match="Give a 3D volume of real numbers"):
        SharedVolume(np.zeros((2, 3, 4), complex))
    if shared.SEGMENT_FOLDER.is_dir():
        # 4 PB of address space that is never touched.
        huge = np.broadcast_to(np.zeros(1, np.int16), (1 << 17, 1 << 17, 1 << 17))
        with pytest.raises(InputError, match="No shared memory for a copy.*Close other programs"):
            SharedVolume(huge)


def test_neither_application_nor_server_loads_a_network_library():
    code = """
import sys
import SAMAdaptLib.service.client, SAMAdaptLib.service.training, SAMAdaptLib.service.link.remote
import SAMAdaptLib.service.server.server, SAMAdaptLib.cli.main
print([m for m in ("torch", "peft", "monai", "skimage", "scipy", "SimpleITK") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
