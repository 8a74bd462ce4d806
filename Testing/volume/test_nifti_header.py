"""What a NIfTI header says twice, or in another version, and label maps that were stored with a scale."""

from __future__ import annotations

import gzip
import struct
import warnings

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume, write_volume

ARRAY = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
SFORM = np.array([[-0.5, 0, 0, 1], [0, 0.75, 0, 2], [0, 0, 3.0, 3]])


def nifti1(path, sform=SFORM, sform_code=1, offset=(1, 2, 3), turn=(0, 0, 1), qfac=1.0, qform_code=1,
           pixdim=(0.5, 0.75, 3)):  # fmt: skip
    """``turn``: quatern_b..d; (0, 1, 0) with qfac -1 has the axes of SFORM."""
    sitk.WriteImage(sitk.GetImageFromArray(ARRAY), str(path))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<4f", raw, 76, qfac, *pixdim)
    struct.pack_into("<hh", raw, 252, qform_code, sform_code)
    struct.pack_into("<6f", raw, 256, *turn, *offset)
    struct.pack_into("<12f", raw, 280, *np.ravel(sform))
    path.write_bytes(raw)
    return path


SAME = {"turn": (0, 1, 0), "qfac": -1.0}


def test_one_placement_said_twice_needs_no_word(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", Note)
        grid = read_volume(nifti1(tmp_path / "a.nii", **SAME)).geometry
        np.testing.assert_allclose(grid.ijk_to_ras[:3], SFORM, atol=1e-6)
        # Left-handed grids, and those that this project writes itself.
        for handed in (1, -1):
            matrix = np.eye(4)
            matrix[:3, :3] = [[0.6, 0, 0.8], [0, handed, 0], [-0.8, 0, 0.6]]
            for suffix in ("nii", "nii.gz"):
                write_volume(tmp_path / f"b.{suffix}", ARRAY, Geometry((5, 4, 3), matrix))
                np.testing.assert_allclose(read_volume(tmp_path / f"b.{suffix}").geometry.ijk_to_ras, matrix, atol=1e-6)


@pytest.mark.parametrize("sform_code, taken", [(1, "sform"), (2, "qform")])
def test_two_placements_are_both_named(tmp_path, sform_code, taken):
    path = nifti1(tmp_path / "a.nii", sform_code=sform_code, offset=(11, 2, 3), **SAME)
    with pytest.warns(Note) as caught:
        grid = read_volume(path).geometry
    text = str(caught[0].message)
    assert "up to 10 mm apart" in text and f"the {taken} was taken" in text and str(path) in text
    assert "1, 2, 3 mm" in text and "11, 2, 3 mm" in text
    np.testing.assert_allclose(grid.ijk_to_ras[:3, 3], (1, 2, 3) if taken == "sform" else (11, 2, 3), atol=1e-6)


def test_two_voxel_sizes_are_both_named(tmp_path):
    path = nifti1(tmp_path / "a.nii", pixdim=(1, 1, 1), qform_code=0)
    with pytest.warns(Note, match="0.5 x 0.75 x 3 mm by its sform and 1 x 1 x 1 mm by pixdim; pixdim was taken"):
        np.testing.assert_allclose(read_volume(path).geometry.spacing, 1)


def test_no_placement_at_all_is_told(tmp_path):
    with pytest.warns(Note, match="does not place the image"):
        grid = read_volume(nifti1(tmp_path / "a.nii", sform_code=0, qform_code=0)).geometry
    # Columns to the left, rows to the back, slices up: RAS of the voxel beside the first in each direction.
    np.testing.assert_allclose(grid.ijk_to_ras[:3, :3], np.diag([-0.5, -0.75, 3]), atol=1e-6)


@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.uint8])
def test_nifti_2_is_read_as_nibabel_reads_it(tmp_path, suffix, dtype):
    nibabel = pytest.importorskip("nibabel", reason="nibabel, which writes the file, is not installed")
    turn = np.array([[0.6, 0, 0.8], [0, 1, 0], [-0.8, 0, 0.6]]) * [0.5, 0.75, 3]
    affine = np.eye(4)
    affine[:3] = np.column_stack([turn, [1, 2, 3]])
    image = nibabel.Nifti2Image(ARRAY.T.astype(dtype), affine)
    image.set_qform(affine, 1)
    nibabel.save(image, tmp_path / f"a.{suffix}")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Note)
        volume = read_volume(tmp_path / f"a.{suffix}")
    assert volume.array.dtype == dtype and volume.name == "a"
    np.testing.assert_array_equal(volume.array, nibabel.load(tmp_path / f"a.{suffix}").get_fdata().T)
    np.testing.assert_allclose(volume.geometry.ijk_to_ras, affine, atol=1e-6)


