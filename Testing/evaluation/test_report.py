"""Reports are one HTML file: well-formed, escaped, nothing fetched; curves show what was measured."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.image import imread

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.evaluation.plots import loss_curve
from SAMAdaptLib.evaluation.report import Figure, Section, Table, write_report

EVIL = "<script>alert(\"x\")</script> & 'more'"
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that elements nest."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.links, self.texts, self.cells = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action")]
        assert not any(name.startswith("on") for name, _ in attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


@pytest.fixture
def page(tmp_path):
    curve = loss_curve(tmp_path / "loss.png", [{"step": s, "loss": 2 / s, "dice": s / 20} for s in range(1, 20)])
    path = write_report(
        tmp_path / "report.html",
        EVIL,
        Section(EVIL, [EVIL, "Ü, µ and ≥"], [Table(["Label", EVIL], [[EVIL, 0.12345], ["b", 7], ["c", None]], EVIL)]),
        Section("Second", figures=[Figure(curve, EVIL)]),
    )
    return path.read_text(encoding="utf-8"), curve


def test_it_holds_its_text_escaped_and_in_order(page):
    parsed = Page(page[0])
    assert "script" not in parsed.tags
    assert sum(text == EVIL for text in parsed.texts) == 8
    assert parsed.cells == ["Label", EVIL, EVIL, "0.123", "b", "7", "c", "–"]
    assert parsed.tags.count("h1") == 1 and parsed.tags.count("h2") == 2 and parsed.tags.count("table") == 1


def test_it_fetches_nothing_and_carries_the_picture_itself(page):
    text, curve = page
    (source,) = Page(text).links
    kind, _, data = source.partition(",")
    assert kind == "data:image/png;base64" and base64.b64decode(data, validate=True) == curve.read_bytes()
    style = text[text.index("<style>") : text.index("</style>")]
    assert "http" not in text and "@import" not in style and "url(" not in style
    assert "prefers-color-scheme: dark" in style and len(text) < 5e6


def test_a_missing_figure_is_named_and_the_old_report_stays(tmp_path):
    path = write_report(tmp_path / "report.html", "Old")
    with pytest.raises(InputError, match="absent.png"):
        write_report(path, "New", Section("", figures=[Figure(tmp_path / "absent.png", "none")]))
    assert "Old" in path.read_text()


def test_the_curve_falls_where_the_loss_falls(tmp_path):
    metrics = [{"step": s, "loss": 1.0 if s < 50 else 0.2, "dice": 0.5} for s in range(100)]
    metrics.append({"step": 99, "validation": {"dice": 0.9, "point": 0.9}})
    picture = imread(loss_curve(tmp_path / "a" / "loss.png", metrics))[..., :3]
    rows, columns = np.nonzero(np.abs(picture - np.array([0xC2, 0x41, 0x0C]) / 255).max(axis=-1) < 0.02)
    middle = (columns.min() + columns.max()) / 2
    early, late = rows[columns < middle - 40].mean(), rows[columns > middle + 40].mean()
    height = picture.shape[0]
    assert late - early > 0.4 * height
    # The held-out slices are the only near-black marks as large as this, upper right.
    dark = (picture.max(axis=-1) < 0.2) & (picture[..., 2] > picture[..., 0])
    assert dark[: height // 2, int(0.9 * picture.shape[1]) :].sum() > 20


def test_an_empty_run_still_gives_a_picture(tmp_path):
    assert imread(loss_curve(tmp_path / "loss.png", [])).shape[0] > 100
