"""Adapters that need no network to be made, and a web server on loopback that offers a folder of them."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.files import sha256_file


def put(shelf: Shelf, name: str, classes: tuple[str, ...] = ("liver",), size: int = 10_000, **changes: Any) -> Path:
    """An adapter on a shelf, whose weights are bytes that are like no other's."""
    folder = shelf.folder.parent / f"made-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter.safetensors").write_bytes((name.encode() * size)[:size])
    info = {
        "method": "lora", "config": {"rank": 4}, "base": "lite_medsam", "base_hash": "0" * 64, "input_size": 256,
        "intensity": "minmax", "axis": "axial", "classes": list(classes), "steps": 250, "mask_prompts": False,
        "validation": {"dice": 0.8125, "step": 200}, "software": "0.1.0", "created": "2025-01-01T00:00:00+00:00",
        "weights_sha256": sha256_file(folder / "adapter.safetensors"), "format_version": 1,
    }  # fmt: skip
    (folder / "adapter.json").write_text(json.dumps(info | changes))
    return shelf.add(folder, name)


class Site(ThreadingHTTPServer):
    """Offers the files of a folder below ``/adapters/``, knows ranges, and notes what it is asked for.

    Attributes:
        asked: paths, and where a range begins that is not the whole.
        cut: bytes after which the next answers break off, one after the other; None for none.
        instead: by path, what answers in place of the folder.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.asked = folder, list[tuple[str, int]]()
        self.cut, self.instead = list[int](), dict[str, Callable[[_Handler], None]]()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/adapters"

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        super().__exit__(*error)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.server.asked.append((self.path, start))
        if self.path in self.server.instead:
            with contextlib.suppress(OSError):
                self.server.instead[self.path](self)
            return
        file = self.server.folder / urllib.parse.unquote(self.path.removeprefix("/adapters/"))
        if not self.path.startswith("/adapters/") or not file.is_file():
            self.send_error(404)
            return
        self.answer(file.read_bytes(), start)

    def answer(self, body: bytes, start: int = 0) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        parcel = not self.path.endswith(".json")
        self.wfile.write(body[start:][: self.server.cut.pop(0) if parcel and self.server.cut else None])

    def sent_to(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *given: object) -> None:
        """Nobody wants to know."""
