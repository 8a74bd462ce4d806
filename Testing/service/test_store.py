"""What a server keeps of what it was sent, without sockets."""

import hashlib
import json
import os
import time
import zlib
from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from SAMAdaptLib.adapters.info import INFO, WEIGHTS, AdapterInfo, read_adapter_info
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.contents import PIECE_BYTES, Offer
from SAMAdaptLib.service.link.shared import AttachedVolume
from SAMAdaptLib.service.link.upload import AdapterFiles, Voxels
from SAMAdaptLib.service.server import store as stores
from SAMAdaptLib.service.server.store import Store
from Testing.service.peers import SEGMENTS, segments


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "adapters", spare_bytes=1000)
    yield store
    store.close()


def volume(seed=0, shape=(3, 8, 10)):
    return np.random.default_rng(seed).integers(-1000, 3000, shape).astype(np.int16)


def key_of(array):
    """SHA-256 of what the protocol says that it is of, put together here."""
    head = f"{array.shape[0]}x{array.shape[1]}x{array.shape[2]} {array.dtype.str} ".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def bring(store, source, key, change=lambda data: data):
    """Offer and send a content; returns whether it had to be sent."""
    incoming = store.receive(source.offer(key))
    if incoming is None:
        return False
    try:
        whole = [incoming.take(zlib.compress(change(piece), 1)) for piece in source.pieces()]
    finally:
        incoming.drop()
    assert whole == [False] * (len(whole) - 1) + [True] and incoming.size == incoming.offer.size
    return True


@pytest.mark.parametrize("shape", [(3, 8, 10), (2, 700, 500)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_volume_is_sent_once_and_can_be_looked_at(store, shape, order):
    array = np.asarray(volume(shape=shape), order=order)
    source, key = Voxels(array), key_of(array)
    assert all(len(piece) <= PIECE_BYTES for piece in source.pieces())
    assert bring(store, source, key) and not bring(store, source, key)
    segment = store.volume(key)
    seen = AttachedVolume(segment.name, segment.shape, segment.dtype)
    np.testing.assert_array_equal(seen.array, array)
    seen.detach()
    # The same bytes in another shape or type are another volume.
    assert len({key_of(array), key_of(array.reshape(shape[0], shape[2], shape[1])), key_of(array.view(np.uint16))}) == 3


def test_volumes_that_nobody_uses_go_oldest_first(store):
    arrays = [volume(seed) for seed in range(4)]  # 480 bytes each
    keys = [key_of(array) for array in arrays]
    for array, key in zip(arrays, keys, strict=True):
        bring(store, Voxels(array), key)
        store.use(key)
    assert all(store.volume(key) for key in keys)
    store.release(keys[0])
    store.release(keys[2])
    assert all(store.volume(key) for key in keys)  # 960 bytes are spare
    store.use(keys[0])
    store.release(keys[0])
    store.release(keys[1])
    assert [store.volume(key) is not None for key in keys] == [True, True, False, True]
    store.release(keys[3])
    assert [store.volume(key) is not None for key in keys] == [False, True, False, True]


def test_one_that_two_send_at_once_is_kept_once(store):
    array = volume()
    first, second = (store.receive(Voxels(array).offer(key_of(array))) for _ in range(2))
    pieces = [zlib.compress(piece) for piece in Voxels(array).pieces()]
    assert [incoming.take(piece) for incoming in (first, second) for piece in pieces] == [False, False, True] * 2
    assert not SEGMENTS.is_dir() or len(segments()) == 1
    store.close()
    assert not segments()


BOMB = zlib.compress(bytes(100 << 20), 9)


@pytest.mark.parametrize(
    "data",
    [b"", b"no zlib", BOMB, zlib.compress(b""), zlib.compress(bytes(481)), zlib.compress(bytes(160))[:-3]],
    ids=["nothing", "garbage", "bomb", "empty", "too much", "cut off"],
)
def test_parts_that_are_not_what_was_told_are_refused(store, data):
    before = segments()
    incoming = store.receive(Voxels(volume()).offer(key_of(volume())))
    with pytest.raises(InputError, match="A part of the content"):
        incoming.take(data)
    incoming.drop()
    assert incoming.size == 0 and segments() == before and store.volume(key_of(volume())) is None


def test_a_volume_that_changed_meanwhile_is_not_kept(store):
    with pytest.raises(InputError, match="changed while it was sent. Try again"):
        bring(store, Voxels(volume()), key_of(volume()), change=lambda data: data[::-1])
    assert store.volume(key_of(volume())) is None and not segments()


GOOD = Voxels(volume()).offer(key_of(volume()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "../../etc/passwd"}, "proper name"),
        ({"key": GOOD.key.upper()}, "proper name"),
        ({"key": 7}, "proper name"),
        ({"size": None}, "proper name"),
        ({"kind": "program"}, "none that a server takes"),
        ({"kind": "adapter", "size": 4}, "none that a server takes"),
        ({"kind": "adapter", "size": 1 << 40}, "none that a server takes"),
        ({"size": GOOD.size + 1}, "another size"),
        ({"dtype": "O"}, "Give a 3D volume of real numbers"),
        ({"dtype": "nonsense"}, "Give a 3D volume of real numbers"),
        ({"dtype": 3.5}, "Give a 3D volume of real numbers"),
        ({"shape": (3, 8)}, "Give a 3D volume of real numbers"),
        ({"shape": (3, 8, -10)}, "Give a 3D volume of real numbers"),
        ({"shape": ("a", "b", "c")}, "Give a 3D volume of real numbers"),
        ({"shape": None}, "Give a 3D volume of real numbers"),
        ({"shape": (1 << 20, 1 << 20, 1 << 20), "size": 1 << 61}, "No shared memory"),
    ],
)
def test_offers_of_what_no_worker_could_use(store, change, message):
    before = segments()
    with pytest.raises(InputError, match=message):
        store.receive(Offer(**asdict(GOOD) | change))
    assert segments() == before


