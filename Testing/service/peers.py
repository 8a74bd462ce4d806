"""How the tests run and watch workers."""

import os
import time

# One thread: the workers of several tests share the machine.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
PATIENCE = 40


def events_until(peer, wanted, seconds=PATIENCE):
    """Poll as an event loop would, until ``wanted(event)``; returns all events."""
    end, found = time.monotonic() + seconds, []
    while time.monotonic() < end:
        peer.wait(0.02)
        for event in peer.poll():
            found.append(event)
        if any(wanted(event) for event in found):
            return found
    raise AssertionError(f"not seen among {found}")
