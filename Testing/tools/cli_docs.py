"""Write docs/cli.md from the parsers of the command: ``python -m Testing.tools.cli_docs``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from SAMAdaptLib.cli.config_file import METHOD_TABLE, settings_of
from SAMAdaptLib.cli.main import VERBS
from SAMAdaptLib.methods import METHODS, get_config
from SAMAdaptLib.settings import Settings
from SAMAdaptLib.study.config import METHOD_SETTINGS, UNTRAINED, CellSettings, DataSettings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
START = """# The command line

*Written by `python -m Testing.tools.cli_docs` from the command itself; a test compares the two.*

Points and boxes are RAS mm. Each verb has `--help` and `--json`; exit codes are 0 (done), 2 (bad input) and 130
(interrupted). What should be known though the work goes on is a line `samadapt: note: ...` on stderr, and stands under
"notes" in the JSON.

## One file for all settings

`finetune`, `synthesize` and `evaluate` take their options from `samadapt.toml` in the current folder, or from
`--config FILE`. What is typed comes first. Paths are as seen from the current folder.

```toml
[finetune]
library = "LIB"
budget_minutes = 4
prompts = "box:0.05=0.5,point=0.5"
lr = 1e-3
synthesis_config = { rotation_degrees = 10 }

[finetune.method_settings]
rank = 8

[synthesize]
count = 50
shift_mm = 10

[evaluate]
prompt = "box"
tolerance_mm = 1
```

Keys are the options below but `--set` and `--resume`, with `_` or `-`, and the settings listed with each verb. A key
that there is not is refused. `finetune --resume` goes on with the run's own settings: of a `samadapt.toml` it takes the
`output` only, and what a `--config FILE` says otherwise than the run is refused.
"""


def page() -> str:
    """The text of docs/cli.md."""
    return START + "".join(_verb(parser) for parser in _parsers())


def _parsers() -> Iterator[argparse.ArgumentParser]:
    verbs = argparse.ArgumentParser(prog="samadapt").add_subparsers()
    for verb in VERBS:
        import_module(f"SAMAdaptLib.cli.{verb}").add_parser(verbs)
    for parser in verbs.choices.values():
        nested = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        yield from nested[0].choices.values() if nested else [parser]


def _verb(parser: argparse.ArgumentParser) -> str:
    lines = ["", f"## `{parser.prog}`", "", parser.description or "", ""]
    example = (parser.epilog or "").partition("\n")[2]
    if example:
        lines += ["```", *(line.strip() for line in example.splitlines()), "```", ""]
    rows = [f"| {_name(a)} | {_text(a)} |" for a in parser._actions if a.dest not in ("help", "json")]
    lines += ["| option | |", "|---|---|", *rows] if rows else ["No options but `--json`."]
    if parser.prog.endswith(" study"):
        lines += ["", "Keys of `[data]`, which says what the scans are:", "", *settings_table(DataSettings)]
        lines += ["", "Keys of a cell, in `[cells]` or `[[rows]]`:", "", *settings_table(CellSettings)]
        more = f"Beside them the settings of `samadapt finetune`, with those of a method in `{METHOD_SETTINGS}`. "
        lines += ["", more + f'`method = "{UNTRAINED}"` is the base model as it is.']
    kind = settings_of(parser.prog.split()[-1])
    if kind is not None:
        lines += ["", "Settings, by `--set NAME=VALUE` or in the file:", "", *settings_table(kind)]
    if kind is not None and parser.prog.endswith("finetune"):
        for name, entry in METHODS.items():
            where = f"by `--method-set` or in `[finetune.{METHOD_TABLE}]`"
            lines += ["", f"Settings of the method `{name}`, {entry.title}, {where}:", ""]
            lines += settings_table(get_config(name))
    return "\n".join(lines) + "\n"


def _name(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar or action.dest}`"
    flag = action.option_strings[-1]
    if action.nargs == 0:
        return f"`{flag}`"
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    value = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar or choices
    return f"`{flag} {value}{' ...' if action.nargs == '+' else ''}`"


def _text(action: argparse.Action) -> str:
    needed = " *Required.*" if action.required and action.option_strings else ""
    return _cell(action.help or "") + needed


def settings_table(kind: type[Settings]) -> Iterator[str]:
    """What the user may set, as lines of Markdown."""
    yield "| setting | default | takes | |"
    yield "|---|---|---|---|"
    for one in kind.known().values():
        if not one.filled_in:
            default = "" if one.default in (None, "", {}, []) else f"`{one.default}`"
            yield f"| `{one.name}` | {default} | {_cell(one.takes)} | {_cell(one.help)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    print(PAGE)
