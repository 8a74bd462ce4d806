"""A report as one HTML file that needs nothing else: no network, no script, pictures inside."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.files import write_text

_STYLE = """
:root { color-scheme: light dark; --text: #1f2933; --back: #ffffff; --soft: #5b6773; --line: #d9dee3; --head: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7eb; --back: #15191e; --soft: #9aa5b1; --line: #323b45; --head: #1e242b; }
}
body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; color: var(--text); background: var(--back);
  max-width: 62rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.4rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
caption, figcaption { color: var(--soft); font-size: .92rem; text-align: left; padding: .3rem 0; }
th, td { padding: .35rem .9rem; border-bottom: 1px solid var(--line); text-align: left; }
th { background: var(--head); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.4rem 0; } img { max-width: 100%; height: auto; border-radius: 4px; display: block; }
"""


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers; numbers are right-aligned, floats shown with 3 decimals, None as a dash."""

    header: Sequence[str]
    rows: Sequence[Sequence[str | float | int | None]]
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """A PNG file and what it shows; where an SVG of it lies beside it, that is what the page has."""

    path: str | os.PathLike[str]
    caption: str


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs, then tables, then figures."""

    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()


def write_report(path: str | os.PathLike[str], title: str, *sections: Section) -> Path:
    """Write a self-contained HTML page atomically; all text is escaped.

    Raises:
        InputError: a figure is missing, or the folder cannot be written to.
    """
    body = "\n".join(_section(section) for section in sections)
    heading = escape(title)
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{heading}</h1>\n{body}\n"
        "</body>\n</html>\n"
    )
    path = Path(path)
    write_text(path, text)
    return path


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"] if section.title else []
    parts += [f"<p>{escape(text)}</p>" for text in section.paragraphs]
    parts += [_table(table) for table in section.tables]
    parts += [_figure(figure) for figure in section.figures]
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _table(table: Table) -> str:
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.header)
    rows = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in table.rows)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: str | float | int | None) -> str:
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    text = "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    return f'<td class="number">{escape(text)}</td>'


def _figure(figure: Figure) -> str:
    drawn = Path(figure.path).with_suffix(".svg")
    path, kind = (drawn, "svg+xml") if drawn.is_file() else (Path(figure.path), "png")
    try:
        data = base64.b64encode(path.read_bytes()).decode("ascii")
    except OSError as error:
        raise InputError("Cannot read a figure of the report", figure.path, "Write the figure first") from error
    caption = escape(figure.caption)
    image = f'<img alt="{caption}" src="data:image/{kind};base64,{data}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"
