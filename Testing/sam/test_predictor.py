"""A model on the slices of a volume: cache, keys, blank slices."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache
from SAMAdaptLib.sam.precision import encoder_dtype
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.phantoms import ct, mr
from Testing.scarce import failing, told, without_room
from Testing.tiny import build, picture, scan

BOX = Prompt(box=[10, 8, 26, 28])


@pytest.fixture
def volume():
    return scan()[0]


@pytest.fixture
def predictor(tiny_model):
    return Predictor(tiny_model, "fp32")


def counted(model, calls):
    return model.sam.image_encoder.register_forward_hook(lambda *_: calls.append(1))


def test_an_answer_from_memory_disk_or_anew_is_one_answer(predictor, volume, tmp_path):
    calls = []
    handle = counted(predictor.model, calls)
    try:
        slices = VolumePredictor(predictor, volume, cache=EmbeddingCache(folder=tmp_path))
        first = slices.predict(2, [BOX])
        second = slices.predict(2, [BOX])
        assert len(calls) == 1
        later = VolumePredictor(predictor, volume, cache=EmbeddingCache(folder=tmp_path)).predict(2, [BOX])
        assert len(calls) == 1
        fresh = VolumePredictor(predictor, volume).predict(2, [BOX])
        assert len(calls) == 2
    finally:
        handle.remove()
    for other in (second, later, fresh):
        assert np.array_equal(first.logits, other.logits) and np.array_equal(first.iou, other.iou)
    assert not np.array_equal(first.logits, slices.predict(3, [BOX]).logits)


def test_the_answer_is_that_of_the_slice_after_intensity_mapping(predictor, volume):
    intensity = Intensity.parse("window:100/200")
    slices = VolumePredictor(predictor, volume, intensity=intensity)
    shown = np.clip((volume.array[2].astype(float) - 0) / 200, 0, 1) * 255
    assert np.array_equal(slices.image(2), np.floor(shown + 0.5).astype(np.uint8))
    frame = predictor.frame((40, 56))
    direct = predictor.decode(predictor.encode(slices.image(2), frame), [BOX], frame)
    # The kept embedding is in half precision.
    assert np.abs(slices.predict(2, [BOX]).logits - direct.logits).max() < 5e-3


def test_pixel_spacing_reaches_the_frame(predictor):
    volume = scan(spacing=(1, 1, 3))[0]
    coronal = VolumePredictor(predictor, volume, "coronal")
    # 6 slices of 3 mm against 56 columns of 1 mm.
    assert coronal.frame.shape == (6, 56) and coronal.frame.resized == (int(128 * 18 / 56 + 0.5), 128)


def test_the_key_holds_everything_that_the_embedding_depends_on(predictor, volume):
    base = VolumePredictor(predictor, volume)
    moved = replace(volume, array=volume.array + np.eye(40, 56, dtype=np.int16))
    others = {
        "slice": base.key(3),
        "axis": VolumePredictor(predictor, volume, "coronal").key(2),
        "intensity": VolumePredictor(predictor, volume, intensity=Intensity.parse("minmax")).key(2),
        "volume": VolumePredictor(predictor, moved).key(2),
    }
    for name, change in {
        "adapter": {"adapter_hash": "a" * 64},
        "base": {"base_hash": "random-1"},
        "input size": {"input_size": 64},
    }.items():
        others[name] = VolumePredictor(Predictor(replace(predictor.model, **change), "fp32"), volume).key(2)
    others["precision"] = VolumePredictor(Predictor(predictor.model, "bf16"), volume).key(2)
    assert base.key(2) == VolumePredictor(predictor, volume).key(2)
    assert len({base.key(2), *others.values()}) == len(others) + 1


def test_two_spellings_of_one_intensity_share_an_embedding(predictor, volume):
    low, high = int(volume.array.min()), int(volume.array.max())
    window = Intensity.parse(f"window:{(low + high) / 2}/{high - low}")
    keys = {VolumePredictor(predictor, volume, intensity=i).key(2) for i in (window, Intensity.parse("minmax"))}
    assert len(keys) == 1


def test_a_blank_frame_is_named(predictor, volume):
    blank = Volume(np.full_like(volume.array, 7), volume.geometry, "cine", frame=2)
    with pytest.raises(InputError, match="constant.*7: cine, frame 2"):
        VolumePredictor(predictor, blank)


def test_a_blank_slice_is_an_error_when_asked_for_and_empty_when_passed_through(predictor, volume):
    array = volume.array.copy()
    array[4] = 7
    slices = VolumePredictor(predictor, Volume(array, volume.geometry, "padded"))
    with pytest.raises(InputError, match=r"Slice 4 of axial is constant.*padded.*Choose another slice"):
        slices.predict(4, [BOX])
    result = slices(4, BOX)
    assert result.mask.shape == (40, 56) and not result.mask.any() and result.iou == 0
    assert result.logits.shape == (32, 32) and (result.logits < 0).all()


@pytest.mark.parametrize("value", [float("nan"), 7e4])
def test_an_embedding_that_half_precision_cannot_hold_is_refused_and_not_kept(predictor, volume, value):
    def broken(module, given, result):
        return result.index_fill(1, torch.tensor([3]), value)

    cache = EmbeddingCache()
    slices = VolumePredictor(predictor, volume, cache=cache)
    handle = predictor.model.sam.image_encoder.register_forward_hook(broken)
    try:
        for ask in (lambda: slices.predict(2, [BOX]), lambda: slices(2, BOX)):
            with pytest.raises(InputError, match="embedding of a slice overflows: slice 2 of axial.*other weights"):
                ask()
    finally:
        handle.remove()
    assert cache.stats.ram_bytes == 0 and slices(2, BOX).mask.any()


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_activations_beyond_float16_are_right_and_beyond_all_refused(volume, precision):
    """Inside the encoder, where a layer's values are made large and its next one takes that back."""
    model = build("vit-64")
    plain = Predictor(model, precision)
    wanted = VolumePredictor(plain, volume).predict(2, [BOX]).logits
    neck = model.sam.image_encoder.neck
    seen = []
    handle = neck[1].register_forward_pre_hook(lambda _module, given: seen.append(float(given[0].abs().max())))
    with torch.no_grad():
        # What follows normalises, and does not mind the scale but for its own small number.
        neck[0].weight *= 1e7
    found = VolumePredictor(plain, volume, cache=EmbeddingCache()).predict(2, [BOX]).logits
    assert max(seen) > 70000
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.99
    with torch.no_grad():
        neck[0].weight *= 1e32
    slices = VolumePredictor(plain, volume, cache=EmbeddingCache())
    with pytest.raises(InputError, match="embedding of a slice overflows: slice 2 of axial"):
        slices.predict(2, [BOX])
    handle.remove()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_answer_that_is_no_number_is_refused(predictor, volume, value):
    slices = VolumePredictor(predictor, volume)
    assert slices.predict(2, [BOX]).masks.any()
    parameter = next(predictor.model.sam.mask_decoder.output_upscaling.parameters())
    kept = parameter.detach().clone()
    try:
        with torch.no_grad():
            parameter.view(-1)[0] = value
        for ask in (lambda: slices.predict(2, [BOX]), lambda: slices(2, BOX)):
            with pytest.raises(InputError, match="answer overflows.*other weights"):
                ask()
    finally:
        with torch.no_grad():
            parameter.copy_(kept)


