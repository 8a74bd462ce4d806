"""Fine-tuning by name: run folders, one run at a time, and the way of its result onto the shelf."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from SAMAdaptLib.adapters.info import read_adapter_info
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.protocol import Done
from SAMAdaptLib.service.reply import Reply
from SAMAdaptLib.service.training import has_checkpoint
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.app.Signal import Signal
from SAMAdaptModuleLib.console.ModelChoices import baseName

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.shelf import Shelf
    from SAMAdaptModuleLib.worker.TrainingSession import TrainingSession


class TrainingRuns:
    """The runs of this computer.

    A run lies in a folder of its own, ``NAME-DATE-TIME``. When it is done, its adapter is copied onto the shelf.

    Attributes:
        progress: emitted with figures, see ``TrainingSession.progress``.
        finished: emitted with the adapter's folder on the shelf.
        failed: emitted with the error.
        stopped: emitted with True where the run can go on.
        downloadProgress: emitted with bytes done and in all while the model is fetched.
        logged: emitted with a line of text.
        name: of the last run; also while none is going on.

    Args:
        session: does them.
        shelf: gets the adapters.
        folder: of all runs.
    """

    def __init__(self, session: TrainingSession, shelf: Shelf, folder: Path) -> None:
        self.progress, self.finished, self.failed, self.stopped, self.logged = (Signal() for _index in range(5))
        self.downloadProgress = session.downloadProgress
        self.name = ""
        self._session, self._shelf, self._folder = session, shelf, Path(folder)
        self._reply: Reply[Done] | None = None
        # What has become of the last run: its adapter on the shelf, or why there is none.
        self._end: Path | Exception | None = None
        session.progress.connect(self.progress.emit)
        session.logged.connect(self.logged.emit)
        session.failed.connect(self._onFailed)
        session.stopped.connect(self.stopped.emit)
        session.finished.connect(self._onFinished)

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._session.running

    def start(self, name: str, library: Path, config: Mapping[str, Any], choice: ModelChoice) -> Path:
        """Start a run; returns its folder.

        Raises:
            InputError: a run is going on; a name that is taken or cannot be a file's; an empty library; settings that
                cannot be; a folder that cannot be written to.
        """
        self._checkIdle()
        self._shelf.check_new(name)
        from SAMAdaptLib.exemplars.library import Library

        if not any(info.classes for info in Library.open(library).infos()):
            raise InputError(
                _("The library holds no labelled exemplar"), library, _("Add some slices in step 1 first")
            )
        output = self._folder / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
        config = {"input_size": choice.inputSize, **config, "model": baseName(choice)}
        self._run(name, library, output, config, choice, resume=False)
        return output

    def resume(self, name: str, library: Path | None, choose: Callable[[str], ModelChoice]) -> Path:
        """Go on with the last stopped run of this name, with its own settings; returns its folder.

        Args:
            name: of the run.
            library: folder of its exemplars where it has moved; None for the one that the run remembers.
            choose: gives what is to be loaded for the name of a base model.

        Raises:
            InputError: a run is going on, none of this name was stopped, or its library is not where it was.
        """
        self._checkIdle()
        output = self.resumable(name)
        if output is None:
            raise InputError(
                _("No stopped training has this name"), name, _("Start it, or give the name of a stopped one")
            )
        library = _libraryOf(output, library)
        from SAMAdaptLib.training.config import TrainConfig
        from SAMAdaptLib.training.resume import stored_settings

        config = stored_settings(output, TrainConfig)
        self._run(name, library, output, config, choose(config["model"]), resume=True)
        return output

    def resumable(self, name: str) -> Path | None:
        """Folder of the last run of this name that was stopped before its end, or whose adapter has not come onto the
        shelf: the application was quit in the moment in which the run ended."""
        # The time at the end is part of the pattern, or "liver" would find the runs of "liver-2".
        pattern = re.compile(re.escape(name) + r"-\d{8}-\d{6}")
        found = sorted(p for p in _children(self._folder) if pattern.fullmatch(p.name))
        ended = [run for run in found if (run / "adapter" / "adapter.json").exists()]
        stopped = [run for run in found if run not in ended and has_checkpoint(str(run))]
        return max([*stopped, *self._unshelved(ended)], default=None)

    def _unshelved(self, ended: list[Path]) -> list[Path]:
        """The runs whose adapter can be read and is not on the shelf, which is looked through once for all of them."""
        if not ended:
            return []
        there = {entry.info.weights_sha256 for entry in self._shelf.list() if entry.info is not None}
        return [run for run in ended if _weightsOf(run) not in {None, *there}]

    def stop(self) -> None:
        """Write a checkpoint and stop."""
        self._session.stop()

    def wait(self) -> Path:
        """Wait for the end of the run; returns the adapter's folder on the shelf.

        Raises:
            SAMAdaptError: it failed.
            Cancelled: it was stopped.
            ValueError: nothing has been started.
        """
        if self._reply is None:
            raise ValueError("nothing has been started")
        self._reply.result()
        if isinstance(self._end, Exception):
            raise self._end
        # The session tells the end before its reply does.
        assert self._end is not None
        return self._end

    def close(self) -> None:
        """Kill a run that is going on; it can be resumed."""
        self._session.close()

    def _checkIdle(self) -> None:
        if self.running:
            raise InputError(_("A training is running already"), self.name, _("Wait for it, or stop it first"))

    def _run(
        self,
        name: str,
        library: Path,
        output: Path,
        config: Mapping[str, Any],
        choice: ModelChoice,
        resume: bool,
    ) -> None:
        self._reply = self._session.start(
            library, output, config, checkpoint=choice.checkpoint, entry=choice.entry, resume=resume
        )
        self.name, self._end = name, None

    def _onFinished(self, values: Mapping[str, Any]) -> None:
        try:
            self._end = self._shelf.add(values["adapter"], self.name)
        except InputError as error:
            self._onFailed(error)
            return
        self.finished.emit(self._end)

    def _onFailed(self, error: SAMAdaptError) -> None:
        self._end = error
        self.failed.emit(error)


def _libraryOf(run: Path, given: Path | None) -> Path:
    from SAMAdaptLib.training.resume import recall

    # The library on the panel may be that of another study by now.
    remedy = _("Name it in the Python console: fineTune(name=..., library=..., resume=True)")
    try:
        found = recall(run, {"library": given})["library"]
    except InputError as error:
        raise InputError(error.what, error.where, remedy) from error
    if found is None:
        raise InputError(_("The run does not say which library it was started with"), run, remedy)
    return found


def _weightsOf(run: Path) -> str | None:
    """Hash of the weights of a run's adapter; None where its description cannot be read."""
    try:
        return read_adapter_info(run).weights_sha256
    except InputError:
        return None


def _children(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []
