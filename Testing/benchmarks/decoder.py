"""Rows of prompts on a slice that is encoded already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.decode import decode
from Testing.benchmarks.made import model, organs, predictor
from Testing.benchmarks.rows import Check, Found, Machine, Row, alternate, faster, share, with_checks

SIDE = 512
OBJECTS = 16


def boxes_of_organs() -> tuple[np.ndarray, list[Prompt]]:
    """A slice uint8 [512, 512] and the boxes of its organs."""
    volume, labels = organs((10, SIDE, SIDE), OBJECTS)
    prompts = []
    for value in range(1, OBJECTS + 1):
        rows, columns = np.nonzero(labels.array[5] == value)
        prompts.append(Prompt(box=np.array([columns.min(), rows.min(), columns.max(), rows.max()])))
    return volume.array[5].clip(0, 255).astype(np.uint8), prompts


def objects(machine: Machine) -> Found:
    """Masks in slice pixels of all objects in one call, against those of one."""
    image, prompts = boxes_of_organs()
    frame = predictor().frame(image.shape)
    embedding = predictor().encode(image, frame)
    found = alternate(
        lambda: predictor().decode(embedding, prompts, frame),
        lambda: predictor().decode(embedding, prompts[:1], frame),
        seconds=10.0,
        unit="ms",
    )
    return with_checks(found, note=model().note)


def prompt_to_mask(machine: Machine) -> Found:
    """From a box to the mask in slice pixels, against the decoder's own answer."""
    image, prompts = boxes_of_organs()
    frame = predictor().frame(image.shape)
    embedding = predictor().encode(image, frame)

    @torch.inference_mode()
    def bare() -> None:
        decode(model().model, embedding, prompts[:1], frame)

    found = alternate(
        lambda: predictor().decode(embedding, prompts[:1], frame), bare, most=31, seconds=5.0, warm=3, unit="ms"
    )
    return with_checks(found, note=model().note)


def against_published(machine: Machine) -> Found:
    """The same way to the mask, against prompt encoder and decoder alone as published."""
    image, prompts = boxes_of_organs()
    sam, frame = model().model.sam, predictor().frame(image.shape)
    embedding = predictor().encode(image, frame)
    box = torch.from_numpy(frame.points_to_model(prompts[0].box.reshape(2, 2)).reshape(1, 4)).float()

    @torch.inference_mode()
    def published() -> torch.Tensor:
        sparse, dense = sam.prompt_encoder(points=None, boxes=box, masks=None)
        return sam.mask_decoder(
            image_embeddings=embedding,
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
        )[0]

    found = alternate(
        lambda: predictor().decode(embedding, prompts[:1], frame), published, most=31, seconds=5.0, warm=3, unit="ms"
    )
    low_res = predictor().decode(embedding, prompts[:1], frame).low_res
    difference = float(np.abs(low_res - published().numpy()).max())
    return with_checks(replace(found), Check("difference", difference, "<=", 1e-3), note=model().note)


ROWS = (
    Row("objects-16", f"{OBJECTS} objects on a slice", "one object", share(5.0), objects),
    Row("prompt-to-mask", "prompt to mask of 512²", "bare decoder", share(1.2), prompt_to_mask),
    Row("prompt-published", "the same", "decoder of segment_anything", faster(1.5), against_published),
)