def test_bad_nifti_2(tmp_path):
    nibabel = pytest.importorskip("nibabel", reason="nibabel, which writes the file, is not installed")
    nibabel.save(nibabel.Nifti2Image(np.zeros((40000, 1, 1), np.uint8), np.eye(4)), tmp_path / "long.nii.gz")
    nibabel.save(nibabel.Nifti2Image(np.zeros((9, 9, 9), np.uint8), np.eye(4)), tmp_path / "cut.nii")
    nibabel.save(nibabel.Nifti2Image(np.full((9, 9, 9), np.nan, np.float32), np.eye(4)), tmp_path / "nan.nii.gz")
    whole = (tmp_path / "cut.nii").read_bytes()
    (tmp_path / "cut.nii").write_bytes(whole[:-9])
    (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(whole)[:-12])
    for name, match in {"long.nii.gz": "too large", "cut.nii": "ends before", "cut.nii.gz": "ends before|Cannot read",
                        "nan.nii.gz": "729 voxels are NaN"}.items():  # fmt: skip
        with pytest.raises(InputError, match=match) as caught:
            read_volume(tmp_path / name)
        assert caught.value.where == str(tmp_path / name)


def scaled(path, stored, slope, inter=0.0):
    """Label values as nibabel stores them: whole numbers of which the header says a scale."""
    sitk.WriteImage(sitk.GetImageFromArray(stored), str(path))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<ff", raw, 112, slope, inter)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("top, dtype, most", [(14, np.uint8, 255), (104, np.int16, 65535), (200, np.uint8, 255)])
def test_scaled_label_maps_are_rounded_aloud(tmp_path, top, dtype, most):
    truth = np.zeros((6, 7, 8), int)
    truth.ravel()[: top + 1] = np.arange(top + 1)
    # nibabel spreads the range of the values over that of the type.
    slope, inter = (top / most, 0.0) if dtype == np.uint8 else (top / most, top / 2 + top / most / 2)
    stored = np.rint((truth - inter) / slope).astype(dtype)
    path = scaled(tmp_path / "a.nii", stored, slope, inter)
    with pytest.warns(Note, match=f"scale of {slope:.4g} .*rounded"):
        labels = read_labels(path)
    np.testing.assert_array_equal(labels.array, truth)
    assert list(labels.names) == [f"label_{value}" for value in range(1, top + 1)]


def test_scaled_images_and_halves_are_no_labels(tmp_path):
    ramp = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    # A scale of one half stores halves exactly; at 0.8 five stored values share four whole numbers.
    for slope, stored in ((0.5, np.array([0, 1, 2, 4], np.uint8).reshape(1, 2, 2)), (0.0549, ramp), (0.8, ramp),
                          (1.7, ramp)):  # fmt: skip
        with pytest.raises(InputError, match="no whole numbers"):
            read_labels(scaled(tmp_path / "a.nii", stored, slope))


def test_what_nibabel_stores(tmp_path):
    nibabel = pytest.importorskip("nibabel", reason="nibabel, which writes the file, is not installed")
    truth = np.zeros((8, 24, 24))
    for value in range(1, 15):
        truth[2:6, 3 * (value // 5) : 3 * (value // 5) + 3, 4 * (value % 5) : 4 * (value % 5) + 3] = value
    for name, values, kind in (("a", truth, np.uint8), ("b", np.where(truth == 14, 104, truth), np.int16)):
        image = nibabel.Nifti1Image(values.T, np.diag([-1, -1, 2, 1.0]))
        image.header.set_data_dtype(kind)
        nibabel.save(image, tmp_path / f"{name}.nii.gz")
        with pytest.warns(Note, match="rounded"):
            np.testing.assert_array_equal(read_labels(tmp_path / f"{name}.nii.gz").array, values)
