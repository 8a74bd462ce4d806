"""Who vouches for an adapter: an Ed25519 signature (RFC 8032) of its weights, description and model card.

Signed are four lines: ``SAMAdapt adapter 1``, and what ``sha256sum adapter.json adapter.safetensors MODEL_CARD.md``
prints. The files are signed byte by byte as they are, so that whoever wants to check a signature by other means needs
to know nothing of their content. Keys are files in PEM; a key's fingerprint is the SHA-256 of its public half in DER.

The package cryptography signs and checks. It is loaded where something is signed, and everything else does without.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import stat
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.adapters.card import CARD, model_card
from SAMAdaptLib.adapters.info import INFO, WEIGHTS, AdapterInfo, check_weights, read_adapter_info, without_paths
from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import (
    atomic_path,
    private_folder,
    read_mapping,
    refuse_newer,
    remove,
    sha256_file,
    write_json,
    write_text,
)
from SAMAdaptLib.locks import changing
from SAMAdaptLib.paths import data_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE = "adapter.signature.json"
FORMAT_VERSION, ALGORITHM = 1, "Ed25519"
HEAD = "SAMAdapt adapter 1\n"
# Names another folder of the keys that are trusted where none is named.
PLACE = "SAMADAPT_TRUSTED_KEYS"
ENDINGS = (".pub", ".pem")
MAX_KEY_BYTES = 4096
# DER of an Ed25519 public key but for its 32 bytes (RFC 8410).
_DER = bytes.fromhex("302a300506032b6570032100")
UNSIGNED, TRUSTED, UNKNOWN, UNCHECKED = "unsigned", "trusted", "unknown", "unchecked"
_ANEW = "Ask for a new export of the adapter"
INSTALL = 'Install it with: pip install "samadapt[sign]"'


@dataclass(frozen=True)
class Signed:
    """What is known of an adapter's signature.

    Attributes:
        state: UNSIGNED; TRUSTED or UNKNOWN, where the signature holds and the key is one of those that are trusted or
            is not; UNCHECKED where there is a signature and the package cryptography is not installed.
        signer: what the trusted key's file is called, else "".
        fingerprint: of a key whose signature holds, else "".
    """

    state: str = UNSIGNED
    signer: str = ""
    fingerprint: str = ""

    def __str__(self) -> str:
        if self.state == TRUSTED:
            return f"signed by {self.signer} ({self.fingerprint})"
        if self.state == UNKNOWN:
            return f"signed by a key that is not among the trusted ones ({self.fingerprint})"
        if self.state == UNCHECKED:
            return f"signed, which was not checked: the package cryptography is missing. {INSTALL}"
        return "unsigned"


def default_trust() -> Path:
    """The folder of the public keys that are trusted where none is named."""
    given = os.environ.get(PLACE)
    return Path(given) if given else data_folder() / "trusted-keys"


def make_key(file: str | os.PathLike[str]) -> str:
    """Make a key to sign with: ``file``, which only this user can read, and ``file``.pub, to hand out.

    Returns:
        the fingerprint.

    Raises:
        InputError: one of the files is there already or cannot be written, or the package cryptography is missing.
    """
    _check_package()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Path(file)
    public = private.with_name(private.name + ENDINGS[0])
    key = Ed25519PrivateKey.generate()
    whole = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    half = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    with changing(private_folder(private.parent)):
        for path in (private, public):
            if os.path.lexists(path):
                raise InputError("There is a file already where the key would be", path, "Choose another name")
        with atomic_path(private, private=True) as temporary:
            temporary.write_bytes(whole)
        with atomic_path(public) as temporary:
            temporary.write_bytes(half)
    return _fingerprint(key.public_key())


def sign(folder: Path, name: str, key_file: str | os.PathLike[str], licence: str = "") -> str:
    """Sign an adapter; a model card is written beside it, which is signed and handed on with it, too.

    Args:
        folder: of the adapter, in which an earlier signature is replaced.
        name: the heading of the card.
        key_file: a private key in PEM, as :func:`make_key` makes it.
        licence: see :func:`licensed`; "" leaves it as it is.

    Returns:
        the key's fingerprint.

    Raises:
        InputError: a damaged adapter, or one that names a folder of this computer, which :func:`pack
            <SAMAdaptLib.adapters.parcel.pack>` would leave out; no usable key; the folder cannot be written to; the
            package cryptography is missing.
    """
    _check_package()
    info = read_adapter_info(folder)
    check_weights(folder, info)
    if without_paths(info) != info:
        raise InputError(
            "The adapter names a folder of this computer, which is left out when it is handed on",
            folder,
            "Export it, import that file, and sign what was imported",
        )
    key = _private_key(Path(key_file))
    # In this order, what is killed in between leaves an adapter without a signature, not one with a wrong one.
    remove(folder / SIGNATURE)
    if licence:
        info = licensed(folder, licence)
    write_text(folder / CARD, model_card(info, name), anew=False)
    message = _message(folder, info)
    values = {"public_key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(message).hex()}
    written = {"format_version": FORMAT_VERSION, "algorithm": ALGORITHM, **values}
    write_json(folder / SIGNATURE, written, anew=False)
    return _fingerprint(key.public_key())


def licensed(folder: Path, licence: str) -> AdapterInfo:
    """Say in an adapter's description under which licence it is handed on, and whom to credit; returns it.

    Raises:
        InputError: a damaged adapter; a signed one, of which another licence is said; the folder cannot be written to.
    """
    info = read_adapter_info(folder)
    if info.licence == licence:
        return info
    if (folder / SIGNATURE).is_file():
        raise InputError("The signed description says nothing of this licence", folder, "Sign it anew by --key")
    info = replace(info, licence=licence)
    write_json(folder / INFO, asdict(info), anew=False)
    return info


def check_signature(
    folder: Path,
    info: AdapterInfo,
    trust: str | os.PathLike[str] | None = None,
    where: str | os.PathLike[str] | None = None,
) -> Signed:
    """Who has signed an adapter, by a signature that holds.

    Args:
        folder: of the adapter.
        info: its description, with whose hash the weights have been compared.
        trust: file or folder of public keys that are trusted; by default the folder :func:`default_trust`.
        where: it came from, for errors; by default the folder.

    Raises:
        InputError: the signature does not hold, as description, weights or card are not those that were signed; it
            cannot be read; a trusted key cannot be.
    """
    if not (folder / SIGNATURE).is_file():
        return Signed()
    where = folder if where is None else where
    try:
        found = read_mapping(folder / SIGNATURE, "signature", remedy=_ANEW)
    except InputError as error:
        raise InputError(error.what, where, error.remedy) from error
    fingerprint = claimed(found, where)
    if not _has_package():
        return Signed(UNCHECKED)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["public_key"]))
    try:
        key.verify(bytes.fromhex(found["signature"]), _message(folder, info))
    except (InvalidSignature, OSError) as error:
        raise InputError(
            "The adapter's signature does not hold: description, weights or card are not those that were signed",
            where,
            f"{_ANEW}, or have it signed anew",
        ) from error
    return named(fingerprint, trust)


def claimed(found: dict[str, Any], where: str | os.PathLike[str]) -> str:
    """The fingerprint of the key that a signature names; whether it holds is not looked at.

    Args:
        found: what is in the signature's file.
        where: it came from, for errors.

    Raises:
        InputError: it is damaged, or of a newer version.
    """
    if not _is_signature(found):
        raise InputError("The signature is damaged", where, _ANEW)
    refuse_newer(found["format_version"], FORMAT_VERSION, "signature", where)
    return hashlib.sha256(_DER + bytes.fromhex(found["public_key"])).hexdigest()


def named(fingerprint: str, trust: str | os.PathLike[str] | None = None) -> Signed:
    """Whose key it is, for a signature that holds or says so.

    Args:
        fingerprint: of the key; "" without a signature.
        trust: see :func:`trusted_keys`.

    Raises:
        InputError: what that function raises.
    """
    if not fingerprint:
        return Signed()
    if not _has_package():
        return Signed(UNCHECKED)
    signer = trusted_keys(trust).get(fingerprint)
    return Signed(UNKNOWN if signer is None else TRUSTED, signer or "", fingerprint)


def require_trusted(signed: Signed, where: str | os.PathLike[str]) -> None:
    """Raises InputError unless a trusted key has signed."""
    if signed.state == UNCHECKED:
        raise InputError("The signature cannot be checked without the package cryptography", where, INSTALL)
    if signed.state != TRUSTED:
        remedy = "Have it signed by somebody whom you trust, or name the file with that public key"
        raise InputError(f"The adapter is {signed}", where, remedy)


def trusted_keys(trust: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Fingerprints of trusted public keys, and what their files are called without the ending.

    Args:
        trust: a file, or a folder of which files that end in .pub or .pem count; by default :func:`default_trust`,
            which need not be there.

    Raises:
        InputError: no such file or folder, or one that holds something else.
    """
    place = default_trust() if trust is None else Path(trust)
    if place.is_dir():
        files = sorted(one for one in place.iterdir() if one.suffix in ENDINGS)
    elif trust is None and not place.exists():
        files = []
    else:
        files = [place]
    return {_fingerprint(_public_key(file)): file.stem for file in files}


