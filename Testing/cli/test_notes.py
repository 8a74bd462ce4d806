"""What the library tells beside its answer reaches the user of the command, once."""

from __future__ import annotations

import json
import warnings

import pytest

from SAMAdaptLib.cli import models
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Note, note


@pytest.fixture
def telling(monkeypatch):
    def run(args, session):
        for _ in range(2):
            note("The header names two spacings, 1 and 2 mm; 1 was taken", "scan.nii", "Mend the header")
        warnings.warn("of another library", UserWarning, stacklevel=1)
        return {"answer": 1}

    monkeypatch.setattr(models, "run", run)


LINE = "The header names two spacings, 1 and 2 mm; 1 was taken: scan.nii. Mend the header."


def test_a_note_is_one_line_on_stderr_and_stands_in_the_json(telling, capsys) -> None:
    with pytest.warns(UserWarning, match="of another library"):
        assert main(["models", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"answer": 1, "notes": [LINE]}
    assert err.splitlines() == [f"samadapt: note: {LINE}"]


def test_in_python_a_note_is_a_warning_at_the_caller_s_caller() -> None:
    def reader():
        note("Something")

    with pytest.warns(Note, match="^Something$") as caught:
        reader()
    assert caught[0].filename == __file__
