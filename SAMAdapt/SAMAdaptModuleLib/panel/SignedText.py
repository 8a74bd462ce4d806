"""Who has signed an adapter, in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from SAMAdaptLib.adapters.signature import TRUSTED, UNCHECKED, UNKNOWN, UNSIGNED

if TYPE_CHECKING:
    from SAMAdaptLib.adapters.signature import Signed

FINGERPRINT_GROUP = 8


def signedText(signed: Signed) -> str:
    """A sentence."""
    texts = {
        UNSIGNED: _("Not signed."),
        TRUSTED: _("Signed by {signer} (key {fingerprint})."),
        UNKNOWN: _("Signed by a key that you have not said to trust: {fingerprint}."),
        UNCHECKED: _("Signed, but not checked: the Python package cryptography is not installed."),
    }
    # A line can be broken between groups only.
    groups = " ".join(textwrap.wrap(signed.fingerprint, FINGERPRINT_GROUP))
    return texts[signed.state].format(signer=signed.signer, fingerprint=groups)
