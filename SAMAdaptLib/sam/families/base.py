"""What a family of base models is: how its networks are built, and where training and methods take hold of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeVar

import torch
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.sam.fast import plain
from SAMAdaptLib.sam.mask_decoder import decode_masks
from SAMAdaptLib.sam.registry import BaseModel

if TYPE_CHECKING:
    from segment_anything.modeling import Sam

Encoder = TypeVar("Encoder", bound=nn.Module)
Block = TypeVar("Block", bound=nn.Module)
Maps = Callable[[torch.Tensor], torch.Tensor]
TwoMaps = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class AttentionBlock(NamedTuple):
    """A block of an encoder with attention.

    Attributes:
        holder: the list that it stands in, so that an adapted one can take its place.
        place: where in the list.
        attention: the module with the fused linear layer ``qkv`` from C to 3C channels.
        heads: how many heads the rows of that layer interleave, (head, [q | k | v], channel); 1 for ([q | k | v], C).
        channels: C.
    """

    holder: nn.ModuleList
    place: int
    attention: nn.Module
    heads: int
    channels: int


class Step(NamedTuple):
    """A part of the way from patches to the neck.

    Attributes:
        run: maps [B, H, W, C] to maps [B, H', W', C'].
        channels: C'.
    """

    run: Maps
    channels: int


class Link(NamedTuple):
    """One of the parts that an encoder runs one after the other.

    Attributes:
        run: what the part before gave, the model input for the first, to what the next is given, the embedding at last.
        holds: the modules and parameters that it uses.
    """

    run: Maps
    holds: Sequence[nn.Module | nn.Parameter]

    @property
    def trained(self) -> bool:
        """Whether a training changes anything in it."""
        parameters = [p for part in self.holds for p in (part.parameters() if isinstance(part, nn.Module) else [part])]
        return any(p.requires_grad for p in parameters)


class Stem(NamedTuple):
    """An encoder in two parts.

    Attributes:
        first: model input to what no training changes.
        rest: from there to the embedding.
        share: of the encoder's links that lie in the first part.
    """

    first: Maps
    rest: Maps
    share: float


class Family(ABC, Generic[Encoder, Block]):
    """An architecture of image encoders, with the decoder that belongs to it; it keeps no state of its own.

    An encoder takes the model input float [B, 3, S, S] and yields one map [B, C, g, g]. Finer maps beside it are to be
    folded into its channels (``torch.pixel_unshuffle``) and unfolded in :meth:`answer`, so that caches and trainings
    hold one array a slice.

    Attributes:
        channels: C of what the encoder yields.
        width: channels of the tokens that prompts become.
        unused: beginnings of names in published files that belong to no part of the model.
        sized: names of the encoder's parameters whose shape follows the input size; files hold them at the native one.
    """

    channels: ClassVar[int] = 256
    width: ClassVar[int] = 256
    unused: ClassVar[tuple[str, ...]] = ()
    sized: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def encoder(self, base: BaseModel) -> Encoder:
        """A new encoder at the native input size, with random weights."""

    @abstractmethod
    def stride(self, base: BaseModel) -> int:
        """Pixels of the model input for one place of the embedding, along a side: S / g."""

    @abstractmethod
    def resize(self, encoder: Encoder, size: int) -> None:
        """Set an encoder of the native size to an input of another side S, in place."""

    @abstractmethod
    def attention_blocks(self, encoder: Encoder) -> list[AttentionBlock]:
        """The blocks with attention, in order; those whose queries and values LoRA adapts."""

    @abstractmethod
    def run_block(self, block: Block, x: torch.Tensor, attended: TwoMaps, beside: Maps) -> torch.Tensor:
        """A block on maps [B, H, W, C] with something added in two places.

        Args:
            block: one of :meth:`attention_blocks`.
            x: its input.
            attended: what the residual sum gets, from what attention gave and what it was given.
            beside: what is added to the MLP's output, from what its linear layers are given.
        """

    @abstractmethod
    def attend(self, block: Block, x: torch.Tensor, mix: Maps) -> torch.Tensor:
        """A block's attention with another rule of who sees whom.

        Args:
            block: one of :meth:`attention_blocks`.
            x: what its attention is given, [B, H, W, C].
            mix: queries, keys and values [B, H, W, 3, heads, C / heads] to [B, H, W, C].
        """

    @abstractmethod
    def patches(self, encoder: Encoder, image: torch.Tensor) -> torch.Tensor:
        """What the first of :meth:`steps` is given, [B, H, W, C], from the model input."""

    @abstractmethod
    def steps(self, encoder: Encoder) -> list[Step]:
        """What lies between patches and neck, in order."""

    @abstractmethod
    def neck(self, encoder: Encoder) -> nn.Module:
        """The part behind the last step, which a method may train."""

    @abstractmethod
    def embed(self, encoder: Encoder, image: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
        """What the encoder yields for a model input, from what the last step gave, [B, H, W, C']."""

    def chain(self, encoder: nn.Module) -> list[Link]:
        """The links of an encoder, adapted or not; none where it is not such a row. The first one's result is worth
        keeping."""
        return []

    def stem(self, encoder: nn.Module) -> Stem | None:
        """An encoder in two parts, of which the first ends before the first link that is trained; None where that is
        the very first, or no link is."""
        links = self.chain(encoder)
        trained = next((number for number, link in enumerate(links) if link.trained), 0)
        if trained == 0:
            return None
        return Stem(_one_by_one(links[:trained]), _one_by_one(links[trained:]), trained / len(links))

    def build(self, base: BaseModel) -> Sam:
        """A whole model at the native input size, with random weights."""
        ensure_sam()
        from segment_anything.modeling import MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

        size, grid = base.input_size, base.input_size // self.stride(base)
        return Sam(
            image_encoder=self.encoder(base),
            prompt_encoder=PromptEncoder(self.width, (grid, grid), (size, size), mask_in_chans=16),
            mask_decoder=MaskDecoder(
                transformer_dim=self.width,
                transformer=TwoWayTransformer(depth=2, embedding_dim=self.width, num_heads=8, mlp_dim=2048),
                num_multimask_outputs=3,
                iou_head_depth=3,
                iou_head_hidden_dim=256,
            ),
            pixel_mean=list(base.pixel_mean),
            pixel_std=list(base.pixel_std),
        )

    def renamed(self, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The tensors of a published file, by the names that the model has for them; its own names stay."""
        return dict(state)

    def answer(
        self,
        sam: Sam,
        embedding: torch.Tensor,
        sparse: torch.Tensor,
        dense: torch.Tensor,
        wanted: range,
        dtype: torch.dtype,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The decoder's answer to P encoded prompts on one slice.

        Args:
            sam: the model.
            embedding: what the encoder yielded, [1, C, g, g].
            sparse: tokens [P, T, width].
            dense: embedding of the masks [P, width, g, g], or [1, width, g, g] where all prompts share it.
            wanted: which of the decoder's masks: range(1) is SAM's single one, range(1, 4) its three candidates.
            dtype: of the transformer and the upscaling.

        Returns:
            Low-resolution logits [P, M, 4g, 4g] and predicted IoU [P, M] of the M wanted masks.
        """
        image_pe = sam.prompt_encoder.get_dense_pe()
        if not plain("decoder"):
            return decode_masks(sam.mask_decoder, embedding, image_pe, sparse, dense, wanted, dtype)
        logits, iou = sam.mask_decoder.predict_masks(
            image_embeddings=embedding,
            image_pe=image_pe,
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense.expand(len(sparse), -1, -1, -1),
        )
        these = slice(wanted.start, wanted.stop)
        return logits[:, these], iou[:, these]


def _one_by_one(links: Sequence[Link]) -> Maps:
    def run(x: torch.Tensor) -> torch.Tensor:
        for link in links:
            x = link.run(x)
        return x

    return run
