"""Downloads from servers on loopback that stall, break off, or send something else: the file or an error that names the
address and a remedy, in time; never another file in its place; and the next download from a good server ends well."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.weights import download as downloads
from SAMAdaptLib.sam.weights.download import download
from Testing.faults.conftest import check_words
from Testing.faults.record import noted
from Testing.faults.trials import ALL

BODY = random.Random(0).randbytes(200_000)
OTHER = random.Random(1).randbytes(200_000)
SHA = hashlib.sha256(BODY).hexdigest()
PAGE = b"<html>Sign in to go on</html>"
ENDLESS = 50_000_000


class Server(ThreadingHTTPServer):
    """With a fault, until ``kind`` is empty."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.kind, self.asked, self.ended = "", 0, threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pth"


class Handler(BaseHTTPRequestHandler):
    """Answers as a good server does, unless it is asked for a fault."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        # Whoever hangs up has heard enough.
        with contextlib.suppress(OSError):
            FAULTS[self.server.kind](self, int((self.headers.get("Range") or "bytes=0-")[6:-1]))

    def say(self, body: bytes, start: int = 0, *, code: int = 0, **headers: object) -> None:
        """An answer with what begins at ``start``; headers that are None are left out."""
        told: dict[str, object] = {"Content-Length": len(body) - start}
        if start:
            told["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(code or (206 if start else 200))
        for name, value in told.items():
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body[start:])

    def log_message(self, *given: object) -> None:
        """Nobody wants to know."""


def stall(self: Handler, body: bytes) -> None:
    """Say something, and then nothing more while the test lasts."""
    self.wfile.write(body)
    self.wfile.flush()
    self.server.ended.wait(30.0)


def trickle(self: Handler, start: int) -> None:
    self.say(b"", Content_Length=len(BODY) - start, Content_Range=f"bytes {start}-{len(BODY) - 1}/{len(BODY)}",
             code=206 if start else 200)  # fmt: skip
    for place in range(start, len(BODY)):
        self.wfile.write(BODY[place : place + 1])
        if self.server.ended.wait(0.01):
            return


def endless(self: Handler, start: int) -> None:
    self.say(BODY, Content_Length=None)
    for _ in range(ENDLESS // len(OTHER)):
        self.wfile.write(OTHER)


def once(act: Callable[[Handler, int], object]) -> Callable[[Handler, int], object]:
    """A fault that is over at the second request."""
    return lambda self, start: act(self, start) if self.server.asked == 1 else self.say(BODY, start)


def cut(self: Handler, start: int) -> None:
    """A third of what was asked for."""
    self.say(b"", Content_Length=len(BODY) - start, code=206 if start else 200,
             Content_Range=f"bytes {start}-{len(BODY) - 1}/{len(BODY)}" if start else None)  # fmt: skip
    self.wfile.write(BODY[start : start + (len(BODY) - start) // 3])


FAULTS: dict[str, Callable[[Handler, int], object]] = {
    "": lambda self, start: self.say(BODY, start),
    "says nothing": lambda self, start: stall(self, b""),
    "stops in its headers": lambda self, start: stall(self, b"HTTP/1.0 200 OK\r\nContent-Le"),
    "stops in the file": lambda self, start: stall(
        self, b"HTTP/1.0 200 OK\r\nContent-Length: 200000\r\n\r\n" + BODY[:70_000]),
    "a byte now and then": trickle,
    "hangs up": lambda self, start: None,
    "breaks off once": once(cut),
    "breaks off each time": cut,
    "breaks off at the first byte": lambda self, start: self.say(b"", Content_Length=len(BODY)),
    "404": lambda self, start: self.send_error(404),
    "500": lambda self, start: self.send_error(500),
    "503 once": once(lambda self, start: self.send_error(503)),
    "416 for all": lambda self, start: self.send_error(416),
    "301 to itself": lambda self, start: self.say(b"", code=301, Location=self.server.url),
    "301 to the file": lambda self, start: (
        self.say(BODY, start) if "moved" in self.path else self.say(b"", code=301, Location="/moved.pth")),
    "301 to a file of this computer": lambda self, start: self.say(b"", code=301, Location="file:///etc/hostname"),
    "no HTTP": lambda self, start: self.wfile.write(b"\0\xff" * 500),
    "another file": lambda self, start: self.say(OTHER, start),
    "a page": lambda self, start: self.say(PAGE),
    "nothing": lambda self, start: self.say(b""),
    "a shorter file": lambda self, start: self.say(BODY[:150_000], start),
    "a longer file": lambda self, start: self.say(BODY + OTHER, start),
    "a longer file of another length": lambda self, start: self.say(BODY + PAGE, Content_Length=len(BODY)),
    "a file without end": endless,
    "no length": lambda self, start: self.say(BODY, start, Content_Length=None),
    "a length that is none": lambda self, start: self.say(BODY, start, Content_Length="many"),
    "a length below 0": lambda self, start: self.say(BODY, start, Content_Length="-5"),
    "knows no ranges": lambda self, start: self.say(BODY),
    "a range that nobody has asked for": lambda self, start: self.say(BODY, start + 10),
    "another range": lambda self, start: self.say(
        BODY, start, code=206, Content_Range=f"bytes {start + 5}-199999/200000"),
    "a range that is none": lambda self, start: self.say(BODY, start, code=206, Content_Range="lines 1-2"),
    "no range": lambda self, start: self.say(BODY, start, code=206, Content_Range=None),
    "a range of another file": lambda self, start: self.say(
        OTHER, start, code=206, Content_Range=f"bytes {start}-199999/300000"),
    "the right range with other bytes": lambda self, start: self.say(OTHER, start),
    "the beginning as the range": lambda self, start: self.say(
        BODY[: len(BODY) - start], code=206, Content_Range=f"bytes {start}-199999/200000"),
}  # fmt: skip
GOOD = ("breaks off once", "301 to the file", "no length", "a length that is none", "a length below 0")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(downloads, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(downloads, "SLOW_S", 0.3)
    monkeypatch.setattr(downloads, "SLOW_BYTES", 1000)
    with Server() as one:
        yield one
        one.ended.set()
        one.shutdown()


def fetched(url: str, path: Path) -> str:
    """The words of the error; empty where the file is there."""
    part = path.with_name("w.pth.part")
    try:
        assert download(url, path, SHA, len(BODY)) == path and path.read_bytes() == BODY
    except InputError as error:
        check_words(str(error), error.remedy, url)
        assert "--checkpoint" in str(error) and not path.exists()
        assert not part.exists() or part.stat().st_size <= len(BODY) + downloads.BLOCK
        return str(error)
    assert not part.exists()
    return ""


@pytest.mark.parametrize("have", [0, 90_000])
def test_the_file_or_an_error_and_never_another_file(server: Server, tmp_path: Path, have: int) -> None:
    wrong: list[str] = []
    for kind in [kind for kind in FAULTS if kind]:
        for number in range(5 if ALL else 1):
            path = tmp_path / re.sub(r"\W", "-", kind) / str(number) / "w.pth"
            path.parent.mkdir(parents=True)
            if have:
                path.with_name("w.pth.part").write_bytes(BODY[:have])
            server.kind, server.asked = kind, 0
            with noted("download, network", kind, wrong):
                words = fetched(server.url, path)
                if kind in GOOD or kind == "knows no ranges":
                    assert not words, words
                server.kind = ""
                # What is left of it is of use, or gone at the second call at the latest.
                assert not words or not fetched(server.url, path) or not fetched(server.url, path)
            server.ended.set()
            server.ended.clear()
    assert not wrong, "\n".join(wrong)


def test_a_part_outlives_what_is_another_file(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "w.pth.part"
    for kind, words in (
        ("a page", f"offers a file of {len(PAGE)} bytes, and the expected one has 200000"),
        ("a longer file", "offers a file of 400000 bytes"),
        ("nothing", "offers a file of 0 bytes"),
        ("a range of another file", "offers a file of 300000 bytes"),
        ("says nothing", "timed out"),
        ("a byte now and then", "hardly anything comes: [0-9]+ bytes in 0 s"),
    ):
        part.write_bytes(BODY[:90_000])
        server.kind, server.asked = kind, 0
        assert re.search(words, fetched(server.url, tmp_path / "w.pth")), kind
        assert server.asked == 1 and part.read_bytes().startswith(BODY[:90_000])
    server.kind = ""
    assert fetched(server.url, tmp_path / "w.pth") == ""