@pytest.fixture
def adapter(tmp_path):
    """A folder as a training leaves it; its text model lies on this machine."""
    folder = tmp_path / "run" / "adapter"
    folder.mkdir(parents=True)
    save_file({"a": torch.arange(300000, dtype=torch.float32)}, folder / WEIGHTS)
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    config = {"rank": 4, "text": "/home/user/models/clip"}
    info = AdapterInfo("lora", config, "lite_medsam", "0" * 64, 256, "minmax", "axial", ("Leber",), 7)
    (folder / INFO).write_text(json.dumps(asdict(info) | {"weights_sha256": digest}), encoding="utf-8")
    return folder.parent


def whole(source):
    content = b"".join(source.pieces())
    return hashlib.sha256(content).hexdigest(), content


def test_an_adapter_arrives_as_it_was_but_for_folders_of_this_machine(store, adapter):
    source = AdapterFiles(adapter)
    key, content = whole(source)
    assert b"/home/user" not in content and source.offer(key).size == len(content)
    assert store.adapter(key) is None and bring(store, source, key) and not bring(store, source, key)
    there = store.adapter(key)
    assert (there / WEIGHTS).read_bytes() == (adapter / "adapter" / WEIGHTS).read_bytes()
    here = read_adapter_info(adapter)
    assert asdict(read_adapter_info(there)) == asdict(here) | {"config": {"rank": 4, "text": "clip"}}
    assert [path.name for path in there.parent.iterdir()] == [key]


def test_adapters_that_nobody_asked_for_lately_make_room(store, adapter, monkeypatch):
    sizes, keys = {}, []
    for number in range(3):
        path = adapter / "adapter" / INFO
        path.write_text(json.dumps(json.loads(path.read_text()) | {"steps": number}))
        source = AdapterFiles(adapter)
        key, content = whole(source)
        if number == 2:
            # As after a day and two, but that one of them has been asked for.
            for age, old in zip((2, 1), keys, strict=True):
                os.utime(store.adapter(old), (time.time() - age * 86400,) * 2)
            assert store.adapter(keys[0])
            monkeypatch.setattr(stores, "ADAPTER_BYTES", sum(sizes.values()) + 1)
        bring(store, source, key)
        sizes[key] = len(content)
        keys.append(key)
    assert [store.adapter(key) is not None for key in keys] == [True, False, True]


