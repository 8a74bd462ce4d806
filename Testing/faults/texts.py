"""Tries readers of texts with damaged ones."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from SAMAdaptLib.adapters.comparison import KINDS, compare
from SAMAdaptLib.files import json_text
from Testing.faults.mutations import JUNK, as_json, damaged, tries, twisted

WORDS = [junk if isinstance(junk, str) else str(junk) for junk in JUNK]
WORDS = [word.encode("utf-8", "surrogatepass") for word in WORDS] + ["²".encode(), "१".encode(), b"9" * 5000, b"-1"]


def fuzz(tally, kind, tree, write, act, named, examples=25):
    """Try twisted trees and damaged texts; each is written as bytes and read."""
    counts = tally(kind)

    def read(data):
        write(data)
        counts.tried(data, act, named)

    @tries(examples)
    @given(twisted(tree))
    def of_values(bad):
        read(as_json(bad))

    @tries(max(examples // 3, 5))
    @given(damaged(json_text(tree).encode()))
    def of_bytes(data):
        read(data)

    write(as_json(tree))
    act()
    of_values()
    of_bytes()
    write(as_json(tree))


def of_lines(tally, kind, whole, path, act, examples=25, named=True):
    """Damaged bytes, and words in place of others."""
    counts = tally(kind)
    cuts = [*re.finditer(rb"[^\s,;=\"\t|:]+", whole)]

    def read(data):
        path.write_bytes(data)
        counts.tried(path.name.encode() + data, act, path if named else None)

    @tries(examples)
    @given(damaged(whole))
    def of_bytes(data):
        read(data)

    @tries(examples)
    @given(st.sampled_from(cuts), st.sampled_from(WORDS))
    def of_words(cut, word):
        read(whole[: cut.start()] + word + whole[cut.end() :])

    path.write_bytes(whole)
    act()
    of_bytes()
    of_words()
    path.write_bytes(whole)


def comparison():
    dice = [dict.fromkeys(KINDS, 0.8)] * 2
    return compare(dice, dice, ["liver", "liver"], "patients", dice, [0.4, 0.5])
