"""Stacks of neighbouring slices, from the library to the predictor."""

import numpy as np
import pytest
import torch

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.methods.adapter import apply_adapter
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.data import TrainingData
from SAMAdaptLib.training.loop import finetune
from SAMAdaptLib.volume.intensity import Intensity
from Testing.tiny import build, scan

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
    data = TrainingData(library, TrainConfig(steps=1, real_share=0, empty_share=0), 64, 32)
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