def _message(folder: Path, info: AdapterInfo) -> bytes:
    hashes = {INFO: sha256_file(folder / INFO), WEIGHTS: info.weights_sha256, CARD: sha256_file(folder / CARD)}
    return (HEAD + "".join(f"{value}  {name}\n" for name, value in hashes.items())).encode()


def _is_signature(found: dict[str, object]) -> bool:
    version = found.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        # What a newer one holds, nobody knows here.
        return isinstance(version, int)
    digits = {"public_key": 64, "signature": 128}
    texts = {name: str(found.get(name)) for name in digits}
    hexes = all(re.fullmatch(f"[0-9a-f]{{{count}}}", texts[name]) for name, count in digits.items())
    return hexes and found.get("algorithm") == ALGORITHM and found.keys() == {"format_version", "algorithm", *digits}


def _fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(_DER + key.public_bytes_raw()).hexdigest()


def _private_key(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    remedy = "Make one with `samadapt adapters key FILE`"
    data = _read(path, remedy)
    try:
        key = load_pem_private_key(data, None)
    except TypeError as error:
        raise InputError("The key has a passphrase", path, "Give one without, which only you can read") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError("This file holds no private key", path, remedy) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("The key is none for Ed25519", path, remedy)
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        note("Other users of this computer may read the key", path, f"Run `chmod 600 {path}`")
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    _check_package()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    remedy = "Give the file that ends in .pub and was made with the key"
    data = _read(path, remedy)
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError("This file holds no public key", path, remedy) from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("The key is none for Ed25519", path, remedy)
    return key


def _read(path: Path, remedy: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_KEY_BYTES)
    except OSError as error:
        raise InputError(f"Cannot read the key ({error.strerror or error})", path, remedy) from error


def _has_package() -> bool:
    return importlib.util.find_spec("cryptography") is not None


def _check_package() -> None:
    if not _has_package():
        raise InputError("Signatures need a package that is not installed", "cryptography", INSTALL)
