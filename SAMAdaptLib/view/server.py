"""The page's server, on loopback only; whoever does not know its token gets nothing."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from SAMAdaptLib.arrays import Mask
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.view.session import ViewSession

LOOPBACK = "127.0.0.1"
FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
TURN_SECONDS = 0.015
# Of what the page says; a name of a segment is the longest.
MOST_BYTES = 1 << 16

Write = Callable[[dict[str, Mask]], None]


class _Guarded(RequestHandler):
    """Answers only who knows the token, which is the first part of the path."""

    def prepare(self) -> None:
        """Refuse, before anything else is looked at."""
        if not hmac.compare_digest(self.path_args[0].encode(), self.settings["token"].encode()):
            raise HTTPError(403)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The same words whatever was wrong."""
        self.finish("SAMAdapt answers only to the whole address that it has printed.")


class _Page(_Guarded):
    def get(self, token: str, name: str) -> None:
        """One of the page's files."""
        if name not in FILES:
            raise HTTPError(404)
        file = Path(__file__).parent / FILES[name]
        self.set_header("Content-Type", f"{KINDS[file.suffix]}; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        own = f"default-src 'self'; connect-src 'self' ws://{self.request.host}; img-src data:"
        self.set_header("Content-Security-Policy", f"{own}; frame-ancestors 'none'; base-uri 'none'")
        self.finish(file.read_bytes())


class _Socket(_Guarded, WebSocketHandler):
    """A page that is open. Origins other than the page's own are refused by tornado."""

    plane: SlicePlane

    def open(self, *args: str, **kwargs: str) -> None:
        """Tell what never changes."""
        self.session: ViewSession = self.settings["session"]
        self.plane = self.session.first
        self.settings["pages"].add(self)
        self.say(self.session.about())

    def on_close(self) -> None:
        """Forget it."""
        self.settings["pages"].discard(self)

    async def on_message(self, message: str | bytes) -> None:
        """Do what the page asks for; it asks for the next thing once that is done."""
        session = self.session
        try:
            given = json.loads(message)
            plane = session.board.plane(str(given["axis"]), int(given["index"]))
            if given["do"] == "look":
                self.plane = plane
                channel = int(given.get("channel", 0))
                head = np.array([list(session.board.stacks).index(plane.axis), plane.index, channel], np.uint32)
                self.say(head.tobytes() + session.picture(plane.axis, plane.index, channel).tobytes())
                self.say(session.shown(self.plane))
            elif given["do"] == "save":
                await session.save(self.settings["write"])
            else:
                session.do(given["do"], plane, given)
        except SAMAdaptError as error:
            session.fail(error)
        except (KeyError, TypeError, ValueError):
            logging.exception("The page has asked for something unknown")
            session.fail(InputError("The page asks for something unknown", None, "Load it anew"))

    def say(self, what: dict[str, Any] | bytes) -> None:
        """Send it, unless the page has just been closed."""
        try:
            text = what if isinstance(what, bytes) else json.dumps(what)
            self.write_message(text, binary=isinstance(what, bytes))
        except WebSocketClosedError:
            self.on_close()


class PageServer:
    """Shows a session's page until it ends.

    Args:
        session: what is shown.
        write: writes masks, name to bool [K, J, I], in a thread.
        port: 0 takes a free one.

    Attributes:
        url: of the page, with its token.

    Raises:
        InputError: the port is taken or not allowed.
    """

    def __init__(self, session: ViewSession, write: Write, port: int = 0) -> None:
        self._session, self._pages = session, set[_Socket]()
        token = secrets.token_urlsafe(32)
        if not 0 <= port < 65536:
            raise InputError("The port has to lie in 0 to 65535", str(port), "Take --port 0")
        try:
            self._sockets = bind_sockets(port, LOOPBACK)
        except OSError as error:
            raise InputError(f"Cannot listen at this port ({error.strerror})", str(port), "Take --port 0") from error
        self.url = f"http://{LOOPBACK}:{self._sockets[0].getsockname()[1]}/{token}/"
        self._application = Application(
            [(r"/([^/]*)/socket", _Socket), (r"/([^/]*)/(.*)", _Page)],
            session=session,
            write=write,
            pages=self._pages,
            token=token,
            websocket_max_message_size=MOST_BYTES,
            log_function=lambda handler: None,
        )

    async def run(self, stop: Callable[[], bool], browser: bool) -> None:
        """Serve until the session ends or ``stop`` says so, asked many times a second.

        Args:
            stop: see above.
            browser: open the page.
        """
        server = HTTPServer(self._application)
        server.add_sockets(self._sockets)
        opened = _Opened(self.url) if browser else None
        try:
            while not self._session.ended and not stop():
                self._session.turn()
                if self._session.changed:
                    self._session.changed = False
                    for page in [*self._pages]:
                        page.say(self._session.shown(page.plane))
                if opened is not None and self._pages:
                    opened.forget()
                await asyncio.sleep(TURN_SECONDS)
        finally:
            if opened is not None:
                opened.forget()
            for page in [*self._pages]:
                page.close(1000, "ended")
            server.stop()
            await server.close_all_connections()


class _Opened:
    """The page in the browser. Its address is handed on in a file that others cannot read, since all users of a
    computer see what programs are started with."""

    def __init__(self, url: str) -> None:
        # Browsers in a sandbox see neither temporary nor hidden folders.
        self._folder = tempfile.TemporaryDirectory(prefix="samadapt-view-", dir=Path.home(), ignore_cleanup_errors=True)
        file = Path(self._folder.name) / "open.html"
        file.write_text(f'<meta http-equiv="refresh" content="0; url={url}">', encoding="utf-8")
        webbrowser.open(file.as_uri())

    def forget(self) -> None:
        """Take the file away."""
        self._folder.cleanup()
