"""How the tests run and watch workers."""

import contextlib
import os
import signal
import time
from pathlib import Path

# One thread: the workers of several tests share the machine.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
PATIENCE = 240
# Where Linux keeps shared memory.
SEGMENTS = Path("/dev/shm")


def heard_of(*replies):
    """A list to which everything that is said about these requests comes, the final answers included."""
    events = []
    for reply in replies:
        reply.on_slice(events.append)
        reply.on_progress(events.append)
        reply.on_done(lambda reply: events.append(reply.answer))
    return events


def news_of(peer):
    """A list to which everything comes that is about no request."""
    events = []
    peer.hear = events.append
    return events


def poll_until(peer, true, seconds=PATIENCE):
    """Poll as an event loop would, until ``true()``."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it has not come to that"
        time.sleep(0.005)
        peer.poll()


def listen(peer, seconds):
    """Poll for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.005)
        peer.poll()


def running(pid):
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children():
    """Processes that this one has started and that still are there, those that nobody has waited for included.

    What was there before may go meanwhile, when others have waited for it: what is left behind is what has come.
    """
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            if int(rest.split()[1]) == os.getpid():
                found.add(name)
    return found


def segments(pid=None):
    """Segments of shared memory of a process, by default of this one."""
    return {path.name for path in SEGMENTS.glob(f"samadapt-{pid or os.getpid()}-*")}


def freeze(pid):
    """Stop a process, and come back once all of its threads stand still."""
    os.kill(pid, signal.SIGSTOP)
    threads = Path(f"/proc/{pid}/task")
    end = time.monotonic() + PATIENCE
    while threads.is_dir() and time.monotonic() < end:
        states = {(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in threads.iterdir()}
        if states == {"T"}:
            return
        time.sleep(0.01)


@contextlib.contextmanager
def standing(pid):
    """A process that does nothing meanwhile, however long this one is kept from the processor."""
    freeze(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
