"""What would be fetched is known without torch, and a large model is asked for."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.registry import MODELS

WEIGHTS = b"weights" * 1000


@pytest.fixture(autouse=True)
def empty_cache(application, tmp_path, monkeypatch):
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path))
    return tmp_path / "checkpoints"


def choice(name="sam_vit_h", **fields):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    return ModelChoice(model=name, **fields)


def test_a_large_model_is_asked_for_by_name_size_and_licence(application):
    from SAMAdaptModuleLib.app.Downloads import confirmDownload

    confirmDownload(choice("sam_vit_h"))
    (text,) = application.dialogs.texts("confirmOkCancelDisplay")
    # 2 564 550 879 bytes, by the registry.
    assert "Segment Anything, ViT-H" in text and "2.6 GB" in text and "Apache-2.0" in text and "goes on" in text
    application.dialogs.reset()
    application.dialogs.answers["confirmOkCancelDisplay"] = False
    with pytest.raises(InputError, match="MedSAM, ViT-B is not on this computer.*Choose it again"):
        confirmDownload(choice("medsam_vit_b"))
    (text,) = application.dialogs.texts("confirmOkCancelDisplay")
    assert "375 MB" in text and "CC-BY-4.0" in text


def test_nothing_is_asked_for_what_is_small_or_there(application, empty_cache, monkeypatch):
    from SAMAdaptModuleLib.app.Downloads import confirmDownload, toFetch

    confirmDownload(choice("mobile_sam"))
    assert toFetch(choice("mobile_sam")).name == "mobile_sam"
    here = replace(MODELS["sam_vit_h"], sha256=hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setitem(MODELS, "sam_vit_h", here)
    assert toFetch(choice()) is here
    empty_cache.mkdir()
    (empty_cache / here.file_name).write_bytes(WEIGHTS)
    assert toFetch(choice()) is None
    confirmDownload(choice())
    file = empty_cache / "mine.pth"
    file.write_bytes(b"x")
    confirmDownload(choice("sam_vit_l", checkpoint=file))
    assert application.dialogs.shown == []


def test_progress_in_words(application):
    from SAMAdaptModuleLib.app.Downloads import progressText

    assert progressText(120_000_000, 375_000_000) == "The model is being fetched: 120 MB of 375 MB"
    assert progressText(1_500_000_000, None) == "The model is being fetched: 1.5 GB"
