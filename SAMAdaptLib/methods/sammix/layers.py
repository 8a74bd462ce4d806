"""A residual classifier of slices, whose activation maps say where it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from SAMAdaptLib._compat import ensure_sam
from SAMAdaptLib.methods.sammix.boxes import find_boxes
from SAMAdaptLib.methods.sammix.config import STRIDE, SamMixConfig
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.volume.intensity import in_grey

# An embedding is averaged down to at most so many places a side: finer ones cost time and give no better boxes.
MOST_PLACES = 32
# Start of the head's bias where few places decide: objects are rare, and a place has one with a chance of about 0.1.
RARE = -2.0


class Stage(NamedTuple):
    """Units of one kind.

    Attributes:
        units: how many.
        widths: channels of a unit's convolutions, in multiples of the first layer's.
        stride: of the stage's first convolution.
    """

    units: int
    widths: tuple[int, ...]
    stride: int


# 18 and 34 layers: He 2016, table 1. 38 layers: Wu 2019, whose last two units are bottlenecks. All without the stride
# of their last reduction, so that maps have a sixteenth of the input's side instead of a 32nd.
STAGES = {
    18: (Stage(2, (1, 1), 1), Stage(2, (2, 2), 2), Stage(2, (4, 4), 2), Stage(2, (8, 8), 1)),
    34: (Stage(3, (1, 1), 1), Stage(4, (2, 2), 2), Stage(6, (4, 4), 2), Stage(3, (8, 8), 1)),
    38: (
        Stage(3, (2, 2), 2),
        Stage(3, (4, 4), 2),
        Stage(6, (8, 8), 2),
        Stage(3, (8, 16), 2),
        Stage(1, (8, 16, 32), 1),
        Stage(1, (16, 32, 64), 1),
    ),
}


class ResidualUnit(nn.Module):
    """Two 3x3 convolutions, or 1x1, 3x3 and 1x1, each after a ReLU, beside a shortcut (He 2016b, Wu 2019).

    Args:
        channels: of the input.
        widths: channels of each convolution.
        stride: of the first.
        normed: with a layer norm over the channels of each place before every ReLU.
    """

    def __init__(self, channels: int, widths: Sequence[int], stride: int, normed: bool = False) -> None:
        super().__init__()
        kernels = (3, 3) if len(widths) == 2 else (1, 3, 1)
        body: list[nn.Module] = []
        inner = channels
        for place, (width, kernel) in enumerate(zip(widths, kernels, strict=True)):
            last = _convolution(inner, width, kernel, stride if place == 0 else 1)
            body += [_active(inner, normed), last]
            inner = width
        nn.init.zeros_(last.weight)
        self.active, self.body = body[0], nn.Sequential(*body[1:])
        same = channels == inner and stride == 1
        self.shortcut = None if same else _convolution(channels, inner, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, channels, h, w] to [B, widths[-1], h / stride, w / stride]."""
        active: torch.Tensor = self.active(x)
        added: torch.Tensor = self.body(active)
        return (x if self.shortcut is None else self.shortcut(active)) + added


