"""``samadapt serve``"""

from __future__ import annotations

import argparse
import ipaddress
import re
import signal
import sys
from typing import Any

from SAMAdaptLib.cli.common import Session, verb_parser
from SAMAdaptLib.defaults import DEVICE, SERVER_CLIENTS, SERVER_PORT
from SAMAdaptLib.errors import InputError

LOOPBACK = "127.0.0.1"
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    text = "Answer prompts for applications on other computers, through an SSH tunnel"
    example = "samadapt serve --token-file ~/.samadapt-token"
    parser = verb_parser(verbs, "serve", text, example, run, None)
    parser.add_argument(
        "--token-file",
        required=True,
        metavar="FILE",
        help="with the token, 16 bytes at least, that clients have to know; readable by its owner only",
    )
    parser.add_argument(
        "--host",
        default=LOOPBACK,
        metavar="ADDRESS",
        help=f"address to listen at (default {LOOPBACK}: this computer and its tunnels only); the connection is not "
        "encrypted",
    )
    parser.add_argument(
        "--port", type=int, default=SERVER_PORT, metavar="PORT", help=f"default {SERVER_PORT}; 0 takes a free one"
    )
    parser.add_argument(
        "--device",
        default=DEVICE,
        help="auto (default), cpu, mps, cuda or cuda:NUMBER, for clients that leave the choice to the server",
    )
    parser.add_argument(
        "--clients",
        type=int,
        default=SERVER_CLIENTS,
        metavar="N",
        help=f"how many at a time (default {SERVER_CLIENTS}); each has a process and a model of its own",
    )


def run(args: argparse.Namespace, session: Session) -> dict[str, Any]:
    """Serve until Ctrl-C or SIGTERM."""
    from SAMAdaptLib.service.link.token import read_token
    from SAMAdaptLib.service.server.server import WorkerServer

    token = read_token(args.token_file, demanding=True)
    if not _DEVICE.fullmatch(args.device):
        raise InputError("There is no such device", args.device, "Use auto, cpu, mps, cuda or cuda:NUMBER")
    if args.clients < 1 or not 0 <= args.port < 65536:
        what = "--clients has to be 1 at least" if args.clients < 1 else "--port has to lie in 0 to 65535"
        raise InputError(what, str(args.clients if args.clients < 1 else args.port), "Change it")
    if not _is_loopback(args.host):
        session.note(
            f"Other computers reach {args.host} without encryption; what they send, patients' images included, can be "
            f"read on the way. Use --host {LOOPBACK} and an SSH tunnel"
        )
    ended: list[int] = []
    before = {number: signal.getsignal(number) for number in _ends()}
    try:
        for number in before:
            signal.signal(number, lambda number, frame: ended.append(number))
        server = WorkerServer(
            args.host, args.port, token, device=args.device, clients=args.clients, say=lambda text: _say(session, text)
        )
        _say(session, f"Listening at {args.host}:{server.port}; Ctrl-C ends it; sessions go into {server.audit.path}")
        server.run(lambda: bool(ended) or session.cancelled())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _say(session, "Ended")
    return {"host": args.host, "port": server.port}


def _ends() -> list[signal.Signals]:
    """Signals that end the server; a terminal that closes does, unless nohup keeps that away."""
    found = [signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return found


def _say(session: Session, text: str) -> None:
    """Without delay, since it may go to a log."""
    session.say(text, flush=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
