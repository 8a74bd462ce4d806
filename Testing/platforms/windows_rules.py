"""Windows' rules, kept on Linux at the seams that Python's code goes through.

What holds a file is found out honestly, from the open descriptors and mappings of this process and its children: a
tensor that is still mapped counts as much as an open handle. As a script it runs a module under the same rules:
``python Testing/platforms/windows_rules.py -m MODULE ARGUMENT ...``.

Sources: the documentation of CreateFile, DeleteFile, MoveFileEx, FlushFileBuffers, CreateFileMapping and "Naming Files,
Paths, and Namespaces" of the Windows API; of Python's os, select and multiprocessing.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import multiprocessing
import os
import pathlib
import re
import runpy
import select
import shutil
import signal
import stat
import subprocess
import sys
import types
import unicodedata
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from multiprocessing import resource_tracker, shared_memory
from pathlib import Path
from typing import Any

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("Linux's /proc tells who holds a file", allow_module_level=True)

import fcntl  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# The process whose descendants share files with it.
FAMILY = "SAMADAPT_WINDOWS_RULES_FAMILY"
MAX_PATH, MAX_FOLDER = 260, 248
ACCESS_DENIED, SHARING_VIOLATION, INVALID_NAME, ALREADY_EXISTS, TOO_LONG = 5, 32, 123, 183, 206
NOT_A_SOCKET = 10038
POSIX_ONLY = {
    "os": ("fork", "forkpty", "getuid", "geteuid", "getgid", "getpgid", "killpg", "setsid", "mkfifo", "nice", "uname"),
    "signal": ("SIGKILL", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGUSR1", "SIGALRM", "pthread_kill"),
}
POSIX_MODULES = ("fcntl", "pwd", "grp", "resource", "termios", "pty", "_posixshmem")
OURS = ("SAMAdapt", "SegmentEditorSAMAdapt")
FORBIDDEN = re.compile(r'[<>:"\\|?*\x00-\x1f]')
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE)
# Of this system itself; nothing of ours is written there.
SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/usr", "/lib")

_open, _os_open, _stat, _listdir, _unlink = io.open, os.open, os.stat, os.listdir, os.unlink


class OneFile(AssertionError):
    """Two names that differ in case or in the composition of letters only: one file, on Windows and on most Macs."""


def windows_error(kind: type[OSError], number: int, winerror: int, path: Any = None) -> OSError:
    """As Windows raises it; ``winerror`` is None where the C library was asked."""
    error = kind(number, os.strerror(number), None if path is None else os.fspath(path))
    error.winerror = winerror
    return error


def family() -> list[int]:
    """This process's family: the one that set the rules, and all that it has started."""
    found = [int(os.environ.get(FAMILY, os.getpid()))]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in _listdir(f"/proc/{pid}/task"):
                with _open(f"/proc/{pid}/task/{task}/children") as file:
                    found.extend(map(int, file.read().split()))
    return found


def holders(path: Any) -> list[str]:
    """Who has the file, or a file below the folder, open or mapped, or works in it; empty for nobody."""
    path = os.path.abspath(os.fspath(path))
    keys = set()
    with contextlib.suppress(OSError):
        keys.add(_key(os.lstat(path)))
    for folder, _, files in os.walk(path):
        for each in (folder, *(os.path.join(folder, name) for name in files)):
            with contextlib.suppress(OSError):
                keys.add(_key(os.lstat(each)))
    found = []
    for pid in family() if keys else ():
        with contextlib.suppress(OSError):
            found += [f"{pid} works in it" for _ in [0] if _key(_stat(f"/proc/{pid}/cwd")) in keys]
            found += [f"{pid} has {fd} open" for fd in _listdir(f"/proc/{pid}/fd") if _descriptor(pid, fd) in keys]
            with _open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
                text = maps.read()
            found += [f"{pid} maps it" for key in keys if _mapping(*key) in text]
    return found


