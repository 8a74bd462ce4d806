"""Options and settings from a TOML file, as words of the command line: what the user types after them wins."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.settings import unknown_setting

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "samadapt.toml"
VERBS = ("finetune", "synthesize", "evaluate")
# The settings of a method within [finetune].
METHOD_TABLE = "method_settings"
_FLAGS = (argparse._StoreTrueAction, argparse._StoreFalseAction)
_NOT_IN_FILE = ("help", "json", "config", "set", "method_set", "resume")


def add_config_option(parser: argparse.ArgumentParser, more: str = "") -> None:
    """--config."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help=f"TOML file with options and settings in the table [{parser.prog.split()[-1]}]; {NAME} in the current "
        f"folder by default{more}",
    )


def settings_of(verb: str) -> type | None:
    """The dataclass whose fields ``--set`` of a verb reaches."""
    if verb == "finetune":
        from SAMAdaptLib.training.config import TrainConfig

        return TrainConfig
    if verb == "synthesize":
        from SAMAdaptLib.synthesis.config import SynthesisConfig

        return SynthesisConfig
    return None


def with_file(argv: Sequence[str], parsers: Mapping[str, argparse.ArgumentParser]) -> tuple[list[str], str]:
    """The words of a command with those of its configuration file put behind the verb.

    What is typed replaces what the file says of the same option or setting. A run that is resumed has its own settings:
    a file that was found and not named gives such a command the place of the run only.

    Args:
        argv: words of the command.
        parsers: of the verbs, by name.

    Returns:
        the words, and what the user should be told of a file that was found without being named, else "".

    Raises:
        InputError: a file that is missing or no TOML, an unknown table or key, a value that the key cannot have.
    """
    words = list(argv)
    verb = words[0] if words else ""
    if verb not in VERBS or verb not in parsers or "-h" in words or "--help" in words:
        return words, ""
    typed = _typed(words[1:], parsers[verb])
    named = typed.get("config", [None])[-1]
    path = Path(named or NAME)
    if (named is None and not path.is_file()) or (named and path.suffix.lower() == ".json"):
        return words, ""
    values = _read(path).get(verb, {})
    told = "" if named or not values else f"Options are taken from {path}, too; those of the command line come first"
    if told and "resume" in typed:
        values = {key: value for key, value in values.items() if key == "output"}
        told = f"The run goes on with its own settings, not with those of {path}"
    return [verb, *_words(verb, values, parsers[verb], typed, path), *words[1:]], told


def _typed(words: Sequence[str], parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """The first word after each option, by the option's dest; options may be shortened, as argparse allows."""
    flags = {flag: action.dest for action in parser._actions for flag in action.option_strings}
    found: dict[str, list[str]] = {}
    for place, word in enumerate(words):
        flag, equals, value = word.partition("=")
        whole = flag in flags or len(flag) < 3
        meant = {dest for known, dest in flags.items() if known == flag or (not whole and known.startswith(flag))}
        if len(meant) == 1:
            found.setdefault(meant.pop(), []).append(value if equals else "".join(words[place + 1 : place + 2]))
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        # Editors on Windows begin a file with a mark that TOML does not know.
        found = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"Cannot read the configuration ({error.strerror})", path, "Check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The configuration is no TOML ({error})", path, "Mend that line") from error
    for table, values in found.items():
        if not isinstance(values, dict):
            raise InputError(
                f"The configuration has {table!r} outside of a table", path, f"Use {', '.join(f'[{v}]' for v in VERBS)}"
            )
        if table not in VERBS:
            raise unknown_setting(f"Unknown table in {path}:", table, VERBS)
    return found


def _words(
    verb: str,
    values: Mapping[str, Any],
    parser: argparse.ArgumentParser,
    typed: Mapping[str, Sequence[str]],
    path: Path,
) -> list[str]:
    options = {
        flag[2:].replace("-", "_"): action
        for action in parser._actions
        for flag in action.option_strings
        if flag.startswith("--") and action.dest not in _NOT_IN_FILE
    }
    kind = settings_of(verb)
    settings = [] if kind is None else [f.name for f in fields(kind)]
    known = [*options, *(name for name in settings if name not in options)]
    if verb == "finetune":
        known.append(METHOD_TABLE)
    by_set, of_method = ({text.partition("=")[0].strip() for text in typed.get(d, ())} for d in ("set", "method_set"))
    words: list[str] = []
    seen: set[str] = set()
    for key, value in values.items():
        name = key.replace("-", "_")
        if name not in known:
            raise unknown_setting(f"Unknown key in [{verb}] of {path}:", key, known)
        if name in seen:
            raise InputError(f"[{verb}] has {key} twice, with - and with _", path, "Remove one")
        seen.add(name)
        option = options.get(name)
        if name in (METHOD_TABLE, "method_config"):
            if not isinstance(value, dict):
                raise _refused(verb, key, "must be a table", path, f"Write [finetune.{key}]")
            here = () if "method_config" in by_set else value.items()
            added = [(n, v) for n, v in here if n not in of_method and n not in typed]
            words += [f"--method-set={n}={_json(v, verb, n, path)}" for n, v in added]
        elif name in by_set or (name if option is None else option.dest) in typed:
            continue
        elif isinstance(option, _FLAGS):
            if not isinstance(value, bool):
                raise _refused(verb, key, f"cannot be {value!r}", path, "Give true or false")
            words += [option.option_strings[0]] * value
        elif option is not None and not isinstance(value, bool):
            words += _option(option, value, parser, verb, key, path)
        elif name in settings:
            _check_setting(kind, name, value, verb, key, path)
            words.append(f"--set={name}={_json(value, verb, key, path)}")
        else:
            raise _refused(verb, key, f"cannot be {value!r}", path, "Give a text or a number")
    return words


def _refused(verb: str, key: str, why: str, path: Path, remedy: str | None = "See docs/cli.md") -> InputError:
    return InputError(f"[{verb}] {key} {why}", path, remedy)


def _json(value: Any, verb: str, key: str, path: Path) -> str:
    try:
        return json.dumps(value)
    except TypeError as error:  # TOML has dates, which no setting takes
        raise _refused(verb, key, "cannot be a date or time", path) from error


def _check_setting(kind: type, name: str, value: Any, verb: str, key: str, path: Path) -> None:
    try:
        if verb == "finetune":
            kind(**{"steps": 1, name: value}).validate()
        else:
            kind(**{name: value})
    except InputError as error:
        raise _refused(verb, key, f"cannot be {value!r}", path, error.remedy) from error


def _option(
    action: argparse.Action, value: Any, parser: argparse.ArgumentParser, verb: str, key: str, path: Path
) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
    plain = all(isinstance(part, (str, int, float)) and not isinstance(part, bool) for part in parts)
    if not plain or not parts or (len(parts) > 1 and not several):
        raise _refused(verb, key, f"cannot be {value!r}", path)
    texts = [str(part) for part in parts]
    try:
        for text in texts:
            parser._check_value(action, parser._get_value(action, text))
    except argparse.ArgumentError as error:
        raise _refused(verb, key, f"cannot be {value!r} ({error.message.rstrip('.')})", path) from error
    flag = action.option_strings[0]
    if isinstance(action, argparse._AppendAction):
        return [word for text in texts for word in ([flag, text] if action.nargs else [f"{flag}={text}"])]
    return [flag, *texts] if action.nargs == "+" else [f"{flag}={texts[0]}"]
