"""The page as a user has it: ``samadapt view`` in a process, Chromium, mouse and keys, LiteMedSAM."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("tornado", reason="tornado, which serves the page, is not installed")

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.view.browser import CTRL, Browser, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
ROOT = Path(__file__).resolve().parents[2]
SIZE, SPACING = (60, 40, 9), (1.0, 2.0, 4.0)


@pytest.fixture(scope="module")
def image(tmp_path_factory, lite_medsam_file) -> Path:
    """A bright ellipsoid and a smaller one, in pixels twice as high as wide."""
    folder = tmp_path_factory.mktemp("view")
    k, j, i = np.mgrid[:9, :40, :60]
    array = np.random.default_rng(0).normal(40, 8, SIZE[::-1])
    array[((i - 22) / 12) ** 2 + ((j - 18) / 7) ** 2 + ((k - 4) / 4) ** 2 < 1] += 140
    array[((i - 48) / 6) ** 2 + ((j - 28) / 4) ** 2 + ((k - 4) / 3) ** 2 < 1] += 90
    path = folder / "scan.nrrd"
    write_volume(path, array.astype(np.int16), Geometry.from_lps(SIZE, SPACING, (-30, -40, 0), np.eye(3).ravel()))
    return path


@pytest.fixture
def page(image, tmp_path, request):
    """The command under way: its process, the page's address and the file that it saves; a parameter is a function
    of the scan that gives more to be seen with it."""
    output = tmp_path / "page.seg.nrrd"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    images = [image, *(request.param(image) if hasattr(request, "param") else [])]
    command = [sys.executable, "-m", "SAMAdaptLib.cli", "view", *map(str, images)]
    command += ["--output", str(output), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    yield process, re.search(r"http\S+", process.stdout.readline())[0], output
    process.kill()
    process.communicate()


def inverse(image: Path) -> list[Path]:
    """The scan with dark and bright exchanged."""
    volume, path = read_volume(image), image.parent / "inverse.nrrd"
    write_volume(path, 300 - volume.array, volume.geometry)
    return [path]


def segmented(image: Path, *given: str) -> dict[str, np.ndarray]:
    """What `samadapt segment` makes of the same marks."""
    output = image.parent / "segment.seg.nrrd"
    assert main(["segment", "--image", str(image), "--output", str(output), *given]) == 0
    labels = read_labels(output)
    return {name: labels.mask(name) for name in labels.names}


def in_mm(image: Path, index: int, *pixels: tuple[float, float]) -> str:
    stack = PlaneStack(Geometry.from_lps(SIZE, SPACING, (-30, -40, 0), np.eye(3).ravel()), "axial")
    return ",".join(repr(float(v)) for v in stack.pixel_to_ras([(*one, index) for one in pixels]).ravel())


class Hand:
    """The mouse over the slice, in pixels of the slice."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def at(self, x: float, y: float) -> tuple[float, float]:
        left, top, width, height = await self.browser.value("frame()")
        return left + (x + 0.5) * width / SIZE[0], top + (y + 0.5) * height / SIZE[1]

    async def click(self, x: float, y: float, held: int = 0) -> None:
        """Until there is another mark, and an answer to it."""
        before = await self.browser.value("shown.marks.length")
        await self.browser.click(*await self.at(x, y), held=held)
        await self.browser.wait(f"shown.marks.length > {before} && !shown.busy && shown.iou !== null")

    async def box(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        """On a slice without a mark, until it is answered."""
        await self.browser.drag(await self.at(*one), await self.at(*other))
        await self.browser.wait("shown.marks.length === 1 && !shown.busy && shown.iou !== null")

    async def colour(self, x: float, y: float) -> list[int]:
        """Red, green and blue of what is drawn there."""
        a, b = (x + 0.5) / SIZE[0], (y + 0.5) / SIZE[1]
        script = f"[...pen.getImageData({a} * canvas.width, {b} * canvas.height, 1, 1).data].slice(0, 3)"
        return await self.browser.value(script)


def run(visit, url: str) -> None:
    async def go() -> None:
        async with Browser(url) as browser:
            await browser.wait("shown && shown.model && canvas.dataset.drawn")
            await visit(browser, Hand(browser))

    asyncio.run(asyncio.wait_for(go(), 300))


@pytest.mark.parametrize("page", [inverse], indirect=True)
def test_two_volumes_are_shown_in_turn_and_seen_together(page, image) -> None:
    """A key shows the other one; what is found is what `samadapt segment` finds with both, and not with one."""
    _, url, output = page

    async def visit(browser: Browser, hand: Hand) -> None:
        names = await browser.value("[...$('channels').children].map(button => button.textContent)")
        assert names == ["scan", "inverse"]
        bright = await hand.colour(22, 18)
        await browser.value("window.onkeydown({ key: '2', target: document.body, preventDefault() {} })")
        await browser.wait("view.channel === 1 && $('channels').children[1].classList.contains('on')")
        dark = await hand.colour(22, 18)
        assert bright[0] > 150 > 100 > dark[0]
        await hand.box((36, 26), (8, 9))
        await browser.press("accept")
        await browser.wait("shown.segments[0].ml > 0")
        await browser.press("save")
        await browser.wait("!shown.unsaved")

    run(visit, url)
    (found,) = (read_labels(output).mask(name) for name in read_labels(output).names)
    box = "--box=" + in_mm(image, 4, (8, 9), (36, 26))
    images = [str(image), str(image.parent / "inverse.nrrd")]
    both, alone = (segmented(image, "--image", *images[:count], "--segment", "a", box)["a"] for count in (2, 1))
    assert (found == both).all() and (found != alone).any()


def test_clicks_box_propagation_and_saving_give_what_samadapt_segment_gives(page, image) -> None:
    process, url, output = page
    boxes = {}

    async def visit(browser: Browser, hand: Hand) -> None:
        left, top, width, height = await browser.value("frame()")
        assert width / height == pytest.approx(SIZE[0] * SPACING[0] / (SIZE[1] * SPACING[1]), rel=1e-3)
        # The window by the right button: the picture changes, and nothing else.
        before = await hand.colour(5, 5)
        await browser.drag(await hand.at(30, 20), await hand.at(45, 20), "right")
        assert await hand.colour(5, 5) != before and not await browser.value("shown.undo")
        # A click, one that says what is not the object, and the way back.
        await hand.click(22.25, 17.75)
        (mark,) = await browser.value("shown.marks")
        np.testing.assert_allclose(mark["at"], [[22.25, 17.75]], atol=0.06)
        red, _, blue = await hand.colour(24, 19)
        assert blue > red + 20
        await hand.click(40, 30, CTRL)
        assert [one["label"] for one in await browser.value("shown.marks")] == [1, 0]
        # Another candidate of the model's is another mask.
        first = await browser.value("shown.layers[0]")
        await browser.press("other")
        await browser.wait("shown.words || !shown.busy && shown.layers[0].bits !== " + json.dumps(first["bits"]))
        other = await browser.value("shown.layers[0]")
        assert (other["box"], other["bits"]) != (first["box"], first["bits"])
        for _ in range(3):
            await browser.press("undo")
        await browser.wait("shown.marks.length === 0 && shown.iou === null")
        red, _, blue = await hand.colour(24, 19)
        assert red == blue
        # A box on the middle slice, carried through the volume; the smaller one on the slice below the wheel.
        await hand.box((36, 26), (8, 9))
        (mark,) = await browser.value("shown.marks")
        boxes["large"] = mark["at"]
        assert mark["at"] == [[8, 9], [36, 26]]
        await browser.press("propagate")
        await browser.wait("!shown.carrying && shown.answered.length > 3")
        await browser.press("accept")
        await browser.wait("shown.segments[0].ml > 0")
        await browser.press("add")
        await browser.wait("shown.segments.length === 2")
        await browser.mouse("mouseWheel", *await hand.at(30, 20), deltaX=0, deltaY=120)
        await browser.wait("view.index === 3 && shown.index === 3")
        await hand.box((41, 23), (55, 33))
        await browser.press("end")
        await browser.wait("document.getElementById('ask').open")
        await browser.press("back")
        await browser.press("accept")
        await browser.wait("shown.segments[1].ml > 0")
        await browser.press("save")
        await browser.wait("shown.words.startsWith('Saved')")
        assert {urlsplit(one).netloc for one in browser.asked} == {urlsplit(url).netloc}
        await browser.press("end")
        await browser.wait("document.getElementById('over').open")

    run(visit, url)
    assert process.wait(60) == 0
    assert boxes["large"] == [[8, 9], [36, 26]]
    labels = read_labels(output)
    large = segmented(image, "--segment", "a", f"--box={in_mm(image, 4, (8, 9), (36, 26))}", "--propagate")["a"]
    small = segmented(image, "--segment", "a", f"--box={in_mm(image, 3, (41, 23), (55, 33))}")["a"]
    assert large.any(axis=(1, 2)).sum() > 3 and small.any(axis=(1, 2)).sum() == 1
    np.testing.assert_array_equal(labels.mask("Segment_1"), large)
    np.testing.assert_array_equal(labels.mask("Segment_2"), small)


def worker_of(process: subprocess.Popen) -> int:
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


@pytest.mark.skipif(sys.platform != "linux", reason="children are found by /proc")
def test_a_worker_that_dies_is_told_and_the_next_click_is_answered(page, image) -> None:
    process, url, output = page

    async def visit(browser: Browser, hand: Hand) -> None:
        await hand.click(22, 18)
        os.kill(worker_of(process), signal.SIGKILL)
        await browser.wait("shown.wrong")
        assert "ended" in await browser.value("shown.words") and (await browser.value("shown.marks")) != []
        await hand.click(48, 28)
        assert not await browser.value("shown.wrong") and await browser.value("shown.marks.length") == 2
        await browser.press("clear")
        # The second page shows the same work.
        async with Browser(url) as other:
            await other.wait("shown && canvas.dataset.drawn && shown.segments.length === 1")
        process.send_signal(signal.SIGINT)
        await browser.wait("document.getElementById('over').open")

    run(visit, url)
    assert process.wait(60) == 0 and not output.exists()
