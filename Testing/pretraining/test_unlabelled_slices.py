"""Which slices of a folder pretraining sees."""

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.pretraining.config import PretrainConfig
from SAMAdaptLib.pretraining.data import Image, UnlabelledSlices, find_images
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity, to_uint8
from SAMAdaptLib.volume.volume import write_volume
from Testing.phantoms import ct
from Testing.tiny import scan
from Testing.volume.test_io import dicom_series

CONFIG = PretrainConfig(steps=1, batch_size=2, intensity="minmax")


def store(path, array, spacing=(1.0, 1.0, 2.0)):
    image = sitk.GetImageFromArray(np.asarray(array, np.int16))
    image.SetSpacing(spacing)
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))


def counted(count=10, height=6, width=8, first=0):
    """Slice k holds values from 100 k on."""
    return np.arange(height * width).reshape(1, height, width) + 100 * (np.arange(count) + first)[:, None, None]


def read(folder, config=CONFIG, size=16, depth=1, **options):
    return UnlabelledSlices([Image(path) for path in find_images(folder)], config, size, depth, **options)


def test_files_of_all_kinds_at_any_depth(tmp_path):
    for name in ("a.nrrd", "deep/er/b.nii.gz", "deep/c.mha"):
        store(tmp_path / name, counted())
    for name in ("a.seg.nrrd", ".hidden.nrrd"):
        store(tmp_path / name, counted())
    (tmp_path / "notes.txt").write_text("no image")
    dicom_series(tmp_path / "ct")
    bare = dicom_series(tmp_path / "bare")
    for path in bare.iterdir():
        path.rename(path.with_suffix(""))
    found = [p.relative_to(tmp_path).as_posix() for p in find_images(tmp_path)]
    assert found == ["a.nrrd", "bare", "ct", "deep/c.mha", "deep/er/b.nii.gz"]
    data = read(tmp_path)
    # The file's copies and the series' copies are one volume each: 10 slices and 5.
    assert data.notes == [] and len(data.hashes) == 2 and len(data.slices) == 15


def test_evenly_spaced_slices_that_show_something(tmp_path):
    array = counted(12)
    array[3], array[4] = 5, 700
    store(tmp_path / "a.nrrd", array)
    data = read(tmp_path)
    assert len(data.slices) == 10
    bounds = Intensity.parse("minmax").bounds(array)
    wanted = [to_uint8(array[k], bounds) for k in (0, 1, 2, *range(5, 12))]
    assert all(np.array_equal(one.image[0], w) for one, w in zip(data.slices, wanted, strict=True))
    few = read(tmp_path, PretrainConfig(steps=1, batch_size=2, intensity="minmax", slices_per_volume=4))
    # Every third of the ten: places 0, 3, 6 and 9.
    assert [one.image.tobytes() for one in few.slices] == [wanted[k].tobytes() for k in (0, 3, 6, 9)]


def test_the_picture_keeps_its_proportions(tmp_path):
    store(tmp_path / "a.nrrd", counted(), spacing=(1.0, 1.5, 2.0))
    # 6 rows of 1.5 mm and 8 columns of 1 mm on 16 pixels.
    assert read(tmp_path).slices[0].frame.resized == (16, 14)


def test_other_axes(tmp_path):
    store(tmp_path / "a.nrrd", counted())
    config = PretrainConfig(steps=1, batch_size=2, intensity="minmax", axis="coronal")
    assert len(read(tmp_path, config).slices) == 6 and read(tmp_path, config).slices[0].image.shape == (1, 10, 8)


def test_stacks_repeat_the_end_slices(tmp_path):
    store(tmp_path / "a.nrrd", counted(5))
    single, stacks = read(tmp_path).slices, read(tmp_path, depth=3).slices
    for k, around in enumerate([(0, 0, 1), (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 4)]):
        np.testing.assert_array_equal(stacks[k].image, [single[i].image[0] for i in around])


def test_what_cannot_be_used_is_left_out_with_a_note(tmp_path):
    store(tmp_path / "good.nrrd", counted())
    store(tmp_path / "flat.nrrd", np.full((4, 6, 8), 3))
    (tmp_path / "torn.nrrd").write_bytes(b"NRRD0004\n")
    data = read(tmp_path)
    assert [n.name for n in data.notes] == ["flat.nrrd", "torn.nrrd"] and len(data.slices) == 10
    assert "constant" in data.notes[0].reason and "header holds what cannot be" in data.notes[1].reason
    (tmp_path / "good.nrrd").unlink()
    with pytest.raises(InputError, match="0 slices that show something.*flat.nrrd: The volume is constant"):
        read(tmp_path)


