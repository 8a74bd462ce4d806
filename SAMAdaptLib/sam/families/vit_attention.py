"""Attention with SAM's decomposed relative positions within windows, of which little is ever there at the same time.

SAM pads its windows with zeros behind the norm, so that every padded key is the same one, the bias of ``qkv``, and what
a padded place would ask is cut off again. So queries are those of the real places alone.

The positions are a bias of the scores, which a fused kernel takes; it is made for some windows or some rows at a time.
On the way back scores are made anew in the same pieces, so that between the two ways only queries, keys and values are
kept, once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from SAMAdaptLib.sam import fast


def attend(qkv: torch.Tensor, padding: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """Softmax attention within windows of R x K places.

    Args:
        qkv: queries, keys and values of all places, [B, H, W, 3, heads, C].
        padding: those of a place beyond the map, [3, heads, C].
        high: what rows of query and key add to the score, as products with the query, [R, R, C].
        wide: the same of columns, [K, K, C].

    Returns:
        [B, H, W, heads C].
    """
    if qkv.device.type in ("cpu", "meta"):
        result: torch.Tensor = _InPieces.apply(qkv, padding, high, wide)  # type: ignore[no-untyped-call]
        return result
    return attend_by_channels(qkv, padding, high, wide)


def attend_by_channels(
    qkv: torch.Tensor, padding: torch.Tensor, high: torch.Tensor, wide: torch.Tensor
) -> torch.Tensor:
    """As :func:`attend`, in one call that has no bias, as the kernels of graphics cards want it.

    Row and column of a key are channels of it, one of them 1, and what they add to the score is those of the query.
    """
    size, rows, columns = qkv.shape[1:3], len(high), len(wide)
    below, right, channels = -size[0] % rows, -size[1] % columns, qkv.shape[5]
    if below or right:
        qkv = torch.cat([qkv, padding.expand(*qkv.shape[:2], right, -1, -1, -1)], dim=2)
        qkv = torch.cat([qkv, padding.expand(len(qkv), below, qkv.shape[2], -1, -1, -1)], dim=1)
    windows = qkv.unflatten(2, (-1, columns)).unflatten(1, (-1, rows)).permute(5, 0, 1, 3, 6, 2, 4, 7)
    q, k, v = windows.flatten(1, 4)
    places = torch.eye(rows, dtype=k.dtype, device=k.device)[:, None].expand(-1, columns, -1)
    across = torch.eye(columns, dtype=k.dtype, device=k.device).expand(rows, -1, -1)
    placed = torch.cat([k, torch.cat([places, across], dim=2).expand(*k.shape[:3], -1)], dim=3)
    asking = torch.cat([q * channels**-0.5, *_positions(q, high, wide)], dim=3)
    values = F.pad(v, (0, rows + columns))
    given = [one.flatten(1, 2).unflatten(0, (-1, qkv.shape[4])) for one in (asking, placed, values)]
    seen = F.scaled_dot_product_attention(given[0], given[1], given[2], scale=1.0)[..., :channels]
    seen = seen.unflatten(2, (rows, columns)).unflatten(0, windows.shape[1:4])
    result: torch.Tensor = seen.permute(0, 1, 4, 2, 5, 3, 6).flatten(5).flatten(3, 4).flatten(1, 2)
    return result.narrow(1, 0, size[0]).narrow(2, 0, size[1])


def _positions(q: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What row and column of a key add to its score: [N, h, w, R] and [N, h, w, K]."""
    return torch.einsum("nhwc,hkc->nhwk", q, high), torch.einsum("nhwc,wkc->nhwk", q, wide)


