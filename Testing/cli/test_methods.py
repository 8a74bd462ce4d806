"""What the methods cost, as the command line tells it."""

import json

import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.methods import METHODS

pytestmark = pytest.mark.slow


def test_counts_are_those_of_the_papers_on_vit_b(capsys):
    assert main(["methods", "--model", "sam_vit_b", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == METHODS.keys()
    assert rows["decoder"]["trainable"] == 4_058_340
    assert rows["full"]["trainable"] == 93_735_472
    # Encoder adapters, adapters of the decoder's first block, and the decoder after that block.
    assert rows["msa"]["trainable"] == 7_100_928 + 115_712 + 2_478_820
    assert rows["lora"]["trainable"] == 147_456 + 23_552 + 6_220 + 767_076
    for row in rows.values():
        assert row["adapter_mb"] == pytest.approx(4 * row["trainable"] / 1e6, abs=0.05)
        # Weights of 94 million parameters at least, and "arXiv" names the paper.
        assert row["memory_mb"] > 375 and "arXiv" in row["paper"] and row["settings"]
    # What the training finds out by itself is not for the user to set.
    assert not {"classes", "text_width", "text_hash"} & {name for row in rows.values() for name in row["settings"]}
    assert {"rank", "features"} <= rows["sammix"]["settings"].keys() and "text" in rows["msa"]["settings"]


@pytest.mark.parametrize(("words", "told"), [(["--model", "sam_b"], "sam_vit_b"), (["--input-size", "100"], "256")])
def test_a_model_that_cannot_be_is_an_error(capsys, words, told):
    assert main(["methods", *words]) == 2
    assert told in capsys.readouterr().err
