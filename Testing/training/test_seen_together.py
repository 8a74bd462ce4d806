"""From volumes that are seen together to an adapter: three times the same scan is that scan, in every step."""

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.thumbnail import thumbnail
from SAMAdaptLib.jobs import load
from SAMAdaptLib.jobs.exemplars import Chosen, add_exemplars
from SAMAdaptLib.jobs.load import load_model
from SAMAdaptLib.jobs.segment import segment
from SAMAdaptLib.prompts.ras import RasPrompts
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.synthesis.compose import compose
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.training.unet import Unet, read_unet, train_unet
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.tiny import build, scan

pytestmark = pytest.mark.slow

MINMAX = Intensity.parse("minmax")
CONFIG = TrainConfig(
    model="test_vit", steps=3, prompts_per_slice=2, synthesis=False, validation="none", corrections=0.5,
    precision="fp32", device="cpu", checkpoint_seconds=1e9,
)  # fmt: skip


def library_of(folder, copies: int, neighbours: int = 0) -> Library:
    """Slices of two patients, each scan so many times as channels."""
    library = Library.create(folder, salt="0" * 32)
    for patient in range(2):
        volume, labels = scan(patient)
        volume, mapping = join_channels([volume] * copies), Intensity.joined([MINMAX] * copies)
        for index in (1, 3, 4):
            library.add(volume, labels, "axial", index, mapping, subject=f"p{patient}", neighbours=neighbours)
        library.add(volume, labels, "axial", 0, mapping, subject=f"p{patient}", background=True, neighbours=neighbours)
    return library


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libraries")
    return {copies: library_of(folder / str(copies), copies, 1) for copies in (1, 2, 3)}


def other(volume: Volume) -> Volume:
    """A scan that is dark where the first one is bright."""
    return replace(volume, array=(volume.array.max() - volume.array).astype(np.int16), name="inverse")


def test_an_exemplar_holds_the_slices_of_all_channels(tmp_path):
    volume, labels = scan(0)
    both = join_channels([volume, other(volume)])
    library = Library.create(tmp_path / "LIB")
    info = library.add(both, labels, "axial", 3, Intensity.joined([MINMAX, MINMAX]), neighbours=2)
    kept = Library.open(tmp_path / "LIB").load(info.id)
    assert kept.info.channels == 2 and len(kept.info.bounds) == 4
    for place, one in enumerate((volume, other(volume))):
        np.testing.assert_array_equal(kept.pixels[..., place], one.array[3])
        np.testing.assert_array_equal(kept.neighbours[..., place], one.array[[1, 2, 4, 5]])
    # What is bright in one is dark in the other; the first is seen again in the third.
    assert np.abs(kept.image[..., 0].astype(int) + kept.image[..., 1] - 255).max() <= 1
    np.testing.assert_array_equal(kept.image[..., 2], kept.image[..., 0])
    np.testing.assert_array_equal(kept.stack(5)[2], kept.image)
    assert kept.stack(3).shape == (3, *kept.info.shape, 3)
    picture = thumbnail(kept)
    assert picture.shape == (96, 96, 3) and np.ptp(picture.astype(int), axis=2).max() > 100


def test_what_is_blanked_is_blanked_in_every_channel(tmp_path):
    volume, labels = scan(0)
    library = Library.create(tmp_path / "LIB")
    mapping = Intensity.joined([MINMAX, MINMAX])
    info = library.add(join_channels([volume, other(volume)]), labels, "axial", 3, mapping, blanked_mm=3.0)
    pixels = library.load(info.id).pixels
    for place, one in enumerate((volume, other(volume))):
        alone = Library.create(tmp_path / f"LIB{place}")
        wanted = alone.load(alone.add(one, labels, "axial", 3, MINMAX, blanked_mm=3.0).id).pixels
        np.testing.assert_array_equal(pixels[..., place], wanted)


def test_a_library_is_of_one_number_of_channels(libraries):
    volume, labels = scan(3)
    for library, wanted in ((libraries[2], "2 channels, and this scan has 1"), (libraries[1], "1 channel, and")):
        scans = volume if wanted.startswith("2") else join_channels([volume, volume])
        for mapping in (None, "minmax"):
            with pytest.raises(InputError, match=wanted):
                add_exemplars(library, scans, labels, [Chosen(3)], intensity=mapping)


@pytest.mark.parametrize("whole", [0.0, 1.0])
@pytest.mark.parametrize("empty", [True, False])
def test_synthetic_slices_of_equal_channels_are_those_of_one(libraries, whole, empty):
    ranges = SynthesisConfig(whole_slice_share=whole)
    (*one, background), (*three, grounds) = libraries[1], libraries[3]
    for seed, (single, triple) in enumerate(zip(one, three, strict=True)):
        if not single.info.classes:
            continue
        wanted = compose(single, [background] * empty, np.random.default_rng(seed), ranges)
        found = compose(triple, [grounds] * empty, np.random.default_rng(seed), ranges)
        np.testing.assert_array_equal(found.labels, wanted.labels)
        np.testing.assert_array_equal(found.image, np.repeat(wanted.image[..., None], 3, axis=2))


def test_channels_move_alike_and_keep_apart(tmp_path):
    volume, labels = scan(0)
    library = Library.create(tmp_path / "LIB")
    mapping = Intensity.joined([MINMAX, MINMAX])
    info = library.add(join_channels([volume, other(volume)]), labels, "axial", 3, mapping)
    still = SynthesisConfig.identity()
    moved = replace(still, whole_slice_share=1.0, shift=0.2, shift_mm=50.0)
    found = compose(library.load(info.id), [], np.random.default_rng(0), moved)
    # Away from interpolation the two still add up to white.
    assert np.median(np.abs(found.image[..., 0].astype(int) + found.image[..., 1] - 255)) <= 1
    np.testing.assert_array_equal(found.image[..., 0], found.image[..., 2])