def test_called_for_propagation_it_gives_the_single_answer(predictor, volume):
    slices = VolumePredictor(predictor, volume)
    result, answer = slices(2, BOX), slices.predict(2, [BOX])
    assert np.array_equal(result.mask, answer.masks[0, 0]) and np.array_equal(result.logits, answer.low_res[0, 0])
    assert result.iou == pytest.approx(float(answer.iou[0, 0])) and result.mask.dtype == bool


def test_several_objects_cost_one_encoding_and_one_decoding(predictor, volume):
    calls, decoded = [], []
    handles = [
        counted(predictor.model, calls),
        predictor.model.sam.mask_decoder.iou_prediction_head.register_forward_hook(lambda *_: decoded.append(1)),
    ]
    try:
        answer = VolumePredictor(predictor, volume).predict(2, [Prompt([[x, 12]], [1]) for x in (5, 15, 40)], True)
    finally:
        for handle in handles:
            handle.remove()
    assert (len(calls), len(decoded)) == (1, 1)
    assert answer.masks.shape == (3, 3, 40, 56) and answer.iou.shape == (3, 3) and answer.low_res.shape[2:] == (32, 32)


def test_too_many_prompts_for_the_memory_are_answered_in_parts(predictor, volume):
    slices = VolumePredictor(predictor, volume)
    prompts = [Prompt([[x, 12]], [1]) for x in (5, 15, 40, 22, 31)]
    wanted = slices.predict(2, prompts)
    head = predictor.model.sam.mask_decoder.iou_prediction_head
    with failing(head, lambda tokens: len(tokens) > 2) as sizes, told() as notes:
        found = slices.predict(2, prompts)
    assert sizes == [2, 1, 2] and "too little memory for 5 prompts at once" in notes[0]
    assert np.array_equal(found.masks, wanted.masks) and np.abs(found.iou - wanted.iou).max() < 1e-5
    with failing(head, lambda tokens: True), told(), pytest.raises(RuntimeError, match="can't allocate memory"):
        slices.predict(2, prompts)


