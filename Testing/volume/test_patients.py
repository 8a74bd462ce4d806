"""Whose scans are: names as public sets, BIDS and converters write them, and DICOM headers."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.patients import of_other_patients
from SAMAdaptLib.volume.volume import Volume, read_volume, write_volume
from Testing.dicom_files import series

TWO = [
    ("sub-01_T1w.nii.gz", "sub-02_FLAIR.nii.gz"),
    ("sub-control_T1w.nii.gz", "sub-tumour_T1w.nii.gz"),
    ("data/sub-01/anat/T1w.nii.gz", "data/sub-02/anat/FLAIR.nii.gz"),
    ("BraTS_001_t1.nii.gz", "BraTS_002_flair.nii.gz"),
    ("BraTS_001/t1.nii.gz", "BraTS_002/t1.nii.gz"),
    ("BraTS20_Training_001_t1ce.nii", "BraTS20_Training_011_t2.nii"),
    ("BraTS-GLI-00001-000-t1c.nii.gz", "BraTS-GLI-00002-000-t2f.nii.gz"),
    ("brats_2013_pat0003_1_T1c.nrrd", "brats_2013_pat0004_1_FLAIR.nrrd"),
    ("case_0001.nii.gz", "case_0002.nii.gz"),
    ("case_0000_0000.nii.gz", "case_0001_0001.nii.gz"),
    ("case_0000/ct.nii.gz", "case_0001/pet.nii.gz"),
    ("patient07_FLAIR.nrrd", "patient19_T1.nrrd"),
    ("Patient 7 T1.nrrd", "Patient 8 T2.nrrd"),
    ("a/case3/CT.nrrd", "a/case4/PET.nrrd"),
    ("pt_34_image.nrrd", "pt_4_image.nrrd"),
    ("STS_003_CT_image.nrrd", "STS_010_MR_T1_image.nrrd"),
    ("IXI002-Guys-0828-T1.nii.gz", "IXI012-HH-1211-T2.nii.gz"),
    ("TCGA-02-0003_t1.nii.gz", "TCGA-02-0006_flair.nii.gz"),
    ("UPENN-GBM-00001_11_T1.nii.gz", "UPENN-GBM-00002_11_FLAIR.nii.gz"),
]
ONE = [
    ("BraTS_001_t1.nii.gz", "BraTS_001_flair.nii.gz"),
    ("sub-01_T1w.nii.gz", "sub-01_FLAIR.nii.gz"),
    ("sub-01_ses-01_T1w.nii.gz", "sub-01_ses-02_FLAIR.nii.gz"),
    ("sub-01_run-1_echo-001_bold.nii.gz", "sub-01_run-2_echo-002_bold.nii.gz"),
    ("t1.nrrd", "t2.nrrd"),
    ("T1c.nrrd", "FLAIR.nrrd"),
    ("t1_001_brain.nrrd", "t2_002_brain.nrrd"),
    ("BRATS_001_0000.nii.gz", "BRATS_001_0001.nii.gz"),
    ("case_0000.nii.gz", "case_0001.nii.gz"),
    ("imagesTr/patient_0001.nii.gz", "imagesTr/patient_0000.nii.gz"),
    ("case_0000_0000.nii.gz", "case_0000_0001.nii.gz"),
    ("MR_0401_brain.nrrd", "MR_0501_brain.nrrd"),
    ("mri_401_T1.nrrd", "mri_501_T2.nrrd"),
    ("CT_kvp080_liver.nrrd", "CT_kvp140_liver.nrrd"),
    ("/home/user01/T1.nrrd", "/home/user02/T2.nrrd"),
    ("liver_0000.nii.gz", "liver_0001.nii.gz"),
    ("003_T1.nii.gz", "005_FLAIR.nii.gz"),
    ("series_003_T1.nrrd", "series_005_T2.nrrd"),
    ("scan003_T1.nrrd", "scan005_T2.nrrd"),
    ("p7/003/T1.nrrd", "p7/005/T1.nrrd"),
    ("b0_dwi.nrrd", "b1000_dwi.nrrd"),
    ("head_20190101_T1.nrrd", "head_20190214_T1.nrrd"),
    ("visit_001/T1.nrrd", "visit_002/T1.nrrd"),
    ("pre_contrast.nrrd", "post_contrast.nrrd"),
    ("STS_003_CT_image.nrrd", "STS_003_MR_T1_image.nrrd"),
    ("MR.1.2.840.113619.2.5.nrrd", "MR.1.2.840.113620.2.5.nrrd"),
    ("case1_T1.nrrd", "case01_T2.nrrd"),
    ("/a/b/T1.nrrd", "/a/c/T2.nrrd"),
    ("amos_0001_image.nrrd", "mr.nrrd"),
]


@pytest.mark.parametrize(("one", "other"), TWO)
def test_of_two(one, other) -> None:
    assert of_other_patients(one, other) and of_other_patients(other, one)


@pytest.mark.parametrize(("one", "other"), ONE)
def test_of_one(one, other) -> None:
    assert not of_other_patients(one, other) and not of_other_patients(other, one)


def test_names_of_two_patients_are_told_by_the_command_and_in_python(tmp_path, capsys) -> None:
    geometry = Geometry((5, 4, 3), np.eye(4))
    array = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    files = [str(tmp_path / name) for name in ("BraTS_001_t1.nrrd", "BraTS_002_flair.nrrd", "BraTS_001_t2.nrrd")]
    for file in files:
        write_volume(file, array, geometry)
    words = ["segment", "--segment", "a", "--point=-9,9,9", "--output", str(tmp_path / "out.seg.nrrd"), "--image"]
    # The prompt lies outside; what is told of the images comes first.
    assert main([*words, *files[:2]]) == 2 and "are of two patients" in capsys.readouterr().err
    assert main([*words, files[0], files[2]]) == 2 and "two patients" not in capsys.readouterr().err
    volumes = [Volume(array, geometry, name) for name in ("sub-01_T1w", "sub-01_T2w", "sub-02_FLAIR")]
    with pytest.warns(Note, match="sub-01_T1w and sub-02_FLAIR are of two patients"):
        join_channels(volumes)


def test_dicom_of_two_patients_is_refused(tmp_path) -> None:
    at = [np.array([0.0, 0, 2.5 * k]) for k in range(3)]
    array = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    folders = [series(tmp_path / name, array, at, PatientID=who) for name, who in (("a", "1"), ("b", "2"), ("c", "1"))]
    a, b, c = (read_volume(folder) for folder in folders)
    assert join_channels([a, c]).channels == 2
    with pytest.raises(InputError, match="several patients: a and b") as error:
        join_channels([a, b])
    assert a.patient and a.patient not in str(error.value)
