"""Devices and machines with too little memory, as they would be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from SAMAdaptLib.errors import notes_to

CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 4 GiB")
# In the words of torch's allocator for the CPU, see Testing/test_shortage.py.
CPU = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
    "2147483648 bytes. Error code 12 (Cannot allocate memory)"
)


@contextlib.contextmanager
def without_room(patch: pytest.MonkeyPatch, model: Any) -> Iterator[list[str]]:
    """A model that says it is on a GPU, which has too little memory for an encoding, until it is moved; gives the
    notes."""
    moved: list[object] = []
    patch.setattr(type(model), "device", property(lambda one: torch.device("cpu" if moved else "cuda")))
    patch.setattr(model.sam, "to", moved.append)
    with failing(model.sam.image_encoder, lambda pixels: not moved, CUDA), told() as notes:
        yield notes
    assert moved == ["cpu"]


@contextlib.contextmanager
def failing(module: torch.nn.Module, when: Any, error: Exception = CPU) -> Iterator[list[int]]:
    """A network that runs out of memory for some inputs; gives the sizes of those for which it did not."""
    sizes: list[int] = []

    def look(_module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if when(given[0]):
            raise error
        sizes.append(len(given[0]))

    hook = module.register_forward_pre_hook(look)
    try:
        yield sizes
    finally:
        hook.remove()


@contextlib.contextmanager
def told() -> Iterator[list[str]]:
    """What a user is told meanwhile, once each."""
    notes: list[str] = []
    with notes_to(lambda text: None if text in notes else notes.append(text)):
        yield notes
