"""Volumes that a model sees together: what is noted in the scene, and what the library and the planes make of it."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError

pytestmark = pytest.mark.usefixtures("application")

SHAPE = (7, 12, 15)


def arrays(count, shape=SHAPE):
    return [np.random.default_rng(seed).integers(-200, 300, shape).astype(np.int16) for seed in range(count)]


@pytest.fixture
def channels():
    from SAMAdaptModuleLib.scene import Channels

    return Channels


@pytest.fixture
def sceneVolume():
    from SAMAdaptModuleLib.scene import SceneVolume

    return SceneVolume


@pytest.fixture
def three(scenes, channels):
    """T1, T2 and FLAIR on one grid, the second and third noted on the first."""
    nodes = [
        scenes.volume(array=array, name=name) for array, name in zip(arrays(3), ("T1", "T2", "FLAIR"), strict=True)
    ]
    channels.setFurther(nodes[0], nodes[1:])
    return nodes


def ramp(scenes, matrix, shape, name):
    """A volume whose voxels are R + 2 A + 3 S of their centres."""
    ras = scenes.apply(matrix, scenes.indices(shape))
    return scenes.volume(matrix=matrix, array=(ras @ [1, 2, 3]).reshape(shape).astype(np.float32), name=name)


def test_voxels_of_all_in_their_order(three, channels, sceneVolume):
    found = sceneVolume.libraryVolume(three[0])
    np.testing.assert_array_equal(found.array, np.stack(arrays(3), -1))
    assert found.array.dtype == np.int16 and found.name == "T1" and not found.colour
    channels.setFurther(three[0], three[:0:-1])
    np.testing.assert_array_equal(
        sceneVolume.libraryVolume(three[0]).array, np.stack([arrays(3)[place] for place in (0, 2, 1)], -1)
    )
    assert sceneVolume.libraryVolume(three[1]).array.ndim == 3
    channels.setFurther(three[0], [])
    assert np.shares_memory(sceneVolume.libraryVolume(three[0]).array, sceneVolume.volumeArray(three[0]))


def test_what_cannot_be_noted_is_refused(three, channels, scenes):
    first, second, third = three
    with pytest.raises(InputError, match="4 volumes together"):
        channels.setFurther(first, [second, third, scenes.volume()])
    with pytest.raises(InputError, match="seen twice: T1"):
        channels.setFurther(first, [second, first])
    with pytest.raises(InputError, match="seen twice: T2"):
        channels.seenAs([first, second, second])
    assert channels.furtherVolumes(first) == [second, third]
    assert channels.seenAs([first, third]) is first and channels.furtherVolumes(first) == [third]
    assert channels.seenAs(first) is first and channels.furtherVolumes(first) == [third]
    with pytest.raises(InputError):
        channels.seenAs([])


def test_another_grid_needs_a_word(scenes, channels, sceneVolume):
    """A linear ramp stays one when it is interpolated linearly."""
    first = ramp(scenes, scenes.GRIDS["oblique"], (10, 20, 20), "first")
    shifted = scenes.GRIDS["oblique"] @ scenes.affine(None, (1.5, 1.5, 1.5), (-4, -4, -3))
    other = ramp(scenes, shifted, (12, 24, 24), "o")
    channels.setFurther(first, [other])
    with pytest.raises(InputError, match=r"o lies on another grid than first. Allow it to be resampled"):
        sceneVolume.libraryVolume(first)
    with pytest.raises(InputError, match="another grid"):
        sceneVolume.checkTogether(first)
    channels.setFurther(first, [other], resample=True)
    with pytest.warns(UserWarning, match="it was resampled"):
        found = sceneVolume.libraryVolume(first)
    np.testing.assert_allclose(found.array[..., 1], found.array[..., 0], atol=1e-2)
    far = ramp(scenes, scenes.affine(origin=(900, 0, 0)), (4, 5, 6), "far")
    channels.setFurther(first, [far], resample=True)
    with pytest.raises(InputError, match="no place in common"):
        sceneVolume.libraryVolume(first)


def test_transforms_move_one_beside_the_other(scenes, channels, sceneVolume):
    """A registration that brings the other one onto the first makes one grid of the two; one that bends is refused."""
    moved = scenes.affine(scenes.rotation([1, 1, 0], 12), origin=(5, -3, 8))
    first = scenes.volume(array=arrays(2)[0], matrix=scenes.GRIDS["oblique"])
    other = scenes.volume(array=arrays(2)[1], matrix=np.linalg.inv(moved) @ scenes.GRIDS["oblique"], name="other")
    channels.setFurther(first, [other])
    with pytest.raises(InputError, match="another grid"):
        sceneVolume.libraryVolume(first)
    registration = scenes.linear(moved)
    other.SetAndObserveTransformNodeID(registration.GetID())
    np.testing.assert_array_equal(sceneVolume.libraryVolume(first).array, np.stack(arrays(2), -1))
    key = sceneVolume.volumeKey(first)
    first.SetAndObserveTransformNodeID(registration.GetID())
    assert sceneVolume.volumeKey(first) != key
    with pytest.raises(InputError, match="another grid"):
        sceneVolume.libraryVolume(first)
    other.SetAndObserveTransformNodeID(scenes.warp().GetID())
    with pytest.raises(InputError, match="A transform bends other beside"):
        sceneVolume.libraryVolume(first)


def test_the_key_follows_all_of_them(three, channels, sceneVolume):
    import slicer

    first, second, third = three
    keys = [sceneVolume.volumeKey(first)]
    second.SetName("renamed")
    second.GetDisplayNode().SetWindow(17)
    assert sceneVolume.volumeKey(first) == keys[0]
    slicer.util.arrayFromVolume(third)[0, 0, 0] += 1
    slicer.util.arrayFromVolumeModified(third)
    keys.append(sceneVolume.volumeKey(first))
    second.SetSpacing(0.9, 0.9, 2.6)
    keys.append(sceneVolume.volumeKey(first))
    channels.setFurther(first, [third, second])
    keys.append(sceneVolume.volumeKey(first))
    channels.setFurther(first, [third, second], resample=True)
    keys.append(sceneVolume.volumeKey(first))
    channels.setFurther(first, [third])
    keys.append(sceneVolume.volumeKey(first))
    channels.setFurther(first, [])
    keys.append(sceneVolume.volumeKey(first))
    assert len(set(keys)) == 7 and len(keys[-1]) == 4


def test_a_scene_keeps_them_and_loses_what_is_removed(three, channels, tmp_path):
    import slicer

    first, second, third = three
    # Not by their names: two may be alike.
    for node in (second, third):
        node.SetName("MR")
    channels.setFurther(first, [third, second], resample=True)
    slicer.util.arrayFromVolume(third)[:] = 42
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    first = slicer.util.getNode("T1")
    found = channels.furtherVolumes(first)
    assert [slicer.util.arrayFromVolume(node).max() for node in found] == [42, arrays(3)[1].max()]
    assert channels.mayResample(first)
    slicer.mrmlScene.RemoveNode(found[0])
    assert channels.furtherVolumes(first) == found[1:]


def test_each_is_seen_in_its_own_window(three, sceneVolume):
    for number, node in enumerate(three):
        node.GetDisplayNode().SetAutoWindowLevel(False)
        node.GetDisplayNode().SetWindowLevel(100 + number, 40 - number)
    assert sceneVolume.intensityText("displayed", three[0]) == "window:40/100 + 0.2*window:39/101 + 0.2*window:38/102"
    assert sceneVolume.intensityText("displayed", three[2]) == "window:38/102"
    assert sceneVolume.intensityText("minmax", three[0]) == "minmax"


def test_an_oblique_plane_cuts_all_of_them(three, scenes, channels):
    """As it cuts each of them alone."""
    from SAMAdaptModuleLib.scene.FindPlane import planeOfView

    turn = scenes.rotation([1, 0, 0], 30)
    view = scenes.sliceNode(scenes.affine(turn, origin=scenes.middle(three[0])))
    together = planeOfView(view, three[0])
    assert together.message().values.shape == (*together.shape, 3)
    for place, node in enumerate(three):
        channels.setFurther(node, [])
        alone = planeOfView(view, node)
        np.testing.assert_array_equal(together.message().values[..., place], alone.message().values)
    assert together.key != planeOfView(view, three[0]).key


def colour_node(array, scenes):
    import slicer

    return slicer.util.addVolumeFromArray(array, scenes.GRIDS["straight"], "photo", "vtkMRMLVectorVolumeNode")


def test_a_picture_in_colour_is_three_channels(scenes, channels, sceneVolume):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfView

    array = np.random.default_rng(0).integers(0, 255, (4, 12, 15, 3)).astype(np.uint8)
    node = colour_node(array, scenes)
    found = sceneVolume.libraryVolume(node)
    np.testing.assert_array_equal(found.array, array)
    assert found.colour and found.channels == 3
    view = scenes.sliceNode(scenes.affine(scenes.rotation([1, 0, 0], 30), origin=scenes.middle(node)))
    values = planeOfView(view, node).message().values
    for place in range(3):
        alone = scenes.volume(array=array[..., place])
        np.testing.assert_array_equal(values[..., place], planeOfView(view, alone).message().values)
    opaque = np.concatenate([array, np.full((4, 12, 15, 1), 255, np.uint8)], -1)
    np.testing.assert_array_equal(sceneVolume.libraryVolume(colour_node(opaque, scenes)).array, array)
    opaque[0, 0, 0, 3] = 0
    with pytest.raises(InputError, match="transparent: photo"):
        sceneVolume.libraryVolume(colour_node(opaque, scenes))
    with pytest.raises(InputError, match=r"3 values in each voxel \(vectors or a series\)"):
        sceneVolume.checkVolume(colour_node(array.astype(np.float32), scenes))
    grey = scenes.volume(array=array[..., 0])
    for first, second in ((node, grey), (grey, node)):
        channels.setFurther(first, [second])
        with pytest.raises(InputError, match="colour"):
            sceneVolume.libraryVolume(first)
        with pytest.raises(InputError, match="colour"):
            sceneVolume.checkTogether(first)


def test_the_next_scan_is_none_of_those_seen_together(three, channels, scenes):
    from SAMAdaptModuleLib.scene.NextVolume import nextVolume

    following = scenes.volume(name="another patient")
    assert nextVolume(three[0]) is following
    channels.setFurther(three[0], three[2:])
    assert nextVolume(three[0]) is three[1]


def test_who_watches_a_volume_hears_of_the_others(three):
    import slicer
    from SAMAdaptModuleLib.scene.VolumeWatch import VolumeWatch

    gone = []
    watch = VolumeWatch(lambda: gone.append(1))
    watch.watch(three[0])
    slicer.mrmlScene.RemoveNode(three[2])
    assert gone == [1]
    watch.watch(three[1])
    slicer.mrmlScene.RemoveNode(three[0])
    assert gone == [1]
    watch.watch(None)
