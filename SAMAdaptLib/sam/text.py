"""Words as prompts: a frozen CLIP text model, and the layer that makes prompt tokens of what it says.

Nothing here opens a pickle or runs code that came with a model.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib._compat import ensure_torchvision
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.weights.read import read_checkpoint, state_hash

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

# Where a text model lies that an adapter from another machine names by a folder over there.
PLACE = "SAMADAPT_TEXT_MODEL"

_WEIGHTS = "model.safetensors"
_WIDTH = "text_projection.weight"
_NEEDED = ("config.json", _WEIGHTS)
_WORDS = ("tokenizer.json", "vocab.json", "merges.txt")


def unread(text: str) -> InputError:
    """The error of a text that is for a model without texts."""
    return InputError(
        "This model knows no text prompts",
        text,
        "Give points or boxes, or an adapter trained with texts: "
        "samadapt finetune --method msa --method-set text=CLIP --prompts text=1",
    )


def text_tokens(sam: Sam, texts: Sequence[str]) -> torch.Tensor:
    """Prompt tokens [P, T, C] of P texts, with gradient where the model learns them.

    Raises:
        InputError: a model that was not trained with texts; anything that :class:`TextEncoder` raises.
    """
    prompter = getattr(sam, "text_prompter", None)
    if prompter is None:
        raise unread(texts[0])
    result: torch.Tensor = prompter(texts)
    return result


class TextPrompter(nn.Module):
    """Texts to prompt tokens: CLIP's embedding of a text, and one trained linear layer (Wu 2023, section 2.3).

    The paper says that CLIP's embedding of a text is the prompt, not how a vector of CLIP's width becomes tokens of
    SAM's; here it is scaled to a mean square of 1, the size of SAM's own prompt embeddings, and mapped to T tokens
    at once. The layer starts at random: tokens that start as zeros would all learn the same. Prompts without text do
    not pass here, so a model with this part still starts as the base model for them.

    CLIP itself is loaded at the first text, stays as it is on the CPU, and is no part of this module: neither its
    parameters nor its state.

    Args:
        name: local folder or hub id of the CLIP model.
        width: of its text embeddings.
        tokens: T.
        channels: C of a prompt token.
        sha256: what :attr:`TextEncoder.sha256` must be; "" accepts any.
    """

    def __init__(self, name: str, width: int, tokens: int, channels: int, sha256: str = "") -> None:
        super().__init__()
        self.name, self.tokens, self.sha256 = name, tokens, sha256
        self.projection = nn.Linear(width, tokens * channels)
        self._encoder: TextEncoder | None = None
        self._known: dict[str, torch.Tensor] = {}

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """P texts to [P, T, C]; each distinct text is read by CLIP once."""
        embeddings = torch.stack([self._embedding(text) for text in texts]).to(self.projection.weight.device)
        result: torch.Tensor = self.projection(embeddings).unflatten(-1, (self.tokens, -1))
        return result

    def _embedding(self, text: str) -> torch.Tensor:
        if text not in self._known:
            # What is kept here may be met in training later, where tensors made for inference are of no use.
            with torch.inference_mode(False):
                if self._encoder is None:
                    self._encoder = TextEncoder(self.name, self.sha256)
                embedding = self._encoder(text)
                self._known[text] = F.normalize(embedding, dim=0) * embedding.numel() ** 0.5
        return self._known[text]


class TextEncoder:
    """A CLIP text model with its projection, frozen, on the CPU.

    Args:
        name: local folder or hub id; see :func:`text_model_folder`.
        sha256: of the weights, as :attr:`sha256` gives it; "" accepts any.

    Attributes:
        sha256: hash of the text part's tensors; the image part, which a file may hold as well, does not count.
        limit: longest text in tokens, both ends included; 77 for the published models.

    Raises:
        InputError: not to be found, incomplete, no CLIP text model with a projection, or other weights than wanted.
    """

    def __init__(self, name: str, sha256: str = "") -> None:
        ensure_torchvision()
        try:
            from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer
        except ImportError as error:
            raise InputError(
                f"The package transformers is not installed or cannot be loaded ({error})",
                None,
                "Install it with: pip install transformers, in Slicer's console slicer.util.pip_install",
            ) from error

        folder = text_model_folder(name)
        state = _text_part(folder)
        self.sha256 = state_hash(state)
        if sha256 not in ("", self.sha256):
            raise InputError(
                f"The text model is not the one of the training ({self.sha256[:12]} instead of {sha256[:12]})",
                folder,
                "Put the model that the adapter was trained with there",
            )
        try:
            self._tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
            config = CLIPTextConfig.from_pretrained(folder, local_files_only=True)
            # A whole CLIP's description may state its own width beside another one for its text part.
            config.projection_dim = len(state[_WIDTH])
            with torch.random.fork_rng(devices=[]):
                self._model = CLIPTextModelWithProjection(config).train(False).requires_grad_(False)
            # Strict but for positions that older files hold although they are no weights.
            missing = self._model.load_state_dict(state, strict=False).missing_keys
        except Exception as error:
            # The readers raise whatever a broken file leads them to.
            raise _unusable(
                f"its files do not fit each other ({' '.join(str(error).split())[:200]})", folder
            ) from error
        if missing:
            raise _unusable(f"{len(missing)} tensors are missing, first {missing[0]!r}", folder)
        self.limit = config.max_position_embeddings

    @property
    def width(self) -> int:
        """Numbers in an embedding."""
        result: int = self._model.config.projection_dim
        return result

    @torch.no_grad()
    def __call__(self, text: str) -> torch.Tensor:
        """CLIP's projected embedding of a text, float32 [width].

        Underscores, common in the names of classes, are read as spaces; CLIP itself minds neither case nor the number
        of spaces.

        Raises:
            InputError: no words, or more than CLIP was made for; cutting them off would segment something else unseen.
        """
        words = text.replace("_", " ").strip()
        if not words:
            raise InputError("The text prompt is empty", repr(text), "Name what is to be segmented, say liver")
        ids = self._tokenizer(words)["input_ids"]
        if len(ids) > self.limit:
            raise InputError(
                f"The text prompt has {len(ids)} tokens, CLIP takes {self.limit}", words[:60], "Use fewer words"
            )
        result: torch.Tensor = self._model(input_ids=torch.tensor([ids])).text_embeds[0]
        return result


def text_width(name: str) -> int:
    """Numbers in a text embedding of a CLIP model, read from its weights file without loading it.

    Raises:
        InputError: as :func:`text_model_folder`; no CLIP model with a text projection.
    """
    from safetensors import SafetensorError, safe_open

    folder = text_model_folder(name)
    try:
        with safe_open(folder / _WEIGHTS, framework="pt") as file:
            result: int = file.get_slice(_WIDTH).get_shape()[0]
            return result
    except (SafetensorError, OSError) as error:
        raise _unusable(f"it holds no {_WIDTH}", folder) from error


def text_model_folder(name: str) -> Path:
    """The folder of a CLIP text model on this machine.

    Order: the folder of this name, the folder that SAMADAPT_TEXT_MODEL names, what was fetched from the Hugging Face
    hub before, the hub. Of the hub's files only safetensors and JSON or text are fetched.

    Args:
        name: local folder, or a hub id such as ``openai/clip-vit-large-patch14``.

    Raises:
        InputError: nowhere to be found, or files missing.
    """
    for place in filter(None, (name, os.environ.get(PLACE))):
        folder = Path(place).expanduser()
        if folder.is_dir():
            lacking = _lacking(folder)
            if lacking:
                raise _unusable(f"it lacks {lacking}", folder)
            return folder
    from huggingface_hub import snapshot_download

    for local in (True, False):
        try:
            folder = Path(snapshot_download(name, allow_patterns=[*_NEEDED, *_WORDS], local_files_only=local))
        except (OSError, ValueError) as error:
            why = str(error).splitlines()[0]
            continue
        why = _lacking(folder)
        if not why:
            return folder
        why = f"it lacks {why}"
    raise InputError(
        f"The text model is neither a folder here nor to be had from the Hugging Face hub ({why})",
        name,
        f"Name a folder with a CLIP model, set {PLACE} to one, or connect to the network",
    )


def _lacking(folder: Path) -> str:
    """What a text model's folder does not have, in words; "" for nothing."""
    missing = [file for file in _NEEDED if not (folder / file).is_file()]
    # Without its words the tokenizer would be built all the same, and know none.
    if not any(all((folder / file).is_file() for file in files) for files in (_WORDS[:1], _WORDS[1:])):
        missing.append("tokenizer.json, or vocab.json with merges.txt")
    return missing[0] if missing else ""


def _text_part(folder: Path) -> dict[str, torch.Tensor]:
    state = read_checkpoint(folder / _WEIGHTS)
    state = {n: t.float() for n, t in state.items() if n.startswith("text_") and t.is_floating_point()}
    if _WIDTH not in state:
        raise _unusable(f"it holds no {_WIDTH}", folder)
    return state


def _unusable(why: str, folder: Path) -> InputError:
    return InputError(
        f"No usable CLIP text model: {why}",
        folder,
        "Write a CLIPModel or CLIPTextModelWithProjection and its CLIPTokenizer there with save_pretrained",
    )
