"""Create the developers' environment, or reuse it, outside the checkout.

The folder's name holds a hash of everything that decides its content, so several checkouts with the same needs share
one, and a change of a dependency makes a new one. Standard library only: it runs before anything is installed.

``--oldest`` makes the one with the oldest versions that ``pyproject.toml`` allows of what users install;
``--oldest-constraints`` prints those as constraints for pip.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMP = ".complete"
WINDOWS = os.name == "nt"
LISTS = ("dependencies", "demo", "dicom", "text", "sign", "cluster", "view", "docs", "test")


def requirements(pyproject: str) -> list[str]:
    """All dependencies that ``pyproject.toml`` names, extras included, without those on the project itself.

    A TOML array of plain strings is a Python literal too, which spares Python 3.10 a TOML reader.
    """
    return [name for names in _lists(pyproject).values() for name in names]


def oldest(pyproject: str) -> str:
    """Constraints for pip that pin what users install to the lower bounds in ``pyproject.toml``, with their fixes.

    The tools of the tests and the documentation are left alone: a style check of years ago has other rules.
    """
    pins = []
    for name in [name for key, names in _lists(pyproject).items() if key not in ("docs", "test") for name in names]:
        found = re.fullmatch(r"([\w.-]+)>=([\d.]+)((?:,[^;]*)?(?:;.*)?)", name)
        if found is None:
            raise SystemExit(f"pyproject.toml gives no lower bound for {name}")
        _, _, marker = found[3].partition(";")
        # 1.2 has 1.2.3 as a fix; a bound that names a fix means it.
        fixes = "" if found[2].count(".") > 1 else ".*"
        pins.append(f"{found[1]}=={found[2]}{fixes}" + (f";{marker}" if marker else ""))
    return "\n".join(pins) + "\n"


def _lists(pyproject: str) -> dict[str, list[str]]:
    pattern = rf"^({'|'.join(LISTS)}) = (\[.*?^\])"
    lists = {name: ast.literal_eval(text) for name, text in re.findall(pattern, pyproject, re.MULTILINE | re.DOTALL)}
    if set(lists) != set(LISTS):
        raise SystemExit(f"pyproject.toml must name the lists {', '.join(LISTS)}")
    return {name: [one for one in lists[name] if not one.startswith("samadapt")] for name in LISTS}


def python_in(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "Scripts" / "python.exe" if WINDOWS else folder / "bin" / "python"


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
    with open(path, "ab") as handle:
        if WINDOWS:
            import msvcrt

            # The lock goes with the handle. It waits for ten seconds at a time.
            while True:
                try:
                    msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    time.sleep(0.1)
            yield
            return
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
        # The system drops the lock when its last holder dies. Children inherit it: where this script is killed and
        # pip is not, the next one must wait before it clears the folder.
        os.set_inheritable(handle.fileno(), True)
        yield


def install(folder: Path, needed: list[str], constraints: Path) -> None:
    """Make the environment at ``folder`` and install; what pip prints goes to stderr."""
    print(f"Creating {folder}; this takes some minutes, once", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-I", "-m", "venv", str(folder)], check=True, stdout=sys.stderr, close_fds=False)
    pip = [str(python_in(folder)), "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
    first = [name for name in needed if re.match(r"torch(vision)?\b", name)]
    # torch goes in alone and first: resolved with the rest, another package could pull a second build of it.
    for names in (first[:1], needed):
        subprocess.run([*pip, *names], check=True, stdout=sys.stderr, close_fds=False)


def main() -> None:
    """Print the folder of a ready environment as the last line."""
    if sys.version_info < (3, 10):
        raise SystemExit("SAMAdapt needs Python 3.10 or newer; choose one with: make PYTHON=python3.x ...")
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    if "--oldest-constraints" in sys.argv[1:]:
        print(oldest(pyproject), end="")
        return
    needed = requirements(pyproject)
    pins = oldest(pyproject) if "--oldest" in sys.argv[1:] else (ROOT / "constraints.txt").read_text(encoding="utf-8")
    folder = folder_for(needed, pins)
    constraints = folder.with_suffix(".txt")

    def fill(path: Path) -> None:
        constraints.write_text(pins, encoding="utf-8")
        install(path, needed, constraints)

    try:
        ensure(folder, fill)
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"The environment could not be made (exit status {error.returncode} of {error.cmd[:4]}).\n"
            "Check the network and the free space (Debian and Ubuntu: also the package python3-venv), then run again."
        ) from error
    # The shell of the Makefile takes no carriage return, and slashes on every system.
    sys.stdout.reconfigure(newline="\n")
    print(folder.as_posix())


if __name__ == "__main__":
    main()
