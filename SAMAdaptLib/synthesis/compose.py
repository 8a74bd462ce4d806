"""One synthetic slice: organs of an exemplar, each moved on its own, on a slice without them (arXiv 2308.14133)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.fft import irfft2, next_fast_len, rfft2
from skimage.transform import resize

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.transforms import (
    Affine,
    Resampling,
    Tone,
    blurred,
    draw_affine,
    draw_tone,
    relative_width,
)
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.masks import bounds
from SAMAdaptLib.volume.policy import COLOUR


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A synthetic slice.

    Attributes:
        image: uint8 [H, W], or the stack [D, H, W] around it; of several channels [H, W, 3] or [D, H, W, 3].
        labels: uint8 [H, W], values of the library's classes.
        pixel_spacing: (row mm, column mm), those of the exemplar.
        exemplar_id: whose organs these are.
        background_id: what they lie on; the exemplar's own id where its organs were filled in, None for a whole slice.
    """

    image: np.ndarray
    labels: np.ndarray
    pixel_spacing: tuple[float, float]
    exemplar_id: str
    background_id: str | None


def compose(
    exemplar: Exemplar,
    backgrounds: Sequence[Exemplar],
    rng: np.random.Generator,
    config: SynthesisConfig,
    keep: int | None = None,
) -> Synthetic:
    """Make one synthetic slice (eq. 1-3).

    Every class is blurred, tinted, scaled, mirrored, turned and shifted on its own about its own centroid, and so stays
    roughly where it was; larger classes are pasted first, so that small ones survive. All pixels of a class move as
    one, and classes that touch may part or overlap: merge nested ones (the parts of a tumour) beforehand to keep them
    together. The moved mask alone says what is pasted, never the grey value as in the paper's equations: an organ may
    be black. Where a moved mask would be empty (a single pixel turned, an organ pushed off the slice), the organ is
    pasted in its place. Outside the mask the seam fades out; the label is the mask.

    Unlike in the paper, an organ keeps its place in the body rather than in the picture, and where the draw would put
    it outside the body or on bone it takes the nearest of the places with the fewest such pixels that the config's
    bound on the shift allows. What still lies outside then is cut off.

    With probability ``config.whole_slice_share`` the whole exemplar slice is transformed jointly instead.

    Args:
        exemplar: a slice with at least one class.
        backgrounds: slices without labels, of which one is drawn and resized to the exemplar's shape; where there are
            none, the exemplar with its organs filled in serves (:func:`fill_background`).
        rng: the only source of chance.
        config: the ranges.
        keep: a class value that is always pasted; by default one drawn at random.

    Raises:
        InputError: the exemplar holds no class.
    """
    values = np.array([*exemplar.regions])
    if not len(values):
        raise InputError("Nothing can be synthesised from a slice without labels", exemplar.info.id, "Label a slice")
    if rng.random() < config.whole_slice_share:
        return whole_slice(exemplar, rng, config)
    background = backgrounds[int(rng.integers(len(backgrounds)))] if len(backgrounds) else fill_background(exemplar)
    # An exemplar with its organs filled in is the same body.
    origin = exemplar if background.info.id == exemplar.info.id else background
    canvas, ground = _background(background, origin, exemplar, rng, config)
    labels = np.zeros(exemplar.labels.shape, dtype=np.uint8)
    kept = rng.random(len(values)) < config.organ_probability
    kept |= values == (rng.choice(values) if keep is None else keep)
    areas = np.array([region.area for region in exemplar.regions.values()])
    for position in np.argsort(-areas, kind="stable"):
        if kept[position]:
            _paste(canvas, labels, ground, exemplar, int(values[position]), rng, config)
    return Synthetic(_to_uint8(canvas), labels, exemplar.info.pixel_spacing, exemplar.info.id, background.info.id)


