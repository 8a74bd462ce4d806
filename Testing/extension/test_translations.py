"""The files of translations hold what the sources say, and Slicer would show what they hold."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from Testing.tools.translations import FOLDER, LANGUAGES, file_of, texts

# Of Python's str.format, of Qt, and marks of HTML.
PLACEHOLDERS = re.compile(r"(?<!\{)\{[^{}]+\}(?!\})|%[0-9n]|</?[a-z]+[^>]*>")
LEAST = 650
# Stay as they are: a name of Slicer's own, and examples of words, which models of texts read in English.
KEPT = {"Percentiles (0.5/99.5)", "liver, left kidney"}


def messages(language):
    """(context, text, translation, whether it is finished) of each message of a file."""
    for context in ET.parse(file_of(language)).getroot().findall("context"):
        for message in context.findall("message"):
            translation = message.find("translation")
            yield (
                context.findtext("name"),
                message.findtext("source"),
                translation.text or "",
                translation.get("type") != "unfinished",
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_a_file_is_one_of_the_sources(language):
    listed = [(context, text) for context, text, *_ in messages(language)]
    known = {(context, text) for context, found in texts().items() for text in found}
    assert len(listed) == len(set(listed)) > 400
    assert not set(listed) - known, "run make translations"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_of_a_translation_are_those_of_its_text(language):
    for context, text, translation, finished in messages(language):
        assert bool(translation.strip()) == finished, (context, text)
        if finished:
            assert sorted(PLACEHOLDERS.findall(text)) == sorted(PLACEHOLDERS.findall(translation)), translation
            # Spaces at the ends part a number from its unit.
            assert text[:1].isspace() == translation[:1].isspace(), translation


@pytest.mark.parametrize("language", LANGUAGES)
def test_enough_is_translated_and_nothing_left_in_english(language):
    done = {text: translation for _context, text, translation, finished in messages(language) if finished}
    assert len(done) >= LEAST
    same = {text for text, translation in done.items() if text == translation and len(text.split()) > 2} - KEPT
    assert not [text for text in same if re.search("[a-z]{4}", PLACEHOLDERS.sub("", text))]


@pytest.mark.parametrize("language, locale", LANGUAGES.items())
def test_the_application_finds_and_reads_what_is_shipped(language, locale):
    """By the names for which qSlicerCoreApplication looks: with the whole locale, then with its language."""
    from PySide6.QtCore import QTranslator

    names = [f"*{locale}.qm", f"*{locale.replace('_', '-')}.qm", f"*{locale.split('_')[0]}.qm"]
    (compiled,) = next(found for name in names if (found := [*FOLDER.glob(name)]))
    translator = QTranslator()
    assert translator.load(str(compiled))
    asked = 0
    for context, text, translation, finished in messages(language):
        if finished:
            asked += 1
            assert translator.translate(context, text) == translation, "run make translations"
    assert asked >= LEAST


def test_the_module_has_them_loaded_before_its_texts_are_asked_for(application):
    import slicer

    slicer.app.translationsLoaded.clear()
    application.loadModule(FOLDER.parents[1] / "SAMAdapt.py")
    assert slicer.app.translationsLoaded == [str(FOLDER)]


def test_contexts_are_those_that_slicer_computes():
    """``slicer.i18n.getContext``: folder and file within a package, else the file; a form's is its class."""
    found = texts()
    assert "a point on the object" in found["view.Shortcuts"]
    assert "Preview before writing" in found["SegmentEditorSAMAdapt"]
    assert "SAM Adapt" in found["SAMAdapt"] and "No such segment" in found["scene.SegmentPrompts"]
