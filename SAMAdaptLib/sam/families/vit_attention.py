"""Attention with SAM's decomposed relative positions, with gradient, of which little is ever there at the same time.

The positions are a bias of the scores, which a fused kernel takes; it is made for some windows or some rows at a time.
On the way back scores are made anew in the same pieces, so that between the two ways only queries, keys and values are
kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from SAMAdaptLib.sam import fast


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """Softmax attention within N windows, where a query and a key differ in row and column.

    Args:
        q: queries [N, heads, h, w, C].
        k: keys [N, heads, R, K, C]; the queries are of the first rows and columns.
        v: values, as the keys.
        high: what rows add to the score of a query, as products with it, [h, R, C].
        wide: the same of columns, [w, K, C].

    Returns:
        [N, h, w, heads * C].
    """
    if q.device.type in ("cpu", "meta"):
        result: torch.Tensor = _InPieces.apply(q, k, v, high, wide)  # type: ignore[no-untyped-call]
        return result
    return attend_by_channels(q, k, v, high, wide)


def attend_by_channels(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, high: torch.Tensor, wide: torch.Tensor
) -> torch.Tensor:
    """As :func:`attend`, in one call that has no bias, as the kernels of graphics cards want it.

    Row and column of a key are channels of it, one of them 1, and what they add to the score is those of the query.
    """
    rows, columns, channels = k.shape[2:]
    places = torch.eye(rows, dtype=k.dtype, device=k.device)[:, None].expand(-1, columns, -1)
    across = torch.eye(columns, dtype=k.dtype, device=k.device).expand(rows, -1, -1)
    placed = torch.cat([k, torch.cat([places, across], dim=2).expand(*k.shape[:4], -1)], dim=4)
    asking = torch.cat([q * channels**-0.5, *_positions(q, high, wide)], dim=4)
    seen = F.scaled_dot_product_attention(
        asking.flatten(2, 3), placed.flatten(2, 3), F.pad(v, (0, rows + columns)).flatten(2, 3), scale=1.0
    )
    result: torch.Tensor = seen[..., :channels].unflatten(2, q.shape[2:4]).permute(0, 2, 3, 1, 4).flatten(3)
    return result


def _positions(q: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What row and column of a key add to its score: [N, heads, h, w, R] and [N, heads, h, w, K]."""
    return torch.einsum("bnhwc,hkc->bnhwk", q, high), torch.einsum("bnhwc,wkc->bnhwk", q, wide)


def _bias(q: torch.Tensor, high: torch.Tensor, wide: torch.Tensor) -> torch.Tensor:
    """Of the scores, [N, heads, h w, R K]."""
    # Contiguous, so that their sum is, and need not be copied.
    by_row, by_column = (part.contiguous() for part in _positions(q, high, wide))
    return (by_row[..., None] + by_column[..., None, :]).flatten(4, 5).flatten(2, 3)


def _pieces(q: torch.Tensor, k: torch.Tensor) -> Iterator[tuple[slice, list[slice]]]:
    """Windows, and rows of queries in them, whose scores are looked at together."""
    count, heads, height, width = q.shape[:4]
    row = width * heads * k.shape[2] * k.shape[3] * q.dtype.itemsize
    some_rows = min(height, max(1, fast.TILE_BYTES // row))
    some = max(1, fast.TILE_BYTES // (row * height))
    rows = [slice(top, top + some_rows) for top in range(0, height, some_rows)]
    for first in range(0, count, some):
        yield slice(first, first + some), rows


class _InPieces(torch.autograd.Function):
    """See :func:`attend`."""

    @staticmethod
    def forward(
        ctx: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, high: torch.Tensor, wide: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(q, k, v, high, wide)
        out = q.new_empty(len(q), *q.shape[2:4], q.shape[1], q.shape[4])
        for here, some_rows in _pieces(q, k):
            keys, values = k[here].flatten(2, 3), v[here].flatten(2, 3)
            for rows in some_rows:
                asking = q[here, :, rows]
                bias = _bias(asking, high[rows], wide)
                seen = F.scaled_dot_product_attention(asking.flatten(2, 3), keys, values, attn_mask=bias)
                out[here, rows] = seen.unflatten(2, asking.shape[2:4]).permute(0, 2, 3, 1, 4)
        return out.flatten(3)

    @staticmethod
    def backward(ctx: Any, *given: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        q, k, v, high, wide = ctx.saved_tensors
        grad = given[0].unflatten(3, (q.shape[1], -1)).permute(0, 3, 1, 2, 4)
        grads = [torch.empty_like(one) for one in (q, k, v)]
        tables = [torch.zeros_like(one, dtype=torch.float32) for one in (high, wide)]
        for here, some_rows in _pieces(q, k):
            keys, values = k[here].flatten(2, 3), v[here].flatten(2, 3)
            of_keys: list[torch.Tensor] = []
            for rows in some_rows:
                asking, table = q[here, :, rows], (high[rows], wide)
                of_scores, of_values = _scores_back(asking, keys, values, table, grad[here, :, rows].flatten(2, 3))
                scale = q.shape[4] ** -0.5
                of_queries = (of_scores @ keys * scale).unflatten(2, asking.shape[2:4])
                parts = [of_scores.transpose(-2, -1) @ asking.flatten(2, 3) * scale, of_values]
                of_scores = of_scores.unflatten(3, k.shape[2:4]).unflatten(2, asking.shape[2:4])
                by_row, by_column = of_scores.sum(5), of_scores.sum(4)
                of_queries += torch.einsum("bnhwk,hkc->bnhwc", by_row, table[0])
                of_queries += torch.einsum("bnhwk,wkc->bnhwc", by_column, wide)
                grads[0][here, :, rows] = of_queries
                # Sums of many parts want more digits than each of them has.
                if len(some_rows) > 1:
                    parts = [part.float() for part in parts]
                of_keys = [a + b for a, b in zip(of_keys, parts, strict=True)] if of_keys else parts
                if ctx.needs_input_grad[3]:
                    tables[0][rows] += torch.einsum("bnhwk,bnhwc->hkc", by_row, asking)
                if ctx.needs_input_grad[4]:
                    tables[1] += torch.einsum("bnhwk,bnhwc->wkc", by_column, asking)
            for whole, part in zip(grads[1:], of_keys, strict=True):
                whole[here] = part.unflatten(2, k.shape[2:4])
        return (*grads, tables[0].to(high.dtype), tables[1].to(wide.dtype))


def _scores_back(
    q: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    tables: tuple[torch.Tensor, torch.Tensor],
    grad: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of scores and of values from that of what was seen."""
    scores = torch.matmul(q.flatten(2, 3) * q.shape[4] ** -0.5, keys.transpose(-2, -1))
    weights = scores.add_(_bias(q, *tables)).softmax(-1)
    of_values = weights.transpose(-2, -1) @ grad
    of_weights = grad @ values.transpose(-2, -1)
    of_scores: torch.Tensor = torch.ops.aten._softmax_backward_data(of_weights, weights, -1, weights.dtype)
    return of_scores, of_values
