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
_NOT_IN_FILE = ("help", "json", "config", "set", "method_set")


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


def with_file(argv: Sequence[str], parsers: Mapping[str, argparse.ArgumentParser]) -> tuple[list[str], Path | None]:
    """The words of a command with those of its configuration file put behind the verb.

    Args:
        argv: words of the command.
        parsers: of the verbs, by name.

    Returns:
        the words, and the file where one in the current folder was found without being named.

    Raises:
        InputError: a file that is missing or no TOML, an unknown table or key, a value that is neither text, number,
            truth value nor a list of such.
    """
    words = list(argv)
    verb = words[0] if words else ""
    if verb not in VERBS or verb not in parsers or "-h" in words or "--help" in words:
        return words, None
    named = _named(words)
    path = Path(named or NAME)
    if (named is None and not path.is_file()) or (named and path.suffix.lower() == ".json"):
        return words, None
    values = _read(path).get(verb, {})
    return [verb, *_words(verb, values, parsers[verb], path), *words[1:]], None if named else path


def _named(words: Sequence[str]) -> str | None:
    found = None
    for place, word in enumerate(words):
        if word == "--config" and place + 1 < len(words):
            found = words[place + 1]
        elif word.startswith("--config="):
            found = word.partition("=")[2]
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise InputError(f"Cannot read the configuration ({error.strerror})", path, "Check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The configuration is no TOML ({error})", path, "Mend that line") from error
    for table, values in found.items():
        if table not in VERBS or not isinstance(values, dict):
            raise InputError(
                f"The configuration has {table!r} outside of a table", path, f"Use {', '.join(f'[{v}]' for v in VERBS)}"
            )
    return found


def _words(verb: str, values: Mapping[str, Any], parser: argparse.ArgumentParser, path: Path) -> list[str]:
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
    words: list[str] = []
    for key, value in values.items():
        name = key.replace("-", "_")
        if name not in known:
            raise unknown_setting(f"Unknown key in [{verb}] of {path}:", key, known)
        if name == METHOD_TABLE:
            words += [f"--method-set={one}={json.dumps(given)}" for one, given in _table(value, key, path).items()]
        elif isinstance(value, bool) and isinstance(options.get(name), _FLAGS):
            words += [f"--{name.replace('_', '-')}"] * value
        elif name in options and not (isinstance(value, bool) and name in settings):
            words += _option(options[name], value, key, path)
        else:
            words.append(f"--set={name}={json.dumps(value)}")
    return words


def _table(value: Any, key: str, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{key} must be a table", path, f"Write [finetune.{key}] and a line for each setting")
    return value


def _option(action: argparse.Action, value: Any, key: str, path: Path) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
    if any(isinstance(part, (dict, list, bool)) for part in parts) or (len(parts) != 1 and not several):
        raise InputError(f"{key} cannot be {json.dumps(value, default=str)}", path, "See the table in docs/cli.md")
    texts = [str(part) for part in parts]
    flag = action.option_strings[0]
    if isinstance(action, argparse._AppendAction):
        return [word for text in texts for word in ([flag, text] if action.nargs else [f"{flag}={text}"])]
    return [flag, *texts] if action.nargs == "+" else [f"{flag}={texts[0]}"]
