"""Which model and mapping the effect's choices name, and when the model may be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SAMAdaptModuleLib.app.Downloads import confirmDownload, megabytes, toFetch
from SAMAdaptModuleLib.app.ModelChoice import ModelChoice
from SAMAdaptModuleLib.app.Settings import Settings
from SAMAdaptModuleLib.worker.Session import Session
from slicer.i18n import tr as _

from SAMAdaptLib.adapters.info import find_adapter, read_adapter_info
from SAMAdaptLib.adapters.shelf import Shelf

# The editor keeps no empty text.
NO_ADAPTER = "none"


class ModelUse:
    """Tells the session of the model. What would have to be installed or downloaded first waits for a click: nobody is
    asked anything for having looked at the effect.

    Attributes:
        usable: whether the chosen model has been told to the session.

    Args:
        scriptedEffect: whose parameters "Model", "Adapter" and "Weights" count.
        session: who is told.
        tell: shows a text.
    """

    def __init__(self, scriptedEffect: Any, session: Session, tell: Callable[[str], None]) -> None:
        self._effect, self._session, self._tell = scriptedEffect, session, tell
        self._seen: tuple[str, str, str, str] | None = None
        self.usable = False

    def adopt(self) -> None:
        """A model that is in use already, chosen in the module's panel or by a script, is shown as the effect's own."""
        choice = self._session.choice
        if choice is None:
            return
        self._effect.setParameter("Adapter", NO_ADAPTER if choice.adapter is None else str(choice.adapter))
        if choice.model is not None:
            self._effect.setParameter("Model", choice.model)
        self._effect.setParameter("Weights", choice.weights)
        self._seen, self.usable = self._chosen(), True

    def follow(self, asked: bool) -> bool:
        """Take over what is chosen; returns whether the session has been told of another model.

        Args:
            asked: upon a click or a choice of the user: questions may be put, and what was refused is asked again.

        Raises:
            InputError: a choice that cannot be, or an installation or a download that the user does not want.
        """
        chosen = self._chosen()
        if chosen == self._seen and (self.usable or not asked):
            return False
        self._seen, self.usable = chosen, False
        choice = modelChoice(*chosen[:3])
        if asked:
            self._session.install()
            confirmDownload(choice)
        elif why := self._whyWait(choice):
            self._tell(why)
            return False
        self._session.useModel(choice)
        self.usable = True
        return True

    def _chosen(self) -> tuple[str, str, str, str]:
        model, adapter, weights = (self._effect.parameter(name) for name in ("Model", "Adapter", "Weights"))
        return model, adapter, weights, Settings().device

    def _whyWait(self, choice: ModelChoice) -> str | None:
        if self._session.missing:
            return _("Python packages have to be installed first. Click into a slice view to install them.")
        model = toFetch(choice)
        if model is None:
            return None
        text = _("The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.")
        return text.format(title=model.title, size=megabytes(model.size_bytes or 0))


def modelChoice(model: str, adapter: str, weights: str) -> ModelChoice:
    """The network for parameters "Model", "Adapter" (a folder, or NO_ADAPTER) and "Weights".

    Raises:
        InputError: no such adapter, or a damaged one.
    """
    device = Settings().device
    if adapter == NO_ADAPTER:
        return ModelChoice(model=model, device=device)
    folder = find_adapter(adapter)
    info = read_adapter_info(folder)
    size = info.input_size
    return ModelChoice(model=info.base, adapter=str(folder), inputSize=size, device=device, weights=weights)


def shelvedAdapters() -> list[tuple[str, str]]:
    """(name, folder) of the usable adapters on the shelf."""
    shelf = Shelf(Settings().adapterShelf)
    return [(entry.name, str(entry.path)) for entry in shelf.list() if entry.info is not None]
