"""Weights, adapters and messages that are damaged, or made to run code, to fill memory or to write elsewhere."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from SAMAdaptLib.adapters.card import CARD, model_card
from SAMAdaptLib.adapters.info import INFO, WEIGHTS, AdapterInfo
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.adapters.signature import SIGNATURE, make_key, trusted_keys
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.manifest import MANIFEST
from SAMAdaptLib.files import sha256_file, write_json
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.weights.read import read_checkpoint
from SAMAdaptLib.service import protocol
from SAMAdaptLib.service.link.wire import Unpacker, pack
from SAMAdaptLib.service.packed import PackedArray
from SAMAdaptLib.study.shown import SLICES, kept_slice
from SAMAdaptLib.training.run_folder import RunFolder, State
from Testing.faults.mutations import JUNK, as_json, damaged, tries, twisted
from Testing.tiny import make_library

pytestmark = pytest.mark.filterwarnings("ignore")

STATE = OrderedDict(a=torch.arange(60.0).reshape(6, 10), b=torch.ones(3, dtype=torch.bfloat16), n=torch.tensor(7))


def as_bytes(data, new=True):
    buffer = io.BytesIO()
    torch.save(data, buffer, _use_new_zipfile_serialization=new)
    return buffer.getvalue()


GOOD = {"w.pth": as_bytes(STATE), "w.pt": as_bytes(STATE, new=False), "w.safetensors": save(dict(STATE))}


@pytest.mark.parametrize("name", GOOD)
def test_damaged_checkpoints(tally, tmp_path, name):
    """What still reads has tensors that lie in the file as they are; a bit of a zipped one is never read otherwise."""
    path = tmp_path / name
    path.write_bytes(GOOD[name])
    assert torch.equal(read_checkpoint(path)["a"], STATE["a"])

    @tries(40)
    @given(damaged(GOOD[name]))
    def check(data):
        path.write_bytes(data)
        read = tally("checkpoints").tried(name.encode() + data, lambda: read_checkpoint(path), path)
        for tensor in (read or {}).values():
            assert tensor.numel() * tensor.element_size() <= len(data)
        if name == "w.pth" and read is not None and read.keys() == STATE.keys():
            assert all(torch.equal(read[key], STATE[key]) for key in STATE)

    check()


class Canary:
    """Leaves a file behind wherever it is unpickled as itself."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (self.place,)


class Calls:
    """Calls what it is given."""

    def __init__(self, function, *given):
        self.given = function, given

    def __reduce__(self):
        return self.given


def test_code_in_checkpoints_never_runs(tally, tmp_path):
    """In every place and container; the folder that it would make is not there afterwards."""
    place = str(tmp_path / "canary")
    bad = Canary(place)
    bodies = [
        bad, {"model": bad}, {"model": STATE, "args": bad}, {**STATE, "z": bad}, {bad: 1}, [bad], OrderedDict(a=bad),
        Calls(eval, f"__import__('os').mkdir({place!r})"), Calls(exec, f"open({place!r}, 'w')"),
        Calls(__import__, "this"), Calls(torch.load, place), Calls(bytearray, 10**14),
    ]  # fmt: skip
    counts = tally("checkpoints with code")
    for number, body in enumerate(bodies):
        for name, data in {
            "zip.pth": as_bytes(body), "old.pth": as_bytes(body, new=False), "bare.pkl": pickle.dumps(body),
            "bare.safetensors": pickle.dumps(body), "proto0.pt": pickle.dumps(body, 0),
        }.items():  # fmt: skip
            path = tmp_path / f"{number}{name}"
            path.write_bytes(data)
            assert counts.tried(data, lambda path=path: read_checkpoint(path), path) is None, (number, name)
            assert not os.path.exists(place)


