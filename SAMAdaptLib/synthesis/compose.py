"""One synthetic slice: organs of an exemplar, each moved on its own, on a slice without them (arXiv 2308.14133)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage
from skimage.transform import resize

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Exemplar
from SAMAdaptLib.exemplars.manifest import ExemplarInfo
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.transforms import Affine, Tone, draw_affine, draw_tone, relative_width, warp


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A synthetic slice.

    Attributes:
        image: uint8 [H, W], or the stack [D, H, W] around it.
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
    values = np.unique(exemplar.labels)
    values = values[values > 0]
    if not len(values):
        raise InputError("Nothing can be synthesised from a slice without labels", exemplar.info.id, "Label a slice")
    if rng.random() < config.whole_slice_share:
        return whole_slice(exemplar, rng, config)
    background = backgrounds[rng.integers(len(backgrounds))] if len(backgrounds) else fill_background(exemplar)
    canvas = _background(background, exemplar.info, rng, config)
    labels = np.zeros(exemplar.labels.shape, dtype=np.uint8)
    kept = rng.random(len(values)) < config.organ_probability
    kept |= values == (rng.choice(values) if keep is None else keep)
    areas = np.bincount(exemplar.labels.ravel(), minlength=256)[values]
    for position in np.argsort(-areas, kind="stable"):
        if kept[position]:
            _paste(canvas, labels, exemplar, int(values[position]), rng, config)
    return Synthetic(_to_uint8(canvas), labels, exemplar.info.pixel_spacing, exemplar.info.id, background.info.id)


def fill_background(exemplar: Exemplar) -> Exemplar:
    """A background made from an exemplar, for libraries that hold none (ours).

    Its organs, widened by the rim that they blur into, take the nearest outside values, smoothed the more the deeper
    inside; a slice of organs only becomes plain grey. It lacks the texture of tissue: a real slice without organs is
    better.
    """
    image = exemplar.image
    rim = int(np.ceil(2 * relative_width(image.shape)))
    hole = ndimage.binary_dilation(exemplar.labels > 0, iterations=rim)
    if hole.all():
        filled = np.full_like(image, round(float(image.mean())))
    else:
        depth, nearest = ndimage.distance_transform_edt(hole, return_indices=True)
        spread = image[tuple(nearest)].astype(np.float32)
        smooth = ndimage.gaussian_filter(spread, max(1.0, depth.max() / 2))
        # Near the rim the nearest values are right; deep inside they would leave rays.
        inward = np.clip(depth / max(1.0, depth.max() / 2), 0.0, 1.0)
        filled = np.where(hole, (1 - inward) * spread + inward * smooth, image).round().astype(np.uint8)
    info = replace(exemplar.info, classes=(), bounds=(0.0, 255.0))
    return Exemplar(info, filled, np.zeros_like(exemplar.labels))


def whole_slice(exemplar: Exemplar, rng: np.random.Generator, config: SynthesisConfig, depth: int = 1) -> Synthetic:
    """The whole exemplar under one joint transformation, which keeps an organ's true surroundings.

    Args:
        exemplar: with neighbours where ``depth`` asks for them.
        rng: the only source of chance.
        config: the ranges; organs are not mirrored here.
        depth: slices of the stack, which all move alike; 1 gives an image [H, W].
    """
    info, shape = exemplar.info, exemplar.labels.shape
    affine = draw_affine(rng, config, shape, flip=False)
    tone = draw_tone(rng, config, shape)
    centre = (np.array(shape) - 1) / 2
    planes = [
        _to_uint8(warp(tone.apply(_to_float(plane)), affine, centre, info.pixel_spacing))
        for plane in exemplar.stack(depth)
    ]
    # Organs at the border are drawn outwards in the image, and so must their labels be.
    labels = warp(exemplar.labels, affine, centre, info.pixel_spacing, order=0)
    return Synthetic(planes[0] if depth == 1 else np.stack(planes), labels, info.pixel_spacing, info.id, None)


def _background(
    background: Exemplar, info: ExemplarInfo, rng: np.random.Generator, config: SynthesisConfig
) -> np.ndarray:
    image = _to_float(background.image)
    if image.shape != info.shape:
        image = resize(image, info.shape, order=1, mode="edge", anti_aliasing=True).astype(np.float32)
    affine = draw_affine(rng, config, info.shape, config.background_share, flip=False)
    tone = draw_tone(rng, config, info.shape, config.background_share)
    return warp(tone.apply(image), affine, (np.array(info.shape) - 1) / 2, info.pixel_spacing)


def _paste(
    canvas: np.ndarray,
    labels: np.ndarray,
    exemplar: Exemplar,
    value: int,
    rng: np.random.Generator,
    config: SynthesisConfig,
) -> None:
    """Draw T for one class and write it into ``canvas`` (float32) and ``labels``."""
    shape = labels.shape
    affine, tone = draw_affine(rng, config, shape), draw_tone(rng, config, shape)
    feather = config.feather * relative_width(shape)
    if not _paste_with(canvas, labels, exemplar, value, affine, tone, feather):
        _paste_with(canvas, labels, exemplar, value, Affine(), tone, feather)


def _paste_with(
    canvas: np.ndarray, labels: np.ndarray, exemplar: Exemplar, value: int, affine: Affine, tone: Tone, feather: float
) -> bool:
    """Paste, working on crops only: a slice may hold dozens of small organs. Returns False if nothing was left."""
    shape, spacing = np.array(labels.shape), exemplar.info.pixel_spacing
    rows, columns = np.nonzero(exemplar.labels == value)
    centre = np.array([rows.mean(), columns.mean()])
    low, high = np.array([rows.min(), columns.min()]), np.array([rows.max(), columns.max()])
    halo = int(np.ceil(3 * feather)) + 1
    corners = np.array([(r, c) for r in (low[0], high[0]) for c in (low[1], high[1])]) - centre
    moved = corners @ affine.matrix(spacing).T + centre + affine.shift
    start = np.clip(np.floor(moved.min(axis=0)).astype(int) - halo, 0, shape)
    stop = np.clip(np.ceil(moved.max(axis=0)).astype(int) + halo + 1, 0, shape)
    if (stop <= start).any():
        return False
    margin = halo + int(np.ceil(3 * tone.blur)) + 1
    first, last = np.maximum(low - margin, 0), np.minimum(high + margin + 1, shape)
    crop = (slice(first[0], last[0]), slice(first[1], last[1]))
    place = {"source": tuple(first), "target": tuple(start), "target_shape": tuple(stop - start)}
    whole = (exemplar.labels[crop] == value).astype(np.float32)
    mask = warp(whole, affine, centre, spacing, mode="constant", **place) > 0.5
    if not mask.any():
        return False
    organ = warp(tone.apply(_to_float(exemplar.image[crop])), affine, centre, spacing, **place)
    weight = mask.astype(np.float32)
    if feather > 0:
        weight = np.maximum(weight, ndimage.gaussian_filter(weight, feather, truncate=3.0))
    area = (slice(start[0], stop[0]), slice(start[1], stop[1]))
    canvas[area] += weight * (organ - canvas[area])
    labels[area][mask] = value
    return True


def _to_float(image: np.ndarray) -> np.ndarray:
    return image.astype(np.float32) / np.float32(255.0)


def _to_uint8(image: np.ndarray) -> np.ndarray:
    return (np.clip(image, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
