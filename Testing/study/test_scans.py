"""Which scans a study has, and who is tested on."""

from __future__ import annotations

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import write_json
from SAMAdaptLib.study.config import DataSettings
from SAMAdaptLib.study.scans import find_scans, split_scans
from SAMAdaptLib.study.survey import Reading, structures, survey
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import write_volume
from Testing.study.scene import write_index, write_scans
from Testing.tiny import scan

INDEX = "image,labels,patient\n"
SPLIT = "image,labels,patient,split\n"


def of(index, **more) -> DataSettings:
    return DataSettings(index=str(index), **more)


def folds(data):
    scans = find_scans(data)
    sides = [[[scans[place].patient for place in side] for side in (f.train, f.test)] for f in split_scans(scans, data)]
    return [tuple(side) for side in sides]


def test_an_index_as_spreadsheets_write_it(tmp_path) -> None:
    write_scans(tmp_path, 2)
    (tmp_path / "mine.csv").write_text(
        "\ufeffPatient;Image;Labels;Age;Site;Modality;Split\n"
        "P 0; image0.nrrd ;labels0.seg.nrrd;61;Here;MR;Train\n\nP1;image1.nrrd;labels1.seg.nrrd;;There;CT;test\n",
        encoding="utf-8",
    )
    first, second = find_scans(of(tmp_path / "mine.csv"))
    assert (first.patient, first.site, first.modality, first.split) == ("P 0", "Here", "MR", "train")
    assert first.name == "image0"
    assert first.image == tmp_path / "image0.nrrd" and second.split == "test"
    assert folds(of(tmp_path / "mine.csv")) == [(["P 0"], ["P1"])]


@pytest.mark.parametrize(
    "text, words",
    [
        (INDEX, "The index names no scan"),
        ("image,labels,patinet\n", "The index has no column 'patient'.* Did you mean patinet"),
        (INDEX + "image0.nrrd,labels0.seg.nrrd,\n", "Row 2 has no patient"),
        (INDEX + "a.nrrd,labels0.seg.nrrd,P0\nimage0.nrrd,b.nrrd,P1\n", r"2 files are not where .*a\.nrrd, .*b\.nrrd"),
        (INDEX + 2 * "image0.nrrd,labels0.seg.nrrd,P0\n", "A scan is named twice: image0.nrrd"),
        (SPLIT + "image0.nrrd,labels0.seg.nrrd,P0,dev\n", "Row 2 has the split 'dev'"),
        (SPLIT + "image0.nrrd,labels0.seg.nrrd,P0,test\nimage1.nrrd,labels1.seg.nrrd,P1,\n", "1 row without"),
    ],
)
def test_an_index_that_cannot_be(tmp_path, text, words) -> None:
    write_scans(tmp_path, 2)
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        find_scans(of(tmp_path / "bad.csv"))


def test_folders_go_by_names_as_nnu_net_has_them(tmp_path) -> None:
    for part, numbers in (("Tr", (0, 1)), ("Ts", (2,))):
        for number in numbers:
            volume, labels = scan(number)
            for folder in ("images", "labels"):
                (tmp_path / (folder + part)).mkdir(exist_ok=True)
            write_volume(tmp_path / f"images{part}" / f"case_{number}_0000.nii.gz", volume.array, volume.geometry)
            masks = {name: labels.mask(name) for name in labels.names}
            write_segmentation(tmp_path / f"labels{part}" / f"case_{number}.nii.gz", masks, labels.geometry)
    places = {f"{test}{kind}": str(tmp_path / f"{kind}{part}")
              for test, part in (("", "Tr"), ("test_", "Ts")) for kind in ("images", "labels")}  # fmt: skip
    assert folds(DataSettings(**places)) == [(["case_0", "case_1"], ["case_2"])]
    scans = find_scans(DataSettings(**places, patient=r"_(\d)"))
    assert [one.patient for one in scans] == ["0", "1", "2"] and scans[0].name == "case_0_0000"
    volume, _ = scan(9)
    write_volume(tmp_path / "imagesTr" / "case_0_0001.nii.gz", volume.array, volume.geometry)
    with pytest.raises(InputError, match=r"Labels with several images \(case_0_0000.nii.gz, case_0_0001.nii.gz\)"):
        find_scans(DataSettings(**places))
    (tmp_path / "imagesTr" / "case_1_0000.nii.gz").unlink()
    (tmp_path / "imagesTr" / "case_0_0001.nii.gz").unlink()
    with pytest.raises(InputError, match="1 file of labels without an image: case_1.nii.gz"):
        find_scans(DataSettings(**places))


def test_each_patient_is_tested_on_in_one_fold(tmp_path) -> None:
    index = write_scans(tmp_path, 4)
    found = folds(of(index, folds=3))
    assert sorted(name for _, test in found for name in test) == ["P0", "P1", "P2", "P3"]
    assert all(sorted([*train, *test]) == ["P0", "P1", "P2", "P3"] for train, test in found)
    assert [len(test) for _, test in found] == [2, 1, 1] and found != folds(of(index, folds=3, split_seed=1))
    assert len(folds(of(index, test_share=0.5))[0][1]) == 2 and len(folds(of(index, test_share=0.1))[0][1]) == 1