class SliceClassifier(nn.Module):
    """Says which classes are on a slice, and by its activation maps where (Ward 2024, section 2).

    On SAM's embedding it is two normed units at the embedding's own resolution, 45,569 parameters for one class at a
    width of 32. On the image, for one class at a width of 32 / 64: 18 layers 2,793,601 / 11,165,953, 34 layers
    5,320,641 / 21,270,401, 38 layers 26,273,665 / 105,058,049.

    No statistics are taken over places. Those over the picture, as group norm takes them, change everywhere as soon as
    a bright object comes in somewhere: every place can then tell that it is there, and the maps lose their place.
    (Boxes of discs on noise, at a threshold of 0.7, had an IoU of 0.2 with group norm and of 0.6 without.) Statistics
    over a batch would be of a handful of slices, and are not learned in eval mode, in which all training is done.
    Instead every unit starts as its shortcut, its last convolution being zero, which is enough for networks of this
    depth (Zhang 2019, arXiv 1901.09321).

    The paper has a softmax over {absent, present} for its one class; here every class has a logit of its own, since a
    slice may show several. With one class that is the same family of functions: softmax over {0, l} is sigmoid(l).

    Args:
        config: of the method.
        embedded: channels of SAM's embedding.
    """

    def __init__(self, config: SamMixConfig, embedded: int) -> None:
        super().__init__()
        self.config = config
        channels = config.classifier_width
        units: list[nn.Module] = []
        if config.features == "embedding":
            self.stem = nn.Sequential(_convolution(embedded, channels, 1))
            units += [ResidualUnit(channels, (channels, channels), 1, normed=True) for _ in range(2)]
            self.active = _active(channels, normed=True)
        else:
            deep = config.classifier_depth == 38
            first = [_convolution(1, channels, 3)] if deep else [_convolution(1, channels, 7, 2), nn.MaxPool2d(3, 2, 1)]
            self.stem = nn.Sequential(*first)
            for stage in STAGES[config.classifier_depth]:
                widths = [width * config.classifier_width for width in stage.widths]
                for place in range(stage.units):
                    units.append(ResidualUnit(channels, widths, stage.stride if place == 0 else 1))
                    channels = widths[-1]
            self.active = _active(channels, normed=False)
        self.units = nn.Sequential(*units)
        self.head = nn.Linear(channels, config.classes)
        if config.strongest < 1:
            nn.init.constant_(self.head.bias, RARE)

    def forward(
        self, images: Sequence[np.ndarray], encode: Callable[[], torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Classify slices: :meth:`judge` what is :meth:`seen`."""
        return self.judge(self.seen(images, encode))

    def seen(self, images: Sequence[np.ndarray], encode: Callable[[], torch.Tensor]) -> torch.Tensor:
        """What of slices is seen: float32 [B, K, g, g], of at most MOST_PLACES a side, or [B, 1, S, S].

        Args:
            images: B slices uint8 [H, W] or [H, W, 3] of any shapes. Where they are what is seen, grey levels (of
                several channels their mean, as the paper's classifier has one) are scaled to 0..1 as
                in the paper (section 3.2), the longer side to ``classifier_size``, and the rest of the square is
                filled with 0.
            encode: gives their embeddings [B, 256, g, g]; called only where those are what is seen.
        """
        if self.config.features == "embedding":
            embeddings = encode()
            return F.avg_pool2d(embeddings, max(1, embeddings.shape[-1] // MOST_PLACES))
        like = self.head.weight
        shift, scale = like.new_zeros(1), like.new_full((1,), 255.0)
        grey = [in_grey(image) for image in images]
        return torch.stack([self._square(image.shape).image_to_model(image, shift, scale) for image in grey])

    def judge(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Classify slices by what is seen of them.

        Returns:
            logits [B, C]: the mean of the strongest places of a class's map plus the head's bias. Where those are all
                places, that is pooled features times the head's weights (eq. 2).
            maps [B, C, s, s]: g = sum_i w_i F_i of eq. 4, s = S/16 for an image.
        """
        maps = F.conv2d(self.active(self.units(self.stem(seen))), self.head.weight[:, :, None, None])
        places = maps.flatten(2)
        count = max(1, round(self.config.strongest * places.shape[-1]))
        return places.topk(count).values.mean(2) + self.head.bias, maps

    def side(self, seen: torch.Tensor) -> int:
        """Places a side of the maps of what is seen."""
        side: int = seen.shape[-1]
        return side if self.config.features == "embedding" else side // STRIDE

    def frame(self, frame: ModelFrame) -> ModelFrame:
        """How a slice lies in the square that the maps are of, from how it lies in SAM's input."""
        return frame if self.config.features == "embedding" else self._square(frame.shape)

    def _square(self, shape: tuple[int, int]) -> ModelFrame:
        return ModelFrame(shape, self.config.classifier_size)

    @torch.no_grad()
    def find(self, image: np.ndarray, frame: ModelFrame, encode: Callable[[], torch.Tensor]) -> list[np.ndarray]:
        """Boxes of every class on a slice, see :attr:`SamModel.find`; none for a class with a probability under 0.5.

        Regions are those of the map's positive part, as in the paper. Where outlines have taught the places, those of
        their probability, since its half is an object's edge, however sure a place is of itself.
        """
        logits, maps = self([image], encode)
        taught = self.config.outlines > 0
        active = (maps + self.head.bias[:, None, None]).sigmoid() if taught else maps.relu()
        maps = self.frame(frame).logits_to_slice(active)[0].cpu().numpy()
        nothing = np.zeros((0, 4), np.float32)
        return [
            find_boxes(activation, self.config) if there else nothing
            for activation, there in zip(maps, (logits[0] >= 0).tolist(), strict=True)
        ]


def _active(channels: int, normed: bool) -> nn.Module:
    if not normed:
        return nn.ReLU()
    ensure_sam()
    from segment_anything.modeling.common import LayerNorm2d

    return nn.Sequential(LayerNorm2d(channels), nn.ReLU())


def _convolution(channels: int, width: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    layer = nn.Conv2d(channels, width, kernel, stride, kernel // 2)
    # He 2015; with the smaller weights of torch's default, learning took twice as many steps.
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
