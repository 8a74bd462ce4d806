"""Published adapters: what comes from a folder or a server is what was published, or it is refused in one line."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.request
import warnings
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from io import BytesIO
from pathlib import Path

import pytest

from SAMAdaptLib.adapters import index as indexes
from SAMAdaptLib.adapters.fetch import fetch_adapter
from SAMAdaptLib.adapters.index import index_of, published_adapters
from SAMAdaptLib.adapters.publish import publish_adapters
from SAMAdaptLib.adapters.shelf import Shelf
from SAMAdaptLib.adapters.signature import make_key
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.sam.weights import download as downloads
from Testing.adapters.conftest import refused
from Testing.adapters.published import Site, put

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A shelf with "Leber, portal" and "spleen", both published in the folder ``public``."""
    monkeypatch.setenv("SAMADAPT_CACHE", str(tmp_path / "cache"))
    shelf = Shelf(tmp_path / "here")
    put(shelf, "Leber, portal", ("Leber", "Milz"))
    put(shelf, "spleen", ("spleen",))
    publish_adapters(["Leber, portal", "spleen"], tmp_path / "public", shelf, licence="CC BY 4.0, A. Body")
    return shelf


@pytest.fixture
def there(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "there")


@pytest.fixture
def public(here: Shelf, tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def site(public: Path) -> Iterator[Site]:
    with Site(public) as one:
        yield one


def told(public: Path) -> dict:
    return json.loads((public / "index.json").read_text(encoding="utf-8"))


def retold(public: Path, name: str, /, **changes: object) -> None:
    """Have the index say something else of an adapter."""
    whole = told(public)
    (entry,) = [one for one in whole["adapters"] if one["name"] == name]
    entry |= changes
    (public / "index.json").write_text(json.dumps(whole), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_index_says_of_each_file_what_it_is(public: Path) -> None:
    whole = told(public)
    assert [entry["name"] for entry in whole["adapters"]] == ["Leber, portal", "spleen"]
    assert {path.name for path in public.iterdir()} == {"index.json", *(one["file"] for one in whole["adapters"])}
    for entry in whole["adapters"]:
        data = (public / entry["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
        with zipfile.ZipFile(public / entry["file"]) as archive:
            inside = json.loads(archive.read("adapter.json"))
        assert {key: entry["description"][key] for key in inside} == inside
        # A name that every web server and share leaves as it is.
        assert entry["file"].isascii() and " " not in entry["file"] and entry["licence"] == "CC BY 4.0, A. Body"


def test_what_is_fetched_is_what_was_published(here, there, public, site, tmp_path) -> None:
    for source in (site.url, f"{site.url}/index.json", public, public / "index.json"):
        new = fetch_adapter(source, "LEBER, PORTAL", shelf=there)
        got, wanted = files(there.folder / new), files(tmp_path / "made-Leber, portal")
        assert got["adapter.safetensors"] == wanted["adapter.safetensors"]
        assert json.loads(got["adapter.json"]) == json.loads(wanted["adapter.json"]) | {
            "prompts": "", "comparison": {}, "data": {}, "licence": "CC BY 4.0, A. Body", "tile": 0}  # fmt: skip
    assert [one.name for one in there.list()] == ["Leber, portal", *(f"Leber, portal {n}" for n in (2, 3, 4))]
    assert fetch_adapter(site.url, "spleen", "mine", there) == "mine"
    before = len(site.asked)
    refused("taken", fetch_adapter, site.url, "spleen", "MINE", there)
    assert len(site.asked) == before + 1 and files(tmp_path / "cache") == {}
    assert {path for path, _ in site.asked} == {f"/adapters/{name}" for name in files(public)}


def test_a_broken_download_goes_on_where_it_was(there, site, tmp_path) -> None:
    """Also after a stop, in another call."""
    size = told(site.folder)["adapters"][1]["bytes"]
    site.cut = [4000, 0]
    error = refused(f"4000 of {size} bytes", fetch_adapter, site.url, "spleen", shelf=there)
    assert "adapters import" in error.remedy and "checkpoint" not in error.remedy and not there.list()

    def stop(done: int, total: int | None) -> None:
        raise Cancelled

    site.cut = [1000]
    with pytest.raises(Cancelled):
        fetch_adapter(site.url, "spleen", shelf=there, progress=stop)
    seen: list[tuple[int, int | None]] = []
    assert fetch_adapter(site.url, "spleen", shelf=there, progress=lambda *step: seen.append(step)) == "spleen"
    starts = [start for path, start in site.asked if "spleen" in path]
    assert starts[:3] == [0, 4000, 4000] and starts[-1] > 4000 and seen[-1] == (size, size)
    assert files(tmp_path / "cache") == {}


LIES = {
    "hash": lambda entry, other: {"sha256": entry["sha256"][:-1] + ("0" if entry["sha256"][-1] != "0" else "1")},
    "too few bytes": lambda entry, other: {"bytes": entry["bytes"] - 1},
    "too many bytes": lambda entry, other: {"bytes": entry["bytes"] + 1},
    "name": lambda entry, other: {"name": "kidney"},
    "classes": lambda entry, other: {"description": entry["description"] | {"classes": ["pancreas"]}},
    "method": lambda entry, other: {"description": entry["description"] | {"method": "full"}},
    "figures": lambda entry, other: {"description": entry["description"] | {"validation": {"dice": 0.99}}},
    "weights": lambda entry, other: {"description": entry["description"] | {"weights_sha256": "1" * 64}},
    "signer": lambda entry, other: {"signer": "1" * 64},
    "another file": lambda entry, other: {key: other[key] for key in ("file", "bytes", "sha256")},
    "no file": lambda entry, other: {"file": "none.samadapt.zip"},
}


@pytest.mark.parametrize("kind", LIES)
def test_an_index_that_lies_is_refused_in_one_line(there, public, site, tmp_path, capsys, kind) -> None:
    other, entry = told(public)["adapters"]
    lie = LIES[kind](entry, other)
    retold(public, "spleen", **lie)
    name = lie.get("name", "spleen")
    for source in (site.url, public):
        capsys.readouterr()
        assert main(["adapters", "fetch", str(source), name, "--shelf", str(there.folder)]) == 2
        out, err = capsys.readouterr()
        (line,) = [line for line in err.splitlines() if "note: The folder of the output" not in line]
        assert out == "" and line.startswith("samadapt: error: ") and str(source) in line, line
        assert not there.list() and files(tmp_path / "cache") == {}
    # And the other one is what it was.
    assert fetch_adapter(site.url, "Leber, portal", shelf=there) == "Leber, portal"


OUTSIDE = (
    "../spleen.samadapt.zip", "/etc/spleen.samadapt.zip", "a/spleen.samadapt.zip", "..\\spleen.samadapt.zip",
    "C:spleen.samadapt.zip", "file:///x.samadapt.zip", "http://192.0.2.1/x.samadapt.zip", "//192.0.2.1/x.samadapt.zip",
    ".samadapt.zip", "spleen.zip", "?x.samadapt.zip", "a\nb.samadapt.zip", 5, None,
)  # fmt: skip


def test_an_index_names_files_beside_itself_only(there, public, site) -> None:
    # They would be there, if it looked.
    secret = public.parent / "spleen.samadapt.zip"
    shutil.copy(next(public.glob("spleen*")), secret)
    for file in OUTSIDE:
        retold(public, "spleen", file=file)
        for source in (site.url, public):
            refused("damaged at 'file'", fetch_adapter, source, "spleen", shelf=there)
    # What a server or a browser might read as a way upwards is a name here, and asked for as one.
    retold(public, "spleen", file="%2e%2e%2fspleen.samadapt.zip")
    for source in (site.url, public):
        refused("404|not there", fetch_adapter, source, "spleen", shelf=there)
    asked = {path for path, _ in site.asked}
    assert asked == {"/adapters/index.json", "/adapters/%252e%252e%252fspleen.samadapt.zip"}


def test_what_is_no_place_of_the_web_is_refused_unasked(site) -> None:
    for source in ("ftp://127.0.0.1/a", "file:///etc", "http://", "http://a b/", "http://127.0.0.1:70000/", "http://[/"):
        refused("address", index_of, source)
    error = refused("password", index_of, f"http://me:secret@127.0.0.1:{site.server_port}/adapters")
    assert "secret" not in str(error) and not site.asked
    assert index_of("https://a.org/b?c=1#d") == "https://a.org/b/index.json?c=1"
    assert index_of("HTTP://a.org/x.json") == "http://a.org/x.json"


def test_another_computer_that_answers_is_told_and_encryption_is_never_given_up(there, public, site) -> None:
    elsewhere = f"http://localhost:{site.server_port}/adapters/index.json"
    site.instead["/moved/index.json"] = lambda answer: answer.sent_to(elsewhere)
    with pytest.warns(UserWarning, match="sent on to localhost"):
        assert len(published_adapters(site.url.replace("/adapters", "/moved"))) == 2
    for bad in ("file:///etc/hostname", "ftp://127.0.0.1/index.json"):
        site.instead["/moved/index.json"] = lambda answer, bad=bad: answer.sent_to(bad)
        refused("302", published_adapters, site.url.replace("/adapters", "/moved"))
    # A server with a certificate is more than a test needs: this is what decides.
    rule = downloads._Redirects()
    request = urllib.request.Request("https://a.org/index.json")
    given = (BytesIO(), 302, "Found", Message())
    with pytest.raises(urllib.error.HTTPError, match="not gone to"):
        rule.redirect_request(request, *given, "http://a.org/index.json")
    assert rule.redirect_request(request, *given, "https://b.org/x").full_url == "https://b.org/x"


def test_what_can_be_altered_on_its_way_is_told(public, monkeypatch) -> None:
    data = (public / "index.json").read_bytes()
    monkeypatch.setattr(indexes, "read_document", lambda address, most: (data, address))
    with pytest.warns(UserWarning, match="Nothing is encrypted.*--require-signature"):
        published_adapters("http://192.0.2.1/adapters")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (_, spleen) = published_adapters("https://a.org/adapters/index.json?key=1")
    assert spleen.place == f"https://a.org/adapters/{told(public)['adapters'][1]['file']}"


def test_an_index_without_an_end_is_not_read_to_it(there, public, site, monkeypatch) -> None:
    monkeypatch.setattr(indexes, "MAX_INDEX_BYTES", 10_000)

    def endless(answer) -> None:
        answer.send_response(200)
        answer.end_headers()
        for _ in range(100_000):
            answer.wfile.write(b" " * 1000)

    site.instead["/adapters/index.json"] = endless
    refused("more than the 0 MB", published_adapters, site.url)
    (public / "index.json").write_bytes(b" " * 10_001)
    refused("more than 0 MB", published_adapters, public)


def test_what_later_versions_publish_is_said_and_the_rest_is_there(there, public) -> None:
    newer = told(public)["adapters"][1]["description"] | {"format_version": 99}
    retold(public, "spleen", description=newer, later={"a": 1})
    liver, spleen = published_adapters(public)
    assert liver.info is not None and spleen.info is None and "Update SAMAdapt" in spleen.error
    assert "Update SAMAdapt" in spleen.card and liver.card.startswith("# Leber, portal\n")
    refused("newer", fetch_adapter, public, "spleen", shelf=there)
    retold(public, "spleen", description=newer | {"format_version": 1, "method": "magic"})
    refused("method 'magic', unknown here", fetch_adapter, public, "spleen", shelf=there)
    assert fetch_adapter(public, "Leber, portal", shelf=there)
    (public / "index.json").write_text(json.dumps(told(public) | {"format_version": 2}))
    refused("newer SAMAdapt wrote this index", published_adapters, public)


def test_publishing_keeps_what_it_does_not_know_and_replaces_upon_request_only(here, public, there) -> None:
    retold(public, "Leber, portal", later={"a": [1]})
    (public / "index.html").write_text("mine")
    shutil.copy(next(public.glob("spleen*")), public / "by-hand.samadapt.zip")
    before = files(public)
    for name in ("spleen", "SPLEEN"):
        refused("published there already.*--overwrite|No such adapter", publish_adapters, [name], public, here)
    refused("No such adapter", publish_adapters, ["spleen", "none"], public, here, overwrite=True)
    refused("named twice", publish_adapters, ["spleen", "Spleen"], public, here, overwrite=True)
    refused("no line", publish_adapters, ["spleen"], public, here, licence="a\nb", overwrite=True)
    assert files(public) == before
    here.delete("spleen")
    put(here, "spleen", ("spleen", "vein"))
    (new,) = publish_adapters(["spleen"], public, here, overwrite=True)
    kept = {"index.html", "by-hand.samadapt.zip", Path(new.place).name, next(public.glob("Leber*")).name}
    assert {*files(public)} == {"index.json", *kept} and told(public)["adapters"][0]["later"] == {"a": [1]}
    assert fetch_adapter(public, "spleen", shelf=there) and there.list()[0].info.classes == ("spleen", "vein")


def test_two_who_publish_at_once_lose_nothing(here, tmp_path) -> None:
    names = [f"n{number}" for number in range(12)]
    for name in names:
        put(here, name, (name,))
    with ThreadPoolExecutor(6) as pool:
        [*pool.map(lambda name: publish_adapters([name], tmp_path / "many", Shelf(here.folder)), names)]
    found = published_adapters(tmp_path / "many")
    assert sorted(one.info.classes for one in found) == sorted((name,) for name in names)
    assert all(Path(one.place).stat().st_size == one.bytes for one in found) and len(files(tmp_path / "many")) == 13


def test_an_index_of_something_else_stays(here, tmp_path) -> None:
    (tmp_path / "site").mkdir()
    for text in ("{}", '{"pages": []}', "hello", '{"format_version": 1, "adapters": {}}'):
        (tmp_path / "site" / "index.json").write_text(text)
        refused("index of adapters", publish_adapters, ["spleen"], tmp_path / "site", here, overwrite=True)
        assert files(tmp_path / "site") == {"index.json": text.encode()}
    refused("inside an input", publish_adapters, ["spleen"], here.folder / "spleen" / "x", here)


def test_signatures_go_along_and_are_asked_for_before_anything_is_fetched(here, there, public, site, tmp_path) -> None:
    pytest.importorskip("cryptography", reason="cryptography (the extra sign) is not installed")
    fingerprint = make_key(tmp_path / "clinic")
    trust = tmp_path / "clinic.pub"
    for wanted in ("unsigned", "not among the trusted"):
        refused(wanted, fetch_adapter, site.url, "spleen", shelf=there, signed=True)
        publish_adapters(["spleen"], public, here, tmp_path / "clinic", overwrite=True)
    assert {path for path, _ in site.asked} == {"/adapters/index.json"} and not there.list()
    (one,) = [one for one in published_adapters(site.url, trust) if one.signer]
    assert (one.signed.signer, one.signer) == ("clinic", fingerprint)
    new = fetch_adapter(site.url, "spleen", shelf=there, trust=trust, signed=True)
    assert there.signed(new, trust).signer == "clinic"
    # That one was signed is known by the file alone.
    retold(public, "spleen", signer="")
    refused("otherwise.*signer", fetch_adapter, site.url, "spleen", shelf=there)
    retold(public, "Leber, portal", signer=fingerprint)
    refused("otherwise.*signer", fetch_adapter, site.url, "Leber, portal", shelf=there, trust=trust, signed=True)
    here.rename("spleen", "kidney")
    refused("calls the adapter otherwise", publish_adapters, ["kidney"], public, here)
    publish_adapters(["kidney"], public, here, tmp_path / "clinic")
    assert fetch_adapter(site.url, "kidney", shelf=there, trust=trust, signed=True) == "kidney"


def test_the_licence_goes_with_the_adapter_and_whoever_signs_vouches_for_it(there, site, tmp_path) -> None:
    fetch_adapter(site.url, "spleen", shelf=there)
    # Handed on by somebody who says nothing of it.
    (one,) = publish_adapters(["spleen"], tmp_path / "again", there)
    assert one.licence == "CC BY 4.0, A. Body" and "The terms for the adapter itself are: CC BY 4.0, A." in one.card
    make_key(tmp_path / "clinic")
    key = tmp_path / "clinic"
    (one,) = publish_adapters(["spleen"], tmp_path / "again", there, key, "MIT, B. Body", overwrite=True)
    assert one.licence == "MIT, B. Body"
    new = Shelf(tmp_path / "third")
    fetch_adapter(tmp_path / "again", "spleen", shelf=new)
    assert new.list()[0].info.licence == "MIT, B. Body" and new.signed("spleen").state == "unknown"
    assert "are: MIT, B. Body." in (new.place("spleen") / "MODEL_CARD.md").read_text(encoding="utf-8")
    # Unsigned words are no part of what was signed.
    before = files(new.folder)
    again = {"licence": "CC0-1.0", "overwrite": True}
    refused("says nothing of this licence", publish_adapters, ["spleen"], tmp_path / "again", new, **again)
    assert files(new.folder) == before
    retold(tmp_path / "again", "spleen", licence="CC0-1.0")
    refused("otherwise.*licence", fetch_adapter, tmp_path / "again", "spleen", shelf=Shelf(tmp_path / "fourth"))


def test_on_the_command_line(here, there, public, site, capsys) -> None:
    def call(*words: object, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["adapters", *map(str, words)]) == code
        found = capsys.readouterr()
        return found.err if code else found.out

    lines = call("browse", site.url).splitlines()
    assert lines[1].split()[:4] == ["Leber,", "portal", "Leber,", "Milz"] and "0.812" in lines[1]
    assert lines[3] == "Leber, portal: CC BY 4.0, A. Body"
    card = call("browse", site.url, "spleen")
    assert card.startswith("# spleen\n") and "Research use only" in card
    (one,) = json.loads(call("browse", public, "spleen", "--json"))
    assert one["card"] == card[:-1] and one["bytes"] == told(public)["adapters"][1]["bytes"]
    assert "Published there are Leber, portal, spleen" in call("browse", public, "x", code=2)
    done = json.loads(call("fetch", site.url, "Leber, portal", "spleen", "--shelf", there.folder, "--json"))
    assert [(one["name"], one["on_shelf"]) for one in done] == [("Leber, portal",) * 2, ("spleen",) * 2]
    error = call("fetch", site.url, "spleen", "Leber, portal", "--name", "x", "--shelf", there.folder, code=2)
    assert "Several adapters cannot have one name" in error
    assert "is published there already" in call("publish", "spleen", "--to", public, "--shelf", here.folder, code=2)
    assert call("publish", "spleen", "--to", public, "--shelf", here.folder, "--overwrite").startswith("spleen in ")


def test_nothing_of_an_index_moves_the_console(public, capsys) -> None:
    description = told(public)["adapters"][1]["description"] | {"classes": ["a\x1b[2J\nb"], "base": "\u202ex"}
    retold(public, "spleen", description=description)
    for more in ((), ("spleen",)):
        assert main(["adapters", "browse", str(public), *more]) == 0
        assert not set("\x1b\u202e") & set(capsys.readouterr().out)
    with pytest.raises(InputError, match="damaged at 'licence'"):
        retold(public, "spleen", licence="\x1b[2J")
        published_adapters(public)