@pytest.fixture(scope="module")
def runs(libraries, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for copies in (1, 3):
        finetune(libraries[copies], folder / str(copies), CONFIG, model=build("vit-64"))
    return folder


def test_equal_channels_train_the_same_adapter(runs):
    one, three = ((runs / copies / "adapter" / "adapter.safetensors").read_bytes() for copies in ("1", "3"))
    assert one == three


def test_an_adapter_asks_for_its_channels(runs, monkeypatch):
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))
    volume, _ = scan(4)
    prompts = {"disc": RasPrompts(boxes=[[-27, -28, 8, -9, -8, 10]])}
    one, three = (load_model(adapter=runs / copies, device="cpu") for copies in ("1", "3"))
    wanted = segment(volume, one, prompts)["disc"].mask
    found = segment(join_channels([volume] * 3), three, prompts)["disc"]
    assert wanted.any() and found.intensity == "minmax + minmax + minmax"
    np.testing.assert_array_equal(found.mask, wanted)
    with pytest.raises(InputError, match="trained on 3 volumes together, and this is 1 volume: scan4"):
        segment(volume, three, prompts)


def test_embeddings_of_other_channels_have_other_keys():
    volume, _ = scan(0)
    predictor = Predictor(build("vit-64"))
    keys = {
        VolumePredictor(predictor, join_channels(scans), intensity="minmax").key(2)
        for scans in ([volume], [volume, volume], [volume, other(volume)], [other(volume), volume])
    }
    assert len(keys) == 4


def test_a_depth_model_and_a_u_net_see_all_channels(libraries, tmp_path):
    deep = replace(CONFIG, method="msa", method_config={"depth": 3}, steps=1)
    info = finetune(libraries[2], tmp_path / "deep", deep, model=build("vit-64"))
    assert info.intensity == "minmax + minmax"
    config = TrainConfig(steps=2, batch_size=2, device="cpu", prompts_per_slice=1, checkpoint_seconds=1e9)
    train_unet(libraries[2].folder, tmp_path / "unet", config)
    assert read_unet(tmp_path / "unet").channels == 3
    exemplar = next(iter(libraries[2]))
    assert Unet(tmp_path / "unet", "cpu").label(exemplar.image, (1.0, 1.0)).shape == exemplar.labels.shape


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "build_sam", lambda *names, **options: build("vit-64"))
    for patient in range(2):
        volume, labels = scan(patient)
        write_volume(tmp_path / f"t1_{patient}.nrrd", volume.array, volume.geometry)
        write_volume(tmp_path / f"t2_{patient}.nrrd", other(volume).array, volume.geometry)
        write_volume(tmp_path / f"labels_{patient}.nrrd", labels.array, volume.geometry)
    return tmp_path


def test_the_commands_take_volumes_together(files, capsys):
    add = ["exemplars", "add", "--library", "LIB", "--image", "t1_0.nrrd", "t2_0.nrrd", "--labels", "labels_0.nrrd"]
    words = [str(files / one) if one.endswith((".nrrd", "LIB")) else one for one in add]
    assert main([*words, "--merge", "disc=1", "--slices", "3", "--intensity", "minmax"]) == 0
    (info,) = Library.open(files / "LIB").infos()
    assert info.intensity == "minmax + 0.2*minmax"
    images = [str(files / f"{kind}_{patient}.nrrd") for patient in range(2) for kind in ("t1", "t2")]
    labels = [str(files / f"labels_{patient}.nrrd") for patient in range(2)]
    ask = ["evaluate", "--image", *images, "--labels", *labels, "--merge", "disc=1", "--model", "test_vit"]
    ask += ["--device", "cpu", "--prompt", "box", "--slices", "every:2", "--output", str(files / "OUT")]
    assert main(ask) == 2
    assert "--channels 2" in capsys.readouterr().err
    assert main([*ask, "--channels", "3"]) == 2
    assert "4 images with --channels 3" in capsys.readouterr().err
    assert main([*ask, "--channels", "2"]) == 0
    report = json.loads((files / "OUT" / "metrics.json").read_text(encoding="utf-8"))
    assert [case["image"] for case in report["cases"]] == ["t1_0.nrrd", "t1_1.nrrd"]


def test_pictures_in_colour_go_the_whole_way(files, capsys):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 60, (40, 56, 3)).astype(np.uint8)
    rows, columns = np.mgrid[:40, :56]
    spot = (rows - 20) ** 2 + (columns - 25) ** 2 < 60
    # As bright as its surroundings on the whole: only its colour tells.
    picture[spot] = [170, 0, 0]
    picture[~spot] += np.uint8(57) - np.uint8(30)
    Image.fromarray(picture).save(files / "lesion.png")
    Image.fromarray(spot.astype(np.uint8)).save(files / "spot.png")
    add = ["exemplars", "add", "--library", str(files / "PICTURES"), "--image", str(files / "lesion.png")]
    assert main([*add, "--labels", str(files / "spot.png"), "--merge", "lesion=1", "--suggest", "1"]) == 0
    (exemplar,) = Library.open(files / "PICTURES")
    np.testing.assert_array_equal(exemplar.image, picture)
    ask = ["segment", "--image", str(files / "lesion.png"), "--model", "test_vit", "--device", "cpu"]
    assert main([*ask, "--box=-33,-28,0,-17,-12,0", "--output", str(files / "found.nrrd")]) == 0
    assert sitk.ReadImage(str(files / "found.nrrd")).GetSize() == (56, 40, 1)
    assert "1 mm stands for a pixel" in capsys.readouterr().err