def fill_background(exemplar: Exemplar) -> Exemplar:
    """A background made from an exemplar, for libraries that hold none (ours).

    Its organs, widened by the rim that they blur into, take the nearest outside values, smoothed the more the deeper
    inside; a slice of organs only becomes plain grey. It lacks the texture of tissue: a real slice without organs is
    better.
    """
    image = exemplar.image
    rim = int(np.ceil(2 * relative_width(exemplar.labels.shape)))
    hole = ndimage.binary_dilation(exemplar.labels > 0, iterations=rim)
    if hole.all():
        filled = np.zeros_like(image) + image.mean(axis=(0, 1)).round().astype(np.uint8)
    else:
        depth, nearest = ndimage.distance_transform_edt(hole, return_indices=True)
        spread = image[tuple(nearest)].astype(np.float32)
        smooth = ndimage.gaussian_filter(spread, max(1.0, depth.max() / 2), axes=(0, 1))
        # Near the rim the nearest values are right; deep inside they would leave rays.
        inward = _over(np.clip(depth / max(1.0, depth.max() / 2), 0.0, 1.0), image)
        filled = np.where(_over(hole, image), (1 - inward) * spread + inward * smooth, image).round().astype(np.uint8)
    # Its pixels are what is seen already.
    channels = 1 if image.ndim == 2 else image.shape[2]
    plain = str(Intensity.joined([COLOUR] * channels))
    info = replace(exemplar.info, classes=(), intensity=plain, bounds=(0.0, 255.0) * channels)
    return Exemplar(info, filled, np.zeros_like(exemplar.labels))


