"""What the adapters of a release are trained on: scans that are there, by licences that permit it."""

from __future__ import annotations

import json

import numpy as np

from Testing.tools import release_adapters
from Testing.tools.release_adapters import RELEASES, main, read


def test_each_patient_shows_its_classes_in_hounsfield_units(shared_data, monkeypatch) -> None:
    monkeypatch.setattr(release_adapters, "SHARED", shared_data)
    cases = {(one["dataset"], one["case"]): one for one in json.loads((shared_data / "index.json").read_text("utf-8"))}
    licences = (shared_data / "README.md").read_text(encoding="utf-8")
    for name, release in RELEASES.items():
        section = licences.partition(f"\n## {release.dataset}\n")[2].partition("\n## ")[0]
        (told,) = [line for line in section.splitlines() if line.startswith("- licence:")]
        assert release.licence.partition(". Trained")[0] in told
        assert not {"NC", "ND", "SA"} & {*told.replace("-", " ").split()}
        for case in release.cases[:2]:
            volume, labels = read(release, cases[release.dataset, case])
            assert [*labels.names] == [*release.classes]
            for one in labels.names:
                mask, values = labels.mask(one), cases[release.dataset, case]["labels_present"]
                numbers = [int(value) for value, told in values.items() if told in release.classes[one]]
                whole = release_adapters.sa.read_labels(shared_data / cases[release.dataset, case]["label"]).array
                assert mask.sum() == np.isin(whole, numbers).sum() > 0
            if "CT" in name:
                inside = volume.array[labels.mask(next(iter(release.classes)))]
                # Soft tissue.
                assert -50 < np.median(inside) < 200, (name, case)


def test_bad_input_leaves_nothing(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(release_adapters, "SHARED", tmp_path / "none")
    for words, said in ((["x"], "No such adapter of a release: x"), ([], "The folder of scans is not there")):
        assert main([str(tmp_path / "out"), *words]) == 2
        assert said in capsys.readouterr().err and [*tmp_path.iterdir()] == []