def test_a_device_without_memory_is_left_for_the_cpu(volume, monkeypatch):
    model = build("vit-128")
    wanted = VolumePredictor(Predictor(model), volume).predict(2, [BOX])
    slices = VolumePredictor(Predictor(model), volume)
    with without_room(monkeypatch, model) as notes:
        found = slices.predict(2, [BOX])
    assert np.array_equal(found.masks, wanted.masks) and slices.predictor.dtype == encoder_dtype("auto", "cpu")
    assert notes == ["The device has too little memory for this model; it goes on on the CPU, which is slower"]


def test_what_an_outline_encloses_is_a_mask_prompt_where_the_model_takes_masks(predictor):
    image, size = picture(), predictor.model.low_res_size
    frame = predictor.frame(image.shape)
    embedding = predictor.encode(image, frame)
    corners = np.array([(9.5, 7.5), (26.5, 7.5), (26.5, 28.5), (9.5, 28.5)])
    inside = np.zeros(image.shape, bool)
    inside[8:29, 10:27] = True
    masked = replace(BOX, mask_logits=frame.mask_to_logits(inside, size))
    earlier = np.full((size, size), -6.0, np.float32)
    plain, drawn, wanted, later, given = (
        predictor.decode(embedding, [one], frame).low_res
        for one in (BOX, replace(BOX, outline=corners), masked, replace(BOX, outline=corners, mask_logits=earlier),
                    replace(BOX, mask_logits=earlier))
    )  # fmt: skip
    assert np.array_equal(drawn, wanted) and not np.allclose(drawn, plain, atol=1e-3)
    # An answer that the user has gone on from counts in its place.
    assert np.array_equal(later, given) and not np.allclose(later, drawn, atol=1e-3)
    unable = Predictor(replace(predictor.model, mask_prompts=False), "fp32")
    assert np.array_equal(unable.decode(embedding, [replace(BOX, outline=corners)], frame).low_res, plain)


def test_an_empty_prompt_is_refused(predictor):
    frame = predictor.frame((40, 60))
    embedding = predictor.encode(picture(), frame)
    for prompts in ([], [Prompt()], [BOX, Prompt()]):
        with pytest.raises(InputError, match="no point, box or mask"):
            predictor.decode(embedding, prompts, frame)


@pytest.mark.parametrize("kind", ["vit-64", "tiny_vit-64"])
def test_bfloat16_is_near_float32(kind):
    model = build(kind)
    frame = Predictor(model, "fp32").frame((40, 60))
    exact, rough = (Predictor(model, p).encode(picture(), frame) for p in ("fp32", "bf16"))
    assert rough.dtype == torch.float32 and torch.isfinite(rough).all()
    difference = (exact - rough).abs()
    # Eight bits of mantissa; the embedding ends in a layer norm and so is of size 1.
    assert 0 < difference.mean() < 0.03


def test_an_unknown_precision_lists_the_known():
    with pytest.raises(InputError, match="fp16.*auto, fp32, bf16"):
        encoder_dtype("fp16", "cpu")
    assert encoder_dtype("auto", "cpu") in (torch.float32, torch.bfloat16)
    assert encoder_dtype("fp32", "cuda") == torch.float32 and encoder_dtype("bf16", "cpu") == torch.bfloat16


def test_without_a_mapping_the_adapter_s_is_taken_else_one_by_the_values(predictor):
    geometry = Geometry((40, 48, 16), np.eye(4))
    tissue, magnitudes = Volume(ct(), geometry), Volume(mr(), geometry)
    assert VolumePredictor(predictor, tissue).bounds == (-160.0, 240.0)
    np.testing.assert_allclose(VolumePredictor(predictor, magnitudes).bounds, np.percentile(mr(), (0.5, 99.5)))
    adapted = Predictor(replace(predictor.model, intensity="window:40/400 | minmax"), "fp32")
    assert VolumePredictor(adapted, tissue).bounds == (-160.0, 240.0)
    assert VolumePredictor(adapted, magnitudes).bounds == (mr().min(), mr().max())
    with pytest.raises(InputError, match="trained with intensity window:40/400 or minmax, not percentile:1/99"):
        VolumePredictor(adapted, tissue, intensity=Intensity.parse("percentile:1/99"))