@pytest.mark.parametrize(
    "columns, data, words",
    [
        ({"split": ["train", "test", "test", "test"], "patient": ["P0", "P1", "P0", "P2"]}, {},
         "1 patient is trained and tested on: P0"),
        ({"split": ["train", "train", "train", "train"]}, {}, "Nobody is left to test on"),
        ({"split": ["train", "train", "test", "test"]}, {"folds": 2}, "The split is stated for each scan and again"),
        ({}, {"folds": 5}, "5 folds for 4 patients"),
        ({"patient": ["P0", "P0", "P1", "P1"]}, {"folds": 3}, "3 folds for 2 patients"),
        ({}, {"test": ["P2", "P7"]}, r"No scan of the patient 'P7': \[data\] test. Did you mean P3\?|P7"),
        ({}, {"test": ["P0", "P1", "P2", "P3"]}, "Nobody is left to train on"),
        ({}, {}, "Nothing says who is tested on"),
        ({"patient": ["P0"] * 4}, {"test_share": 0.5}, "One patient cannot be both"),
    ],
)  # fmt: skip
def test_a_split_that_cannot_be(tmp_path, columns, data, words) -> None:
    index = write_scans(tmp_path, 4, **columns)
    with pytest.raises(InputError, match=words):
        folds(of(index, **data))


def surveyed(data, kept=None):
    scans = find_scans(data)
    reading = Reading.of(data, scans)
    seen, found = survey(scans, reading, kept)
    if kept is not None:
        write_json(kept, found)
    return seen, structures(seen, data.classes, split_scans(scans, data))


def test_a_scan_is_read_once_unless_it_changes(tmp_path, monkeypatch) -> None:
    from SAMAdaptLib.study import survey as room

    data = of(write_scans(tmp_path, 3), test=["P2"])
    before, names = surveyed(data, tmp_path / "kept.json")
    volume, labels = scan(0)
    assert names == ["disc", "bean"] and before[0].image_hash == volume.content_hash and before[0].size == (6, 40, 56)
    # The bean is on the upper half, the disc on all but the outer slices.
    assert [*before[0].areas["disc"]] == [1, 2, 3, 4] and [*before[0].areas["bean"]] == [3, 4]
    assert before[0].areas["bean"][3] == (labels.array[3] == 2).sum() and before[0].labelled() == [1, 2, 3, 4]
    read = []
    look = room._look
    monkeypatch.setattr(room, "_look", lambda scan, reading: read.append(scan.name) or look(scan, reading))
    assert surveyed(data, tmp_path / "kept.json")[0] == before and read == []
    other = volume.array.copy()
    other[0, 0, 0] += 1
    write_volume(tmp_path / "image0.nrrd", other, volume.geometry)
    after, _ = surveyed(data, tmp_path / "kept.json")
    assert read == ["image0"] and after[1:] == before[1:] and after[0].fingerprint != before[0].fingerprint
    (tmp_path / "kept.json").write_text("{")
    assert surveyed(data, tmp_path / "kept.json")[0] == after and read == ["image0", "image0", "image1", "image2"]


def test_structures_that_a_part_lacks(tmp_path) -> None:
    index = write_scans(tmp_path, 4)
    volume, labels = scan(3)
    write_segmentation(tmp_path / "labels3.seg.nrrd", {"disc": labels.mask("disc")}, labels.geometry)
    with pytest.raises(InputError, match=r"No test scan shows bean \(1 scan\): \[data\]"):
        surveyed(of(index, test=["P3"]))
    with pytest.raises(InputError, match=r"No test scan shows bean \(1 scan\): fold \d"):
        surveyed(of(index, folds=4))
    assert surveyed(of(index, test=["P3"], classes=["disc"]))[1] == ["disc"]
    with pytest.raises(InputError, match=r"No label of dsic on this scan.*names of its labels, which are disc, bean"):
        surveyed(of(index, test=["P2"], classes=["dsic"]))
    with pytest.raises(InputError, match=r"No scan has a label 'dsic'.* Did you mean disc\? Known are disc, bean"):
        surveyed(of(index, test=["P2"], classes=["disc", "dsic"]))
    # Values by names of the study's own.
    assert surveyed(of(index, test=["P2"], merge=["both=1,2"]))[1] == ["both"]


def test_one_image_of_two_patients(tmp_path) -> None:
    index = write_scans(tmp_path, 2)
    volume, _ = scan(0)
    write_volume(tmp_path / "image1.nrrd", volume.array, volume.geometry)
    with pytest.raises(InputError, match="image0 of patient P0 and image1 of P1 are the same image"):
        surveyed(of(index, test=["P1"]))


def test_names_of_scans_are_their_own(tmp_path) -> None:
    rows = []
    for number in range(2):
        write_scans(tmp_path / str(number), 1)
        rows.append({"image": f"{number}/image0.nrrd", "labels": f"{number}/labels0.seg.nrrd", "patient": str(number)})
    assert [one.name for one in find_scans(of(write_index(tmp_path / "all.csv", rows)))] == ["0/image0", "1/image0"]
