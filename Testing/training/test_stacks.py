"""Stacks of neighbouring slices, from the library to the predictor."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.jobs.scoring import evaluate_oracle, parse_slices
from SAMAdaptLib.jobs.segment import propagate
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.prompts.boxes import bounding_box
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.prompts.strategies import parse_strategy
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.embeddings import Embeddings
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.run_folder import read_metrics
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import merge, parse_merge
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume
from Testing.tiny import build, scan

pytestmark = pytest.mark.slow

MINMAX = Intensity.parse("minmax")


@pytest.fixture
def library(tmp_path):
    library = Library.create(tmp_path / "library")
    for patient in range(2):
        volume, labels = scan(patient)
        for index in (1, 3, 4):
            library.add(volume, labels, "axial", index, MINMAX, neighbours=1)
        library.add(volume, labels, "axial", 0, MINMAX, background=True, neighbours=1)
    return library


def test_every_item_is_a_stack_whose_middle_is_prompted(library):
    still = SynthesisConfig.identity().to_dict()
    data = TrainingData(library, TrainConfig(steps=1, batch_size=8, synthesis_config=still, empty_share=0.3), 64, 32)
    data.use_stacks(3)
    known = {e.image.tobytes(): e.stack(3) for e in library}
    items = [item for step in range(6) for item in data.batch(step)]
    for item in items:
        assert np.array_equal(item.image, known[item.image[1].tobytes()])
        assert item.targets.shape[1:] == item.image.shape[1:] == item.frame.shape
    assert any(not item.targets.any() for item in items)


def test_the_slices_of_a_synthetic_stack_move_alike(library):
    data = TrainingData(library, TrainConfig(steps=1, real_share=0, empty_share=0, validation="none"), 64, 32)
    data.use_stacks(3)
    # The disc is on slices 1 to 4 at about the same place, and so on all three around slice 3.
    third = library.infos()[1].id
    made = next(sample for sample in map(data.synthetic.__getitem__, range(20)) if sample.exemplar_id == third)
    inside = made.labels == 1
    for plane in made.image:
        assert plane[inside].mean() > plane[~inside].mean() + 20


def test_too_few_neighbours_are_named_with_the_remedy(library):
    data = TrainingData(library, TrainConfig(steps=1), 64, 32)
    with pytest.raises(InputError, match="--neighbours 2"):
        data.use_stacks(5)


def test_a_run_that_cannot_be_leaves_no_folder(library, tmp_path):
    config = TrainConfig(method="msa", method_config={"depth": 5}, steps=1, validation="none")
    with pytest.raises(InputError, match="--neighbours 2"):
        finetune(library, tmp_path / "run", config, model=build("tiny_vit-64"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("setting", [{"predict": "all"}, {"depth": 3, "predict": "both"}])
def test_a_prediction_that_cannot_be_is_refused_before_the_run(library, tmp_path, setting):
    with pytest.raises(InputError, match="method_config"):
        config = TrainConfig(method="msa", method_config=setting, steps=1, validation="none")
        finetune(library, tmp_path / "run", config, model=build("tiny_vit-64"))
    assert not (tmp_path / "run").exists()


def test_a_stack_model_is_trained_saved_and_sees_the_neighbours(library, tmp_path):
    config = TrainConfig(method="msa", method_config={"depth": 3}, steps=3, batch_size=1, validation="none", lr=0.05)
    finetune(library, tmp_path / "run", config, model=build("tiny_vit-64"))
    model = build("tiny_vit-64")
    apply_adapter(model, tmp_path / "run")
    volume, _ = scan(2)
    slices = VolumePredictor(Predictor(model, "fp32"), volume, "axial", MINMAX)
    with torch.no_grad():
        wanted = slices.predictor.encode(np.stack([slices.image(i) for i in (0, 0, 1)]), slices.frame)
    assert torch.allclose(slices.embedding(0), wanted, atol=2e-3)
    assert slices.predict(2, [Prompt([[20, 20]], [1])]).masks.shape == (1, 1, 40, 56)
    changed = scan(2)[0]
    changed.array[3] = changed.array[3][::-1]
    other = VolumePredictor(slices.predictor, changed, "axial", MINMAX)
    # Slice 2 itself is the same in both.
    assert not torch.allclose(other.embedding(2), slices.embedding(2), atol=1e-4)


def kept(folder, neighbours):
    library = Library.create(folder)
    volume, labels = scan(slices=9)
    library.add(volume, labels, "axial", 4, MINMAX, neighbours=neighbours)
    return library


@pytest.mark.parametrize(
    "depth, neighbours, places",
    [(3, 2, {0, 1, 2}), (3, 1, {1}), (2, 1, {0, 1}), (4, 2, {1, 2}), (4, 3, {0, 1, 2, 3}), (5, 3, {1, 2, 3}),
     (3, 4, {0, 1, 2})],
)  # fmt: skip
@pytest.mark.parametrize("synthesis", [False, True])
def test_the_outlined_slice_lies_wherever_its_neighbours_allow(tmp_path, depth, neighbours, places, synthesis):
    library = kept(tmp_path, neighbours)
    still = {"synthesis": synthesis, "synthesis_config": SynthesisConfig.identity().to_dict(), "real_share": 0.0}
    data = TrainingData(library, TrainConfig(steps=1, batch_size=8, empty_share=0, **still), 64, 32)
    data.use_stacks(depth, anywhere=True)
    exemplar = library.load(library.infos()[0].id)
    row = exemplar.stack(2 * neighbours + 1)
    items = [item for step in range(8) for item in data.batch(step)]
    for item in items:
        first = neighbours - item.place
        assert np.array_equal(item.image, row[first : first + depth])
        assert np.array_equal(item.image[item.place], exemplar.image)
    assert {item.place for item in items} == places
    assert np.array_equal(data.image(exemplar)[depth // 2], exemplar.image) and len(data.image(exemplar)) == depth
    again = TrainingData(library, data.config, 64, 32)
    again.use_stacks(depth, anywhere=True)
    assert [item.place for item in again.batch(3)] == [item.place for item in items[24:32]]


@pytest.mark.parametrize("depth, neighbours", [(3, 0), (4, 1), (5, 1), (2, 0)])
def test_whole_stacks_need_as_many_neighbours_as_their_middle(tmp_path, depth, neighbours):
    library = kept(tmp_path, neighbours)
    data = TrainingData(library, TrainConfig(steps=1), 64, 32)
    with pytest.raises(InputError, match=f"--neighbours {depth // 2}"):
        data.use_stacks(depth, anywhere=True)


def test_the_loss_is_on_the_place_of_the_outlined_slice(library):
    """Its embedding is what a step decodes: the gradient of the others is zero."""
    model, seen = build("vit-64"), []
    get_method("msa").apply(model, MsaConfig(depth=3, predict="all"))
    embeddings = Embeddings(model, torch.float32)
    images = [np.stack([scan(seed)[0].array[k] for k in (1, 2, 3)]).astype(np.uint8) for seed in (0, 1)]
    frames = [Predictor(model).frame((40, 56))] * 2
    model.sam.image_encoder.register_forward_hook(lambda module, given, out: out.retain_grad() or seen.append(out))
    found = embeddings(images, frames, [2, 0])
    found.square().sum().backward()
    touched = seen[0].grad.abs().amax((1, 2, 3)) > 0
    assert touched.tolist() == [False, False, True, True, False, False]
    assert torch.equal(found, seen[0][[2, 3]])


@pytest.fixture(scope="module")
def real(shared_data):
    """A real scan [35, 51, 35] with its hippocampus on slices 5 to 29."""
    folder = shared_data / "brain_mri_hippocampus_msd"
    volume = read_volume(folder / "hippocampus_001_image.nrrd")
    labels = merge(read_labels(folder / "hippocampus_001_label.nrrd"), parse_merge(["hippocampus=1,2"]))
    return volume, labels


@pytest.mark.parametrize("predict", ["middle", "all"])
def test_a_real_scan_in_stacks_from_exemplars_to_the_volume(real, tmp_path, predict):
    volume, labels = real
    library = Library.create(tmp_path / "library")
    for index in (12, 14, 17, 20):
        library.add(volume, labels, "axial", index, MINMAX, neighbours=2)
    config = TrainConfig(
        method="msa", method_config={"depth": 3, "predict": predict}, steps=30, batch_size=2, prompts="box:0.05",
        prompts_per_slice=2, validation="none", synthesis=False, empty_share=0, corrections=0, lr=2e-3, warmup=0.0,
        device="cpu", precision="fp32",
    )  # fmt: skip
    info = finetune(library, tmp_path / "run", config, model=build("vit-64"))
    assert info.config["predict"] == predict
    losses = [line["loss"] for line in read_metrics(tmp_path / "run")]
    assert np.mean(losses[-8:]) < 0.4 * np.mean(losses[:4])

    model, passes = build("vit-64"), []
    apply_adapter(model, tmp_path / "run")
    model.sam.image_encoder.register_forward_hook(lambda module, given, out: passes.append(len(given[0])))
    slices = VolumePredictor(Predictor(model, "fp32"), volume, "axial", MINMAX)
    results = evaluate_oracle(slices, labels, parse_strategy("box"), parse_slices(None))
    shown = results["hippocampus"].slices
    # With the model's random weights it is 0.12.
    assert results["hippocampus"].figures["dice"] > 0.5 and len(shown) == 25
    # Slices 5 to 29, in stacks of three from slice 0 on.
    assert passes == [3] * (25 if predict == "middle" else 9)

    x0, y0, x1, y1 = bounding_box(labels.mask("hippocampus")[14])
    corners = volume.geometry.to_ras(np.array([[x0, y0, 14], [x1, y1, 14]]))
    found = propagate(
        volume, LoadedModel(slices.predictor), {"a": RasPrompts(boxes=[corners])}, intensity=MINMAX, cache=slices.cache
    )["a"]
    truth = labels.mask("hippocampus")
    assert found.mask.shape == volume.array.shape and len(found.slices) > 3
    assert 2 * (found.mask[14] & truth[14]).sum() > 0.6 * (found.mask[14].sum() + truth[14].sum())
