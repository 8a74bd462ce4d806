"""A headless Chromium that is driven as a user would, by its DevTools protocol: mouse, keys, screenshots."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 240.0
# The machine of a test may have no sandbox and no network.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--remote-debugging-port=0",
)  # fmt: skip
BUTTONS = {"left": 1, "right": 2}
CTRL = 2


def chromium() -> str | None:
    """The program, where there is one."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Browser:
    """One page of it; for ``async with``.

    Args:
        url: of the page.
        size: of the window in CSS pixels.
        dense: device pixels per CSS pixel.

    Attributes:
        asked: the address of everything that the page has loaded or called.
    """

    def __init__(self, url: str, size: tuple[int, int] = (1200, 800), dense: float = 1.0) -> None:
        self._url, self._size, self._dense = url, size, dense
        self._folder = Path(tempfile.mkdtemp(prefix="chromium-"))
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._socket: WebSocketClientConnection
        self.asked: list[str] = []

    async def __aenter__(self) -> Browser:
        program = chromium()
        assert program is not None
        width, height = self._size
        options = [*OPTIONS, f"--user-data-dir={self._folder}", f"--window-size={width},{height}", "about:blank"]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = self._folder / "DevToolsActivePort"
        await until(lambda: told.is_file() and told.read_text().count("\n") > 0)
        port = told.read_text().split("\n")[0]
        listed = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/json/list")
        page = next(one for one in json.loads(listed.body) if one["type"] == "page")
        self._socket = await websocket_connect(page["webSocketDebuggerUrl"], max_message_size=1 << 28)
        self._heard = asyncio.ensure_future(self._hear())
        for domain in ("Page", "Network", "Runtime"):
            await self.call(f"{domain}.enable")
        metrics = {"width": width, "height": height, "deviceScaleFactor": self._dense, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **metrics)
        await self.call("Page.navigate", url=self._url)
        await self.wait("location.href !== 'about:blank' && document.readyState === 'complete'")
        return self

    async def __aexit__(self, *error: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _hear(self) -> None:
        while (message := await self._socket.read_message()) is not None:
            told = json.loads(message)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Network.requestWillBeSent":
                self.asked.append(told["params"]["request"]["url"])
            elif told["method"] == "Network.webSocketCreated":
                self.asked.append(told["params"]["url"])

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        """A command of the protocol and its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.write_message(json.dumps({"id": self._number, "method": method, "params": given}))
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in told, told
        return told["result"]

    async def value(self, script: str) -> Any:
        """What an expression is on the page."""
        found = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def wait(self, script: str) -> None:
        """Wait until an expression is true on the page."""
        async def true() -> bool:
            return bool(await self.value(script))

        end = asyncio.get_running_loop().time() + PATIENCE
        while not await true():
            assert asyncio.get_running_loop().time() < end, f"it has not come to {script}: {await self.text()}"
            await asyncio.sleep(0.02)

    async def text(self) -> str:
        """All that can be read."""
        return str(await self.value("document.body.innerText"))

    async def mouse(self, kind: str, x: float, y: float, button: str = "none", **more: Any) -> None:
        """A single event of the mouse."""
        held = BUTTONS.get(button, 0) if kind != "mouseReleased" else 0
        await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=held, **more)

    async def click(self, x: float, y: float, held: int = 0) -> None:
        """Press and release, with a modifier key held."""
        await self.mouse("mouseMoved", x, y, modifiers=held)
        for kind in ("mousePressed", "mouseReleased"):
            await self.mouse(kind, x, y, "left", clickCount=1, modifiers=held)

    async def drag(self, one: tuple[float, float], other: tuple[float, float], button: str = "left") -> None:
        """Press at one place, release at the other."""
        await self.mouse("mousePressed", *one, button, clickCount=1)
        for share in (0.3, 0.7, 1.0):
            x, y = (a + share * (b - a) for a, b in zip(one, other, strict=True))
            await self.mouse("mouseMoved", x, y, button)
        await self.mouse("mouseReleased", *other, button, clickCount=1)

    async def press(self, name: str) -> None:
        """Click on the element with this id, once it may be clicked."""
        await self.wait(f"!document.getElementById('{name}').disabled")
        box = f"document.getElementById('{name}').getBoundingClientRect()"
        x, y = await self.value(f"(r => [r.left + r.width / 2, r.top + r.height / 2])({box})")
        await self.click(x, y)

    async def screenshot(self, path: Path) -> None:
        """As PNG."""
        found = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(found["data"]))


async def until(true: Any) -> None:
    """Wait until ``true()``."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not true():
        assert asyncio.get_running_loop().time() < end, "it has not come to that"
        await asyncio.sleep(0.02)
