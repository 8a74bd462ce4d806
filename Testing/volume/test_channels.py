"""Several scans that are seen together, and pictures in colour."""

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from PIL import Image

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity, is_constant, to_uint8
from SAMAdaptLib.volume.planes import AXES, PlaneStack
from SAMAdaptLib.volume.policy import choose_intensity
from SAMAdaptLib.volume.volume import Volume, read_volume


def grid(size=(5, 4, 3), spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0)) -> Geometry:
    return Geometry.from_lps(size, spacing, origin, np.eye(3).ravel())


def noise(seed: int, dtype=np.int16, geometry: Geometry | None = None) -> Volume:
    geometry = geometry or grid()
    return Volume(np.random.default_rng(seed).integers(0, 900, geometry.shape).astype(dtype), geometry, f"v{seed}")


def test_channels_keep_their_values_in_a_type_that_holds_all():
    first, second = noise(0), noise(1, np.float32)
    second.array[0, 0, 0] = 0.25
    both = join_channels([first, second])
    assert both.channels == 2 and both.name == "v0" and both.array.dtype == np.float32
    for place, one in enumerate((first, second)):
        np.testing.assert_array_equal(both.channel(place).array, one.array)
    assert join_channels([first]) is first and first.channels == 1 and first.channel(0) is first
    others = [join_channels([second, first]), join_channels([first, second, second]), first]
    assert len({both.content_hash, *(one.content_hash for one in others)}) == 4


def test_another_grid_is_refused_and_resampled_with_a_word():
    fine = Volume(np.zeros(grid().shape, np.int16), grid(), "fine")
    # Along x the value is the place in mm, which linear interpolation keeps.
    coarse = grid((4, 3, 3), (2.0, 2.0, 1.0), (-1.0, -1.0, 0.0))
    ramp = np.broadcast_to(np.arange(4) * 2.0 - 1, coarse.shape).astype(np.float32)
    other = Volume(np.ascontiguousarray(ramp), coarse, "coarse")
    with pytest.raises(InputError, match="coarse lies on another grid than fine.*--resample"):
        join_channels([fine, other])
    joined = join_channels([fine, other], resample=True)
    np.testing.assert_allclose(joined.array[:, :3, :, 1], np.broadcast_to(np.arange(5.0), (3, 3, 5)), atol=1e-6)
    away = Volume(other.array, grid((4, 3, 3), (2.0, 2.0, 1.0), (500.0, 0.0, 0.0)), "away")
    with pytest.raises(InputError, match="away.*no place in common"):
        join_channels([fine, away], resample=True)


@pytest.mark.parametrize("count", [0, 4])
def test_a_model_sees_one_to_three(count):
    with pytest.raises(InputError, match=f"{count} volumes together.*1 to 3"):
        join_channels([noise(0)] * count)


def test_a_channel_that_shows_nothing_is_named():
    flat = Volume(np.full(grid().shape, 7, np.int16), grid(), "flat")
    with pytest.warns(Note, match="Constant, and so of no use beside the other: flat"):
        both = join_channels([noise(0), flat])
    with pytest.raises(InputError, match="The volume is constant, all voxels are 7: channel 2 of v0"):
        Intensity.parse("minmax + minmax").bounds(both.array, both.name)
    assert Intensity.parse("minmax + window:40/400").bounds(both.array)[2:] == (-160, 240)
    with pytest.warns(Note, match="of no use beside the other: flat"):
        join_channels([flat, noise(0)])
    with pytest.raises(InputError, match="All of the volumes are constant: flat and flat"):
        join_channels([flat, flat])


def test_each_channel_has_its_own_mapping_and_the_first_of_two_is_seen_twice():
    volume = join_channels([noise(0), noise(1)])
    mapping = Intensity.parse("window:300/200 + percentile:5/95")
    bounds = mapping.bounds(volume.array)
    alone = [to_uint8(volume.channel(n).array, one.bounds(volume.channel(n).array)) for n, one in
             enumerate(mapping.channels)]  # fmt: skip
    seen = to_uint8(volume.array, bounds)
    assert seen.shape == (*volume.geometry.shape, 3)
    for shown, wanted in zip(np.moveaxis(seen, -1, 0), (alone[0], alone[1], alone[0]), strict=True):
        np.testing.assert_array_equal(shown, wanted)
    again = Intensity.parse(str(mapping))
    assert again == mapping == Intensity.from_dict(mapping.to_dict()) and str(again) == str(mapping)