def test_a_window_in_which_nothing_is_seen(tmp_path):
    store(tmp_path / "dark.nrrd", counted())
    store(tmp_path / "seen.nrrd", counted(first=50))
    data = read(tmp_path, PretrainConfig(steps=1, batch_size=2, intensity="window:5500/1000"))
    assert [n.name for n in data.notes] == ["dark.nrrd"] and "window:5500/1000" in data.notes[0].reason


def test_each_volume_has_the_mapping_of_its_kind(tmp_path):
    scan = np.round(ct((10, 24, 20))).astype(np.int16)
    store(tmp_path / "ct.nrrd", scan)
    for name, first in (("mr1.nrrd", 0), ("mr2.nrrd", 3)):
        store(tmp_path / name, counted(first=first))
    data = read(tmp_path, PretrainConfig(steps=1, batch_size=2))
    # That of CT first, then that of all else.
    assert data.intensity == "window:40/400 | percentile:0.5/99.5"
    shown = {one.image.tobytes() for one in data.slices}
    # The suggested window, 40/400, is black below -160 HU: the two outermost slices show nothing but air.
    assert all((to_uint8(scan[k : k + 1], (-160, 240)).tobytes() in shown) == (0 < k < 9) for k in range(10))


def test_names_do_not_matter(tmp_path):
    first, second = scan(0)[0], scan(1)[0]
    for folder, names in (("x", "ab"), ("y", "ba")):
        for name, volume in zip(names, (first, second), strict=True):
            (tmp_path / folder).mkdir(exist_ok=True)
            write_volume(tmp_path / folder / f"{name}.nrrd", volume.array, volume.geometry)
    x, y = read(tmp_path / "x"), read(tmp_path / "y")
    assert x.hashes == y.hashes == sorted((first.content_hash, second.content_hash))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(x.slices, y.slices, strict=True))


def test_batches_are_by_seed_and_step_and_hold_a_slice_once(tmp_path):
    store(tmp_path / "a.nrrd", counted())
    config = PretrainConfig(steps=1, batch_size=4, intensity="minmax")
    data, again = read(tmp_path, config), read(tmp_path, config)
    seen = set()
    for step in range(30):
        batch = [one.image.tobytes() for one in data.batch(step)]
        assert len(set(batch)) == 4 and batch == [one.image.tobytes() for one in again.batch(step)]
        seen |= set(batch)
    assert len(seen) == 10
    assert [s.image.tobytes() for s in data.batch(0)] != [s.image.tobytes() for s in data.batch(1)]


def test_nothing_to_read(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        find_images(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(InputError, match="No images in this folder"):
        find_images(tmp_path)


def test_reading_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    for name in "abc":
        store(tmp_path / f"{name}.nrrd", counted(first=ord(name)))
    told = []
    read(tmp_path, progress=lambda *at: told.append(at))
    assert told == [(0, 3), (1, 3), (2, 3)]

    def stop():
        if len(told) > 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        read(tmp_path, progress=lambda *at: told.append(at), check=stop)
    assert told[3:] == [(0, 3), (1, 3)]


def test_extreme_values_are_left_out_with_a_note_or_seen_as_plain_ones(tmp_path):
    plain = counted().astype(np.float32)
    geometry = Geometry(plain.shape[::-1], np.eye(4))
    for name, array in (("denormal", plain * 1e-43), ("huge", plain * 3e34), ("plain", plain)):
        write_volume(tmp_path / f"{name}.nrrd", array.astype(np.float64), geometry)
    for name, value in (("nan", np.nan), ("inf", np.inf)):
        array = plain.copy()
        array[3, 2, 1] = value
        write_volume(tmp_path / f"{name}.nrrd", array, geometry)
    data = read(tmp_path)
    assert [note.name for note in data.notes] == ["inf.nrrd", "nan.nrrd"]
    assert all("NaN or infinite" in note.reason for note in data.notes) and len(data.slices) == 30
    pictures = sorted(data.slices[i].image.tobytes() for i in range(30))
    # Three times the same.
    assert pictures[::3] == pictures[1::3] == pictures[2::3] and len({*pictures}) == 10
