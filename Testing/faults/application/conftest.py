"""The stand-in for the application, the effect and the panel, as the tests of the extension have them."""

from __future__ import annotations

from Testing.extension.conftest import *  # noqa: F403
