"""Where prompts are answered: on this computer or on a server."""

from __future__ import annotations

from SAMAdaptLib.defaults import DEVICE
from SAMAdaptLib.service.link.place import Local, Place
from SAMAdaptModuleLib.app.Installation import Installation
from SAMAdaptModuleLib.app.Settings import Settings


class Workplace:
    """This computer's own Python once it has the packages, or a server, which needs none here, as the settings say.

    Args:
        installation: says which Python, and what it lacks; made at first use by default.
        settings: name the server; made at first use by default.
    """

    def __init__(self, installation: Installation | None, settings: Settings | None) -> None:
        self._installation, self._settings = installation, settings
        self._remote = False

    @property
    def settings(self) -> Settings:
        """Of the application."""
        self._settings = self._settings or Settings()
        return self._settings

    @property
    def installation(self) -> Installation:
        """Of this computer."""
        self._installation = self._installation or Installation()
        return self._installation

    @property
    def missing(self) -> list[str]:
        """Python packages that would have to be installed first."""
        return [] if self.settings.server else self.installation.missing()

    def install(self) -> None:
        """Install them after a question; raises as :meth:`Installation.ensure`."""
        if not self.settings.server:
            self.installation.ensure()

    def place(self) -> Place:
        """For a client to start its worker at.

        Raises:
            InputError: the server's address or token is none.
        """
        server = self.settings.remote()
        self._remote = server is not None
        here = self.installation
        return server or Local(here.pythonExecutable(), here.environment())

    def device(self, chosen: str) -> str:
        """The device to ask for there: the settings name what this computer has."""
        return DEVICE if self._remote else chosen

    def remember(self, devices: dict[str, str]) -> None:
        """The devices that a worker has found, for other windows to offer, too."""
        if not self._remote:
            self.settings.devices = devices
