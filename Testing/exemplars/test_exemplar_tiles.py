"""Exemplars of pictures that are much larger than a model's input: tiles that show what is outlined, and what learns
from them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from SAMAdaptLib.adapters.file import apply_adapter
from SAMAdaptLib.adapters.info import read_adapter_info
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.tiles import MOST, cut, tiles_showing
from SAMAdaptLib.jobs.exemplars import Chosen, add_exemplar, add_exemplars, suggested
from SAMAdaptLib.jobs.suggest.next_slices import next_slices
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles, tiled
from SAMAdaptLib.training.config import TrainConfig
from SAMAdaptLib.training.finetune import finetune
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import AXES, Part, PlaneStack
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.tiny import build

TILE = 48
# (top, left, height, width) of discs and their class: two beside each other, one at the border, one far from all.
OBJECTS = {(20, 30, 12, 14): 1, (24, 50, 8, 8): 2, (0, 150, 10, 10): 1, (110, 100, 20, 20): 2}


def picture(seed: int = 0) -> tuple[Volume, Labels]:
    """A picture of 140 x 200 pixels with :data:`OBJECTS`."""
    values = np.random.default_rng(seed).integers(0, 60, (1, 140, 200)).astype(np.int16)
    labels = np.zeros(values.shape, np.uint8)
    for (top, left, height, width), value in OBJECTS.items():
        labels[0, top : top + height, left : left + width] = value
    values[labels > 0] += 150
    geometry = Geometry.from_lps((200, 140, 1), (0.5, 0.25, 1.0), (0, 0, 0), np.eye(3).ravel())
    return Volume(values, geometry, f"picture {seed}"), Labels(labels, geometry, {"a": 1, "b": 2})


@pytest.mark.parametrize("axis", AXES)
def test_a_part_of_a_scan_is_that_part_of_its_slices_at_its_place(axis):
    # A third axis that runs backwards, a left-handed grid, voxels of three sizes.
    matrix = np.array([[0, 0, -2.0, 9], [0.7, 0, 0, -4], [0, 1.3, 0, 5], [0, 0, 0, 1]])
    values = np.random.default_rng(0).integers(0, 99, (9, 11, 13))
    volume = Volume(values, Geometry((13, 11, 9), matrix), "scan")
    labels = Labels((values > 50).astype(np.uint8), volume.geometry, {"a": 1}, {"a": values > 50})
    part = Part(2, 1, 7, 8)
    small, outlined = cut(volume, labels, axis, part)
    before, after = (PlaneStack(one.geometry, axis) for one in (volume, small))
    assert (after.shape, after.count) == ((5, 7), before.count)
    np.testing.assert_array_equal(after.view(small.array), before.view(values)[:, 2:7, 1:8])
    np.testing.assert_array_equal(outlined.mask("a"), small.array > 50)
    np.testing.assert_allclose(after.pixel_to_ras([[3, 1, 4]]), before.pixel_to_ras([[3 + 1, 1 + 2, 4]]))
    assert small.film == volume.content_hash
    assert cut(volume, labels, axis, None) == (volume, labels)


def test_each_object_is_whole_on_a_tile_and_tiles_are_few():
    plane = picture()[1].array[0]
    tiles = tiles_showing(plane, ["a", "b"], TILE, "it")
    assert len(tiles) == 3 and {one.shape for one in tiles} == {(TILE, TILE)}
    for top, left, height, width in OBJECTS:
        held = [t for t in tiles if t.top <= top and t.left <= left]
        assert any(t.bottom >= top + height and t.right >= left + width for t in held)
    # The largest object lies in the middle of its tile.
    assert tiles[0] == Part(96 - 4, 86, 140, 134)
    with pytest.raises(InputError, match="b on it is 20 pixels wide, more than a tile of 16"):
        tiles_showing(plane, ["a", "b"], 16, "it")
    (middle,) = tiles_showing(np.zeros((140, 200), int), [], TILE, "it")
    assert middle == Part(46, 76, 94, 124)
    # A low picture is taken in all its height.
    assert tiles_showing(plane[:40], ["a", "b"], TILE, "it")[0].shape == (40, TILE)


def test_of_many_objects_the_largest_are_shown_and_the_rest_is_told():
    plane = np.zeros((64, 4000), int)
    plane[30:34, 10::200] = 1
    plane[30:44, 2010] = 1
    with pytest.warns(Note, match="4 objects are on none"):
        tiles = tiles_showing(plane, ["a"], 64, "it")
    assert len(tiles) == MOST and tiles[0].left <= 2010 < tiles[0].right


def test_a_library_of_tiles(tmp_path):
    volume, labels = picture()
    added = add_exemplars(tmp_path / "L", volume, labels, [Chosen(0)], tile=TILE)
    library = Library.open(tmp_path / "L")
    assert len(library) == len(added) == 3 and {info.tile for info in library.infos()} == {TILE}
    for exemplar in library:
        top, left = exemplar.info.place
        seen = np.s_[0, top : top + TILE, left : left + TILE]
        np.testing.assert_array_equal(exemplar.pixels, volume.array[seen])
        values = np.array([0, *(library.classes.index(name) + 1 for name in labels.names)])
        np.testing.assert_array_equal(exemplar.labels, values[labels.array[seen]])
        assert exemplar.info.pixel_spacing == (0.25, 0.5) and exemplar.info.bounds == added[0].info.bounds
    # Of one patient, as whole slices of the scan would be, and grey levels are those of all of it.
    whole = add_exemplar(tmp_path / "whole", volume, labels, 0)
    assert {(info.group, info.bounds) for info in library.infos()} == {(whole.group, whole.bounds)}
    with pytest.raises(InputError, match="holds this slice already"):
        add_exemplars(library, volume, labels, [Chosen(0)], tile=TILE)
    again = add_exemplars(library, volume, labels, [Chosen(0)], replace=True)
    assert [one.skipped != "" for one in again] == [True] * 3 and len(library) == 3
    # Others come in as the library's are, and a small picture as a whole.
    add_exemplars(library, *picture(1), [Chosen(0)])
    part = Part(10, 20, 50, 60)
    info = add_exemplar(library, *cut(*picture(2), "axial", part), 0)
    assert {info.tile for info in library.infos()} == {TILE} and (info.place, info.shape) == (None, (40, 40))
    for folder, tile, told in ((library.folder, 64, "holds tiles of 48"), (tmp_path / "whole", 64, "whole slices")):
        with pytest.raises(InputError, match=told):
            add_exemplar(folder, volume, labels, 0, tile=tile)
    with pytest.raises(InputError, match="only named"):
        add_exemplar(library, volume, None, 0, present=["a"])
    with pytest.raises(InputError, match="more than a tile of 32"):
        big = Labels(np.ones_like(labels.array), labels.geometry, {"a": 1})
        add_exemplar(tmp_path / "L2", volume, big, 0, tile=32)
    assert not (tmp_path / "L2").exists()


def test_backgrounds_that_are_not_there_are_told():
    with pytest.warns(Note, match="0 axial slices without labels for a background, not 2"):
        assert [one.index for one in suggested(*picture(), count=1, backgrounds=2)] == [0]


def test_tiles_of_earlier_outlines_are_told_and_replaced(tmp_path):
    volume, labels = picture()
    first = [one.info.id for one in add_exemplars(tmp_path / "L", volume, labels, [Chosen(0)], tile=TILE)]
    other = add_exemplar(tmp_path / "L", *picture(1), 0)
    # The disc at the border was wrong, and the one far from all is larger than it was outlined: its tile moves.
    changed = labels.array.copy()
    changed[0, :10, 150:160] = 0
    changed[0, 130:134, 100:120] = 2
    better = Labels(changed, labels.geometry, labels.names)
    with pytest.warns(Note, match=f"tiles of the axial slice 0 with other outlines: .*{first[2]}; all count"):
        add_exemplars(tmp_path / "kept", volume, labels, [Chosen(0)], tile=TILE)
        kept = add_exemplars(tmp_path / "kept", volume, better, [Chosen(0)])
    # Those that are as they were come no second time, and keep none of the others out.
    assert [one.skipped == "" for one in kept].count(True) == len(Library.open(tmp_path / "kept")) - 3 > 0
    assert any(one.skipped for one in kept)
    added = add_exemplars(tmp_path / "L", volume, better, [Chosen(0)], replace=True)
    library = Library.open(tmp_path / "L")
    of_it = [one for one in library if one.info.group != other.group]
    assert {one.info.id for one in of_it} == {one.info.id for one in added} and len(library) == 2 + 3
    assert {old.id for one in added for old in one.replaced} == set(first) - {one.info.id for one in added}
    for one in of_it:
        top, left = one.info.place
        values = np.array([0, *(library.classes.index(name) + 1 for name in labels.names)])
        np.testing.assert_array_equal(one.labels, values[changed[0, top : top + TILE, left : left + TILE]])


def test_what_is_small_on_a_large_picture_is_told_where_it_is_added_whole(tmp_path):
    values = np.zeros((1, 1280, 900), np.uint8)
    values[0, 600:640, 300:378] = 1
    grid = Geometry.from_lps((900, 1280, 1), (1, 1, 1), (0, 0, 0), np.eye(3).ravel())
    volume, labels = Volume(values * 90, grid), Labels(values, grid, {"a": 1})
    # 78 x 256 / 1280 = 15.6
    with pytest.warns(Note, match="1280 pixels and what is outlined 78, of which a model of 256 sees 16.*tile 320"):
        add_exemplar(tmp_path / "L", volume, labels, 0, intensity="minmax")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Note)
        add_exemplar(tmp_path / "tiles", volume, labels, 0, intensity="minmax", tile=320)
        values[0, 600:640, 300:380] = 1
        add_exemplar(tmp_path / "larger", volume, labels, 0, intensity="minmax")


def test_an_adapter_sees_slices_in_the_tiles_of_its_training(tmp_path):
    for seed in (0, 1):
        add_exemplars(tmp_path / "L", *picture(seed), [Chosen(0)], tile=TILE)
    config = TrainConfig(method="decoder", steps=1, batch_size=1, synthesis=False, validation="none", device="cpu")
    finetune(Library.open(tmp_path / "L"), tmp_path / "run", config, model=build("vit-64"))
    assert read_adapter_info(tmp_path / "run").tile == TILE
    model = build("vit-64")
    apply_adapter(model, tmp_path / "run")
    slices = VolumePredictor(Predictor(model), picture(3)[0])
    tiles = tiled(slices)
    assert isinstance(tiles, Tiles)
    for prompt in (Prompt([[100, 70]], [1]), Prompt(box=[90, 60, 120, 70]), Prompt(box=[95, 68, 97, 70])):
        (part,) = tiles._wider(prompt)
        assert part.shape == (TILE, TILE) and tiles.ask(0, prompt)[0] == part
    # What does not fit is seen with room around.
    (part,) = tiles._wider(Prompt(box=[60, 40, 109, 70]))
    assert part.shape[1] >= 100
    small = VolumePredictor(Predictor(model), cut(*picture(3), "axial", Part(0, 0, 48, 40))[0])
    assert tiled(small) is small
    with pytest.warns(Note, match="trained on tiles of 48 pixels and may find less on whole slices"):
        assert tiled(slices, 0) is slices
    with pytest.raises(InputError, match="larger than the tiles of 48 pixels"):
        next_slices([picture(3)[0]], library=tmp_path / "L")
    # Tiles and whole slices in one library cannot be learnt.
    library = Library.open(tmp_path / "L")
    library.add(*picture(5), "axial", 0, slices.intensity)
    with pytest.raises(InputError, match="mixes tiles"):
        finetune(library, tmp_path / "other", config, model=build("vit-64"))


def test_the_command_line_tells_where_tiles_lie(tmp_path, capsys):
    for name, one in zip(("image", "labels"), picture(), strict=True):
        write_volume(tmp_path / f"{name}.nrrd", one.array, one.geometry)
    given = ["--library", str(tmp_path / "L"), "--image", str(tmp_path / "image.nrrd"), "--labels"]
    given += [str(tmp_path / "labels.nrrd"), "--slices", "0", "--tile"]
    assert main(["exemplars", "add", *given, "8"]) == 2 and not (tmp_path / "L").exists()
    assert main(["exemplars", "add", *given, str(TILE)]) == 0
    assert "slice 0: tile at row 92 and column 86" in capsys.readouterr().out
