"""Who gets the page: nobody without its token, and nothing of it comes from elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("tornado", reason="tornado, which serves the page, is not installed")
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from SAMAdaptLib.cli.common import Session
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.cli.view import _ending, _there
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.view.board import Answer
from SAMAdaptLib.view.server import FILES, PageServer, _Opened
from SAMAdaptLib.view.session import ViewSession
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.segfile import write_segmentation
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.tiny import scan

VOLUME, _ = scan(spacing=(1, 2, 3))


def session() -> ViewSession:
    """Nothing here asks for a model, so that no worker is started."""
    return ViewSession(VOLUME, Client(Local(sys.executable)), (0.0, 200.0), "out.seg.nrrd")


def serve(
    visit: Callable[[PageServer, ViewSession], Awaitable[None]],
    write=lambda masks: None,
    shown: ViewSession | None = None,
) -> None:
    """Visit a page that is served."""

    async def main() -> None:
        view = shown or session()
        server = PageServer(view, write)
        serving = asyncio.ensure_future(server.run(lambda: False, browser=False))
        try:
            await visit(server, view)
        finally:
            view.ended = True
            await serving

    asyncio.run(asyncio.wait_for(main(), 60))


async def code(url: str, **more) -> int:
    try:
        return (await AsyncHTTPClient().fetch(url, **more)).code
    except HTTPClientError as error:
        return error.code


def test_only_who_knows_the_token_gets_the_page_and_its_socket() -> None:
    async def visit(server: PageServer, view: ViewSession) -> None:
        parts = urlsplit(server.url)
        token = parts.path.strip("/")
        assert parts.hostname == "127.0.0.1" and len(token) >= 43
        root = f"http://{parts.netloc}"
        wrong = ["", "x", token[:-1], token + "x", token.swapcase(), "%C3%A9", "%00"]
        for name in (*FILES, "socket"):
            assert [await code(f"{root}/{one}/{name}") for one in wrong] == [403] * len(wrong)
        assert await code(root) in (403, 404) and await code(f"{root}/{token}/../server.py") in (403, 404)
        assert [await code(server.url + name) for name in FILES] == [200, 200, 200]
        for one in wrong:
            with pytest.raises(HTTPClientError, match="403"):
                await websocket_connect(f"ws://{parts.netloc}/{one}/socket")
        # Another page that the user has open, which the token has reached somehow.
        foreign = HTTPRequest(f"ws://{parts.netloc}/{token}/socket", headers={"Origin": "http://elsewhere.example"})
        with pytest.raises(HTTPClientError, match="403"):
            await websocket_connect(foreign)

    serve(visit)


def test_it_listens_at_loopback_only_and_a_taken_port_is_told() -> None:
    async def visit(server: PageServer, view: ViewSession) -> None:
        assert [one.getsockname()[0] for one in server._sockets] == ["127.0.0.1"]
        with pytest.raises(InputError, match="Cannot listen at this port.*--port 0"):
            PageServer(view, lambda masks: None, urlsplit(server.url).port)
        with pytest.raises(InputError, match="0 to 65535"):
            PageServer(view, lambda masks: None, 65536)

    serve(visit)


def test_the_page_names_no_other_place_and_forbids_to_load_from_one() -> None:
    async def visit(server: PageServer, view: ViewSession) -> None:
        for name in FILES:
            page = await AsyncHTTPClient().fetch(server.url + name)
            text = page.body.decode()
            assert not re.search(r"(https?|wss?):|//[\w-]+\.|@import|url\(|integrity", text.replace('"ws"', "")), name
            rules = page.headers["Content-Security-Policy"].split("; ")
            assert rules[0] == "default-src 'self'" and f"ws://{urlsplit(server.url).netloc}" in rules[1]
            assert all(words in "".join(rules) for words in ("frame-ancestors 'none'", "base-uri 'none'"))
            assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"

    serve(visit)


def test_a_slice_comes_as_its_values_and_what_is_no_request_is_told() -> None:
    async def visit(server: PageServer, view: ViewSession) -> None:
        socket = await websocket_connect(server.url.replace("http", "ws", 1) + "socket")
        about = json.loads(await socket.read_message())
        assert about["axes"]["coronal"] == {"count": 40, "shape": [6, 56], "spacing": [3.0, 1.0]}
        assert about["windows"] == [[0.0, 200.0]] and (about["axis"], about["index"]) == ("axial", 3)
        for axis, index in (("axial", 2), ("sagittal", 7)):
            await socket.write_message(json.dumps({"do": "look", "axis": axis, "index": index}))
            data = await heard(socket, lambda told: isinstance(told, bytes))
            place = ["axial", "coronal", "sagittal"].index(axis)
            assert np.frombuffer(data, np.uint32, 3).tolist() == [place, index, 0]
            shown = view.board.stacks[axis].view(VOLUME.array)[index]
            np.testing.assert_array_equal(np.frombuffer(data, np.float32, offset=12).reshape(shown.shape), shown)
        bad = ("{", '"a"', '{"do": "look"}', '{"do": "fly", "axis": "axial", "index": 0}',
               '{"do": "point", "axis": "axial", "index": 0, "at": [1, 2], "frame": [0, 0, 0, 0]}')  # fmt: skip
        for text in bad:
            view.words = ""
            await socket.write_message(text)
            told = await heard(socket, lambda told: not isinstance(told, bytes) and json.loads(told)["words"])
            assert "Load it anew" in told, text
        for axis, index in (("axial", 6), ("axial", -1), ("oblique", 0)):
            await socket.write_message(json.dumps({"do": "look", "axis": axis, "index": index}))
            assert "no such slice" in await heard(socket, lambda told: "no such slice" in str(told))
        assert not view.board.work.marks

    async def heard(socket, right):
        while True:
            told = await socket.read_message()
            assert told is not None
            if right(told):
                return told

    serve(visit)


def test_the_browser_is_told_of_the_address_where_others_do_not_see_it(tmp_path, monkeypatch) -> None:
    """All users of a computer see what programs are started with."""
    started = []
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr("webbrowser.open", started.append)
    opened = _Opened("http://127.0.0.1:1/TOKEN/")
    (folder,) = tmp_path.iterdir()
    assert "TOKEN" not in started[0] and started[0] == (folder / "open.html").as_uri()
    assert os.name != "posix" or folder.stat().st_mode & 0o077 == 0
    assert "url=http://127.0.0.1:1/TOKEN/" in (folder / "open.html").read_text()
    opened.forget()
    assert not any(tmp_path.iterdir())


def accepted(view: ViewSession) -> None:
    plane = view.first
    mask = np.ones(view.board.stacks["axial"].shape, bool)
    view.board.work = type(view.board.work)(
        view.board.work.segments, 0, (), {plane: Answer((), (PackedMask.of(mask),), (None,))}
    )
    view.board.accept()


def test_saving_writes_what_is_accepted_and_a_failure_leaves_it_unsaved() -> None:
    view, written = session(), {}
    with pytest.raises(InputError, match="Nothing is accepted yet"):
        asyncio.run(view.save(written.update))
    accepted(view)

    def full(masks) -> None:
        raise InputError("The disk is full", "out.seg.nrrd")

    with pytest.raises(InputError, match="full"):
        asyncio.run(view.save(full))
    assert view.board.unsaved and not written
    view.board.add()
    asyncio.run(view.save(written.update))
    assert {name: mask.sum() for name, mask in written.items()} == {"Segment_1": 40 * 56} and not view.board.unsaved
    assert view.words == "Saved out.seg.nrrd"


def test_segments_of_an_earlier_call_are_gone_on_with_and_those_of_another_scan_refused(tmp_path) -> None:
    given = argparse.Namespace(output=str(tmp_path / "out.seg.nrrd"), overwrite=False)
    assert _there(given, VOLUME) == {}
    masks = {"a": VOLUME.array > 100, "b": VOLUME.array > 150}
    write_segmentation(given.output, masks, VOLUME.geometry)
    found = _there(given, VOLUME)
    assert list(found) == ["a", "b"] and all((found[name] == masks[name]).all() and masks[name].any() for name in masks)
    other, _ = scan(spacing=(1, 2, 4))
    with pytest.raises(InputError, match="those of another image.*--overwrite"):
        _there(given, other)
    given.overwrite = True
    assert _there(given, other) == {}


def test_channels_are_shown_one_at_a_time_and_colours_together() -> None:
    other = scan(1, spacing=(1, 2, 3))[0]
    joined = join_channels([VOLUME, other])
    colours = np.random.default_rng(0).integers(0, 255, (1, 20, 30, 3)).astype(np.uint8)
    photo = Volume(colours, Geometry.from_lps((30, 20, 1), (1, 1, 1), (0, 0, 0), np.eye(3).ravel()), colour=True)
    client = Client(Local(sys.executable))
    views = {
        "joined": ViewSession(joined, client, (0.0, 200.0, 5.0, 90.0), "out.nrrd", channels=["t1", "t2"]),
        "photo": ViewSession(photo, client, (0.0, 255.0) * 3, "out.nrrd", channels=["photo"]),
    }

    async def visit(server: PageServer, view: ViewSession) -> None:
        socket = await websocket_connect(server.url.replace("http", "ws") + "socket")
        about = json.loads(await socket.read_message())
        if view is views["photo"]:
            assert about["channels"] == [] and about["colour"] and about["windows"][2] == [0, 255]
        else:
            assert about["channels"] == ["t1", "t2"] and about["windows"] == [[0, 200], [5, 90]] and not about["colour"]
        for channel, volume in enumerate((VOLUME, other)):
            look = {"do": "look", "axis": "axial", "index": 0, "channel": channel}
            await socket.write_message(json.dumps(look))
            while isinstance(data := await socket.read_message(), str):
                pass
            assert np.frombuffer(data, np.uint32, 3).tolist() == [0, 0, channel]
            wanted = colours[0] if view is views["photo"] else volume.array[0]
            np.testing.assert_array_equal(np.frombuffer(data, np.float32, offset=12).reshape(wanted.shape), wanted)
        await socket.write_message(json.dumps(look | {"channel": 3}))
        while "no such channel" not in (await socket.read_message()):
            pass
        socket.close()

    for view in views.values():
        serve(visit, shown=view)


def test_volumes_on_other_grids_need_a_word(tmp_path, capsys) -> None:
    for name, spacing in (("a", (1, 1, 3)), ("b", (1, 1, 4))):
        volume, _ = scan(spacing=spacing)
        write_volume(tmp_path / f"{name}.nrrd", volume.array, volume.geometry)
    files = [str(tmp_path / f"{name}.nrrd") for name in "ab"]
    given = ["view", *files, "--no-browser", "--output", str(tmp_path / "o.nrrd")]
    assert main(given) == 2 and "b lies on another grid than a" in capsys.readouterr().err
    assert main([*given, "--series", "1"]) == 2 and "2 images with 1 --series" in capsys.readouterr().err


def test_neither_the_page_nor_ctrl_c_throws_unsaved_work_away_unasked(capsys) -> None:
    view, call = session(), Session(as_json=False)
    stop = _ending(view, call)
    assert not stop()
    accepted(view)
    call.interrupted = True
    assert not stop() and not stop() and capsys.readouterr().err.count("unsaved work") == 1
    assert view.wrong and "Save it" in view.words
    view.do("end", view.first, {})
    assert not view.ended and "unsaved work" in view.words
    asyncio.run(view.save(lambda masks: None))
    assert stop()
    accepted(view)
    view.do("end", view.first, {"discard": True})
    assert view.ended
