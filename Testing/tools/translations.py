"""Bring the files of SAMAdapt/Resources/Translations up to date with the strings in the sources.

    python -m Testing.tools.translations

Every text that Slicer's ``tr`` or a form shows stands in each file once, under the context by which Slicer looks it up.
What a file has translated is kept, what no source holds any more is dropped, what has no translation is marked
unfinished. Slicer reads the ``.qm`` files, which Qt's lrelease makes of them.
"""

from __future__ import annotations

import ast
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "SAMAdapt"
FOLDER = SOURCES / "Resources" / "Translations"
LANGUAGES = {"de": "de_DE", "fr": "fr_FR", "es": "es_ES", "zh-CN": "zh_CN", "ja": "ja_JP"}
Texts = dict[str, set[str]]


def context_of(path: Path) -> str:
    """Where Slicer looks texts of a Python file up, as ``slicer.i18n.getContext`` says it."""
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem


def texts() -> Texts:
    """All texts of the sources by context."""
    found: Texts = {}
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                found.setdefault(context_of(path), set()).add(ast.literal_eval(node.args[0]))
    for path in sorted(SOURCES.rglob("*.ui")):
        form = ET.parse(path).getroot()
        shown = [one.text or "" for one in form.iter("string") if one.get("notr") != "true"]
        found.setdefault(form.findtext("class") or "", set()).update(text for text in shown if text.strip())
    return found


def file_of(language: str) -> Path:
    """The file of a language, by Slicer's name for it."""
    return FOLDER / f"SAMAdapt_{language}.ts"


def translated(path: Path) -> dict[str, str]:
    """The translations in a file by their text; one that is told in one context holds in all."""
    if not path.is_file():
        return {}
    messages = ET.parse(path).getroot().iter("message")
    pairs = {message.findtext("source") or "": message.findtext("translation") or "" for message in messages}
    return {source: text for source, text in pairs.items() if text}


def write(language: str, known: dict[str, str], found: Texts) -> None:
    """Write a language's file, sorted, so that changes are small."""
    root = ET.Element("TS", version="2.1", language=LANGUAGES[language], sourcelanguage="en")
    for context in sorted(found):
        part = ET.SubElement(root, "context")
        ET.SubElement(part, "name").text = context
        for source in sorted(found[context]):
            message = ET.SubElement(part, "message")
            ET.SubElement(message, "source").text = source
            translation = ET.SubElement(message, "translation")
            if source in known:
                translation.text = known[source]
            else:
                translation.set("type", "unfinished")
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n'
    file_of(language).write_text(text, "utf-8", newline="\n")


def release(language: str) -> None:
    """Have Qt make the file that the application reads."""
    import PySide6

    program = Path(PySide6.__file__).parent / "lrelease"
    path = file_of(language)
    subprocess.run([program, "-silent", path, "-qm", path.with_suffix(".qm")], check=True)


def main() -> None:
    """Rewrite all files."""
    found = texts()
    for language in LANGUAGES:
        known = translated(file_of(language))
        write(language, known, found)
        release(language)
        every = {source for sources in found.values() for source in sources}
        print(f"{file_of(language).name}: {len(every & {*known})} of {len(every)} texts")


if __name__ == "__main__":
    main()
