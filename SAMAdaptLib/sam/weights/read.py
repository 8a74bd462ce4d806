"""Weights files: reading them, telling them apart. Nothing else in SAMAdapt opens one."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import torch

from SAMAdaptLib.errors import InputError


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, torch.Tensor]:
    """Read weights onto the CPU: a ``torch.save`` or safetensors file. No code of the file is ever run.

    Takes a plain dict of tensors, or one under "model" or "state_dict"; a "module." prefix is removed.

    Args:
        path: the file; safetensors by its suffix.

    Returns:
        Name to tensor. Tensors may be mapped to the file: do not write into them, and keep copies only, since Windows
        does not replace a mapped file.

    Raises:
        InputError: missing, damaged, or holding other things than tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("There is no checkpoint file here", path, "Check the path")
    try:
        data = _read(path)
    except Exception as error:
        # The readers raise whatever the broken bytes lead them to.
        reason = str(error).partition("\n")[0][:200]
        raise InputError(
            f"Cannot read the checkpoint ({type(error).__name__}: {reason})",
            path,
            "The file is damaged, or holds Python objects, which SAMAdapt does not run: get it again, or save its "
            "state dict alone, as safetensors",
        ) from error
    for key in ("model", "state_dict"):
        if isinstance(data, dict) and isinstance(data.get(key), dict):
            data = data[key]
            break
    if not isinstance(data, dict) or not data or not all(isinstance(value, torch.Tensor) for value in data.values()):
        raise InputError("The checkpoint holds no state dict", path, "Save the model's state dict alone")
    for name, value in data.items():
        if not isinstance(name, str) or not _is_whole(value):
            raise InputError(
                f"The checkpoint's {str(name)[:80]!r} is no tensor with all its numbers in the file",
                path,
                "Save the model's state dict alone, as safetensors",
            )
    if all(name.startswith("module.") for name in data):
        return {name.removeprefix("module."): value for name, value in data.items()}
    return dict(data)


def _read(path: Path) -> object:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path, device="cpu")
    zipped = zipfile.is_zipfile(path)
    if zipped:
        _check_members(path)
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)


def _is_whole(tensor: torch.Tensor) -> bool:
    """Whether a tensor lies number by number in its storage: a few bytes can be viewed as 10^12 numbers, and a name
    may stand for numbers that are nowhere."""
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
    return plain and tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def _check_members(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        # torch does not compress; what is said to be longer than the file would only be unpacked for nothing.
        members = archive.infolist()
        stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
        if not stored or sum(member.file_size for member in members) > path.stat().st_size:
            raise ValueError("it is compressed, which torch.save does not do")
        # torch does not compare the checksums that it writes.
        if damaged := archive.testzip():
            raise ValueError(f"the part {damaged} is altered")


def state_hash(state: dict[str, torch.Tensor]) -> str:
    """SHA-256 over names, dtypes, shapes and bytes of tensors; the order of the dict does not matter.

    It identifies a model in adapter files and embedding caches.
    """
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors on the CPU by name, and what the file's header says beside them.

    The tensors are copies: those of safetensors keep the file mapped for as long as one of them lives, and Windows can
    then neither replace nor remove it.

    Raises:
        SafetensorError, OSError: missing or damaged.
    """
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name).clone() for name in file.keys()}, file.metadata() or {}
