"""Options and settings from a TOML file, as words of the command line: what the user types after them wins."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from SAMAdaptLib.defaults import METHOD
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.settings import Setting, Settings, read_toml, unknown_setting

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


def settings_of(verb: str) -> type[Settings] | None:
    """The settings that ``--set`` of a verb reaches."""
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
    return [verb, *_Table(verb, path, parsers[verb], typed).words(values), *words[1:]], told


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
    found = read_toml(path, "configuration")
    for table, values in found.items():
        if not isinstance(values, dict):
            raise InputError(
                f"The configuration has {table!r} outside of a table", path, f"Use {', '.join(f'[{v}]' for v in VERBS)}"
            )
        if table not in VERBS:
            raise unknown_setting(f"Unknown table in {path}:", table, VERBS)
    return found


class _Table:
    """The table of a verb in a file, read as words of that verb."""

    def __init__(
        self, verb: str, path: Path, parser: argparse.ArgumentParser, typed: Mapping[str, Sequence[str]]
    ) -> None:
        self.verb, self.path, self.parser, self.typed = verb, path, parser, typed
        self.options = {
            flag[2:].replace("-", "_"): action
            for action in parser._actions
            for flag in action.option_strings
            if flag.startswith("--") and action.dest not in _NOT_IN_FILE
        }
        self.kind = settings_of(verb)
        self.settings = {} if self.kind is None else self.kind.known()
        self.by_set, self.of_method = (
            {name.strip(): value for name, _, value in (text.partition("=") for text in typed.get(dest, ()))}
            for dest in ("set", "method_set")
        )

    def words(self, values: Mapping[str, Any]) -> list[str]:
        """The options for what the table says, but for what was typed."""
        known = [*self.options, *(name for name in self.settings if name not in self.options)]
        if self.verb == "finetune":
            known.append(METHOD_TABLE)
        named: dict[str, Any] = {}
        for key, value in values.items():
            name = key.replace("-", "_")
            if name not in known:
                raise unknown_setting(f"Unknown key in [{self.verb}] of {self.path}:", key, known)
            if name in named:
                raise InputError(f"[{self.verb}] has {key} twice, with - and with _", self.path, "Remove one")
            named[name] = value
        words: list[str] = []
        for name, value in named.items():
            option = self.options.get(name)
            if name in (METHOD_TABLE, "method_config"):
                words += self._method_settings(name, value, named.get("method"))
            elif name not in self.by_set and (name if option is None else option.dest) not in self.typed:
                words += self._word(name, value, option)
        return words

    def _word(self, name: str, value: Any, option: argparse.Action | None) -> list[str]:
        # What was a flag once may be given a word now.
        worded = isinstance(value, bool) and option is not None and option.nargs == "?"
        if option is not None and (worded or isinstance(option, _FLAGS)):
            if not isinstance(value, bool):
                raise self._refused(name, f"cannot be {value!r}", "Give true or false")
            return [option.option_strings[0]] * value
        if name in self.settings:
            self._check(name, self.settings[name], value)
        if option is not None:
            return self._option(option, value, name)
        text = self._json(value, name)
        if isinstance(value, dict) and self.kind is not None:
            try:
                self.kind.from_dict({name: value})
            except InputError as error:
                raise InputError(f"[{self.verb}] {name}: {error.what}", self.path, error.remedy) from error
        return [f"--set={name}={text}"]

    def _method_settings(self, table: str, values: Any, method: Any) -> list[str]:
        if not isinstance(values, dict):
            raise self._refused(table, "must be a table", f"Write [finetune.{table}]")
        if "method_config" in self.by_set:
            return []
        known = self._settings_of_method(method)
        words = []
        for name, value in values.items():
            if known is not None and name not in known:
                raise unknown_setting(f"Unknown key in [finetune.{table}] of {self.path}:", name, known)
            if name not in self.of_method and name not in self.typed:
                if known is not None:
                    self._check(f"{table}.{name}", known[name], value)
                words.append(f"--method-set={name}={self._json(value, name)}")
        return words

    def _settings_of_method(self, in_file: Any) -> dict[str, Setting] | None:
        """Those that the user may choose; None where the method is not known, or only to the run that goes on."""
        from SAMAdaptLib.methods import METHODS, get_config

        typed = [*self.typed.get("method", ()), *filter(None, [self.by_set.get("method")])]
        name = str(typed[-1] if typed else in_file or ("" if "resume" in self.typed else METHOD))
        if name not in METHODS:
            return None
        return {one.name: one for one in get_config(name).known().values() if not one.filled_in}

    def _check(self, name: str, setting: Setting, value: Any) -> None:
        try:
            setting.checked(value)
        except InputError as error:
            raise self._refused(name, f"cannot be {value!r}", error.remedy) from error

    def _option(self, action: argparse.Action, value: Any, key: str) -> list[str]:
        parts = value if isinstance(value, list) else [value]
        several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
        plain = all(isinstance(part, (str, int, float)) and not isinstance(part, bool) for part in parts)
        if not plain or not parts or (len(parts) > 1 and not several):
            raise self._refused(key, f"cannot be {value!r}")
        texts = [str(part) for part in parts]
        try:
            for text in texts:
                self.parser._check_value(action, self.parser._get_value(action, text))
        except argparse.ArgumentError as error:
            raise self._refused(key, f"cannot be {value!r} ({error.message.rstrip('.')})") from error
        flag = action.option_strings[0]
        if isinstance(action, argparse._AppendAction):
            return [word for text in texts for word in ([flag, text] if action.nargs else [f"{flag}={text}"])]
        return [flag, *texts] if action.nargs == "+" else [f"{flag}={texts[0]}"]

    def _json(self, value: Any, key: str) -> str:
        try:
            return json.dumps(value)
        except TypeError as error:  # TOML has dates, which no setting takes
            raise self._refused(key, "cannot be a date or time") from error

    def _refused(self, key: str, why: str, remedy: str | None = "See docs/cli.md") -> InputError:
        return InputError(f"[{self.verb}] {key} {why}", self.path, remedy)
