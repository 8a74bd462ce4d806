"""`slicer.i18n` with no translation installed."""

from __future__ import annotations


def translate(context: str, text: str) -> str:
    return text


def getContext(sourceFile: str) -> str:
    return ""


def tr(text: str) -> str:
    return text