def _key(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _descriptor(pid: int, fd: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = _stat(f"/proc/{pid}/fd/{fd}")
        # A listing of a folder does not keep it from being removed.
        return None if stat.S_ISDIR(status.st_mode) else _key(status)


def _mapping(device: int, inode: int) -> str:
    return f" {os.major(device):02x}:{os.minor(device):02x} {inode} "


def check_name(path: Any, longest: int = MAX_PATH) -> None:
    """Refuse what Windows refuses as a path, and what would be another file's there."""
    if isinstance(path, int):
        return
    path = os.path.abspath(os.fsdecode(path))
    if path.startswith(SYSTEM):
        return
    if len(path) >= longest:
        if longest == MAX_FOLDER:
            raise windows_error(FileNotFoundError, errno.ENOENT, TOO_LONG, path)
        raise windows_error(FileNotFoundError, errno.ENOENT, None, path)
    for name in Path(path).parts[1:]:
        if FORBIDDEN.search(name) or name[-1] in ". " or DEVICE.fullmatch(name):
            raise windows_error(OSError, errno.EINVAL, INVALID_NAME, path)


def check_case(path: Any, but: Any = None) -> None:
    """Refuse a name of which the folder holds another spelling."""
    path = os.path.abspath(os.fsdecode(path))
    if path.startswith(SYSTEM):
        return
    folder, name = os.path.split(path)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for other in _listdir(folder):
            same = other != name and folded(other) == folded(name)
            if same and (but is None or os.path.join(folder, other) != os.path.abspath(but)):
                raise OneFile(f"{path} would be {other}")


def folded(name: str) -> str:
    """What is the same for names of one file."""
    return unicodedata.normalize("NFC", name).casefold()


class Without(types.ModuleType):
    """A module as it is on Windows, without what is missing there."""

    def __init__(self, real: types.ModuleType, **other: Any) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(other, _real=real)

    def __getattr__(self, name: str) -> Any:
        if name in POSIX_ONLY[self.__name__]:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} (on Windows)")
        return getattr(self._real, name)


def install(patch: pytest.MonkeyPatch, tools: Path) -> None:
    """Set the rules.

    Args:
        patch: takes them back.
        tools: an empty folder for the programs that Windows has.
    """
    if FAMILY not in os.environ:
        patch.setenv(FAMILY, str(os.getpid()))
    _files(patch)
    _names(patch)
    _processes(patch, tools)
    _memory(patch)
    _modules(patch)


def _modules(patch: pytest.MonkeyPatch) -> None:
    """What our own modules, and no other's, see of ``os``, ``signal`` and the modules that Windows lacks."""
    windows = {"os": Without(os, name="nt"), "signal": Without(signal)}
    real_import, real_exec = builtins.__import__, SourceFileLoader.exec_module

    def adapt(module: types.ModuleType) -> None:
        for name, there in windows.items():
            if getattr(module, name, None) is there._real:
                patch.setattr(module, name, there)

    def execute(self: Any, module: types.ModuleType) -> None:
        real_exec(self, module)
        if module.__name__.startswith(OURS):
            adapt(module)

    def imported(name: str, globals: Any = None, *given: Any, **options: Any) -> Any:
        if name in POSIX_MODULES and str((globals or {}).get("__name__")).startswith((*OURS, "Testing", "test_")):
            raise ImportError(f"No module named {name!r} (on Windows)")
        if name == "msvcrt" and str((globals or {}).get("__name__")).startswith(OURS):
            return types.SimpleNamespace(locking=_locking, LK_NBLCK=2)
        return real_import(name, globals, *given, **options)

    for module in [module for name, module in sys.modules.items() if name.startswith(OURS)]:
        adapt(module)
    patch.setattr(SourceFileLoader, "exec_module", execute)
    patch.setattr(builtins, "__import__", imported)


def _replaced(patch: pytest.MonkeyPatch, module: types.ModuleType, name: str, new: Callable) -> None:
    # Python 3.10's pathlib keeps the functions that it found at its import.
    accessor = getattr(pathlib, "_NormalAccessor", None)
    if getattr(accessor, name, None) is getattr(module, name):
        patch.setattr(accessor, name, staticmethod(new))
    patch.setattr(module, name, new)


def _files(patch: pytest.MonkeyPatch) -> None:
    real = {name: getattr(os, name) for name in ("unlink", "rename", "replace", "rmdir", "fsync")}

    def fsync(fd: Any) -> None:
        number = fd if isinstance(fd, int) else fd.fileno()
        if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        # The disk itself is of no interest here.

    def unlink(path: Any, *, dir_fd: int | None = None) -> None:
        status = os.lstat(path)
        if not status.st_mode & stat.S_IWUSR:
            raise windows_error(PermissionError, errno.EACCES, ACCESS_DENIED, path)
        if holders(path):
            raise windows_error(PermissionError, errno.EACCES, SHARING_VIOLATION, path)
        real["unlink"](path)

    def rmdir(path: Any, *, dir_fd: int | None = None) -> None:
        if holders(path):
            raise windows_error(PermissionError, errno.EACCES, SHARING_VIOLATION, path)
        real["rmdir"](path)

    def rename(source: Any, target: Any, **given: Any) -> None:
        _check_move(source, target)
        if os.path.lexists(target) and not os.path.samefile(source, target):
            raise windows_error(FileExistsError, errno.EEXIST, ALREADY_EXISTS, target)
        real["rename"](source, target)

    def replace(source: Any, target: Any, **given: Any) -> None:
        _check_move(source, target)
        if os.path.lexists(target) and (os.path.isdir(target) or holders(target)):
            raise windows_error(PermissionError, errno.EACCES, ACCESS_DENIED, target)
        real["replace"](source, target)

    for new in (fsync, unlink, rmdir, rename, replace):
        _replaced(patch, os, new.__name__, new)
    _replaced(patch, os, "remove", unlink)
    patch.setattr(shutil, "_use_fd_functions", False)


def _check_move(source: Any, target: Any) -> None:
    check_name(target)
    check_case(target, but=source)
    if holders(source):
        number = ACCESS_DENIED if os.path.isdir(source) else SHARING_VIOLATION
        raise windows_error(PermissionError, errno.EACCES, number, source)


def _names(patch: pytest.MonkeyPatch) -> None:
    real_mkdir = os.mkdir

    def opened(path: Any, flags: int, mode: int = 0o777, **given: Any) -> int:
        check_name(path)
        if flags & os.O_CREAT:
            check_case(path)
        return _os_open(path, flags, mode, **given)

    def opened_as_file(path: Any, mode: str = "r", *given: Any, **options: Any) -> Any:
        check_name(path)
        if not isinstance(path, int) and set(mode) & set("wax"):
            check_case(path)
        return _open(path, mode, *given, **options)

    def mkdir(path: Any, mode: int = 0o777, **given: Any) -> None:
        check_name(path, MAX_FOLDER)
        check_case(path)
        real_mkdir(path, mode, **given)

    _replaced(patch, os, "open", opened)
    _replaced(patch, os, "mkdir", mkdir)
    _replaced(patch, io, "open", opened_as_file)
    patch.setattr(builtins, "open", opened_as_file)


TASKKILL = f"""#!{sys.executable}
import os, signal, sys
assert sys.argv[1:4] == ["/F", "/T", "/PID"], sys.argv
pids = [int(sys.argv[4])]
for pid in pids:
    try:
        for task in os.listdir(f"/proc/{{pid}}/task"):
            pids += map(int, open(f"/proc/{{pid}}/task/{{task}}/children").read().split())
    except OSError:
        pass
for pid in pids:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


def _processes(patch: pytest.MonkeyPatch, tools: Path) -> None:
    real_start, real_select, real_context = subprocess.Popen.__init__, select.select, multiprocessing.get_context
    flags = {"CREATE_NEW_PROCESS_GROUP": 0x200, "CREATE_NO_WINDOW": 0x8000000, "BELOW_NORMAL_PRIORITY_CLASS": 0x4000}
    for name, value in flags.items():
        patch.setattr(subprocess, name, value, raising=False)

    def start(self: Any, args: Any, *given: Any, creationflags: int = 0, **options: Any) -> None:
        if options.get("preexec_fn") or options.get("pass_fds"):
            raise ValueError("preexec_fn and pass_fds are not supported on Windows platforms")
        # Windows has no sessions; the option is ignored there.
        options.pop("start_new_session", None)
        self.creationflags = creationflags
        real_start(self, args, *given, **options)

    def selected(read: Any, write: Any, rest: Any, timeout: float | None = None) -> Any:
        if not (read or write or rest):
            raise windows_error(OSError, errno.EINVAL, 10022)
        for each in (*read, *write, *rest):
            number = each if isinstance(each, int) else each.fileno()
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                raise windows_error(OSError, errno.ENOTSOCK, NOT_A_SOCKET)
        return real_select(read, write, rest, timeout)

    def context(method: str | None = None) -> Any:
        if method not in (None, "spawn"):
            raise ValueError(f"cannot find context for {method!r}")
        return real_context("spawn")

    patch.setattr(subprocess.Popen, "__init__", start)
    patch.setattr(select, "select", selected)
    patch.delattr(select, "poll", raising=False)
    patch.setattr(multiprocessing, "get_context", context)
    taskkill = tools / "taskkill"
    taskkill.write_text(TASKKILL, encoding="utf-8")
    taskkill.chmod(0o755)
    patch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")


def _locking(fd: int, mode: int, count: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PermissionError(errno.EACCES, "Permission denied") from error


def _memory(patch: pytest.MonkeyPatch) -> None:
    """A segment is there as long as somebody has it open, cannot be removed, and is in no folder."""
    real_close = shared_memory.SharedMemory.close

    def close(self: Any) -> None:
        real_close(self)
        path = f"/dev/shm/{(self._name or '').lstrip('/')}"
        if self._name and not holders(path):
            with contextlib.suppress(FileNotFoundError):
                _unlink(path)

    patch.setattr(shared_memory.SharedMemory, "close", close)
    patch.setattr(shared_memory.SharedMemory, "unlink", lambda self: None)
    for name in ("register", "unregister"):
        patch.setattr(resource_tracker, name, lambda *given: None)
    patch.setattr("SAMAdaptLib.service.link.shared.SEGMENT_FOLDER", Path("/nothing/like/this/on/windows"))


@contextlib.contextmanager
def rules(tools: Path) -> Iterator[None]:
    """The rules for a while."""
    with pytest.MonkeyPatch.context() as patch:
        install(patch, tools)
        yield


def main() -> None:
    """Run a module under the rules."""
    import tempfile

    sys.path.insert(0, str(ROOT))
    _, option, module, *sys.argv[1:] = sys.argv
    assert option == "-m"
    with tempfile.TemporaryDirectory(prefix="windows-") as tools:
        install(pytest.MonkeyPatch(), Path(tools))
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
