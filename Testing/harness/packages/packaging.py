"""`slicer.packaging`: installs nothing, keeps what was asked for."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

calls: list[tuple[str, list[str], dict]] = []  # function, requirements, options


def load_requirements(path: str | Path) -> list[Requirement]:
    lines = [line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line]


def pip_check(req: str | Requirement | list) -> bool:
    for one in req if isinstance(req, list) else [req]:
        requirement = one if isinstance(one, Requirement) else Requirement(one)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            return False
        if not requirement.specifier.contains(version, prereleases=True):
            return False
    return True


def pip_ensure(requirements: str | Requirement | list, constraints: str | Path | None = None,
               skip_packages: list[str] | None = None, prompt_install: bool = True, prompt_restart: bool = True,
               requester: str | None = None, skip_in_testing: bool = True,
               show_progress: bool = True) -> list[str] | None:
    wanted = requirements if isinstance(requirements, list) else [requirements]
    options = dict(constraints=constraints, skip_packages=skip_packages, prompt_install=prompt_install,
                   prompt_restart=prompt_restart, requester=requester, skip_in_testing=skip_in_testing)
    calls.append(("pip_ensure", [str(r) for r in wanted if not pip_check(r)], options))
    return None


def pip_install(requirements: str | list[str], constraints: str | Path | None = None,
                no_deps_requirements: str | list[str] | None = None, skip_packages: list[str] | None = None,
                blocking: bool = True, show_progress: bool = True, requester: str | None = None,
                logCallback: object = None, completedCallback: object = None) -> list[str] | None:
    wanted = requirements if isinstance(requirements, list) else [requirements]
    calls.append(("pip_install", wanted, dict(constraints=constraints, no_deps_requirements=no_deps_requirements,
                                              skip_packages=skip_packages, requester=requester)))
    return None


def isPipInstallInProgress() -> bool:
    return False
