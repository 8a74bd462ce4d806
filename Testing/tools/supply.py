"""What users install, by package: licences, known vulnerabilities, and a bill of materials.

    python -m Testing.tools.supply

Writes ``docs/licences.md`` by pip-licenses and ``build/sbom.cdx.json`` by cyclonedx-py, and ends with what pip-audit
finds. The tools get an environment of their own in ``build/supply``, from where they look at the developers' one. Only
what users install is told, not what builds and tests SAMAdapt. Where nobody tells of vulnerabilities, because the
package index has no such list, it says so and ends with 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.settings import read_toml
from Testing.tools.venv import python_in

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("pip-licenses>=5", "cyclonedx-bom>=5", "pip-audit>=2.7")
EXTRAS = ("demo", "dicom", "text", "sam2", "sign", "cluster", "view")
# Without a licence in its metadata; its repository has the file.
UNTOLD = {"segment-anything": "Apache Software License"}

HEADER = """# Licences

SAMAdapt is under Apache-2.0. What it stands on, made by `make supply` from the packages' own words; what is required by
another package is there too, and the last column says which extra installs it, if one does.

"""


def named() -> dict[str, list[Requirement]]:
    """What ``pyproject.toml`` names, by extra; "" holds what everyone needs."""
    project = read_toml(ROOT / "pyproject.toml", "description of the project")["project"]
    lists = {"": project["dependencies"]} | {extra: project["optional-dependencies"][extra] for extra in EXTRAS}
    return {extra: [Requirement(one) for one in names] for extra, names in lists.items()}


def closure(wanted: Iterable[Requirement]) -> set[str]:
    """Names of those packages and of all that they require here."""
    found: set[tuple[str, str]] = set()
    waiting = [(one, "") for one in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for asked in ("", *requirement.extras):
            if (name, asked) in found:
                continue
            try:
                needs = distribution(name).requires or []
            except PackageNotFoundError:
                continue
            found.add((name, asked))
            waiting += [(Requirement(one), asked) for one in needs]
    return {name for name, _ in found}


def licences(bin: Path, packages: Iterable[str]) -> dict[str, str]:
    """Package to licence."""
    told = subprocess.run(
        [bin / "pip-licenses", "--python", sys.executable, "--format=json", "--packages", *sorted(packages)],
        check=True,
        capture_output=True,
        text=True,
    )
    found = {canonicalize_name(row["Name"]): row["License"] for row in json.loads(told.stdout)}
    return {name: UNTOLD.get(name, licence) for name, licence in sorted(found.items())}


def page(found: dict[str, str], extras: dict[str, set[str]]) -> str:
    """The text of ``docs/licences.md``."""
    lines = ["| package | licence | extra |", "|---|---|---|"]
    for name, licence in found.items():
        of = [] if name in extras[""] else [extra for extra, names in extras.items() if name in names]
        lines.append(f"| {name} | {licence.replace('; ', ', ')} | {', '.join(of)} |")
    lines += ["", "## Weights", "", "| model | licence |", "|---|---|"]
    lines += [f"| {name} | {entry.licence} |" for name, entry in MODELS.items()]
    return HEADER + "\n".join(lines) + "\n"


def main() -> None:
    """Make all three."""
    folder = ROOT / "build" / "supply"
    tools = python_in(folder)
    if not tools.is_file():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([tools, "-m", "pip", "install", "--quiet", *TOOLS], check=True)
    extras = {extra: closure(names) for extra, names in named().items()}
    everything = set().union(*extras.values())
    (ROOT / "docs" / "licences.md").write_text(page(licences(tools.parent, everything), extras), encoding="utf-8")
    bill = ROOT / "build" / "sbom.cdx.json"
    subprocess.run(
        [tools.parent / "cyclonedx-py", "environment", "--pyproject", ROOT / "pyproject.toml", "-o", bill]
        + [sys.executable],
        check=True,
    )
    print(f"docs/licences.md: {len(everything)} packages; {bill.relative_to(ROOT)}", flush=True)
    pins = ROOT / "build" / "supply.txt"
    # Without the local part of a version, such as +cpu, which no index knows.
    versions = {name: distribution(name).version.split("+")[0] for name in sorted(everything)}
    pins.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), encoding="utf-8")
    audit = [tools.parent / "pip-audit", "--requirement", pins, "--no-deps", "--disable-pip", "--strict"]
    raise SystemExit(subprocess.run([*audit, "--progress-spinner", "off"]).returncode)


if __name__ == "__main__":
    main()
