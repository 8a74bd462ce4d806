"""A rule of suggestion is a function and a line: the library, the command line and its help know it."""

import numpy as np
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.exemplars import STRATEGIES, StrategyEntry
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.select import suggest
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import write_volume
from Testing.tiny import scan


def last_ones(among):
    """The last labelled slices, descending."""
    return among.slices[::-1][: among.count].tolist()


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(STRATEGIES, "dummy", StrategyEntry(__name__, "last_ones", "the last ones"))


def test_the_library_asks_it():
    volume, labels = scan(slices=8)
    shown = np.flatnonzero(labels.array.any(axis=(1, 2)))
    assert suggest(volume, labels, "axial", 3, "dummy") == shown[::-1][:3].tolist()


def test_the_command_line_takes_it_and_names_it_in_its_help(tmp_path, capsys):
    volume, labels = scan(slices=8)
    write_volume(tmp_path / "scan.nrrd", volume.array, volume.geometry)
    write_segmentation(tmp_path / "labels.seg.nrrd", {n: labels.mask(n) for n in labels.names}, labels.geometry)
    call = ["exemplars", "add", "--image", tmp_path / "scan.nrrd", "--labels", tmp_path / "labels.seg.nrrd"]
    for name, which in (("rule", ["--suggest", 2, "--strategy", "dummy"]), ("named", ["--slices", "5,6"])):
        assert main([str(word) for word in (*call, "--library", tmp_path / name, "--backgrounds", 0, *which)]) == 0
    chosen, wanted = ({info.id for info in Library.open(tmp_path / name).infos()} for name in ("rule", "named"))
    assert len(chosen) == 2 and chosen == wanted
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["exemplars", "add", "--help"])
    assert "dummy: the last ones" in " ".join(capsys.readouterr().out.split())
