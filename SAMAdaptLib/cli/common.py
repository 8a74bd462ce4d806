"""What the verbs share: progress, interruption, options for models and labels."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from SAMAdaptLib import defaults
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.paths import Output
from SAMAdaptLib.training.launch import place

if TYPE_CHECKING:
    from SAMAdaptLib.jobs.load import LoadedModel

LINE_SECONDS = 10.0
RECENT = 20


class Session:
    """One call of the command: where words go, and whether the user wants to stop.

    The first Ctrl-C asks the work to stop at its next safe point, the second stops at once. Of several processes that
    were launched for one training only the first one speaks. ``begun`` is when the call was made, by
    ``time.monotonic``: torch is loaded later, and takes seconds of a run's budget.
    """

    def __init__(self, as_json: bool) -> None:
        self.begun = time.monotonic()
        self.as_json = as_json
        self.silent = place().rank > 0
        self.interrupted = False
        # What the call ends with where it does not fail as a whole.
        self.code = 0
        self.notes: list[str] = []

    def __enter__(self) -> Session:
        with contextlib.suppress(ValueError):  # signals can be set in the main thread only
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(ValueError, AttributeError):
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, *signalled: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        if not self.silent:
            print("samadapt: stopping at the next safe point; Ctrl-C again stops at once", file=sys.stderr)

    def cancelled(self) -> bool:
        """Whether to stop."""
        return self.interrupted

    def check(self) -> None:
        """Raise Cancelled where the user asked to stop."""
        if self.interrupted:
            raise Cancelled()

    def say(self, text: str = "", flush: bool = False) -> None:
        """Print a line of the answer; with --json the answer is JSON and this goes to stderr."""
        if not self.silent:
            print(text, file=sys.stderr if self.as_json else sys.stdout, flush=flush)

    def note(self, text: str) -> None:
        """Tell on stderr what the user should know, once; with --json it also stands in the answer's "notes"."""
        if text not in self.notes and not self.silent:
            self.notes.append(text)
            print(f"samadapt: note: {text}", file=sys.stderr)

    @contextlib.contextmanager
    def progress(self, what: str) -> Iterator[Teller]:
        """Give what shows a bar with the time left; without a terminal it prints a line now and then instead."""
        if self.silent:
            yield Teller(what, lambda done, total, words: None)
            return
        if not sys.stderr.isatty():
            yield Teller(what)
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}")]
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(what, total=None, words="")

            def show(done: float, total: float | None, words: str) -> None:
                bar.update(task, completed=done, total=total, words=words)

            yield Teller(what, show)


class Bars:
    """A bar for each of several things that are done one after the other: called with (name, done, total)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._name: str | None = None
        self._tell: Teller | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def __call__(self, name: str, done: int, total: int) -> None:
        if self._tell is None or name != self._name:
            self._open.close()
            self._name, self._tell = name, self._open.enter_context(self._session.progress(name))
        self._tell(done, total)


class Teller:
    """Tells how far the work is: called with (done, total, note="", within=""). Where ``within`` names a part of the
    work, such as a cell, what is done and left is of that part, and the line says so.

    Args:
        what: is being done.
        show: takes (done, total, words) at once; by default a line goes to stderr every ten seconds.
    """

    def __init__(self, what: str, show: Callable[[float, float | None, str], None] | None = None) -> None:
        self._what, self._show = what, show
        self._told = time.monotonic()
        # When the last ones were done: the first include what is done once, such as loading.
        self._recent: deque[tuple[float, float]] = deque(maxlen=RECENT)

    def __call__(self, done: int, total: int | None = None, note: object = "", within: str = "") -> None:
        """Done so many of ``total`` (None: not known); a note that is a number is the index of a slice."""
        if self._recent and done < self._recent[-1][1]:
            self._recent.clear()  # the next round of the work
        if not self._recent or self._recent[-1][1] != done:
            self._recent.append((time.monotonic(), done))
        (first, before), (last, latest) = self._recent[0], self._recent[-1]
        left = (last - first) / (latest - before) * (total - done) if total and latest > before else None
        note = f"slice {note}" if isinstance(note, int) and not isinstance(note, bool) else str(note)
        self._line(done, total, f"{done}/{total or '?'}", left, note, within)

    def share(self, progress: float, note: str, left: float | None, within: str = "") -> None:
        """Done is a share from 0 to 1 of work whose length is not settled; ``left`` seconds, where they are known."""
        self._line(progress, 1.0, f"{100 * progress:.0f} %", left, note, within)

    def stage(self, text: str) -> None:
        """Say at once what is being done while nothing is counted."""
        if self._show is not None:
            self._show(0, None, text)
            return
        self._told = time.monotonic()
        print(f"{self._what}: {text}", file=sys.stderr, flush=True)

    def _line(
        self, done: float, total: float | None, count: str, left: float | None, note: str, within: str
    ) -> None:
        words = f"{within}: " if within else ""
        words += ", ".join([count, *([] if left is None else [f"{duration(left)} left"]), *([note] if note else [])])
        if self._show is not None:
            self._show(done, total, words)
        elif time.monotonic() - self._told >= LINE_SECONDS:
            self._told = time.monotonic()
            print(f"{self._what}{', ' if within else ' '}{words}", file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """As one reads a time: "40 s", "2 min 30 s", "1 h 5 min"."""
    seconds = max(0, round(seconds))
    if seconds < 60:
        return f"{seconds} s"
    # No one waits for single seconds beyond a minute.
    minutes, rest = divmod(10 * round(seconds / 10), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def verb_parser(
    verbs: Any,
    name: str,
    text: str,
    example: str,
    run: Callable[..., Any],
    writes: Callable[[argparse.Namespace], Sequence[Output]] | None,
) -> argparse.ArgumentParser:
    """A subparser with an example, --json and the function behind it.

    Args:
        verbs: of the parser above.
        name: of the verb.
        text: what it does, as a sentence without a full stop.
        example: a whole command.
        run: does it.
        writes: tells from the arguments where results will lie and what they are made from, which is checked before
            ``run``; None for a verb that writes nothing new.
    """
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=text[0].lower() + text[1:],
        description=text + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run, writes=writes, parser=parser)
    return parser


def add_output_option(parser: argparse.ArgumentParser, metavar: str, text: str, required: bool = True) -> None:
    """--output and --overwrite."""
    parser.add_argument("--output", required=required, metavar=metavar, help=text)
    parser.add_argument(
        "--overwrite", action="store_true", help=f"write to {metavar} although something else is there already"
    )


def add_propagate_option(parser: argparse.ArgumentParser, text: str) -> None:
    """--propagate, by masks or by memory."""
    parser.add_argument(
        "--propagate",
        nargs="?",
        const="masks",
        choices=("masks", "memory"),
        help=f"{text}; by masks (default), each the prompt of the next slice, or by memory, where the model's own "
        "memory of other slices (SAM 2) carries the object",
    )


def by_memory(args: argparse.Namespace) -> bool:
    """Whether --propagate asks for the model's memory; raises InputError where the base model has none."""
    if args.propagate != "memory":
        return False
    from SAMAdaptLib.jobs.policy import require_recall

    require_recall(args.model, args.adapter)
    return True