def _bias(q: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """Of the scores, [N, h w, R K]."""
    # Contiguous, so that their sum is, and need not be copied.
    by_row, by_column = (part.contiguous() for part in _positions(q, high, wide))
    return (by_row[..., None] + by_column[..., None, :]).flatten(3, 4).flatten(1, 2)


class _Group(NamedTuple):
    """Windows with equally many real places.

    Attributes:
        down, across: the places that they cover.
        height, width: real places of each.
    """

    down: slice
    across: slice
    height: int
    width: int

    def windows(self, maps: torch.Tensor) -> torch.Tensor:
        """A view of maps [B, H, W, ...] as [B, windows down, windows across, height, width, ...]."""
        part = maps[:, self.down, self.across].unflatten(2, (-1, self.width))
        windows: torch.Tensor = part.unflatten(1, (-1, self.height)).transpose(2, 3)
        return windows

    def spread(self, parts: torch.Tensor, maps: torch.Tensor) -> None:
        """Put those of windows and heads, [N, height, width, C], to their places in maps [B, H, W, heads, C]."""
        windows = self.windows(maps)
        windows.copy_(parts.unflatten(0, (*windows.shape[:3], -1)).permute(0, 1, 2, 4, 5, 3, 6))


def _groups(qkv: torch.Tensor, rows: int, columns: int) -> list[_Group]:
    sides = _cut(qkv.shape[1], rows), _cut(qkv.shape[2], columns)
    return [_Group(down, across, high, wide) for (down, high), (across, wide) in itertools.product(*sides)]


def _cut(size: int, window: int) -> list[tuple[slice, int]]:
    """The places of whole windows along a side and those of the last one, where it is cut; and how many each has."""
    rest = size % window
    both = [(slice(0, size - rest), window), (slice(size - rest, size), rest)]
    return both[0 if size >= window else 1 : 2 if rest else 1]


def _gathered(
    qkv: torch.Tensor, padding: torch.Tensor, group: _Group, rows: int, columns: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Queries [N, h, w, C], keys and values [N, R, K, C] of a group's windows and their heads."""
    q, k, v = group.windows(qkv).permute(5, 0, 1, 2, 6, 3, 4, 7).flatten(1, 4)
    if (group.height, group.width) != (rows, columns):
        count = len(q) // padding.shape[1]
        filled = [one.repeat(count, 1)[:, None, None].repeat(1, rows, columns, 1) for one in padding[1:]]
        for whole, real in zip(filled, (k, v), strict=True):
            whole[:, : group.height, : group.width] = real
        k, v = filled
    return q, k, v


def _pieces(q: torch.Tensor, k: torch.Tensor) -> Iterator[tuple[slice, list[slice]]]:
    """Windows and heads, and rows of queries in them, whose scores are looked at together."""
    count, height, width = q.shape[:3]
    row = width * k.shape[1] * k.shape[2] * q.dtype.itemsize
    some_rows = min(height, max(1, fast.TILE_BYTES // row))
    some = max(1, fast.TILE_BYTES // (row * height))
    rows = [slice(top, top + some_rows) for top in range(0, height, some_rows)]
    for first in range(0, count, some):
        yield slice(first, first + some), rows


class _InPieces(torch.autograd.Function):
    """See :func:`attend`."""

    @staticmethod
    def forward(
        ctx: Any, qkv: torch.Tensor, padding: torch.Tensor, high: torch.Tensor, wide: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(qkv, padding, high, wide)
        rows, columns = len(high), len(wide)
        out = qkv.new_empty(*qkv.shape[:3], *qkv.shape[4:])
        for group in _groups(qkv, rows, columns):
            q, k, v = _gathered(qkv, padding, group, rows, columns)
            seen = torch.empty_like(q)
            for here, some_rows in _pieces(q, k):
                keys, values = k[here].flatten(1, 2), v[here].flatten(1, 2)
                for part in some_rows:
                    asking = q[here, part]
                    bias = _bias(asking, high[: group.height][part], wide[: group.width])
                    seen[here, part] = _answers(asking.flatten(1, 2), keys, values, bias).view_as(asking)
            group.spread(seen, out)
        return out.flatten(3)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        qkv, padding, high, wide = ctx.saved_tensors
        rows, columns = len(high), len(wide)
        grad, out = given[0].unflatten(3, qkv.shape[4:]), torch.empty_like(qkv)
        sums = [torch.zeros_like(one, dtype=torch.float32) for one in (padding, high, wide)]
        for group in _groups(qkv, rows, columns):
            parts = _gathered(qkv, padding, group, rows, columns)
            asked = group.windows(grad).permute(0, 1, 2, 5, 3, 4, 6).flatten(0, 3)
            tables = high[: group.height], wide[: group.width]
            # Of the tables only where those are trained: most often they are not.
            of_tables = (sums[1][: group.height], sums[2][: group.width]) if any(ctx.needs_input_grad[2:]) else None
            for place, of_part in enumerate(_back(parts, tables, asked, of_tables)):
                real = of_part[:, : group.height, : group.width]
                group.spread(real, out[:, :, :, place])
                if ctx.needs_input_grad[1] and place:
                    beyond = of_part.sum((1, 2)) - real.sum((1, 2))
                    sums[0][place] += beyond.unflatten(0, (-1, padding.shape[1])).sum(0)
        return (out, *(one.to(qkv.dtype) for one in sums))


def _answers(q: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Attention with a bias, on [N, L, C]."""
    if q.dtype == torch.float32:
        return F.scaled_dot_product_attention(q[None], keys[None], values[None], attn_mask=bias[None])[0]
    # In 16 bits the fused kernel has half the speed of plain products.
    scores = torch.baddbmm(bias, q * q.shape[-1] ** -0.5, keys.transpose(-2, -1))
    return scores.softmax(-1) @ values


def _back(
    parts: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    tables: tuple[torch.Tensor, torch.Tensor],
    grad: torch.Tensor,
    of_tables: tuple[torch.Tensor, torch.Tensor] | None,
) -> list[torch.Tensor]:
    """Gradients of queries, keys and values, from that of the answers, [N, h, w, C].

    Those of the tables, [h, R, C] and [w, K, C], are added to ``of_tables``.
    """
    q, k, v = parts
    out, scale = [torch.empty_like(part) for part in parts], q.shape[3] ** -0.5
    for here, some_rows in _pieces(q, k):
        keys, values = k[here].flatten(1, 2), v[here].flatten(1, 2)
        of_keys: list[torch.Tensor] = []
        for rows in some_rows:
            asking, high, asked = q[here, rows], tables[0][rows], grad[here, rows].flatten(1, 2)
            scaled = asking.flatten(1, 2) * scale
            weights = torch.baddbmm(_bias(asking, high, tables[1]), scaled, keys.transpose(-2, -1)).softmax(-1)
            of_weights = asked @ values.transpose(-2, -1)
            of_scores = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
            both = [of_scores.transpose(-2, -1) @ scaled, weights.transpose(-2, -1) @ asked]
            # Sums of many parts want more digits than each of them has.
            both = both if len(some_rows) == 1 else [part.float() for part in both]
            of_keys = [a.add_(b) for a, b in zip(of_keys, both, strict=True)] if of_keys else both
            of_queries = (of_scores @ keys).mul_(scale).view_as(asking)
            of_scores = of_scores.unflatten(2, k.shape[1:3]).unflatten(1, asking.shape[1:3])
            by_row, by_column = of_scores.sum(4), of_scores.sum(3)
            of_queries += torch.einsum("nhwk,hkc->nhwc", by_row, high)
            of_queries += torch.einsum("nhwk,wkc->nhwc", by_column, tables[1])
            out[0][here, rows] = of_queries
            if of_tables is not None:
                of_tables[0][rows] += torch.einsum("nhwk,nhwc->hkc", by_row, asking)
                of_tables[1].add_(torch.einsum("nhwk,nhwc->wkc", by_column, asking))
        for whole, part in zip(out[1:], of_keys, strict=True):
            whole[here] = part.unflatten(1, k.shape[1:3])
    return out
