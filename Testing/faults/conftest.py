"""Counts what is tried, and says what may come of it: an answer, or an error that a user understands."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from SAMAdaptLib.errors import InputError
from Testing.faults.child import Child
from Testing.faults.record import record
from Testing.faults.trials import Whole, done_whole


class Tally:
    """Distinct bad inputs of a kind, and how many of them ended otherwise than promised."""

    def __init__(self, kind: str) -> None:
        self.kind, self.seen, self.lost = kind, set[bytes](), set[bytes]()

    def given(self, content: bytes) -> bytes:
        """Note that something is tried; it counts as lost until :meth:`survived`."""
        key = hashlib.sha256(content).digest()
        if key not in self.seen:
            self.seen.add(key)
            self.lost.add(key)
        return key

    def survived(self, key: bytes) -> None:
        """It ended as promised."""
        self.lost.discard(key)

    def tried(self, content: bytes, act: Callable[[], Any], named: str | Path | None) -> Any:
        """What comes of an action; None where it refuses as a user may expect it.

        Args:
            content: of the input.
            act: reads it.
            named: what an error has to name; None where the caller names it.
        """
        key = self.given(content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = act()
        except InputError as error:
            check_words(str(error), error.remedy, named)
            result = None
        self.survived(key)
        return result


def check_words(text: str, remedy: str | None, named: str | Path | None) -> None:
    """One line that names the input and the remedy, and that a console can show."""
    assert remedy and remedy.rstrip(".") in text
    assert len(text.splitlines()) == 1 and "\x1b" not in text and "\0" not in text
    assert named is None or str(named) in text, text[:300]


def asked(one: Tally, child: Child, path: Path, key: bytes, named: str | Path | None) -> dict[str, Any]:
    """What a process says of a file or folder that it reads as an image and as labels; never nothing.

    Args:
        one: counts it.
        child: reads it.
        path: of it.
        key: what makes it another input than the others.
        named: see :meth:`Tally.tried`.
    """
    noted = one.given(key)
    found = child.read(path)
    assert "lost" not in found, found
    for what in ("", "label_"):
        if f"{what}text" in found:
            check_words(found[f"{what}text"], found[f"{what}remedy"], named)
    one.survived(noted)
    return found


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """A process that reads files."""
    child = Child()
    yield child
    child.close()


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Tally]]:
    """One for each kind, written down at the end of the file."""
    tallies: dict[str, Tally] = {}
    yield lambda kind: tallies.setdefault(kind, Tally(kind))
    for one in tallies.values():
        record(one.kind, len(one.seen), len(one.lost))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Whole]]:
    """Each work, done once without an interruption."""
    known: dict[str, Whole] = {}
    with contextlib.ExitStack() as stack:

        def one(name: str) -> Whole:
            if name not in known:
                given = tmp_path_factory.mktemp(name)
                if name == "download":
                    # They load torch, which other tests here do without.
                    from Testing.faults.works import ADDRESS, BODY
                    from Testing.sam.test_checkpoints import Server

                    server = stack.enter_context(Server(body=BODY))
                    stack.callback(server.shutdown)
                    (given / ADDRESS).write_text(server.url)
                known[name] = done_whole(name, given)
            return known[name]

        yield one
