"""Names that every system takes; the rules are those of Microsoft's "Naming Files, Paths, and Namespaces"."""

from __future__ import annotations

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.names import check_name, file_key, safe_name

MADE = {
    "liver": "liver",
    "Größe 1.2 (links)": "Größe 1.2 (links)",
    "肝臓": "肝臓",
    "white matter/left": "white matter_left",
    'a:b*c?d"e<f>g|h\\i': "a_b_c_d_e_f_g_h_i",
    "con": "_con",
    "AUX.nii.gz": "_AUX.nii.gz",
    "com\u00b2": "_com\u00b2",
    "CONOUT$": "_CONOUT$",
    "console": "console",
    "com10": "com10",
    " liver. ": "liver",
    "..": "_",
    "": "_",
    "tab\there\u200b": "tab_here_",
    "o\u0308": "\u00f6",
}


@pytest.mark.parametrize("text", MADE)
def test_a_name_of_any_text(text):
    assert safe_name(text) == MADE[text] == check_name(MADE[text])


def test_long_texts_are_cut_and_still_told_apart():
    first = safe_name("x" * 300)
    second = safe_name("x" * 301, [first])
    assert len(first) <= len(second) <= 80 and first != second


def test_names_of_one_file_get_a_number():
    taken = []
    for text in ("Liver", "liver", "LIVER", "a/b", "a:b", "\u00f6", "o\u0308"):
        taken.append(safe_name(text, taken))
    assert taken == ["Liver", "liver 2", "LIVER 3", "a_b", "a_b 2", "\u00f6", "\u00f6 2"]
    assert len({file_key(name) for name in taken}) == len(taken)


@pytest.mark.parametrize("name", [text for text, made in MADE.items() if made != text and "\u0308" not in text])
def test_what_had_to_be_changed_is_refused_as_a_name(name):
    with pytest.raises(InputError, match="cannot be a file's"):
        check_name(name)
