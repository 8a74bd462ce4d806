"""Create the developers' environment, or reuse it, outside the checkout.

The folder's name holds a hash of everything that decides its content, so several checkouts with the same needs share
one, and a change of a dependency makes a new one. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMP = ".complete"


def requirements(pyproject: str) -> list[str]:
    """All dependencies that ``pyproject.toml`` names, extras included, without those on the project itself.

    A TOML array of plain strings is a Python literal too, which spares Python 3.10 a TOML reader.
    """
    lists = re.findall(r"^(?:dependencies|demo|dicom|test) = (\[.*?^\])", pyproject, re.MULTILINE | re.DOTALL)
    if len(lists) != 4:
        raise SystemExit("pyproject.toml must name the lists dependencies, demo, dicom and test")
    found = [name for text in lists for name in ast.literal_eval(text)]
    return [name for name in found if not name.startswith("samadapt")]


def folder_for(needed: list[str], constraints: str) -> Path:
    """The environment's folder: same needs, pins, Python and machine type, same folder."""
    text = "\n".join([*sorted(needed), constraints, sys.version, sysconfig.get_platform(), sys.base_prefix])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "samadapt" / f"venv-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def ensure(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Call ``fill(folder)`` unless a call before has ended well; callers at the same time wait for the first."""
    with _locked(folder.with_name(folder.name + ".lock")):
        if not (folder / STAMP).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            fill(folder)
            (folder / STAMP).touch()
    return folder


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The system drops the lock when its last holder dies. Children inherit it: where this script is killed and
        # pip is not, the next one must wait before it clears the folder.
        os.set_inheritable(handle.fileno(), True)
        yield


def install(folder: Path, needed: list[str], constraints: Path) -> None:
    """Make the environment at ``folder`` and install; what pip prints goes to stderr."""
    print(f"Creating {folder}; this takes some minutes, once", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-I", "-m", "venv", str(folder)], check=True, stdout=sys.stderr, close_fds=False)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
    first = [name for name in needed if re.match(r"torch(vision)?\b", name)]
    # torch goes in alone and first: resolved with the rest, another package could pull a second build of it.
    for names in (first[:1], needed):
        subprocess.run([*pip, *names], check=True, stdout=sys.stderr, close_fds=False)


def main() -> None:
    """Print the folder of a ready environment as the last line."""
    if sys.version_info < (3, 10):
        raise SystemExit("SAMAdapt needs Python 3.10 or newer; choose one with: make PYTHON=python3.x ...")
    needed = requirements((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    constraints = ROOT / "constraints.txt"
    folder = folder_for(needed, constraints.read_text(encoding="utf-8"))
    try:
        ensure(folder, lambda path: install(path, needed, constraints))
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"The environment could not be made (exit status {error.returncode} of {error.cmd[:4]}).\n"
            "Check the network and the free space (Debian and Ubuntu: also the package python3-venv), then run again."
        ) from error
    print(folder)


if __name__ == "__main__":
    main()
