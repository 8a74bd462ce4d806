"""Names of label values from the files in which people keep them."""

from __future__ import annotations

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.names import read_names, with_names, without_names

ABDOMEN = {1: "spleen", 2: "right kidney", 5: "esophagus"}
# In the spelling of the programs themselves.
FILES = {
    "dataset.json": '{"channel_names": {"0": "CT"}, "labels": {"background": 0, "spleen": 1, "right kidney": 2, '
    '"esophagus": 5}, "numTraining": 3, "file_ending": ".nii.gz"}',
    "old/dataset.json": '{"modality": {"0": "CT"}, "labels": {"0": "background", "1": "spleen", "2": "right kidney", '
    '"5": "esophagus"}}',
    "plain.json": '{"1": "spleen", "2": "right kidney", "5": "esophagus"}',
    "table.csv": "1,spleen\n2,right kidney\n5,esophagus\n",
    "slicer.csv": "LabelValue,Name,Color_R,Color_G,Color_B,Color_A\n0,Background,0,0,0,0\n1,spleen,157,108,162,255\n"
    '2,"right kidney",185,102,83,255\n5,esophagus,211,171,143,255\n',
    "excel.csv": "\ufeffName,Value\r\nspleen,1\r\nright kidney,2\r\nesophagus,5\r\n",
    "excel_de.csv": "Name;Value\r\nspleen;1\r\nright kidney;2\r\nesophagus;5\r\n",
    "bare_de.csv": "1;spleen\n2;right kidney\n5;esophagus\n",
    "bids_dseg.tsv": "index\tname\tabbreviation\n1\tspleen\tSP\n2\tright kidney\tRK\n5\tesophagus\tES\n",
    "slicer.ctbl": "# Color table file x.ctbl\n# 4 values\n0 Background 0 0 0 0\n1 spleen 157 108 162 255\n"
    "2 right_kidney 185 102 83 255\n5 esophagus 211 171 143 255\n",
    "itksnap.txt": "################\n# ITK-SnAP Label Description File\n"
    '    0     0    0    0        0  0  0    "Clear Label"\n    1   255    0    0        1  1  1    "spleen"\n'
    '    2     0  255    0        1  1  1    "right kidney"\n    5     0  255  255     0.45  1  0    "esophagus"\n',
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_names_from_every_kind_of_file(tmp_path, name) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILES[name], encoding="utf-8")
    assert read_names(path) == ABDOMEN


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("a.csv", "1,a\n1,b\n", "Label 1 has two names, a and b"),
        ("a.csv", "1,\n", "Label 1 has no printable name"),
        ("a.csv", "liver\n", "no columns for value and name"),
        ("a.csv", "1,a\nx,b\n", "Cannot understand the row 'x,b'"),
        ("a.json", '{"labels": {"whole tumour": [1, 2, 3]}}', "region of several values.*--merge"),
        ("a.json", '{"labels": {"a": "b"}}', "neither a value nor a name"),
        ("a.json", "{", "no JSON"),
        ("a.json", "[1]", "no names"),
        ("a.json", '{"labels": {"background": 0}}', "no names"),
        ("a.ctbl", "1 liver\n", "Cannot understand the line '1 liver'.*ITK-SNAP"),
    ],
)
def test_what_cannot_be_understood(tmp_path, name, text, words) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_names(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_no_file_of_names(tmp_path) -> None:
    with pytest.raises(InputError, match="No such file of names"):
        read_names(tmp_path / "none.csv")


def plain(*values: int) -> Labels:
    array = np.array(values, np.uint8).reshape(1, 1, -1)
    names = {f"label_{value}": value for value in values}
    return Labels(array, Geometry((len(values), 1, 1), np.eye(4)), names, made_up=True)


def test_values_get_their_names_and_others_keep_what_was_made_up() -> None:
    named = with_names(plain(2, 5), ABDOMEN, "x.nii")
    assert named.names == {"right kidney": 2, "esophagus": 5} and not named.made_up
    partly = with_names(plain(1, 9), ABDOMEN, "x.nii")
    assert partly.names == {"spleen": 1, "label_9": 9} and partly.made_up
    assert without_names(partly.names) == ["label_9"]
    assert without_names(["label_1", "label_x", "my label_1"]) == ["label_1"]


def test_labels_with_names_keep_them() -> None:
    own = Labels(plain(1).array, plain(1).geometry, {"Milz": 1})
    with pytest.warns(Note, match="names of their own.*x.seg.nrrd"):
        assert with_names(own, ABDOMEN, "x.seg.nrrd") is own


def test_names_of_other_labels_and_one_name_for_two() -> None:
    with pytest.raises(InputError, match=r"None of the labels there \(7, 8\) has a name"):
        with_names(plain(7, 8), ABDOMEN, "x.nii")
    with pytest.raises(InputError, match=r"Labels 1 and 2 are both named lung.*--merge 'lung=1,2'"):
        with_names(plain(1, 2), {1: "lung", 2: "lung"}, "x.nii")