def _over(values: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Values [h, w] as they are multiplied with an image of one channel or of several."""
    return values if image.ndim == 2 else values[..., None]


def whole_slice(exemplar: Exemplar, rng: np.random.Generator, config: SynthesisConfig, depth: int = 1) -> Synthetic:
    """The whole exemplar under one joint transformation, which keeps an organ's true surroundings.

    Args:
        exemplar: with neighbours where ``depth`` asks for them.
        rng: the only source of chance.
        config: the ranges; organs are not mirrored here.
        depth: slices of the stack, which all move alike; 1 gives an image [H, W].
    """
    info, shape = exemplar.info, exemplar.labels.shape
    affine = draw_affine(rng, config, shape, info.pixel_spacing, flip=False)
    tone = draw_tone(rng, config, shape)
    moved = Resampling(shape, affine, (np.array(shape) - 1) / 2, info.pixel_spacing)
    planes = [_to_uint8(moved.linear(tone.apply(_to_float(plane)))) for plane in exemplar.stack(depth)]
    # Organs at the border are drawn outwards in the image, and so must their labels be.
    labels = moved.nearest(exemplar.labels)
    return Synthetic(planes[0] if depth == 1 else np.stack(planes), labels, info.pixel_spacing, info.id, None)


class _Ground(NamedTuple):
    """Where on a background organs may lie.

    Attributes:
        outside: bool [H, W], not of the body.
        bone: bool [H, W].
        move: (rows, columns) from the place of a body on the exemplar to that on the background.
    """

    outside: np.ndarray
    bone: np.ndarray
    move: np.ndarray


def _background(
    background: Exemplar, origin: Exemplar, exemplar: Exemplar, rng: np.random.Generator, config: SynthesisConfig
) -> tuple[np.ndarray, _Ground]:
    """A background in the exemplar's shape, moved and tinted, float32; ``origin`` knows its body and bones."""
    info, shape = exemplar.info, exemplar.info.shape
    image = _to_float(background.image)
    if image.shape[:2] != shape:
        image = resize(image, shape, order=1, mode="edge", anti_aliasing=True).astype(np.float32)
    affine = draw_affine(rng, config, shape, info.pixel_spacing, config.background_share, flip=False)
    tone = draw_tone(rng, config, shape, config.background_share)
    moved = Resampling(shape, affine, (np.array(shape) - 1) / 2, info.pixel_spacing)
    canvas = moved.linear(tone.apply(image))
    if config.outside_share == config.bone_share == 1:
        nothing = np.zeros(shape, bool)
        return canvas, _Ground(nothing, nothing, np.zeros(2))

    def placed(mask: np.ndarray) -> np.ndarray:
        if mask.all() or not mask.any():
            return np.full(shape, mask[0, 0])
        fitted = mask if mask.shape == shape else resize(mask, shape, order=0, mode="edge", anti_aliasing=False)
        return moved.nearest(fitted)

    body = placed(origin.body)
    # Where organs were filled in there is no bone, whatever their values.
    bone = placed(origin.bone & (origin.labels == 0))
    return canvas, _Ground(~body, bone, _middle(body) - _middle(exemplar.body))


def _middle(mask: np.ndarray) -> np.ndarray:
    """(row, column) of the middle of a mask's bounding box; of the slice for an empty one."""
    box = bounds(mask) or tuple(slice(0, side) for side in mask.shape)
    return np.array([(side.start + side.stop - 1) / 2 for side in box])


def _paste(
    canvas: np.ndarray,
    labels: np.ndarray,
    ground: _Ground,
    exemplar: Exemplar,
    value: int,
    rng: np.random.Generator,
    config: SynthesisConfig,
) -> None:
    """Draw T for one class and write it into ``canvas`` (float32) and ``labels``."""
    shape = labels.shape
    affine, tone = draw_affine(rng, config, shape, exemplar.info.pixel_spacing), draw_tone(rng, config, shape)
    for trial in (affine, Affine()):
        if _paste_with(canvas, labels, ground, exemplar, value, trial, tone, config):
            return
    # Its own place lies outside of a smaller body, and no shift within the bound helps.
    nowhere = np.zeros(shape, bool)
    _paste_with(canvas, labels, _Ground(nowhere, nowhere, np.zeros(2)), exemplar, value, Affine(), tone, config)


def _paste_with(
    canvas: np.ndarray,
    labels: np.ndarray,
    ground: _Ground,
    exemplar: Exemplar,
    value: int,
    affine: Affine,
    tone: Tone,
    config: SynthesisConfig,
) -> bool:
    """Paste, working on crops only: a slice may hold dozens of small organs. Returns False if nothing was left."""
    shape, spacing = np.array(labels.shape), exemplar.info.pixel_spacing
    feather = config.feather * relative_width(labels.shape)
    affine = replace(affine, shift=tuple((np.array(affine.shift) + ground.move).tolist()))
    box, centre, _ = exemplar.regions[value]
    low, high = (np.array(ends) for ends in zip(*((side.start, side.stop - 1) for side in box), strict=True))
    halo = int(np.ceil(3 * feather)) + 1
    corners = np.array([(r, c) for r in (low[0], high[0]) for c in (low[1], high[1])]) - centre
    moved = corners @ affine.matrix(spacing).T + centre + affine.shift
    start = np.floor(moved.min(axis=0)).astype(int) - halo
    stop = np.ceil(moved.max(axis=0)).astype(int) + halo + 1
    margin = halo + int(np.ceil(3 * tone.blur)) + 1
    first, last = np.maximum(low - margin, 0), np.minimum(high + margin + 1, shape)
    crop = (slice(first[0], last[0]), slice(first[1], last[1]))
    resampling = Resampling(
        tuple(last - first), affine, centre, spacing,
        source=tuple(first), target=tuple(start), target_shape=tuple(stop - start),
    )  # fmt: skip
    mask = (resampling.linear((exemplar.labels[crop] == value).astype(np.float32)) > 0.5) & resampling.within
    organ = resampling.linear(tone.apply(_to_float(exemplar.image[crop])))
    if (ground.outside.any() or ground.bone.any()) and mask.any():
        start = start + _nearest_place(mask, start, ground, np.array(affine.shift) - ground.move, spacing, config)
    # What lies beyond the slice is cut off.
    least, most = np.clip(start, 0, shape), np.clip(start + mask.shape, 0, shape)
    area, part = (tuple(map(slice, least - origin, most - origin)) for origin in (0, start))
    mask, organ, outside = mask[part], organ[part], ground.outside[area]
    if (mask & outside).sum() > config.outside_share * mask.sum():
        mask = mask & ~outside
    if not mask.any():
        return False
    weight = mask.astype(np.float32)
    if feather > 0:
        weight = np.maximum(weight, np.where(outside, 0, blurred(weight, feather, "symmetric")))
    canvas[area] += _over(weight, canvas) * (organ - canvas[area])
    labels[area][mask] = value
    return True


def _nearest_place(
    mask: np.ndarray,
    start: np.ndarray,
    ground: _Ground,
    drawn: np.ndarray,
    pixel_spacing: tuple[float, float],
    config: SynthesisConfig,
) -> np.ndarray:
    """By how many pixels to move a mask so that it lies in the body and not on bone.

    Args:
        mask: bool [h, w], the organ as drawn.
        start: (row, column) of its first pixel on the slice.
        ground: where organs may lie; beyond the edge of the slice it goes on as at the edge.
        drawn: (rows, columns) by which the organ has been shifted already.
        pixel_spacing: (row mm, column mm).
        config: the bounds.

    Returns:
        (rows, columns), whole: the least move that keeps within the shares and the bound on the whole shift; where none
        does, the one with the fewest wrong pixels.
    """
    spacing, area = np.array(pixel_spacing), int(mask.sum())
    shares = [
        (where, share * area)
        for where, share in ((ground.outside, config.outside_share), (ground.bone, config.bone_share))
        if share < 1
    ]
    here = _around(start, np.zeros(2, int), np.zeros(2, int), mask.shape, ground.outside.shape)
    if all(np.count_nonzero(where[here] & mask) <= allowed for where, allowed in shares):
        return np.zeros(2, int)
    reach = config.shift_mm / spacing
    # The draw itself is always within the bound.
    least = np.minimum(np.ceil(-drawn - reach), 0).astype(int)
    most = np.maximum(np.floor(reach - drawn), 0).astype(int)
    places = _around(start, least, most, mask.shape, ground.outside.shape)
    wrong = _too_many([(where[places], allowed) for where, allowed in shares], mask)
    rows, columns = (np.arange(a, b + 1) for a, b in zip(least, most, strict=True))
    length = np.hypot(rows[:, None] * spacing[0], columns * spacing[1])
    shifted = np.hypot((rows + drawn[0])[:, None] * spacing[0], (columns + drawn[1]) * spacing[1])
    wrong[(shifted > config.shift_mm) & (length > 0)] = np.inf
    length[wrong > wrong.min()] = np.inf
    row, column = np.unravel_index(length.argmin(), length.shape)
    return np.array([rows[row], columns[column]])


def _around(
    start: np.ndarray, least: np.ndarray, most: np.ndarray, size: tuple[int, int], shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Index of what a window of ``size`` at ``start`` comes over when it is moved by ``least`` to ``most``; beyond the
    edge of a slice of ``shape`` it goes on as at the edge."""
    rows, columns = (
        np.clip(np.arange(s + a, s + b + n), 0, side - 1)
        for s, a, b, n, side in zip(start, least, most, size, shape, strict=True)
    )
    return rows[:, None], columns[None]


def _too_many(grounds: Sequence[tuple[np.ndarray, float]], mask: np.ndarray) -> np.ndarray:
    """By how many pixels a mask [h, w] lies on each ground too much, added up: float64 [rows, columns] by place.

    A ground is bool [h + rows - 1, w + columns - 1] and the number of pixels that are allowed on it.
    """
    bare = [where for where, allowed in grounds if not allowed]
    # Where nothing is allowed the numbers may be added before they are counted.
    added = [(np.add.reduce(bare, dtype=np.float32), 0.0)] if bare else []
    tasks = added + [(where.astype(np.float32), allowed) for where, allowed in grounds if allowed]
    # As scipy.signal's fftconvolve, without its padding; its import takes half as long as torch's.
    ground = grounds[0][0].shape
    sides = [next_fast_len(side, real=True) for side in ground]
    rows, columns = (whole - part + 1 for whole, part in zip(ground, mask.shape, strict=True))
    turned = np.conj(rfft2(mask.astype(np.float32), sides))
    over = [(irfft2(rfft2(where, sides) * turned, sides)[:rows, :columns], allowed) for where, allowed in tasks]
    counts = [(np.rint(count).astype(np.float64), allowed) for count, allowed in over]
    found: np.ndarray = np.add.reduce([np.maximum(0, count - allowed) for count, allowed in counts])
    return found


def _to_float(image: np.ndarray) -> np.ndarray:
    grey: np.ndarray = image.astype(np.float32) / np.float32(255.0)
    return grey


def _to_uint8(image: np.ndarray) -> np.ndarray:
    grey: np.ndarray = (np.clip(image, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return grey