def test_a_further_channel_tints_the_first_by_its_share():
    volume = join_channels([noise(0), noise(1), noise(2)])
    mapping = Intensity.parse("minmax + 0.25*minmax + minmax")
    bounds = mapping.bounds(volume.array)
    first, second, third = np.moveaxis(to_uint8(volume.array, bounds), -1, 0).astype(np.float64)
    seen = mapping.seen(volume.array, bounds)
    assert seen.dtype == np.uint8
    np.testing.assert_array_equal(seen[..., 0], first)
    np.testing.assert_array_equal(seen[..., 1], np.floor(0.75 * first + 0.25 * second + 0.5))
    np.testing.assert_array_equal(seen[..., 2], third)
    again = Intensity.parse(str(mapping))
    assert again == mapping == Intensity.from_dict(mapping.to_dict())
    assert str(again) == "minmax + 0.25*minmax + minmax" and again.shares == (1, 0.25, 1)
    for wrong in ("0.5*minmax", "0.5*minmax + minmax", "minmax + 0*minmax", "minmax + 1.5*minmax",
                  "minmax + nan*minmax", "minmax + *minmax", "minmax + x*minmax"):  # fmt: skip
        with pytest.raises(InputError, match="intensity mapping|further channel"):
            Intensity.parse(wrong)


def test_an_embedding_of_another_tint_is_another_one(tiny_model):
    predictor = Predictor(tiny_model, "fp32")
    slices = VolumePredictor(predictor, join_channels([noise(0), noise(1)]), "axial", "minmax + 0.2*minmax")
    other = VolumePredictor(predictor, slices.volume, "axial", "minmax + 0.3*minmax")
    assert slices.bounds == other.bounds and slices.key(0) != other.key(0)
    assert (slices.image(0) != other.image(0)).any()


@pytest.mark.parametrize(
    ("text", "channels", "what"),
    [("minmax", 2, "2 channels, and 1 intensity mapping"), ("minmax + minmax", 1, "One channel, and 2"),
     ("minmax + minmax + minmax", 2, "2 channels, and 3")],
)  # fmt: skip
def test_as_many_mappings_as_channels(text, channels, what):
    with pytest.raises(InputError, match=what):
        Intensity.parse(text).bounds(join_channels([noise(0)] * channels).array)


def test_more_mappings_than_a_model_has_channels_are_refused():
    with pytest.raises(InputError, match="3 channels at most"):
        Intensity.parse(" + ".join(["minmax"] * 4))


def test_what_a_user_leaves_out_is_chosen_for_each_channel():
    geometry = grid((40, 40, 8))
    rng = np.random.default_rng(0)
    ct = np.full(geometry.shape, -1000.0)
    ct[:, 10:30, 10:30] = rng.normal(40, 15, (8, 20, 20))
    volume = join_channels([Volume(ct.astype(np.int16), geometry, "ct", "CT"), noise(2, geometry=geometry)])
    assert str(choose_intensity(volume)) == "window:40/400 + 0.2*percentile:0.5/99.5"
    assert str(choose_intensity(volume, "minmax")) == "minmax + 0.2*minmax"
    assert str(choose_intensity(volume, "minmax + minmax")) == "minmax + minmax"
    # What an adapter was trained with goes on, whether that is a tint or not.
    for trained in ("minmax + minmax", "minmax + 0.5*minmax"):
        assert {str(choose_intensity(volume, given, trained)) for given in (None, "minmax")} == {trained}
    assert str(choose_intensity(volume, trained="minmax + window:40/80")) == "minmax + window:40/80"
    with pytest.raises(InputError, match="trained on 3 volumes together, and this is 2 volumes"):
        choose_intensity(volume, trained="minmax + minmax + minmax")
    with pytest.raises(InputError, match="trained on 1 volume together, and this is 2 volumes.*first one alone"):
        choose_intensity(volume, trained="minmax")
    photograph = Volume(np.zeros((1, 4, 5, 3), np.uint8), grid((5, 4, 1)), "a", colour=True)
    with pytest.raises(InputError, match="trained on 1 volume in grey, and this is in colour: a. Save it in grey"):
        choose_intensity(photograph, trained="minmax")


@pytest.mark.parametrize("axis", list(AXES))
def test_slices_of_channels_are_the_channels_of_slices(axis):
    volume = join_channels([noise(0), noise(1), noise(2)])
    stack = PlaneStack(volume.geometry, axis)
    shown = stack.view(volume.array)
    for place in range(3):
        np.testing.assert_array_equal(shown[..., place], stack.view(volume.channel(place).array))


