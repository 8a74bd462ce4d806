"""``samadapt adapters add | list | export | import | rename | delete | key | sign``"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from SAMAdaptLib.cli.common import Session, table, verb_parser
from SAMAdaptLib.paths import Output

if TYPE_CHECKING:
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
    bring.add_argument(
        "--trust",
        metavar="KEY",
        help="public key of whom you trust, or a folder of such files (.pub or .pem); by default the user's folder "
        "SAMAdapt/trusted-keys, or the one that SAMADAPT_TRUSTED_KEYS names",
    )
    bring.add_argument("--require-signature", action="store_true", help="refuse what none of these keys has signed")
    rename = _action(actions, "rename", "Give an adapter another name", "liver 'liver, portal phase'", _rename, None)
    rename.add_argument("name", metavar="NAME", help="as `adapters list` shows it")
    rename.add_argument("new", metavar="NEW", help="new on the shelf")
    delete = _action(actions, "delete", "Delete adapters", "liver", _delete, None)
    delete.add_argument("name", nargs="+", metavar="NAME", help="as `adapters list` shows it")
    _add_signing(actions)


def _add_signing(actions: Any) -> None:
    text = "Make a key to sign adapters with: FILE, for you alone, and FILE.pub, to hand out"
    key = verb_parser(actions, "key", text, "samadapt adapters key clinic", _key, _makes_key)
    key.add_argument("file", metavar="FILE", help="new file of the private key; whoever has it can sign in your name")
    text = "Sign an adapter's weights, description and model card, which go along when it is exported"
    sign = _action(actions, "sign", text, "liver --key clinic", _sign, None)
    sign.add_argument("name", metavar="NAME", help="as `adapters list` shows it")
    sign.add_argument("--key", required=True, metavar="KEY", help="private key that `adapters key` made, or openssl")


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