def add_model_options(parser: argparse.ArgumentParser, weights: bool = True, plain_points: bool = True) -> None:
    """--model, --checkpoint, --adapter and how to run them; --weights where a user may choose which answer, and
    --plain-points where points may be given as they are."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        help=f"base model (default that of the adapter, else {defaults.MODEL}); `samadapt models` lists them",
    )
    parser.add_argument("--checkpoint", metavar="FILE", help="local weights of that architecture")
    parser.add_argument(
        "--adapter",
        type=named_adapter,
        metavar="RUN",
        help="run or adapter folder written by `samadapt finetune`, or a name that `samadapt adapters list` shows",
    )
    if plain_points:
        parser.add_argument(
            "--plain-points",
            action="store_true",
            help="give points as they are also to a model that was trained with boxes only; otherwise a box is grown "
            "from a point, and a click beside a box changes the answer near it",
        )
    if weights:
        parser.add_argument(
            "--weights",
            default=defaults.WEIGHTS,
            metavar="WHICH",
            help="with an adapter: auto (default) answers each kind of prompt with the weights that were better on the "
            "slices held out by the training, adapted and base always with the ones or the others",
        )
    add_device_options(parser)


def named_adapter(text: str) -> str:
    """The folder that an option's value, a path or a name on the shelf, means."""
    from SAMAdaptLib.adapters.shelf import adapter_named

    try:
        return adapter_named(text)
    except InputError as error:
        # argparse would hide the words of any other error.
        raise argparse.ArgumentTypeError(str(error)) from error


def add_device_options(parser: argparse.ArgumentParser) -> None:
    """--input-size, --device and --precision."""
    parser.add_argument(
        "--input-size", type=int, metavar="PX", help="side of the model input; the native one by default"
    )
    parser.add_argument("--device", default=defaults.DEVICE, help="auto (default), cpu, mps, cuda or cuda:NUMBER")
    text = "of the image encoder: auto (default), fp32 or bf16"
    parser.add_argument("--precision", default=defaults.PRECISION, help=text)


def model_inputs(args: argparse.Namespace) -> list[str | None]:
    """The files and folders that the options for a model name."""
    return [args.checkpoint, args.adapter]


def open_model(args: argparse.Namespace, session: Session, **more: Any) -> LoadedModel:
    """The model that the options name; ``more`` goes to :func:`SAMAdaptLib.jobs.load.load_model` beside them."""
    from SAMAdaptLib.jobs.load import load_model

    with session.progress("weights") as tell:
        return load_model(
            args.model,
            adapter=args.adapter,
            checkpoint=args.checkpoint,
            input_size=args.input_size,
            device=args.device,
            precision=args.precision,
            plain_points=args.plain_points,
            progress=tell,
            **({"weights": args.weights} if "weights" in args else {}),
            **more,
        )


def table(rows: Sequence[Sequence[object]], header: list[str]) -> str:
    """Plain columns, the first left-aligned, the others right-aligned."""
    lines = [header, *rows]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            f"{cell!s:<{w}}" if i == 0 else f"{cell!s:>{w}}"
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
