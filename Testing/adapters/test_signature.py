"""Signatures: confirmed by openssl for the bytes that the documentation names, and lost with any change of these."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from SAMAdaptLib.adapters import signature
from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.adapters.signature import default_trust, make_key, trusted_keys
from SAMAdaptLib.cli.main import main
from Testing.adapters.conftest import refused
from Testing.tiny import build

pytest.importorskip("cryptography", reason="cryptography (the extra sign) is not installed")

pytestmark = pytest.mark.slow

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
FILES = ("adapter.json", "adapter.safetensors", "MODEL_CARD.md")


@pytest.fixture
def keys(tmp_path, monkeypatch) -> Path:
    """A folder with the keys "clinic" and "stranger", of which the folder "trusted" beside it holds the first."""
    folder = tmp_path / "keys"
    for name in ("clinic", "stranger"):
        make_key(folder / name)
    (tmp_path / "trusted").mkdir()
    shutil.copy(folder / "clinic.pub", tmp_path / "trusted")
    monkeypatch.setenv("SAMADAPT_TRUSTED_KEYS", str(tmp_path / "none"))
    return folder


def members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(file: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file


def documented(content: dict[str, bytes]) -> bytes:
    """The bytes that are signed, as docs/tutorial.md tells to make them."""
    lines = [f"{hashlib.sha256(content[name]).hexdigest()}  {name}" for name in FILES]
    return "\n".join(["SAMAdapt adapter 1", *lines, ""]).encode()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_confirms_the_signature_of_the_documented_bytes_and_no_other(shelf, keys, tmp_path) -> None:
    fingerprint = shelf.sign("Liver", keys / "clinic")
    content = members(shelf.export("Liver", tmp_path / "liver.zip"))
    assert set(content) == {*FILES, "adapter.signature.json"}
    told = json.loads(content["adapter.signature.json"])
    (tmp_path / "signature").write_bytes(bytes.fromhex(told["signature"]))

    def openssl(*words: object, **given) -> subprocess.CompletedProcess:
        return subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=60, **given)

    def confirms(message: bytes, key: str = "clinic.pub") -> bool:
        (tmp_path / "message").write_bytes(message)
        done = openssl("pkeyutl", "-verify", "-pubin", "-inkey", keys / key, "-rawin", "-in", tmp_path / "message",
                       "-sigfile", tmp_path / "signature")  # fmt: skip
        return done.returncode == 0 and b"Verified Successfully" in done.stdout

    assert confirms(documented(content))
    assert not confirms(documented(content), "stranger.pub")
    for name in FILES:
        assert not confirms(documented(content | {name: content[name] + b" "}))
    public = openssl("pkey", "-in", keys / "clinic", "-pubout", "-outform", "DER").stdout
    assert hashlib.sha256(public).hexdigest() == fingerprint and public[-32:].hex() == told["public_key"]
    # And a key that openssl made signs.
    openssl("genpkey", "-algorithm", "ed25519", "-out", tmp_path / "other")
    os.chmod(tmp_path / "other", 0o600)
    assert shelf.sign("Liver", tmp_path / "other") == shelf.signed("Liver").fingerprint != fingerprint


def test_the_tutorial_says_what_is_signed() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert f'(echo "SAMAdapt adapter 1"; sha256sum {" ".join(FILES)}) > message' in text


def test_a_signed_adapter_keeps_its_signature_from_shelf_to_shelf(shelf, keys, tmp_path) -> None:
    trusted = tmp_path / "trusted"
    assert str(shelf.signed("Liver")) == "unsigned"
    fingerprint = shelf.sign("Liver", keys / "clinic")
    other = Shelf(tmp_path / "other")
    name = other.import_(shelf.export("Liver", tmp_path / "liver.zip"), None, trusted, signed=True)
    for signed in (other.signed(name, trusted), other.signed(name, keys / "clinic.pub")):
        assert (signed.state, signed.signer, signed.fingerprint) == ("trusted", "clinic", fingerprint)
    other.rename(name, "renamed")
    other.add(other.folder / "renamed", "again")
    second = Shelf(tmp_path / "third")
    second.import_(other.export("again", tmp_path / "again.zip"), "last")
    assert members(tmp_path / "again.zip") == members(tmp_path / "liver.zip")
    assert second.signed("last", trusted).signer == "clinic"
    second.delete("last")
    assert not second.list()


def test_who_is_not_trusted_is_told_and_refused_upon_request(shelf, keys, tmp_path, monkeypatch) -> None:
    bare = shelf.export("Liver", tmp_path / "bare.zip")
    shelf.sign("Liver", keys / "stranger")
    parcel, trusted = shelf.export("Liver", tmp_path / "liver.zip"), tmp_path / "trusted"
    for file, words in ((bare, "unsigned"), (parcel, "not among the trusted")):
        refused(words, shelf.import_, file, "x", trusted, signed=True)
        assert words in str(shelf.signed(shelf.import_(file), trusted))
    assert not (shelf.folder / "x").exists()
    # Where nobody names keys, those of the user count.
    monkeypatch.setenv("SAMADAPT_TRUSTED_KEYS", str(keys))
    assert shelf.signed("Liver").signer == "stranger" and shelf.list()[-1].signed.signer == "stranger"
    shelf.import_(parcel, "y", signed=True)


CHANGES = {
    "description": {"adapter.json": lambda old: old.replace(b'"steps": 123', b'"steps": 124')},
    "card": {"MODEL_CARD.md": lambda old: old.replace(b"Research use only", b"Approved for patients")},
    "signature": {"adapter.signature.json": lambda old: re.sub(rb'(signature": ")(.)', flipped, old)},
    "key": {"adapter.signature.json": lambda old: re.sub(rb'(key": ")(.)', flipped, old)},
}


def flipped(match: re.Match) -> bytes:
    return match[1] + (b"0" if match[2] != b"0" else b"1")


@pytest.mark.parametrize("kind", CHANGES)
def test_whatever_is_altered_after_signing_is_refused_everywhere(shelf, keys, tmp_path, kind) -> None:
    shelf.sign("Liver", keys / "clinic")
    content = members(shelf.export("Liver", tmp_path / "good.zip"))
    altered = content | {name: change(content[name]) for name, change in CHANGES[kind].items()}
    assert altered != content
    bad = zipped(tmp_path / "bad.zip", altered)
    assert refused("signature", shelf.import_, bad).where == str(bad)
    assert [p.name for p in shelf.folder.iterdir()] == ["Liver"]
    for name, data in altered.items():
        (shelf.folder / "Liver" / name).write_bytes(data)
    (entry,) = shelf.list()
    assert entry.info is None and "signature does not hold" in entry.error
    for call in (lambda: shelf.signed("Liver"), lambda: shelf.export("Liver", tmp_path / "x.zip"),
                 lambda: shelf.add(shelf.folder / "Liver", "copy")):  # fmt: skip
        refused("signature does not hold", call)
    model = build("vit-64")
    model.base = replace(model.base, name="sam_vit_b")
    refused("signature does not hold", apply_adapter, model, shelf.folder / "Liver")


def test_weights_of_another_adapter_do_not_pass(shelf, keys, tmp_path) -> None:
    """With their hash in the description, too, which without a signature would do."""
    shelf.sign("Liver", keys / "clinic")
    content = members(shelf.export("Liver", tmp_path / "good.zip"))
    weights = content["adapter.safetensors"][:-1] + b"\x01"
    told = json.loads(content["adapter.json"]) | {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    forged = content | {"adapter.safetensors": weights, "adapter.json": json.dumps(told).encode()}
    refused("signature does not hold", shelf.import_, zipped(tmp_path / "bad.zip", forged))
    unsigned = {name: forged[name] for name in FILES}
    assert str(shelf.signed(shelf.import_(zipped(tmp_path / "bare.zip", unsigned), "bare"))) == "unsigned"


def test_a_signature_without_a_card_or_that_is_none_is_refused(shelf, keys, tmp_path) -> None:
    shelf.sign("Liver", keys / "clinic")
    content = members(shelf.export("Liver", tmp_path / "good.zip"))
    bare = {name: data for name, data in content.items() if name != "MODEL_CARD.md"}
    refused("lacks MODEL_CARD.md", shelf.import_, zipped(tmp_path / "bad.zip", bare))
    values = json.loads(content["adapter.signature.json"])
    for wrong in ({}, [], {"signature": "00"}, {"signature": "g" * 128}, {"public_key": 5}, {"format_version": "1"}):
        told = json.dumps(wrong if wrong in ({}, []) else values | wrong).encode()
        bad = zipped(tmp_path / "bad.zip", content | {"adapter.signature.json": told})
        assert refused("signature is damaged", shelf.import_, bad).where == str(bad)
    newer = json.dumps(values | {"format_version": 2}).encode()
    refused("newer", shelf.import_, zipped(tmp_path / "bad.zip", content | {"adapter.signature.json": newer}))
    assert [p.name for p in shelf.folder.iterdir()] == ["Liver"]


def test_a_folder_of_this_computer_is_not_signed(shelf, keys, tmp_path) -> None:
    """It would be left out at the export, and the signature would not hold any more."""
    path = shelf.folder / "Liver" / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"config": {"rank": 2, "text": str(tmp_path)}}))
    refused("folder of this computer", shelf.sign, "Liver", keys / "clinic")
    assert {p.name for p in path.parent.iterdir()} == {"adapter.json", "adapter.safetensors"}


@POSIX
def test_keys_are_for_their_owner_alone_and_never_overwritten(keys, shelf, no_mask) -> None:
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    make_key(keys / "third")
    assert (keys / "third").stat().st_mode & 0o777 == 0o600 and (keys / "third.pub").stat().st_mode & 0o777 == 0o666
    refused("already", make_key, keys / "clinic")
    (keys / "stranger").unlink()
    refused("already", make_key, keys / "stranger")
    assert all((keys / name).read_bytes() == data for name, data in before.items() if name != "stranger")
    assert len({*trusted_keys(keys)}) == 3 and b"PRIVATE" not in (keys / "third.pub").read_bytes()
    os.chmod(keys / "clinic", 0o640)
    with pytest.warns(UserWarning, match="Other users of this computer may read the key"):
        shelf.sign("Liver", keys / "clinic")


def test_what_is_no_key_is_refused(keys, shelf, tmp_path) -> None:
    (tmp_path / "text").write_text("hello")
    for file, words in ((keys / "clinic.pub", "no private key"), (tmp_path / "text", "no private key"),
                        (tmp_path / "absent", "Cannot read the key")):  # fmt: skip
        assert refused(words, shelf.sign, "Liver", file).where == str(file)
    for file, words in ((keys / "clinic", "no public key"), (tmp_path / "absent", "Cannot read the key")):
        assert refused(words, trusted_keys, file).where == str(file)
    assert trusted_keys() == {} and default_trust() == tmp_path / "none"
    parcel = shelf.export("Liver", tmp_path / "liver.zip")
    shelf.sign("Liver", keys / "clinic")
    refused("Cannot read the key", shelf.import_, shelf.export("Liver", parcel), "x", tmp_path / "absent")


def test_without_the_package_nothing_is_said_to_hold(keys, shelf, tmp_path, monkeypatch) -> None:
    shelf.sign("Liver", keys / "clinic")
    parcel = shelf.export("Liver", tmp_path / "liver.zip")
    usual = importlib.util.find_spec
    hidden = lambda name, *more: None if name == "cryptography" else usual(name, *more)  # noqa: E731
    monkeypatch.setattr(signature.importlib.util, "find_spec", hidden)
    remedy = r'pip install "samadapt\[sign\]"'
    name = shelf.import_(parcel)
    assert re.search(f"not checked.*{remedy}", str(shelf.signed(name))) and not shelf.signed(name).fingerprint
    for call in (lambda: shelf.sign("Liver", keys / "clinic"), lambda: make_key(tmp_path / "k"),
                 lambda: shelf.import_(parcel, "x", signed=True)):  # fmt: skip
        refused(remedy, call)
    assert not (tmp_path / "k").exists() and not (shelf.folder / "x").exists()


def test_on_the_command_line(keys, shelf, tmp_path, capsys) -> None:
    def call(*words: object, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["adapters", *map(str, words)]) == code
        told = capsys.readouterr()
        return told.out if code == 0 else told.err

    key, there, file = tmp_path / "mine", tmp_path / "there", tmp_path / "liver.zip"
    fingerprint = re.search("fingerprint ([0-9a-f]{64})$", call("key", key).strip())[1]
    assert "already" in call("key", key, code=2)
    assert fingerprint in call("sign", "Liver", "--key", key, "--shelf", shelf.folder)
    call("export", "Liver", file, "--shelf", shelf.folder)
    told = call("import", file, "--shelf", there)
    assert told == f"imported as liver, signed by a key that is not among the trusted ones ({fingerprint})\n"
    assert "not among the trusted" in call("import", file, "--shelf", there, "--require-signature", code=2)
    told = call("import", file, "--shelf", there, "--require-signature", "--trust", f"{key}.pub", "--json")
    signed = {"state": "trusted", "signer": "mine", "fingerprint": fingerprint}
    assert json.loads(told) == {"name": "liver 2", "signature": signed}
    assert json.loads(call("list", "--shelf", there, "--json"))[0]["signature"]["state"] == "unknown"
    assert call("list", "--shelf", there).splitlines()[1].split()[-1] == "unknown"
