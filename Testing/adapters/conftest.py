"""An adapter, a shelf that it lies on, and how a refusal of either is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import get_method
from Testing.tiny import build


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A run folder with an adapter that says what a model card must show."""
    folder = tmp_path_factory.mktemp("made") / "RUN"
    model = build("vit-64")
    method = get_method("lora")
    config = method.Config(rank=2)
    method.apply(model, config)
    info = AdapterInfo(
        method="lora",
        config=config.to_dict(),
        base="sam_vit_b",
        base_hash=model.base_hash,
        input_size=64,
        intensity="window:40/400",
        axis="coronal",
        classes=("Leber", "a|b"),
        steps=123,
        validation={"point": 0.71234, "box": 0.9, "dice": 0.806, "step": 100},
    )
    save_adapter(folder / "adapter", model, info)
    return folder


@pytest.fixture
def shelf(made, tmp_path) -> Shelf:
    shelf = Shelf(tmp_path / "shelf")
    shelf.add(made, "Liver")
    return shelf


def refused(text: str, call, *given, **options) -> InputError:
    """The error of a call, which has a remedy and names no file that is not whole yet."""
    with pytest.raises(InputError, match=text) as caught:
        call(*given, **options)
    assert caught.value.remedy and ".part-" not in str(caught.value)
    return caught.value
