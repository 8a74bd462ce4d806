"""SAM 2 side by side with the package that its networks come from, with random weights read from a file like Meta's."""

import copy
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs.evaluate import evaluate
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.segment import propagate
from SAMAdaptLib.methods import METHODS, get_method
from SAMAdaptLib.methods.base import trainable
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.ras import on_slices as placed
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.decode import decode
from SAMAdaptLib.sam.encode import encode
from SAMAdaptLib.sam.families.sam2_encoder import unfolded
from SAMAdaptLib.sam.families.sam2_memory import ABSENT
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.recall import VolumeMemory
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.service.protocol import Propagate, SliceMask
from SAMAdaptLib.service.worker.through_volume import ThroughVolume
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import SAM_2, picture, scan

pytest.importorskip("transformers.models.sam2_video", reason="transformers is not installed or too old for SAM 2")

from Testing.sam.published_sam2 import Sam2VideoInferenceSession, published, video_model  # noqa: E402

SHAPE = (40, 56)
POINTS = Prompt([[34, 16], [8, 30]], [1, 0])
BOX = Prompt(box=[20, 6, 50, 30])
BOTH = replace(BOX, points=POINTS.points, labels=POINTS.labels)


@pytest.fixture(scope="module")
def reference():
    return video_model()


@pytest.fixture(scope="module")
def file(reference, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "sam2.1_hiera_none.pt"
    torch.save({"model": published(reference)}, path)
    return path


@pytest.fixture(scope="module")
def model(file):
    return build_sam(SAM_2, file)


def asked(prompt, frame):
    """What the package's prompt encoder is given; without point and box its own model gives a point that is none."""
    given = dict.fromkeys(("input_points", "input_labels", "input_boxes", "input_masks"))
    if len(prompt.points):
        given["input_points"] = torch.tensor(frame.points_to_model(prompt.points))[None, None].float()
        given["input_labels"] = torch.tensor(prompt.labels)[None, None].int()
    elif prompt.box is None:
        given |= {"input_points": torch.zeros(1, 1, 1, 2), "input_labels": -torch.ones(1, 1, 1, dtype=torch.int32)}
    if prompt.box is not None:
        given["input_boxes"] = torch.tensor(frame.points_to_model(prompt.box.reshape(2, 2)).reshape(1, 1, 4)).float()
    if prompt.mask_logits is not None:
        given["input_masks"] = torch.tensor(prompt.mask_logits)[None, None]
    return given


@pytest.mark.parametrize("size", [128, 64])
@pytest.mark.parametrize("multimask", [False, True])
def test_answers_are_those_of_the_package(reference, file, size, multimask) -> None:
    """Points, a box, both, and an earlier answer with and without a point; at the native size and at half of it."""
    theirs = reference
    if size != SAM_2.input_size:
        theirs = video_model(size)
        theirs.load_state_dict(reference.state_dict())
    predictor = Predictor(build_sam(SAM_2, file, size), "fp32")
    frame, image, side = predictor.frame(SHAPE), picture(SHAPE), predictor.model.low_res_size
    earlier = np.random.default_rng(0).normal(0, 4, (side, side)).astype(np.float32)
    prompts = [POINTS, BOX, BOTH, replace(POINTS, mask_logits=earlier), Prompt(mask_logits=earlier)]
    sam = predictor.model.sam
    with torch.inference_mode():
        seen = theirs.get_image_features(frame.image_to_model(image, sam.pixel_mean, sam.pixel_std)[None])
        # Earlier versions give several things in a row, of which the maps are the first.
        seen = seen[0] if isinstance(seen, tuple) else seen.fpn_hidden_states
        sizes = theirs.backbone_feature_sizes
        maps = [one.permute(1, 2, 0).view(1, -1, *grid) for one, grid in zip(seen, sizes, strict=True)]
        coarse = maps.pop() + theirs.no_memory_embedding.view(1, -1, 1, 1)
        places = theirs.get_image_wide_positional_embeddings()
        wanted = [
            theirs.mask_decoder(coarse, places, *theirs.prompt_encoder(**asked(one, frame)), multimask, maps)
            for one in prompts
        ]
    got = predictor.decode(predictor.encode(image, frame), prompts, frame, multimask)
    logits, iou = (torch.cat([one[part][0] for one in wanted]).numpy() for part in (0, 1))
    assert got.low_res.shape == (5, 3 if multimask else 1, size // 4, size // 4)
    assert logits.std() > 0.1 and np.abs(got.low_res - logits).max() < 1e-4 * np.abs(logits).max()
    assert iou.std() > 0.005 and np.abs(got.iou - iou).max() < 1e-4


def test_a_training_step_sees_the_same_masks(model) -> None:
    """With gradient the decoder takes another way."""
    predictor = Predictor(model, "fp32")
    frame = predictor.frame(SHAPE)
    embedding = predictor.encode(picture(SHAPE), frame)
    plain = decode(model, embedding, [POINTS, BOX], frame)
    learnt = decode(model, embedding.clone().requires_grad_(True), [POINTS, BOX], frame)
    assert learnt[0].requires_grad and (learnt[0] - plain[0]).abs().max() < 1e-4 * plain[0].abs().max()


class Video:
    """The package's model on the slices of a volume, given their maps as ours has encoded them."""

    def __init__(self, model, slices) -> None:
        self.model, self.slices = model, slices
        count = slices.stack.count
        self.session = Sam2VideoInferenceSession(dtype=torch.float32, max_vision_features_cache_size=count)
        self.session.processed_frames = dict.fromkeys(range(count))
        self.session.obj_id_to_idx(1)
        with torch.inference_mode():
            for index in range(count):
                coarse, fine = unfolded(slices.embedding(index))
                side = coarse.shape[-1]
                finest = fine.fourfold.view(side, side, 2, 2, 2, 2, -1).permute(0, 2, 4, 1, 3, 5, 6)
                finer = fine.twice.view(side, side, 2, 2, -1).permute(0, 2, 1, 3, 4)
                kept = [one.reshape(-1, 1, one.shape[-1]) for one in (finest, finer)]
                kept.append(coarse.flatten(2).permute(2, 0, 1))
                places = model.vision_encoder.neck.position_encoding(coarse.shape, coarse.device, coarse.dtype)
                features = {"vision_feats": kept, "vision_pos_embeds": [places.flatten(2).permute(2, 0, 1)]}
                self.session.cache.cache_vision_features(index, features)

    def __call__(self, index, prompt=None, reverse=False):
        """Its low-resolution logits on a slice, [4g, 4g]."""
        if prompt is not None:
            given = asked(prompt, self.slices.frame)
            points, labels = given["input_points"], given["input_labels"]
            if prompt.box is not None:
                points, labels = given["input_boxes"].view(1, 1, 2, 2), torch.tensor([[[2, 3]]])
            self.session.add_point_inputs(0, index, {"point_coords": points, "point_labels": labels})
            self.session.obj_with_new_inputs = [1]
        with torch.inference_mode():
            return self.model(self.session, frame_idx=index, reverse=reverse).pred_masks[0, 0].numpy()


def on_slices(model, count=12):
    return VolumePredictor(Predictor(model, "fp32"), scan(slices=count)[0], intensity=Intensity.parse("minmax"))


@pytest.mark.parametrize("prompt", [POINTS, BOX], ids=["points", "box"])
def test_a_way_through_a_volume_is_that_of_the_package(reference, model, prompt) -> None:
    """Down from the first of two slices with prompts, from both to the middle between them, and up from the second:
    the order of a propagation. The object is not on every slice."""
    slices = on_slices(model)
    ours, theirs = VolumeMemory(slices), Video(reference, slices)
    marked = {4: prompt, 9: replace(POINTS, points=POINTS.points + 2)}
    pairs = [(ours.prompted(index, one).logits, theirs(index, one)) for index, one in marked.items()]
    for start, step, length in ((4, -1, 4), (4, 1, 2), (9, -1, 2), (9, 1, 2)):
        for index in range(start + step, start + step * (length + 1), step):
            pairs.append((ours.carried(index, index - step, Prompt()).logits, theirs(index, reverse=step < 0)))
    there = [bool((wanted > ABSENT).any()) for _, wanted in pairs[2:]]
    assert any(there) and not all(there)
    assert max(np.abs(got - wanted).max() for got, wanted in pairs) < 2e-5
    # Of the object in one token hardly anything shows in a mask.
    session = theirs.session.output_dict_per_obj[0]
    for kept, wanted in ((ours._prompted, "cond_frame_outputs"), (ours._carried, "non_cond_frame_outputs")):
        assert kept.keys() == session[wanted].keys()
        for index, one in kept.items():
            assert (one.pointer - session[wanted][index]["object_pointer"][0]).abs().max() < 2e-5


def test_what_was_not_kept_is_forgotten_and_half_the_size_has_places_of_its_own(reference, file) -> None:
    """On the way up slice 6 is not kept, which the package is told by taking it away."""
    half = video_model(64)
    half.load_state_dict(reference.state_dict())
    slices = on_slices(build_sam(SAM_2, file, 64))
    # The object is on all of them.
    half.mask_decoder.pred_obj_score_head.proj_out.bias.add_(1)
    slices.predictor.model.sam.memory.object_score.layers[-1].bias.add_(1)
    ours, theirs = VolumeMemory(slices), Video(half, slices)
    pairs = [(ours.prompted(4, BOX).logits, theirs(4, BOX))]
    for index, origin in ((5, 4), (6, 5), (7, 5), (8, 7)):
        pairs.append((ours.carried(index, origin, Prompt()).logits, theirs(index)))
        if index == 6:
            kept = theirs.session.output_dict_per_obj[0]["non_cond_frame_outputs"].pop(6)
            assert (kept["pred_masks"] > ABSENT).any()
    assert max(np.abs(got - wanted).max() for got, wanted in pairs) < 2e-5


@pytest.mark.parametrize("method", [name for name, entry in METHODS.items() if "sam2" not in entry.unfit])
def test_methods_start_where_the_base_is_and_learn(model, method) -> None:
    adapted, chosen = copy.deepcopy(model), get_method(method)
    config = chosen.for_classes(chosen.Config(), 1)
    frame = Predictor(model, "fp32").frame(SHAPE)
    chosen.apply(adapted, config)
    before = {name: tensor.clone() for name, tensor in trainable(adapted.sam).items()}
    assert before and not any(name.startswith("memory.") for name in before)
    wanted = decode(model, encode(model, [picture(SHAPE)], [frame], torch.float32), [BOX], frame)[0]
    got = decode(adapted, encode(adapted, [picture(SHAPE)], [frame], torch.float32), [BOX], frame)[0]
    assert (got - wanted).abs().max() < 1e-3 * wanted.abs().max()
    optimizer = torch.optim.SGD(trainable(adapted.sam).values(), lr=1e-3)
    (got * torch.linspace(-1, 1, got.shape[-1])).mean().backward()
    optimizer.step()
    changed = [name for name, tensor in trainable(adapted.sam).items() if not torch.equal(tensor, before[name])]
    assert any(name.startswith("mask_decoder.") for name in changed)
    # LoRA in each of the blocks that keep the map as it is, three of the six.
    if method == "lora":
        assert sum("image_encoder.trunk" in name and "lora_B" in name for name in changed) == 2 * 3


def test_a_method_that_does_not_fit_is_refused_before_anything_is_read(tmp_path) -> None:
    with pytest.raises(InputError, match="The method dbsam does not fit sam2_tiny. Choose one of lora, msa, sammix"):
        finetune(tmp_path / "no library", tmp_path / "run", model="sam2_tiny", method="dbsam")
    with pytest.raises(InputError, match="dbsam does not fit test_sam2"):
        get_method("dbsam").apply(build_sam(SAM_2, weights=False), get_method("dbsam").Config())


@pytest.fixture
def registered(monkeypatch, file):
    monkeypatch.setitem(MODELS, SAM_2.name, SAM_2)
    return load_model(SAM_2.name, checkpoint=file, device="cpu", precision="fp32")


# Random weights keep to none of the rules.
LOOSE = {"min_iou": 0, "area_ratio": (0, 1e9), "min_predicted_iou": 0, "max_missing": 99}


def test_objects_go_through_a_volume_by_memory(registered) -> None:
    """The same as the memory asked slice by slice, on those that are kept; without it, it is another way."""
    volume, _ = scan(slices=8)
    with torch.no_grad():
        # On all slices: those where it is not would be dropped.
        registered.predictor.model.sam.memory.object_score.layers[-1].bias.add_(5)
    prompts = RasPrompts(boxes=[[-40, -30, 9, -16, -8, 9]])
    found = {
        memory: propagate(volume, registered, {"disc": prompts}, rules={**LOOSE, "memory": memory})["disc"]
        for memory in (True, False)
    }
    assert not np.array_equal(found[True].mask, found[False].mask)
    slices = VolumePredictor(registered.predictor, volume, "axial", found[True].intensity)
    start = next(one["index"] for one in found[True].slices if one["source"] == "prompted")
    memory = VolumeMemory(slices)
    own = {start: memory.prompted(start, placed(prompts, slices.stack).prompts[start])}
    kept = {one["index"]: one["from_index"] for one in found[True].slices}
    for index in [*range(start - 1, -1, -1), *range(start + 1, 8)]:
        step = 1 if index > start else -1
        last = index - step
        while last not in kept:
            last -= step
        own[index] = memory.carried(index, last, Prompt())
    shown = slices.stack.view(found[True].mask)
    assert len(kept) > 3
    for one in found[True].slices:
        # Parts that touch the prompted slice are all that is left of a mask.
        assert not (shown[one["index"]] & ~own[one["index"]].mask).any()
        assert one["predicted_iou"] == pytest.approx(own[one["index"]].iou, abs=1e-5)


def test_the_worker_carries_by_memory_as_the_library_does(registered) -> None:
    volume, _ = scan(slices=6)
    slices = VolumePredictor(registered.predictor, volume, "axial")
    prompts = RasPrompts(boxes=[[-40, -30, 9, -16, -8, 9]])
    said: list = []
    request = Propagate(7, "axial", list(placed(prompts, slices.stack).prompts.items()), {**LOOSE, "memory": True})
    ThroughVolume(said.append, lambda axis: slices).propagate(request, registered, lambda: False)
    found = np.zeros((slices.stack.count, *slices.stack.shape), bool)
    for one in said:
        if isinstance(one, SliceMask) and not one.tentative:
            found[one.index] = one.mask.full()
    for memory in (True, False):
        wanted = propagate(volume, registered, {"a": prompts}, rules={**LOOSE, "memory": memory})["a"].mask
        assert np.array_equal(found, slices.stack.view(wanted)) == memory


def test_evaluation_scores_it_beside_masks(registered, tmp_path) -> None:
    volume, labels = scan()
    reports = [
        evaluate([(volume, labels)], registered, prompt="box", propagate=True, memory=memory)
        for memory in (False, True)
    ]
    assert "memory" not in reports[0]["setting"] and reports[1]["setting"].endswith("own memory of other slices.")
    assert all(set(one["labels"]) == {"disc", "bean"} for one in reports)


@pytest.mark.parametrize("verb", ["segment", "evaluate"])
def test_models_without_a_memory_are_told_before_they_are_loaded(verb, tmp_path, capsys) -> None:
    volume, _ = scan()
    write_volume(tmp_path / "image.nrrd", volume.array, volume.geometry)
    words = {
        "segment": ["--segment", "disc", "--point=-20,-20,9", "--output", str(tmp_path / "out.seg.nrrd")],
        "evaluate": ["--labels", str(tmp_path / "image.nrrd"), "--output", str(tmp_path / "out")],
    }
    given = [verb, "--image", str(tmp_path / "image.nrrd"), "--model", "sam_vit_b", "--propagate", "memory"]
    assert main([*given, *words[verb]]) == 2
    assert "sam_vit_b has no memory of other slices. Choose a SAM 2, such as sam2_tiny" in capsys.readouterr().err


def test_without_its_package_there_is_one_line_with_the_remedy(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(InputError, match=r'SAM 2 needs the package transformers.*pip install "transformers>=4.57.1"'):
        build_sam(SAM_2, weights=False)


def test_a_file_of_another_architecture_is_refused(reference, tmp_path) -> None:
    state = published(reference)
    state.pop("no_obj_embed_spatial")
    torch.save({"model": state}, tmp_path / "sam2_hiera_tiny.pt")
    with pytest.raises(InputError, match="not of the architecture test_sam2 .1 tensors missing.*memory.no_object"):
        build_sam(SAM_2, tmp_path / "sam2_hiera_tiny.pt")
