"""Nothing is sent anywhere: the job runs in a process that can reach, and tries to reach, no other computer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has network namespaces"),
]

ROOT = Path(__file__).resolve().parents[2]
# Every process begins by it. What is not Python's own, the namespace keeps back.
GUARD = '''
import sys

def guard(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = given[0]
    else:
        return
    if host is not None and not str(host).startswith("127.") and host not in ("::1", "localhost", b"localhost", ""):
        with open(TRIED, "a") as file:
            file.write(f"{event} {host}\\n")
        raise RuntimeError(f"{event} {host}")

sys.addaudithook(guard)
'''


def own_network() -> list[str]:
    """What a command begins with to have a network of its own, which has nothing but loopback; empty where the system
    does not allow that."""
    program = shutil.which("unshare")
    if program is None or subprocess.run([program, "-rn", "true"], capture_output=True).returncode:
        return []
    return [program, "-rn"]


def test_from_exemplars_to_a_segmentation_no_other_computer_is_reached_or_tried(tmp_path) -> None:
    tried = tmp_path / "tried"
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(f"TRIED = {str(tried)!r}\n{GUARD}")
    apart = own_network()
    # Without what would keep a library from asking the internet.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, (tmp_path / "guard", ROOT, ROOT / "SAMAdapt"))),
                    "SAMADAPT_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}  # fmt: skip
    command = [*apart, sys.executable, "-m", "Testing.cli.offline", str(tmp_path), *(["own-network"] if apart else [])]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "found.seg.nrrd").stat().st_size and (tmp_path / "ellipses.zip").stat().st_size
    told = json.loads((tmp_path / "told.json").read_text())
    if apart:
        assert told["networks"] == ["lo"]
    # Only what was tried to see that it is found: once by the process itself, and once by one that it began.
    assert (told["here"], told["child"]) == ("RuntimeError", "RuntimeError")
    assert tried.read_text().splitlines() == ["socket.getaddrinfo 192.0.2.1"] * 2
