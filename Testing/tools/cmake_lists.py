"""Write the lists of files in the CMake files from what git knows.

usage: python Testing/tools/cmake_lists.py [--check]
With --check nothing is written; exits 1 where a list is out of date.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("SAMAdapt", "SAMAdaptLib")
SCRIPTS, RESOURCES = "MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES"
CMAKE = "CMakeLists.txt"


def known_files(folder: str, root: Path = ROOT) -> list[str]:
    """Files under a folder that git tracks or would track, relative to it, sorted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", folder]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    paths = {Path(name).relative_to(folder) for name in done.stdout.split("\0") if name and (root / name).is_file()}
    return sorted(path.as_posix() for path in paths if path.name != CMAKE)


def wanted_lists(files: list[str]) -> dict[str, list[str]]:
    """What belongs into which list."""
    scripts = [name for name in files if name.endswith(".py")]
    return {SCRIPTS: scripts, RESOURCES: [name for name in files if name not in scripts]}


def read_list(text: str, variable: str) -> list[str]:
    """The words of ``set(variable ...)`` in a CMake file."""
    return _statement(text, variable)[2].split()


def with_list(text: str, variable: str, words: list[str]) -> str:
    """The CMake file with other words in ``set(variable ...)``."""
    lines = "".join(f"  {word}\n" for word in words)
    found = _statement(text, variable)
    return text[: found.start()] + f"{found[1]}\n{lines}  )" + text[found.end() :]


def _statement(text: str, variable: str) -> re.Match:
    found = re.search(rf"^(set\({variable})\b([^)]*)\)", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"No set({variable} ...) found")
    return found


def main(check: bool) -> int:
    """Bring the lists up to date, or tell whether they are."""
    stale = 0
    for folder in FOLDERS:
        path = ROOT / folder / CMAKE
        text = changed = path.read_text(encoding="utf-8")
        for variable, words in wanted_lists(known_files(folder)).items():
            changed = with_list(changed, variable, words)
        if changed != text:
            stale += 1
            print(f"{path.relative_to(ROOT)} {'is out of date' if check else 'written'}")
            if not check:
                path.write_text(changed, encoding="utf-8", newline="\n")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
