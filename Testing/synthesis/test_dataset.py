from __future__ import annotations

import json
import os
from collections import Counter

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.select import background_indices, suggest
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.preview import preview_sheet
from SAMAdaptLib.volume.colours import class_colours
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.labels import merge
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume

pytestmark = pytest.mark.slow


def same(a, b) -> bool:
    return np.array_equal(a.image, b.image) and np.array_equal(a.labels, b.labels)


def files(folder) -> dict[str, str]:
    return {path.name: sha256_file(path) for path in sorted(folder.iterdir())}


def test_a_sample_depends_on_seed_and_index_alone(library):
    forward, backward = SyntheticSet(library, 12, 7), SyntheticSet(Library.open(library.folder), 12, 7)
    made = [forward[index] for index in range(12)]
    for index in reversed(range(12)):
        assert same(backward[index], made[index])
    assert same(forward[0], made[0])
    # A longer set begins with the shorter one.
    assert same(SyntheticSet(library, 99, 7)[11], made[11])
    assert not any(same(SyntheticSet(library, 12, 8)[index], made[index]) for index in range(12))
    assert not any(same(made[index], made[0]) for index in range(1, 12))


def test_classes_take_turns_and_so_do_their_exemplars(library):
    dataset = SyntheticSet(library, 80, 0, SynthesisConfig(organ_probability=0, whole_slice_share=0))
    assert dataset.classes == ("common", "rare") and len(dataset) == 80
    shown = Counter(tuple(np.unique(dataset[index].labels[dataset[index].labels > 0])) for index in range(80))
    assert shown == {(1,): 40, (2,): 40}
    used = Counter(dataset[index].exemplar_id for index in range(0, 80, 2))
    assert sorted(used.values()) == [10, 10, 10, 10]


def test_backgrounds_come_from_the_library_or_from_the_exemplar(library):
    config = SynthesisConfig(whole_slice_share=0)
    backgrounds = {info.id for info in library.infos() if not info.classes}
    assert {SyntheticSet(library, 40, 0, config)[index].background_id for index in range(40)} == backgrounds
    labelled = [info.id for info in library.infos() if info.classes]
    for index in range(5):
        sample = SyntheticSet(library, 5, 0, config, exemplar_ids=labelled)[index]
        assert sample.background_id == sample.exemplar_id


def test_a_class_without_exemplar_is_an_error(library):
    rare = next(info.id for info in library.infos() if "rare" in info.classes)
    others = [info.id for info in library.infos() if info.id != rare]
    with pytest.raises(InputError, match="None of the exemplars to use holds this class: rare"):
        SyntheticSet(library, 5, 0, exemplar_ids=others)
    only = SyntheticSet(library, 5, 0, exemplar_ids=others, classes=["common"])
    assert rare not in {only[index].exemplar_id for index in range(5)}
    library.remove(rare)
    # Forgotten with its last slice; its value stays its own.
    assert {SyntheticSet(library, 5, 0).source(index)[0] for index in range(5)} == {1}
    assert SyntheticSet(library, 5, 0).classes == ("common", "rare")
    for arguments, match in [
        ((library, 0, 0), "1 or more"),
        ((library, 1, -1), "0 or more"),
        ((library, 1, 0, None, ["ffffffffffff"]), "ffffffffffff"),
        ((library, 1, 0, None, None, ["heart"]), "heart"),
    ]:
        with pytest.raises(InputError, match=match):
            SyntheticSet(*arguments)


def test_an_empty_library_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no labelled exemplar"):
        SyntheticSet(Library.create(tmp_path / "empty"), 1, 0)


def test_files_hold_the_samples_whatever_the_number_of_workers(library, tmp_path):
    dataset = SyntheticSet(library, 20, 3)
    calls = []
    manifest = dataset.write(tmp_path / "a", progress=lambda done, total: calls.append((done, total)))
    dataset.write(tmp_path / "b", workers=2)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert calls == [(n, 20) for n in range(1, 21)]
    data = json.loads(manifest.read_text())
    assert data["complete"] and len(data["samples"]) == 20
    for index, entry in enumerate(data["samples"]):
        for kind in ("image", "label"):
            path = tmp_path / "a" / entry[kind]["file"]
            assert sha256_file(path) == entry[kind]["sha256"]
            array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
            np.testing.assert_array_equal(array, dataset[index].image if kind == "image" else dataset[index].labels)


