"""A small CLIP with a vocabulary of its own, written to a folder as a real one is."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from SAMAdaptLib._compat import ensure_torchvision

HIDDEN, WIDTH, LIMIT = 32, 24, 16
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Letters within and at the end of a word, and merges that make one token of "disc".
TOKENS = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), "di", "sc</w>", "disc</w>", "<start>", "<end>"]
MERGES = ["d i", "s c</w>", "di sc</w>"]


def make_clip(folder: Path, seed: int = 0, images: bool = False) -> Path:
    """Write a CLIP text model and its tokenizer.

    Args:
        folder: made where needed.
        seed: of the random weights.
        images: write the text model as part of a whole CLIP.
    """
    ensure_torchvision()
    from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModelWithProjection

    folder.mkdir(parents=True, exist_ok=True)
    tokens = {token: place for place, token in enumerate(TOKENS)}
    tokens["<|startoftext|>"], tokens["<|endoftext|>"] = tokens.pop("<start>"), tokens.pop("<end>")
    (folder / "vocab.json").write_text(json.dumps(tokens))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES, ""]))
    size = {"hidden_size": HIDDEN, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    start, end = len(TOKENS) - 2, len(TOKENS) - 1
    ends = {"bos_token_id": start, "eos_token_id": end, "pad_token_id": end}
    text = CLIPTextConfig(
        vocab_size=len(TOKENS),
        projection_dim=WIDTH,
        max_position_embeddings=LIMIT,
        initializer_factor=5.0,
        **ends,
        **size,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CLIPTextModelWithProjection(text)
        if images:
            pictures = size | {"image_size": 32, "patch_size": 16}
            whole = CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=pictures, projection_dim=WIDTH))
            assert not whole.load_state_dict(model.state_dict(), strict=False).unexpected_keys
            model = whole
    model.save_pretrained(folder)
    return folder
