"""Settings: dataclasses whose fields say what they mean and take, once for checks, files, options, pages and tips."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from SAMAdaptLib.errors import InputError

T = TypeVar("T")
S = TypeVar("S", bound="Settings")
# Settings that there are no more, and in whose place nothing has come.
GONE = frozenset({"known_weight"})


@dataclass(frozen=True)
class Setting:
    """What one setting means and takes.

    Attributes:
        name: of the field.
        default: where nothing is given.
        kinds: types that it takes: bool, int, float, str, dict, list, which is several texts, or tuple, which is a pair
            of numbers, the lower first.
        optional: whether it takes None.
        help: what it is, as the start of a sentence without a full stop.
        low, high: ends of a number's range, None for none.
        above: whether the lower end itself is out.
        multiple: of which a number has to be one.
        unit: of a number, as a plural.
        choices: all that it takes, empty for no such list.
        form: how to write it, where the type does not say enough.
        filled_in: whether the program finds it out, and the user has no say.
    """

    name: str
    default: Any
    kinds: tuple[type, ...]
    optional: bool
    help: str
    low: float | None = None
    high: float | None = None
    above: bool = False
    multiple: int = 1
    unit: str = ""
    choices: tuple[Any, ...] = ()
    form: str = ""
    filled_in: bool = False

    @property
    def limits(self) -> str:
        """The range of a number in words: "above 0", "0 or more", "from 0 to 1"; empty for none."""
        low, high = ("" if end is None else f"{end:g}" for end in (self.low, self.high))
        if self.above:
            return f"above {low}, up to {high}" if high else f"above {low}"
        return f"from {low} to {high}" if high else f"{low} or more" if low else ""

    @property
    def takes(self) -> str:
        """What it takes, in words: "a number of minutes above 0"."""
        if self.form or self.choices:
            return self.form or alternatives(self.choices)
        words = {bool: "true or false", str: "a text", dict: "names and values", list: "one text or several"}
        kind = self.kinds[0]
        if kind in words:
            return words[kind]
        start = {int: "a whole number", float: "a number", tuple: "two numbers"}[kind]
        if self.unit:
            start = f"{start} of {self.unit}" + ("," if self.limits[:1].isdigit() else "")
        elif self.limits[:1].isdigit():
            start += " of"
        if kind is tuple:
            return f"{start} {self.limits}".rstrip() + ", the lower first"
        return f"{start} {self.limits}".rstrip() + (f", a multiple of {self.multiple}" if self.multiple > 1 else "")

    @property
    def tip(self) -> str:
        """What it means and, where it is a number, takes, as sentences."""
        meaning = f"{self.help[0].upper()}{self.help[1:]}."
        return f"{meaning} Takes {self.takes}." if self.limits and not self.form else meaning

    def checked(self, value: Any) -> Any:
        """The value as it is kept: numbers for which float stands as such, pairs as tuples, a text alone as a list.

        Raises:
            InputError: it cannot be.
        """
        if value is None and self.optional:
            return None
        if list in self.kinds and isinstance(value, str):
            value = [value]
        if not self._fits(value) or (self.choices and value not in self.choices):
            raise InputError(f"{self.name} is {value!r}", None, f"Give {self.takes}")
        if tuple in self.kinds:
            return tuple(map(float, value))
        if not _is_number(value):
            return value
        # It may be numpy's, which JSON does not know.
        return int(value) if isinstance(value, Integral) and self.kinds != (float,) else float(value)

    def _fits(self, value: Any) -> bool:
        if tuple in self.kinds:
            pair = value if isinstance(value, (tuple, list)) else ()
            return len(pair) == 2 and all(map(self._is_number_within, pair)) and pair[0] <= pair[1]
        if _is_number(value):
            whole = int in self.kinds and isinstance(value, Integral)
            return (whole or float in self.kinds) and self._is_number_within(value)
        if isinstance(value, list):
            return list in self.kinds and all(isinstance(part, str) for part in value)
        # True is an int to Python, and to nobody else.
        return bool in self.kinds if isinstance(value, bool) else isinstance(value, self.kinds)

    def _is_number_within(self, value: Any) -> bool:
        if not _is_number(value) or not isfinite(value):
            return False
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return (self.high is None or value <= self.high) and (self.multiple == 1 or value % self.multiple == 0)


def setting(
    default: T,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    multiple: int = 1,
    unit: str = "",
    choices: Collection[Any] = (),
    form: str = "",
    filled_in: bool = False,
) -> T:
    """A field of :class:`Settings` with what :class:`Setting` says of it; ``above`` is a lower end that is out itself.

    Returns:
        the field, which type checkers take for its default.
    """
    words: dict[str, Any] = {
        "help": help, "low": low if above is None else above, "high": high, "above": above is not None,
        "multiple": multiple, "unit": unit, "choices": tuple(choices), "form": form, "filled_in": filled_in,
    }  # fmt: skip
    metadata = {"setting": words}
    if isinstance(default, (dict, list)):
        made: Any = field(default_factory=default.copy, metadata=metadata)
    else:
        made = field(default=default, metadata=metadata)
    result: T = made
    return result


@dataclass(frozen=True)
class Settings:
    """Base of settings: frozen dataclasses whose fields are made by :func:`setting`; what cannot be is not built.

    Attributes:
        what: what one of them is called.

    Raises:
        InputError: a value that cannot be; names the setting, the value and what it takes.
    """

    what: ClassVar[str] = "setting"

    def __post_init__(self) -> None:
        for one in self.known().values():
            object.__setattr__(self, one.name, one.checked(getattr(self, one.name)))
        self.check()

    def check(self) -> None:
        """Raises InputError where settings that can be each by itself do not go together; for heirs to say."""

    @classmethod
    def known(cls) -> dict[str, Setting]:
        """All settings by name."""
        if cls not in _KNOWN:
            _KNOWN[cls] = _read(cls)
        return _KNOWN[cls]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls: type[S], values: Mapping[str, Any], where: str | os.PathLike[str] | None = None) -> S:
        """The inverse of :meth:`to_dict`; settings left out take their defaults.

        Args:
            values: by name.
            where: the file or setting that they are from, for errors.

        Raises:
            InputError: not a mapping, an unknown name, or a value that cannot be.
        """
        if not isinstance(values, Mapping):
            raise InputError(f"The {cls.what}s are not a mapping", where, "Give names and values")
        known = cls.known()
        for name in values:
            if name not in known:
                listed = [one.name for one in known.values() if not one.filled_in]
                raise unknown_setting(f"Unknown {cls.what}", name, listed, where)
        try:
            return cls(**values)
        except InputError as error:
            raise error if where is None else InputError(error.what, where, error.remedy) from error


_KNOWN: dict[type[Settings], dict[str, Setting]] = {}


def _read(kind: type[Settings]) -> dict[str, Setting]:
    hints, found = get_type_hints(kind), {}
    for one in fields(kind):
        hint = hints[one.name]
        plain = get_origin(hint) in (None, dict, list, tuple)
        kinds = [get_origin(part) or part for part in ((hint,) if plain else get_args(hint))]
        default = one.default_factory() if callable(one.default_factory) else one.default
        types = tuple(kind for kind in kinds if kind is not NoneType)
        found[one.name] = Setting(one.name, default, types, NoneType in kinds, **one.metadata["setting"])
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def alternatives(choices: Collection[Any]) -> str:
    """Choices in words: "a, b or c"."""
    *first, last = map(str, choices)
    return f"{', '.join(first)} or {last}" if first else last


def unknown_setting(
    what: str, name: str, known: Collection[str], where: str | os.PathLike[str] | None = None
) -> InputError:
    """The error that names the setting, the one that may have been meant, and all that there are.

    Args:
        what: "Unknown training setting" and the like.
        name: that there is not.
        known: names that there are.
        where: it was given.
    """
    if name.replace("-", "_") in GONE:
        return InputError(f"{what} {name!r}", where, "It is gone, and nothing has taken its place: leave it out")
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return InputError(f"{what} {name!r}", where, f"{meant}Known are {', '.join(known)}")


def read_toml(path: str | os.PathLike[str], what: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: the file.
        what: what the file is, for the error message ("configuration").

    Raises:
        InputError: missing, unreadable, not TOML, or nested deeper than anybody writes.
    """
    # Not at the top: an application whose Python has no reader of TOML needs none.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    path = Path(path)
    try:
        # Editors on Windows begin a file with a mark that TOML does not know.
        found: dict[str, Any] = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"Cannot read the {what} ({error.strerror})", path, "Check the path") from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"The {what} is no TOML ({error})", path, "Mend that line") from error
    return found