def test_a_model_gets_channels_in_their_order_and_a_single_one_three_times():
    rng = np.random.default_rng(0)
    colours, frame = rng.integers(0, 255, (20, 30, 3)).astype(np.uint8), ModelFrame((20, 30), 64)
    mean, std = torch.tensor([1.0, 2.0, 3.0])[:, None, None], torch.tensor([4.0, 5.0, 6.0])[:, None, None]
    got = frame.image_to_model(colours, mean, std)
    for place in range(3):
        alone = frame.image_to_model(colours[..., place], mean, std)
        assert torch.equal(got[place], alone[place])
    grey = colours[..., :1].repeat(3, axis=2)
    assert torch.equal(frame.image_to_model(grey, mean, std), frame.image_to_model(grey[..., 0], mean, std))


def test_a_slice_of_one_colour_shows_nothing():
    blue = np.zeros((4, 5, 3), np.uint8)
    blue[..., 2] = 200
    assert is_constant(blue)
    blue[0, 0, 0] = 1
    assert not is_constant(blue)


COLOURS = np.random.default_rng(3).integers(0, 255, (6, 9, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "palette.png", "opaque.png"])
def test_the_colours_of_a_picture_are_channels_and_its_pixels_have_no_size(tmp_path, name, capsys):
    colours = COLOURS // 128 * 255 if name == "palette.png" else COLOURS
    picture = Image.fromarray(colours)
    if name == "palette.png":
        picture = picture.quantize(8, dither=Image.Dither.NONE)
    if name == "opaque.png":
        picture.putalpha(255)
    picture.save(tmp_path / name, dpi=(300, 300))
    volume = read_volume(tmp_path / name)
    assert volume.colour and volume.channels == 3 and volume.array.dtype == np.uint8
    np.testing.assert_array_equal(volume.array, colours[None])
    assert tuple(volume.geometry.spacing) == (1, 1, 1)
    # Upright in the axial view, and as bright as they are stored.
    shown = to_uint8(PlaneStack(volume.geometry).view(volume.array), choose_intensity(volume).bounds(volume.array))
    np.testing.assert_array_equal(shown, colours[None])


def test_a_photograph_is_read_as_another_reader_reads_it(tmp_path):
    smooth = np.clip(np.add.outer(np.arange(48), np.arange(64))[..., None] + np.array([0, 40, 90]), 0, 255)
    Image.fromarray(smooth.astype(np.uint8)).save(tmp_path / "a.jpg", quality=95, dpi=(72, 72))
    volume = read_volume(tmp_path / "a.jpg")
    wanted = np.asarray(Image.open(tmp_path / "a.jpg"))
    assert np.abs(volume.array[0].astype(int) - wanted).max() <= 2 and tuple(volume.geometry.spacing) == (1, 1, 1)


def test_sixteen_bits_are_rounded_to_what_a_model_sees(tmp_path):
    wide = np.array([[[0, 65535, 257], [128, 129, 40000]]], np.uint16)
    sitk.WriteImage(sitk.GetImageFromArray(wide, isVector=True), str(tmp_path / "a.png"))
    np.testing.assert_array_equal(read_volume(tmp_path / "a.png").array[0], [[[0, 255, 1], [0, 1, 156]]])


def test_pictures_that_cannot_be_taken_as_they_are(tmp_path):
    picture = Image.fromarray(COLOURS)
    picture.convert("CMYK").save(tmp_path / "print.jpg")
    picture.convert("CMYK").save(tmp_path / "print.tif")
    picture.save(tmp_path / "two.tif", save_all=True, append_images=[picture])
    clear = picture.copy()
    clear.putalpha(100)
    clear.save(tmp_path / "clear.png")
    expected = {
        "print.jpg": "print .CMYK.*RGB", "print.tif": "print .CMYK", "two.tif": "2 colour pictures",
        "clear.png": "transparent",
    }  # fmt: skip
    for name, message in expected.items():
        with pytest.raises(InputError, match=message) as caught:
            read_volume(tmp_path / name)
        assert caught.value.where.endswith(name) and caught.value.remedy
    with pytest.raises(InputError, match="fills the channels by itself"):
        picture.save(tmp_path / "a.png")
        join_channels([read_volume(tmp_path / "a.png")] * 2)


def test_a_turned_camera_is_told(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(COLOURS).save(tmp_path / "a.jpg", exif=exif)
    with pytest.warns(Note, match="camera was turned"):
        read_volume(tmp_path / "a.jpg")
