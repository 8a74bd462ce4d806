"""Labels of pictures as PNG."""

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.mark import is_unchanged
from SAMAdaptLib.volume.segfile import check_segmentation, read_labels, write_segmentation
from SAMAdaptLib.volume.volume import read_volume

VALUES = np.zeros((6, 9), np.uint8)
VALUES[1:4, 2:5], VALUES[3:6, 4:8] = 1, 2


@pytest.fixture
def geometry(tmp_path):
    Image.fromarray(VALUES).save(tmp_path / "grey.png")
    return read_volume(tmp_path / "grey.png").geometry


def write(path, geometry):
    masks = {"naevus": np.zeros((1, 6, 9), bool), "hair": VALUES[None] == 2}
    masks["naevus"][0, 1:4, 2:5] = True
    write_segmentation(path, masks, geometry, {"naevus": (1.0, 0.5, 0.0)})


def test_a_written_picture_holds_the_labels_and_shows_their_colours(tmp_path, geometry):
    write(tmp_path / "labels.png", geometry)
    with Image.open(tmp_path / "labels.png") as picture:
        assert picture.format == "PNG" and picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), VALUES)
    # By a reader that knows colours only.
    shown = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "labels.png")))[..., :3].reshape(6, 9, 3)
    assert {tuple(map(int, one)) for one in shown[VALUES == 1]} == {(255, 128, 0)}
    assert not shown[VALUES == 0].any() and len(np.unique(shown[VALUES == 2], axis=0)) == 1
    read = read_labels(tmp_path / "labels.png")
    np.testing.assert_array_equal(read.array, VALUES[None])
    assert read.names == {"label_1": 1, "label_2": 2} and read.made_up and read.geometry.same_grid(geometry)


def test_numbers_count_whatever_colours_a_palette_gives_them(tmp_path):
    picture = Image.fromarray(VALUES * 100)
    picture.putpalette([7] * 768)
    picture.save(tmp_path / "voc.png")
    np.testing.assert_array_equal(read_labels(tmp_path / "voc.png").array, VALUES[None] * 100)
    Image.fromarray(VALUES).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(read_labels(tmp_path / "grey.png").array, VALUES[None])


def test_what_was_changed_by_hand_is_no_longer_ours(tmp_path, geometry):
    file = tmp_path / "labels.png"
    write(file, geometry)
    assert is_unchanged(file)
    with Image.open(file) as picture:
        # As a program saves it that keeps what it does not know.
        picture.load()
        edited, info = picture.copy(), picture.info
    edited.putpixel((0, 0), 1)

    text = PngInfo()
    text.add_text("SAMAdapt", info["SAMAdapt"])
    edited.save(file, pnginfo=text)
    assert not is_unchanged(file)
    file.write_bytes(b"nothing")
    assert not is_unchanged(file)


def test_what_a_png_cannot_hold_is_refused(tmp_path, geometry):
    spaced = Geometry.from_lps((9, 6, 1), (0.5, 0.5, 1), (0, 0, 0), np.eye(3).ravel())
    thick = Geometry.from_lps((9, 6, 2), (1, 1, 1), (0, 0, 0), np.eye(3).ravel())
    for grid in (spaced, thick):
        with pytest.raises(InputError, match="no slices with a place and a size"):
            check_segmentation(tmp_path / "a.png", ["a"], grid)
    with pytest.raises(InputError, match="holds 255 structures, and there are 256"):
        check_segmentation(tmp_path / "a.png", map(str, range(256)), geometry)
    check_segmentation(tmp_path / "a.png", map(str, range(255)), geometry)


def test_labels_as_jpeg_are_refused(tmp_path):
    Image.fromarray(VALUES).save(tmp_path / "a.jpg")
    with pytest.raises(InputError, match="JPEG changes the values"):
        read_labels(tmp_path / "a.jpg")