def test_writing_can_be_stopped_and_resumed(library, tmp_path):
    dataset = SyntheticSet(library, 10, 3)
    dataset.write(tmp_path / "whole")

    def stop(done, total):
        if done == 4:
            raise Cancelled()

    with pytest.raises(Cancelled):
        dataset.write(tmp_path / "parts", progress=stop)
    folder = tmp_path / "parts"
    assert json.loads((folder / "manifest.json").read_text())["complete"] is False
    assert len(list(folder.glob("*_image.nrrd"))) == 4
    # What a kill in mid-write leaves: an image without its label, and a temporary file.
    (folder / "000003_label.nrrd").unlink()
    (folder / ".part-abc-000004_image.nrrd").write_bytes(b"NRRD")
    for path in folder.glob("*.nrrd"):
        os.utime(path, (1, 1))
    SyntheticSet(library, 10, 3).write(folder)
    assert files(folder) == files(tmp_path / "whole")
    kept = [path.name for path in sorted(folder.glob("*_image.nrrd")) if path.stat().st_mtime == 1]
    assert kept == ["000000_image.nrrd", "000001_image.nrrd", "000002_image.nrrd"]


def test_altered_samples_are_written_anew(library, tmp_path):
    dataset = SyntheticSet(library, 3, 3)
    dataset.write(tmp_path / "set")
    before = files(tmp_path / "set")
    (tmp_path / "set" / "000001_image.nrrd").write_bytes(b"broken")
    dataset.write(tmp_path / "set")
    assert files(tmp_path / "set") == before


def test_a_folder_of_something_else_is_refused(library, tmp_path):
    SyntheticSet(library, 2, 3).write(tmp_path / "set")
    before = files(tmp_path / "set")
    for other in (
        SyntheticSet(library, 3, 3),
        SyntheticSet(library, 2, 4),
        SyntheticSet(library, 2, 3, SynthesisConfig(shift=0.2)),
    ):
        with pytest.raises(InputError, match="another synthetic set"):
            other.write(tmp_path / "set")
    assert files(tmp_path / "set") == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        SyntheticSet(library, 2, 3).write(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_colours_differ_between_classes():
    for count in (1, 4, 11, 60):
        colours = class_colours(count)
        assert colours.shape == (count + 1, 3) and not colours[0].any()
        assert len({tuple(colour) for colour in colours}) == count + 1 and (colours[1:].max(axis=1) > 200).all()
        np.testing.assert_array_equal(colours, class_colours(200)[: count + 1])


def test_organs_of_one_library_differ_visibly():
    """CIEDE2000: 1 is just noticeable side by side; 10 is apart at a glance."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    lab = rgb2lab(class_colours(24)[1:] / 255)
    apart = deltaE_ciede2000(lab[:, None].repeat(24, 1), lab[None].repeat(24, 0))
    assert apart[~np.eye(24, dtype=bool)].min() > 10


def test_the_sheet_shows_exemplars_labels_and_samples(library, tmp_path):
    from matplotlib.image import imread

    dataset = SyntheticSet(library, 30, 0)
    sheet = (255 * imread(preview_sheet(dataset, tmp_path / "sheet.png", rows=2, columns=4))[..., :3]).round()
    assert not sheet[0].any()
    for colour in class_colours(2)[1:]:
        found = np.argwhere((sheet == colour).all(axis=2))
        assert len(found) > 1000
    columns = np.argwhere((sheet == class_colours(2)[1]).all(axis=2))[:, 1] * 4 // sheet.shape[1]
    assert set(columns) == {0, 1, 2, 3}
    assert [path.name for path in tmp_path.glob("*.png")] == ["sheet.png"]
    assert not list(tmp_path.glob(".part-*"))


def test_real_glioma_slices(shared_data, tmp_path):
    """Whole tumour in FLAIR: samples keep its area within the config's scales and its grey levels apart from them."""
    folder = shared_data / "brain_mri_glioma_brats2013"
    image = next(folder.glob("*pat0006_1*FLAIR*"))
    volume, labels = read_volume(image), read_labels(next(folder.glob("*pat0006_1*label*")))
    labels = merge(labels, {"whole tumour": list(labels.names.values())})
    library, intensity = Library.create(tmp_path / "library"), Intensity.parse("percentile:0.5/99.5")
    bounds = intensity.bounds(volume.array)
    for index in suggest(volume, labels, "axial", 3, "most-labels"):
        library.add(volume, labels, "axial", index, intensity, bounds)
    for index in background_indices(volume, labels, "axial", 3):
        library.add(volume, labels, "axial", index, intensity, bounds, background=True)
    areas = {exemplar.info.id: (exemplar.labels > 0).sum() for exemplar in library}
    dataset = SyntheticSet(library, 30, 0, SynthesisConfig(whole_slice_share=0))
    low, high = dataset.config.scale
    samples = [dataset[index] for index in range(30)]
    for sample in samples:
        ratio = (sample.labels > 0).sum() / areas[sample.exemplar_id]
        assert low**2 * 0.95 < ratio < high**2 * 1.05
        assert sample.image[sample.labels > 0].mean() > sample.image[sample.labels == 0].mean() + 50