def test_checkpoints_that_claim_more_than_they_hold(tally, tmp_path):
    one = torch.ones(1)
    claims = {
        "view.pth": as_bytes({"a": one.as_strided((10**6, 10**6), (0, 0))}),
        "view_old.pth": as_bytes({"a": one.as_strided((10**12,), (0,))}, new=False),
        "meta.pth": as_bytes({"a": torch.empty(10**12, device="meta")}),
        "sparse.pth": as_bytes({"a": torch.sparse_coo_tensor(torch.zeros((2, 1), dtype=torch.long), one, [10**6] * 2)}),
        "quantised.pth": as_bytes({"a": torch.quantize_per_tensor(one, 0.1, 0, torch.quint8)}),
    }
    head = {"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}
    for name, header in {
        "far": head,
        "short": {"a": head["a"] | {"data_offsets": [0, 4]}},
        "negative": {"a": head["a"] | {"shape": [-1], "data_offsets": [0, 4]}},
        "many": {"a": head["a"] | {"shape": [10**6, 10**6, 10**6]}},
        "unknown": {"a": head["a"] | {"dtype": "X", "shape": [1], "data_offsets": [0, 4]}},
        "backwards": {"a": head["a"] | {"shape": [1], "data_offsets": [4, 0]}},
    }.items():
        text = json.dumps(header).encode()
        claims[f"{name}.safetensors"] = struct.pack("<Q", len(text)) + text + bytes(4)
    claims["long.safetensors"] = struct.pack("<Q", 10**12) + b"{}"
    claims["deep.safetensors"] = struct.pack("<Q", 100_000) + b"[" * 100_000
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        with zipfile.ZipFile(io.BytesIO(GOOD["w.pth"])) as source:
            for member in source.infolist():
                target.writestr(member.filename, source.read(member))
        target.writestr("archive/data/9", bytes(1 << 24))
    claims["bomb.pth"] = packed.getvalue()
    for name, data in claims.items():
        (tmp_path / name).write_bytes(data)
        read = tally("checkpoints").tried(data, lambda name=name: read_checkpoint(tmp_path / name), tmp_path / name)
        assert read is None, name


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """An adapter with some tensors, made without a network."""
    folder = tmp_path_factory.mktemp("adapter")
    save_file(dict(STATE), folder / WEIGHTS)
    info = AdapterInfo(
        "lora", {"rank": 2}, "lite_medsam", "0" * 64, 256, "minmax", "axial", ("liver",), 60,
        weights_sha256=sha256_file(folder / WEIGHTS),
    )  # fmt: skip
    write_json(folder / INFO, asdict(info))
    return folder


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parcels(tally, tmp_path, adapter):
    """Damaged anywhere: refused, or the adapter that it was; nothing else is left on the shelf or beside it."""
    shelf = Shelf(tmp_path / "in" / "shelf")
    shelf.add(adapter, "Liver")
    whole = shelf.export("Liver", tmp_path / "in" / "a.zip").read_bytes()
    path, wanted = tmp_path / "in" / "b.zip", tree(adapter)
    before = {*tree(tmp_path), "in/b.zip"}

    def taken():
        name = shelf.import_(path)
        assert tree(shelf.folder / name).items() <= {INFO: wanted[INFO], WEIGHTS: wanted[WEIGHTS]}.items()
        shelf.delete(name)

    @tries(80)
    @given(damaged(whole))
    def check(data):
        path.write_bytes(data)
        tally("adapter bundles").tried(data, taken, path)
        assert {*tree(tmp_path)} == before

    check()


def test_signed_parcels(tally, tmp_path, adapter):
    """Damaged anywhere, or with another signature: refused, or the adapter that was signed, or one without a signature
    that says so."""
    shelf, path = Shelf(tmp_path / "shelf"), tmp_path / "b.zip"
    shelf.add(adapter, "Liver")
    make_key(tmp_path / "key")
    signer = shelf.sign("Liver", tmp_path / "key")
    whole = shelf.export("Liver", path).read_bytes()
    members = [(name, (shelf.folder / "Liver" / name).read_bytes()) for name in (INFO, WEIGHTS, CARD, SIGNATURE)]
    signature = json.loads(members.pop()[1])

    def taken():
        name = shelf.import_(path)
        there = tree(shelf.folder / name)
        signed = there.pop(SIGNATURE, None) is not None
        assert there.items() <= dict(members).items()
        assert shelf.signed(name).fingerprint == (signer if signed else "")
        shelf.delete(name)

    @tries(40)
    @given(damaged(whole))
    def check(data):
        path.write_bytes(data)
        tally("adapter bundles").tried(data, taken, path)

    @tries(40)
    @given(twisted(signature))
    def check_signatures(told):
        zipped([*members, (SIGNATURE, as_json(told))], path)
        tally("adapter bundles").tried(as_json(told), taken, path)

    check()
    check_signatures()
    assert [entry.name for entry in shelf.list()] == ["Liver"]


def test_damaged_keys(tally, tmp_path, adapter):
    """Refused, or a key: 32 bytes of any value are one."""
    shelf, path = Shelf(tmp_path / "shelf"), tmp_path / "damaged"
    shelf.add(adapter, "Liver")
    make_key(tmp_path / "key")
    path.touch(0o600)
    private, public = ((tmp_path / name).read_bytes() for name in ("key", "key.pub"))

    @tries(40)
    @given(damaged(private), damaged(public))
    def check(mine, others):
        for data, reads in ((mine, lambda: shelf.sign("Liver", path)), (others, lambda: trusted_keys(path))):
            path.write_bytes(data)
            tally("keys").tried(data, reads, path)

    check()
    assert shelf.list()[0].error == ""


def zipped(members, path, links=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name in links:
                entry.external_attr = 0o120777 << 16
            archive.writestr(entry, data)


PATHS = (
    "../adapter.json", "/adapter.json", "C:/adapter.json", "a/../adapter.json", "./adapter.json", "adapter.json/",
    "adapter.json\\x", "ADAPTER.json", "Adapter.Safetensors", "adapter.json ", "adapter.json.", "adaptér.json", "CON",
    "x" * 250, "\U0001f9e0", "a'\"b", "adapter.jsоn",  # the last with a Cyrillic o
)  # fmt: skip


def test_parcels_with_other_paths_links_and_bombs(tally, tmp_path, adapter, monkeypatch):
    shelf, path = Shelf(tmp_path / "in" / "shelf"), tmp_path / "in" / "b.zip"
    path.parent.mkdir()
    both = [(name, (adapter / name).read_bytes()) for name in (INFO, WEIGHTS)]
    cases = [[*both, (name, b"x")] for name in PATHS]
    cases += [[(name, data) if name != WEIGHTS else (other, data) for name, data in both] for other in PATHS]
    cases += [[*both, both[0]], [*both, both[1]], both[:1], both[1:], []]
    cases += [[(INFO, bytes(1 << 22)), both[1]], [both[0], (WEIGHTS, bytes(1 << 22))]]
    cases += [[(INFO, as_json(junk)), both[1]] for junk in JUNK]
    for members in cases:
        zipped(members, path)
        data = path.read_bytes()
        assert tally("adapter bundles").tried(data, lambda: shelf.import_(path), path) is None, members[-1][0]
        assert {*tree(tmp_path)} == {"in/b.zip"}
    # A link in a zip file is a file that holds its target.
    zipped([(INFO, b"/etc/passwd"), both[1]], path, links=(INFO,))
    assert tally("adapter bundles").tried(path.read_bytes(), lambda: shelf.import_(path), path) is None
    assert not any(shelf.folder.iterdir())


def test_libraries_whose_files_lead_elsewhere(tally, tmp_path):
    """A slice whose header names another file, claims another size, or unpacks to more than the manifest says."""
    library = make_library(tmp_path / "in" / "library", patients=1, indices=(2,))
    (key,) = (info.id for info in library.infos())
    image = library.path(key, "image")
    whole, outside = image.read_bytes(), tmp_path / "outside.raw"
    head, _, voxels = whole.partition(b"\n\n")
    outside.write_bytes(bytes(40 * 56 * 2))
    raw = head.replace(b"encoding: gzip", b"encoding: raw")
    large = zlib.compress(bytes(60_000 * 600 * 2))
    cases = [
        raw + b"\ndata file: " + str(outside).encode() + b"\n\n",
        raw + b"\ndata file: ../../outside.raw\n\n",
        head.replace(b"56 40", b"60000 60000") + b"\n\n" + voxels,
        head.replace(b"56 40", b"1000000 1000000") + b"\n\n" + voxels,
        head.replace(b"56 40", b"60000 600") + b"\n\n" + large,
        head + b"\n\n" + large,
    ]
    assert all(case != whole for case in cases) and b"56 40" in head and b"encoding: gzip" in head
    for case in cases:
        image.write_bytes(case)
        assert tally("exemplar bundles").tried(case, lambda: library.load(key), image) is None

    @tries(30)
    @given(damaged(whole))
    def check(data):
        image.write_bytes(data)
        read = tally("exemplar bundles").tried(data, lambda: Library.open(library.folder).load(key), image)
        assert read is None or read.info.id == key

    check()
    image.unlink()
    try:
        image.symlink_to(outside)
    except OSError:
        return
    assert tally("exemplar bundles").tried(b"link", lambda: library.load(key), image) is None


def test_ids_of_exemplars_are_no_paths(tally, tmp_path):
    """Removing and loading go by the id: one that leads out of the library is refused with the manifest."""
    library = make_library(tmp_path / "in" / "library", patients=1, indices=(2, 3))
    manifest = library.folder / MANIFEST
    told = json.loads(manifest.read_text())
    victim = tmp_path / "victim_image.nrrd"
    victim.write_bytes(b"mine")
    for bad in ("../../victim", str(tmp_path / "victim"), "..\\victim", "victim", "", "\0", told["exemplars"][1]["id"]):
        changed = json.loads(manifest.read_text())
        changed["exemplars"][0]["id"] = bad
        changed["exemplars"][0]["hash"] = bad + told["exemplars"][0]["hash"]
        data = as_json(changed)
        manifest.write_bytes(data)
        counts = tally("exemplar bundles")
        assert counts.tried(data, lambda: Library.open(library.folder).remove("../../victim"), library.folder) is None
        assert victim.read_bytes() == b"mine"
        manifest.write_text(json.dumps(told))
    assert len(Library.open(library.folder)) == 2


def test_checkpoints_of_runs(tally, tmp_path):
    """A damaged one is none: the one before it counts."""
    run = RunFolder(tmp_path / "run", {"a": 1}, False)
    for step in (1, 2):
        run.save(State(step, {"w": torch.full((3,), float(step))}, {"seconds": 1.0}))
    newest = max(run.checkpoints.iterdir())
    whole = newest.read_bytes()

    @tries(40)
    @given(damaged(whole))
    def check(data):
        newest.write_bytes(data)
        state = tally("checkpoints of runs").tried(data, run.latest, None)
        assert state is not None and isinstance(state.step, int)

    check()
    for told in (b"[]", b"[" * 50_000, b'{"step": 1e999}', b'{"step": null}', b'{"step": "x"}', b"9" * 5000):
        save_file({"w": torch.ones(3)}, newest, metadata={"state": told.decode()})
        state = tally("checkpoints of runs").tried(told, run.latest, None)
        assert state is not None and state.step == 1


def test_kept_embeddings(tally, tmp_path):
    """A damaged file is a miss."""
    cache = EmbeddingCache(folder=tmp_path)
    key, array = "0" * 64, np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float16)
    cache.put(key, array)
    (path,) = tmp_path.glob("??/*.npy")
    whole = path.read_bytes()

    @tries(40)
    @given(damaged(whole))
    def check(data):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        found = tally("kept embeddings").tried(data, lambda: EmbeddingCache(folder=tmp_path).get(key), None)
        assert found is None or np.array_equal(found, array)

    check()


def test_kept_slices_of_studies(tally, tmp_path):
    (tmp_path / SLICES).mkdir()
    path = tmp_path / SLICES / "a.npz"
    mask = np.eye(6, dtype=bool)
    np.savez_compressed(path, image=np.zeros((6, 6), np.uint8), truth=mask, spacing=np.ones(2))
    whole = path.read_bytes()
    packed = "eJz7w8jAwMDMwMQAAAcCAQk="
    kept = {"file": "a.npz", "mask": packed, "index": 0}

    @tries(60)
    @given(damaged(whole))
    def check(data):
        path.write_bytes(data)
        tally("kept slices").tried(data, lambda: kept_slice(tmp_path, kept, "t"), path)

    check()
    path.write_bytes(pickle.dumps(Canary(str(tmp_path / "canary"))))
    assert tally("kept slices").tried(b"pickle", lambda: kept_slice(tmp_path, kept, "t"), path) is None
    assert not (tmp_path / "canary").exists()


PROMPT = Prompt([[0, 0]], [1], [0, 1, 2, 3], np.ones((4, 4)))
MESSAGE = protocol.Propagate(4, "sagittal", [(2, PROMPT)], {"a": (0.4, 2)})


def test_messages(tally):
    """Whatever comes: a message, a wait for more, or the word that this is no message."""
    frame = pack(MESSAGE)

    def heard(data):
        unpacker = Unpacker(1 << 20)
        unpacker.feed(data)
        try:
            return list(unpacker)
        except ValueError:
            return []

    @tries(100)
    @given(damaged(frame))
    def of_bytes(data):
        for message in tally("messages").tried(data, lambda: heard(data), None):
            assert isinstance(message, protocol.Message)

    _, text, _ = struct.unpack_from("<4sII", frame)
    content, blobs = json.loads(frame[12 : 12 + text]), frame[12 + text :]

    @tries(100)
    @given(twisted(content))
    def of_values(bad):
        words = as_json(bad)
        data = struct.pack("<4sII", b"SAM1", len(words), len(blobs)) + words + blobs
        tally("messages").tried(data, lambda: heard(data), None)

    assert heard(frame)[0].prompts[0][0] == 2
    of_bytes()
    of_values()


WRONG = [((10**6, 10**6), "|u1"), ((3,), "|u1"), ((-1,), "|u1"), ((2,), "|O"), ((4,), "<f8")]


@pytest.mark.parametrize("shape, dtype", WRONG)
def test_packed_arrays_that_are_not_what_they_say(tally, shape, dtype):
    bomb = np.frombuffer(zlib.compress(bytes(1 << 24)), np.uint8)
    for data in (bomb, np.frombuffer(b"no zlib", np.uint8), np.frombuffer(zlib.compress(b"abcd"), np.uint8)):
        key = tally("messages").given(repr((shape, dtype)).encode() + data.tobytes())
        with pytest.raises(ValueError):
            PackedArray(shape, dtype, data).full()
        tally("messages").survived(key)


@given(st.sampled_from([junk for junk in JUNK if isinstance(junk, str)]))
@tries(15)
def test_what_a_card_shows_is_escaped(name):
    """Cards are Markdown, in which HTML runs."""
    info = AdapterInfo("lora", {"rank": name}, name, "0" * 64, 256, name, "axial", (name, "<img src=x onerror=y>"), 60)
    card = model_card(replace(info, prompts=name, software=name), name)
    assert "<script" not in card and "<img" not in card


def test_a_rename_leaves_the_shelf(tally, tmp_path, adapter):
    shelf = Shelf(tmp_path / "in" / "shelf")
    shelf.add(adapter, "Liver")
    for name in ("../x", "/x", "a/b", "..", ".", "", "x" * 250, "CON", "nul.txt", "a\0", "\x1b", "a:b"):
        for act in (lambda name=name: shelf.rename("Liver", name), lambda name=name: shelf.add(adapter, name)):
            assert tally("names of files").tried(name.encode() + repr(act).encode(), act, None) is None
    assert [path.name for path in Path(shelf.folder).iterdir()] == ["Liver"]
    with pytest.raises(InputError):
        shelf.add(adapter, "liver")
