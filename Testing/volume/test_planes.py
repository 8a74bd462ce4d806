"""Slices as a radiologist holds them, on grids of every orientation and on real scans."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import read_volume

# What one step along x, y means in RAS, stated by the radiological convention.
STEPS = {
    "axial": ([-1, 0, 0], [0, -1, 0]),
    "coronal": ([-1, 0, 0], [0, 0, -1]),
    "sagittal": ([0, -1, 0], [0, 0, -1]),
}
SCANS = {
    "RAS": "brain_mri_hippocampus_msd/hippocampus_003_image.nrrd",
    "LAS": "brain_mri_tumour_pyradiomics/brain1_image.nrrd",
    "LAS big": "brain_mri_ms_lesions/patient07_label.nrrd",
    "LPS": "brain_mri_glioma_brats2013/brats_2013_pat0005_1_label.nrrd",
}


def every_orientation():
    for order in permutations(range(3)):
        for signs in product((1, -1), repeat=3):
            matrix = np.eye(4)
            matrix[:3, :3] = 0
            for voxel, (world, sign) in enumerate(zip(order, signs, strict=True)):
                matrix[world, voxel] = sign * (0.5, 2.0, 3.0)[voxel]
            matrix[:3, 3] = (11, -7, 5)
            yield Geometry((5, 4, 3), matrix)


@pytest.mark.parametrize("axis", STEPS)
def test_all_48_orientations_show_the_same_picture(axis):
    for grid in every_orientation():
        # Each voxel holds its own place in the patient, so what is seen can be read off.
        ijk = np.stack(np.meshgrid(*map(np.arange, grid.size), indexing="ij"), -1).reshape(-1, 3)
        ras = grid.to_ras(ijk)
        stack = PlaneStack(grid, axis)
        seen = []
        for world in range(3):
            array = np.zeros(grid.shape)
            array[ijk[:, 2], ijk[:, 1], ijk[:, 0]] = ras[:, world]
            seen.append(stack.view(array))
        seen = np.stack(seen, -1)
        assert seen.shape == (stack.count, *stack.shape, 3)
        x_step, y_step = np.array(STEPS[axis], dtype=float)
        np.testing.assert_allclose(
            np.diff(seen, axis=2), np.broadcast_to(x_step * stack.pixel_spacing[1], np.diff(seen, axis=2).shape)
        )
        np.testing.assert_allclose(
            np.diff(seen, axis=1), np.broadcast_to(y_step * stack.pixel_spacing[0], np.diff(seen, axis=1).shape)
        )
        # The picture and the point transforms must tell the same story.
        pixel = np.array([[1, 2, 0], [0, 0, stack.count - 1], [stack.shape[1] - 1, stack.shape[0] - 1, 1]])
        np.testing.assert_allclose(stack.pixel_to_ras(pixel), [seen[n, y, x] for x, y, n in pixel], atol=1e-9)
        np.testing.assert_allclose(stack.ras_to_pixel(stack.pixel_to_ras(pixel)), pixel, atol=1e-9)


@pytest.mark.parametrize("axis", STEPS)
@pytest.mark.parametrize("scan", SCANS)
def test_real_scans_move_as_the_radiologist_expects(shared_data, scan, axis):
    volume = read_volume(shared_data / SCANS[scan])
    codes = sitk.DICOMOrientImageFilter.GetOrientationFromDirectionCosines(volume.geometry.to_lps()[2])
    # SimpleITK names where an axis points to: RAS here is RAS there.
    assert codes == scan[:3]
    stack = PlaneStack(volume.geometry, axis)
    start = stack.pixel_to_ras([[3, 4, 5]])[0]
    x_step = stack.pixel_to_ras([[4, 4, 5]])[0] - start
    y_step = stack.pixel_to_ras([[3, 5, 5]])[0] - start
    np.testing.assert_allclose(x_step, np.array(STEPS[axis][0]) * stack.pixel_spacing[1], atol=1e-3)
    np.testing.assert_allclose(y_step, np.array(STEPS[axis][1]) * stack.pixel_spacing[0], atol=1e-3)
    i, j, k = volume.geometry.voxel(start)[0]
    assert stack.view(volume.array)[5, 4, 3] == volume.array[k, j, i]


def test_axial_view_agrees_with_simpleitk_reorientation(shared_data):
    path = shared_data / SCANS["RAS"]
    volume = read_volume(path)
    # LPS axes run to the left, to the back and up: columns, rows and slices of the axial view.
    expected = sitk.GetArrayFromImage(sitk.DICOMOrient(sitk.ReadImage(str(path)), "LPS"))
    np.testing.assert_array_equal(PlaneStack(volume.geometry, "axial").view(volume.array), expected)


def test_view_writes_through():
    for grid in list(every_orientation())[::7]:
        for axis in STEPS:
            array = np.zeros(grid.shape)
            stack = PlaneStack(grid, axis)
            stack.view(array)[1, 2, 0] = 5
            i, j, k = np.rint(grid.to_ijk(stack.pixel_to_ras([[0, 2, 1]]))[0]).astype(int)
            assert array[k, j, i] == 5 and np.count_nonzero(array) == 1


def test_index_is_the_voxel_index_along_the_slice_axis():
    grid = Geometry((5, 4, 3), np.diag([1.0, 1.0, -2.0, 1.0]))
    array = np.arange(60).reshape(3, 4, 5)
    # K runs downwards, yet slice 0 stays voxel slice 0.
    assert set(PlaneStack(grid, "axial").view(array)[0].ravel()) == set(range(20))


def test_oblique_grid_takes_the_nearest_axes():
    angle = np.deg2rad(20)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn * [0.5, 2.0, 3.0]
    stack = PlaneStack(Geometry((5, 4, 3), matrix), "coronal")
    assert (stack.count, stack.shape) == (4, (3, 5))
    assert (stack.step, *stack.pixel_spacing) == pytest.approx((2.0, 3.0, 0.5), rel=1e-12)


def test_contains_and_wrong_input():
    stack = PlaneStack(Geometry((5, 4, 3), np.eye(4)), "axial")
    assert stack.contains([[4, 3, 2], [5, 3, 2], [4.4, 3.4, 2.4], [-0.6, 0, 0]]).tolist() == [True, False, True, False]
    with pytest.raises(InputError, match="axial, coronal, sagittal"):
        PlaneStack(stack.geometry, "transverse")
    with pytest.raises(ValueError):
        stack.view(np.zeros((5, 4, 3)))