def test_an_adapter_that_no_worker_may_be_reading_makes_room_and_no_other_does(store, adapter, monkeypatch):
    source = AdapterFiles(adapter)
    first, content = whole(source)
    bring(store, source, first)
    monkeypatch.setattr(stores, "ADAPTER_BYTES", len(content) + 10)
    path = adapter / "adapter" / INFO
    path.write_text(json.dumps(json.loads(path.read_text()) | {"steps": 8}))
    source = AdapterFiles(adapter)
    second, _ = whole(source)
    for _ in range(2):
        with pytest.raises(InputError, match="no room for another adapter at present. Try again in some minutes"):
            store.receive(source.offer(second))
    # Room that was there when it was offered, and went to another's meanwhile.
    os.utime(store.adapter(first), (time.time() - 601,) * 2)
    both = [store.receive(source.offer(second)) for _ in range(2)]
    assert store.adapter(first) is None and both[1] is not None
    monkeypatch.setattr(stores, "ADAPTER_BYTES", 10)
    with pytest.raises(InputError, match="no room"):
        [both[0].take(zlib.compress(piece, 1)) for piece in source.pieces()]
    monkeypatch.undo()
    assert [both[1].take(zlib.compress(piece, 1)) for piece in source.pieces()][-1] and store.adapter(second)
    for incoming in both:
        incoming.drop()
    assert [one.name for one in store.adapter(second).parent.iterdir()] == [second]


@pytest.mark.parametrize("lost", [INFO, WEIGHTS])
def test_an_adapter_that_was_not_deleted_to_the_end_is_sent_anew(store, adapter, lost):
    source = AdapterFiles(adapter)
    key, _ = whole(source)
    bring(store, source, key)
    (store.adapter(key) / lost).unlink()
    assert store.adapter(key) is None and bring(store, source, key)
    there = store.adapter(key)
    assert (there / WEIGHTS).read_bytes() == (adapter / "adapter" / WEIGHTS).read_bytes()
    assert [one.name for one in there.parent.iterdir()] == [key]


def test_what_killed_servers_were_receiving_goes_once_nobody_can_be_at_it(store, adapter, tmp_path):
    for name, age in (("left", 3700), ("now", 60)):
        part = tmp_path / "adapters" / f".part-{name}"
        (part / "adapter").mkdir(parents=True)
        (part / "adapter" / WEIGHTS).write_bytes(bytes(1000))
        os.utime(part, (time.time() - age,) * 2)
    source = AdapterFiles(adapter)
    key, _ = whole(source)
    bring(store, source, key)
    assert sorted(one.name for one in (tmp_path / "adapters").iterdir()) == [".part-now", key]


def test_a_disk_that_takes_no_more_is_told(store, adapter, monkeypatch):
    def full(**given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores.tempfile, "TemporaryFile", full)
    source = AdapterFiles(adapter)
    with pytest.raises(InputError, match=r"cannot keep the content \(No space left on device\). Make room there"):
        store.receive(source.offer(whole(source)[0]))
    assert not list(store._folder.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_adapters_are_for_the_user_of_the_server_alone(tmp_path, adapter, no_mask):
    kept = Store(tmp_path / "cache" / "served")
    source = AdapterFiles(adapter)
    bring(kept, source, whole(source)[0])
    folder = kept.adapter(whole(source)[0])
    assert [one.stat().st_mode & 0o777 for one in (folder, *[*folder.parents][:2])] == [0o700] * 3


def test_adapters_that_are_damaged_or_name_a_folder_there(store, adapter):
    weights = adapter / "adapter" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    source = AdapterFiles(adapter)
    with pytest.raises(InputError, match="damaged or altered"):
        bring(store, source, whole(source)[0])

    class Forged:
        head = b""

        def __init__(self, text):
            self.content = len(text).to_bytes(8, "little") + text + weights.read_bytes()

        def offer(self, key):
            return Offer(0, key, "adapter", len(self.content))

        def pieces(self):
            return (self.content[i : i + PIECE_BYTES] for i in range(0, len(self.content), PIECE_BYTES))

    good = json.loads((adapter / "adapter" / INFO).read_text(encoding="utf-8"))
    good["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    cases = [(b"{}", "description is damaged"), (b"\xff", "description"), (b" " * (2 << 20), "no adapter")]
    cases += [(json.dumps(good).encode(), "names a folder of another computer")]
    for text, message in cases:
        forged = Forged(text)
        with pytest.raises(InputError, match=message):
            bring(store, forged, whole(forged)[0])
        assert store.adapter(whole(forged)[0]) is None
    assert not list((store._folder).iterdir())
