"""``samadapt adapters add | list | export | import | rename | delete | key | sign | publish | browse | fetch``"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, table, verb_parser
from SAMAdaptLib.errors import InputError, visible
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.index import PublishedAdapter
    from SAMAdaptLib.adapters.shelf import Shelf, ShelfEntry


def add_parser(verbs: Any) -> None:
    """Register the verb and its actions."""
    group = verbs.add_parser("adapters", help="keep adapters on a shelf, and hand them on as one file")
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _action(actions, "add", "Copy the adapter of a run onto the shelf", "RUN liver", _add, _adds)
    add.add_argument("source", metavar="RUN", help="run or adapter folder written by `samadapt finetune`")
    add.add_argument("name", metavar="NAME", help="new on the shelf")
    _action(actions, "list", "List the adapters of a shelf", "--json", _list, None)
    export = _action(
        actions,
        "export",
        "Write an adapter and its model card into one file",
        "liver liver.samadapt.zip",
        _export,
        _exports,
    )
    export.add_argument("name", metavar="NAME", help="as `adapters list` shows it")
    export.add_argument("file", metavar="FILE", help="zip file to write; one that `export` wrote is replaced")
    export.add_argument("--overwrite", action="store_true", help="replace FILE although it is something else")
    text = "Put an exported adapter onto the shelf"
    bring = _action(actions, "import", text, "liver.samadapt.zip", _import, _imports)
    bring.add_argument("file", metavar="FILE", help="zip file that `adapters export` wrote")
    bring.add_argument(
        "--name", metavar="NAME", help="new on the shelf; by default the file's own, numbered where that is taken"
    )
    _add_trust(bring)
    rename = _action(actions, "rename", "Give an adapter another name", "liver 'liver, portal phase'", _rename, None)
    rename.add_argument("name", metavar="NAME", help="as `adapters list` shows it")
    rename.add_argument("new", metavar="NEW", help="new on the shelf")
    delete = _action(actions, "delete", "Delete adapters", "liver", _delete, None)
    delete.add_argument("name", nargs="+", metavar="NAME", help="as `adapters list` shows it")
    _add_signing(actions)
    _add_sharing(actions)


def _add_trust(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument(
        "--trust",
        metavar="KEY",
        help="public key of whom you trust, or a folder of such files (.pub or .pem); by default the user's folder "
        "SAMAdapt/trusted-keys, or the one that SAMADAPT_TRUSTED_KEYS names",
    )
    if required:
        text = "refuse what none of these keys has signed"
        parser.add_argument("--require-signature", action="store_true", help=text)


def _add_signing(actions: Any) -> None:
    text = "Make a key to sign adapters with: FILE, for you alone, and FILE.pub, to hand out"
    key = verb_parser(actions, "key", text, "samadapt adapters key clinic", _key, _makes_key)
    key.add_argument("file", metavar="FILE", help="new file of the private key; whoever has it can sign in your name")
    text = "Sign an adapter's weights, description and model card, which go along when it is exported"
    sign = _action(actions, "sign", text, "liver --key clinic", _sign, None)
    sign.add_argument("name", metavar="NAME", help="as `adapters list` shows it")
    sign.add_argument("--key", required=True, metavar="KEY", help="private key that `adapters key` made, or openssl")


def _add_sharing(actions: Any) -> None:
    text = "Put adapters, with an index, into a folder that a web server or a share can offer as it is"
    publish = _action(actions, "publish", text, "liver --to /srv/adapters --key clinic", _publish, _publishes)
    publish.add_argument("name", nargs="+", metavar="NAME", help="as `adapters list` shows it")
    text = "folder to publish in; what is published there stays"
    publish.add_argument("--to", required=True, metavar="DIR", help=text)
    publish.add_argument("--key", metavar="KEY", help="sign them first, as `adapters sign` does")
    text = "under which they are handed on, and whom to credit, for their descriptions and cards"
    publish.add_argument("--licence", default="", metavar="TEXT", help=text)
    publish.add_argument(
        "--overwrite",
        action="store_true",
        help="replace what is published under these names, and write to DIR although something else is there already",
    )
    text = "List published adapters, or show the model cards of some"
    example = "samadapt adapters browse /mnt/adapters"
    browse = verb_parser(actions, "browse", text, example, _browse, None)
    text = "Put published adapters onto the shelf"
    fetch = _action(actions, "fetch", text, "/mnt/adapters liver", _fetch, _fetches)
    for parser, count in ((browse, "*"), (fetch, "+")):
        parser.add_argument("source", metavar="SOURCE", help="folder, index.json, or http(s) address of either")
        parser.add_argument("name", nargs=count, metavar="NAME", help="as `adapters browse` lists it")
        _add_trust(parser, required=parser is fetch)
    fetch.add_argument(
        "--name", dest="new", metavar="NEW", help="of a single one, new on the shelf; numbered by default where taken"
    )


def _action(actions: Any, name: str, text: str, example: str, run: Any, writes: Any) -> argparse.ArgumentParser:
    parser = verb_parser(actions, name, text, f"samadapt adapters {name} {example}", run, writes)
    text = "folder of the adapters; by default the application's, too, or the one that SAMADAPT_SHELF names"
    parser.add_argument("--shelf", metavar="SHELF", help=text)
    return parser


def _shelf(args: argparse.Namespace) -> Shelf:
    from SAMAdaptLib.adapters.shelf import Shelf, default_shelf

    return Shelf(args.shelf or default_shelf())


# What is on the shelf stays there: names that are taken are refused, and only the new adapter's folder is written.
def _adds(args: argparse.Namespace) -> list[Output]:
    return [Output(_shelf(args).place(args.name), [args.source], folder=True)]


def _imports(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.adapters.parcel import default_name

    return [Output(_shelf(args).place(args.name or default_name(args.file)), [args.file], folder=True)]


def _publishes(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.adapters.publish import is_published

    adapters = [_shelf(args).place(name) for name in args.name]
    size = sum(file.stat().st_size for adapter in adapters for file in adapter.glob("*"))
    return [Output(args.to, adapters, folder=True, ours=is_published, overwrite=args.overwrite, bytes=size)]


def _fetches(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.adapters.index import is_address

    if args.new is not None and len(args.name) > 1:
        raise InputError("Several adapters cannot have one name", args.new, "Fetch one, or leave out --name")
    inputs = [] if is_address(args.source) else [args.source]
    return [Output(_shelf(args).place(args.new or name), inputs, folder=True) for name in args.name]


def _makes_key(args: argparse.Namespace) -> list[Output]:
    return [Output(args.file), Output(f"{args.file}.pub")]


def _exports(args: argparse.Namespace) -> list[Output]:
    from SAMAdaptLib.adapters.parcel import is_parcel

    adapter = _shelf(args).place(args.name)
    size = sum(file.stat().st_size for file in adapter.glob("*"))
    return [Output(args.file, [adapter], ours=is_parcel, overwrite=args.overwrite, bytes=size)]


def _add(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    path = _shelf(args).add(args.source, args.name)
    session.say(f"{args.name} in {path}")
    return {"name": args.name, "path": path}


def _list(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    entries = _shelf(args).list()
    if not args.json:
        _show(entries, session)
    return [_values(entry) for entry in entries]


def _show(entries: list[ShelfEntry], session: Session) -> None:
    from SAMAdaptLib.adapters import comparison

    rows: list[list[object]] = []
    for entry in entries:
        info = entry.info
        if info is None:
            rows.append([entry.name, "(damaged)", *["-"] * 5])
        else:
            dice = info.validation.get("dice")
            held_out = f"{dice:.3f}" if isinstance(dice, float) else "-"
            by = entry.signed.signer or entry.signed.state
            rows.append([entry.name, ", ".join(info.classes), info.method, info.base, str(info.steps), held_out, by])
    columns = ["adapter", "classes", "method", "base", "steps", "Dice", "signed by"]
    session.say(table(rows, columns) if rows else "no adapters")
    for entry in entries:
        kinds = [] if entry.info is None else comparison.table(entry.info.comparison)
        if kinds:
            session.say()
            session.say(table(kinds, [entry.name, *comparison.COLUMNS]))
        if entry.error:
            session.say(f"{entry.name}: {entry.error}")


def _values(entry: ShelfEntry) -> dict[str, Any]:
    info = None if entry.info is None else asdict(entry.info)
    signed = None if info is None else asdict(entry.signed)
    return {"name": entry.name, "path": entry.path, "error": entry.error or None, "info": info, "signature": signed}


def _export(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    path = _shelf(args).export(args.name, args.file)
    size = path.stat().st_size
    session.say(f"written {path}, {size / 1e6:.1f} MB")
    return {"name": args.name, "file": path, "size_bytes": size}


def _import(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    shelf = _shelf(args)
    name = shelf.import_(args.file, args.name, args.trust, args.require_signature)
    signed = shelf.signed(name, args.trust)
    session.say(f"imported as {name}, {signed}")
    return {"name": name, "signature": asdict(signed)}


def _rename(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    path = _shelf(args).rename(args.name, args.new)
    session.say(f"{args.name} is now {args.new}")
    return {"name": args.new, "path": path}


def _delete(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    shelf = _shelf(args)
    for name in args.name:
        session.check()
        shelf.delete(name)
        session.say(f"deleted {name}")
    return {"deleted": args.name}


def _key(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.adapters.signature import make_key

    fingerprint = make_key(args.file)
    session.say(f"{args.file} signs and stays with you; {args.file}.pub checks and is for others")
    session.say(f"fingerprint {fingerprint}")
    return {"key": args.file, "public": f"{args.file}.pub", "fingerprint": fingerprint}


def _sign(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    fingerprint = _shelf(args).sign(args.name, args.key)
    session.say(f"{args.name} is signed ({fingerprint})")
    return {"name": args.name, "fingerprint": fingerprint}


def _publish(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    from SAMAdaptLib.adapters.publish import publish_adapters

    found = publish_adapters(args.name, args.to, _shelf(args), args.key, args.licence, args.overwrite)
    for one in found:
        session.say(f"{one.name} in {one.place}, {one.bytes / 1e6:.1f} MB, {one.signed}")
    return {"folder": args.to, "adapters": [asdict(one) for one in found]}


def _browse(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    from SAMAdaptLib.adapters.fetch import chosen
    from SAMAdaptLib.adapters.index import published_adapters

    found = published_adapters(args.source, args.trust)
    if args.name:
        found = [chosen(found, name, args.source) for name in args.name]
        for one in found:
            session.say(visible(one.card))
    else:
        _show_published(found, session)
    return [asdict(one) | {"card": one.card} for one in found]


def _show_published(found: list[PublishedAdapter], session: Session) -> None:
    rows: list[list[object]] = []
    for one in found:
        info = one.info
        if info is None:
            rows.append([one.name, "(not for this version)", *["-"] * 5])
            continue
        dice = info.validation.get("dice")
        told = (", ".join(info.classes), info.method, info.base, f"{one.bytes / 1e6:.1f}")
        held_out = f"{dice:.3f}" if isinstance(dice, float) else "-"
        by = one.signed.signer or one.signed.state
        rows.append([one.name, *(visible(" ".join(text.split())) for text in told), held_out, by])
    columns = ["adapter", "classes", "method", "base", "MB", "Dice", "says it is signed by"]
    session.say(table(rows, columns) if rows else "no adapters")
    for one in found:
        if one.error or one.licence:
            session.say(f"{one.name}: {one.error or one.licence}")


def _fetch(args: argparse.Namespace, session: Session) -> list[dict[str, Any]]:
    from SAMAdaptLib.adapters.fetch import fetch_adapter

    shelf, found = _shelf(args), []

    for name in args.name:
        session.check()
        with session.progress(name) as tell:

            def told(done: int, total: int | None, tell: Any = tell) -> None:
                session.check()
                tell(done, total)

            new = fetch_adapter(args.source, name, args.new, shelf, args.trust, args.require_signature, told)
        signed = shelf.signed(new, args.trust)
        session.say(f"{name} is on the shelf as {new}, {signed}")
        found.append({"name": name, "on_shelf": new, "signature": asdict(signed)})
    return found
