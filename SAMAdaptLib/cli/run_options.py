"""Settings as options: of the verbs that train, and of those that take --set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.paths import Output
from SAMAdaptLib.training.resume import is_run, recall, stored_settings

if TYPE_CHECKING:
    from SAMAdaptLib.cli.common import Teller
    from SAMAdaptLib.settings import Settings
    from SAMAdaptLib.training.config import RunConfig

R = TypeVar("R", bound="RunConfig")


def run_inputs(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """What the options of these names give to a run; with --resume what is left out comes from the run folder."""
    given = {name: getattr(args, name) for name in names}
    return recall(args.output, given) if args.resume else given


def run_output(args: argparse.Namespace, inputs: Iterable[Any]) -> list[Output]:
    """The run folder as what a verb writes.

    Raises:
        InputError: a run is there, and --resume was not given.
    """
    if not args.resume and is_run(Path(args.output)):
        raise InputError("A run is there already", args.output, "Add --resume, or choose another folder")
    return [Output(args.output, inputs, folder=True, ours=is_run, overwrite=args.overwrite)]


def add_setting(
    parser: argparse.ArgumentParser,
    kind: type[Settings],
    name: str,
    metavar: str | None = None,
    default: Any = None,
    of: str = "",
) -> None:
    """A setting as an option of its own; left out, it is None.

    Args:
        parser: of the verb.
        kind: of the settings.
        name: of the setting, and of the option with - for _.
        metavar: of its value, where there are no choices to show.
        default: what the help says of it, where that is not the setting's own.
        of: the method that it is a setting of.
    """
    one = kind.known()[name]
    words = f"of `{of}`: {one.help}" if of else one.help
    if metavar and one.takes != "a text":
        words += f"; {one.takes}"
    shown = one.default if default is None else default
    if shown is not None:
        words += f" (default {shown:g})" if isinstance(shown, float) else f" (default {shown})"
    parser.add_argument(
        "--" + name.replace("_", "-"),
        type={int: int, float: float}.get(one.kinds[0], str),
        metavar=metavar,
        choices=None if metavar else one.choices,
        help=words,
    )


def add_run_options(parser: argparse.ArgumentParser, kind: type[RunConfig]) -> None:
    """What every verb that trains takes: base model, length, resuming, settings and device.

    Args:
        parser: of the verb.
        kind: of its settings.
    """
    add_setting(parser, kind, "model", "NAME")
    parser.add_argument("--checkpoint", metavar="FILE", help="local weights of that architecture")
    add_setting(parser, kind, "budget_minutes", "M", kind.minutes)
    add_setting(parser, kind, "steps", "N")
    parser.add_argument("--resume", action="store_true", help="go on with the run in RUN, with its own options")
    add_setting(parser, kind, "seed", "N")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any other setting")
    parser.add_argument("--method-set", action="append", default=[], metavar="NAME=VALUE", help="a method's setting")
    add_setting(parser, kind, "input_size", "PX")
    add_setting(parser, kind, "device", "DEVICE")
    add_setting(parser, kind, "precision", "PRECISION")


def parse_settings(texts: list[str]) -> dict[str, Any]:
    """NAME=VALUE options as a dict; a value that is JSON is read as such, any other is text."""
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError("Cannot read the setting", text, "Write NAME=VALUE")
        try:
            values[name.strip()] = json.loads(value)
        except ValueError:
            values[name.strip()] = value
    return values


def run_settings(args: argparse.Namespace, kind: type[Settings]) -> dict[str, Any]:
    """Settings by --set; where one is not of that kind of run, its error comes with a list of those that are."""
    given = parse_settings(args.set)
    _list_for_unknown(given, kind)
    return given


def _list_for_unknown(given: Iterable[str], kind: type[Settings]) -> None:
    known = [one for one in kind.known().values() if not one.filled_in]
    if {*given} <= {one.name for one in known}:
        return
    width = max(len(one.name) for one in known)
    print("settings:", *(f"  {one.name:{width}}  {one.help}; {one.takes}" for one in known), sep="\n", file=sys.stderr)


def method_settings(args: argparse.Namespace, method: str, options: Collection[str] = ()) -> dict[str, Any]:
    """Settings of a method as the user gave them, by --method-set and by options of their own.

    Args:
        args: of the verb.
        method: its name.
        options: names of settings that some methods have and that are options as well.

    Raises:
        InputError: an option of other methods, or a setting that the training fills in.
    """
    from SAMAdaptLib.methods import METHODS, get_config

    by_option = {name: getattr(args, name) for name in options if getattr(args, name) is not None}
    given = by_option | parse_settings(args.method_set)
    if not given:
        return {}
    config = get_config(method)
    for name in given:
        known = config.known().get(name)
        if known is None and name in by_option:
            others = [other for other in METHODS if name in get_config(other).known()]
            raise InputError(f"--{name} is of {' and '.join(others)}, not of {method}", None, "Leave it out")
        if known is not None and known.filled_in:
            raise InputError(f"{name} of {method} is filled in by the training", "--method-set", "Leave it out")
    _list_for_unknown(given, config)
    return given


def listener(
    tell: Teller,
    config: RunConfig,
    figures: Callable[[dict[str, Any]], str],
    hear: Callable[[dict[str, Any]], object] | None = None,
) -> Callable[[dict[str, Any]], None]:
    """What shows how far a run is.

    Args:
        tell: shows it.
        config: of the run.
        figures: the words for the figures of a step.
        hear: is given all other events.
    """
    # With a budget the number of steps is an estimate that changes, how far the run is does not.
    counts = config.budget_minutes is None

    def listen(event: dict[str, Any]) -> None:
        if event["event"] == "step":
            of = f" of {event['total']}" if counts else ""
            tell.share(event["progress"], f"step {event['step']}{of}, {figures(event)}", event["seconds_left"])
        elif event["event"] == "stage":
            tell.stage(event["text"])
        elif event["event"] == "in turn":
            tell.share(event["progress"], event["text"], event["seconds_left"])
        elif hear is not None:
            hear(event)

    return listen


def run_config(args: argparse.Namespace, kind: type[R], method_options: Collection[str] = ()) -> R:
    """The settings of a run by options, by --set and --method-set, and with --resume those that the run began with.

    Args:
        args: of a verb whose options of settings have the names of the settings.
        kind: of the settings.
        method_options: see :func:`method_settings`.

    Raises:
        InputError: a setting that cannot be.
    """
    values = stored_settings(args.output, kind) if args.resume and args.output else {}
    values |= {name: given for name in kind.known() if (given := getattr(args, name, None)) is not None}
    values |= run_settings(args, kind)
    method_config = method_settings(args, str(values.get("method", kind.method)), method_options)
    if method_config:
        values["method_config"] = method_config
    return kind.from_dict(values).with_length()
