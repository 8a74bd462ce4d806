"""Write SAMAdaptLib/training/estimates.py, what a step takes by default: ``python -m Testing.tools.estimates``.

To be done after a change of what a step computes or keeps, or of default settings; a test computes some of them anew.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from unittest import mock

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.training import dry_run, memory
from SAMAdaptLib.training.config import MEMORIES

PAGE = Path(__file__).resolve().parents[2] / "SAMAdaptLib" / "training" / "estimates.py"
START = '''"""Memory of a training step by default, written by ``python -m Testing.tools.estimates``.

For each model, method and memory mode bytes of weights, optimiser and step, and the number of trained parameters, see
:class:`SAMAdaptLib.training.memory.MemoryEstimate`. Other versions of torch than the one that they were computed with
differ by little.
"""

from __future__ import annotations

FOUND: dict[str, tuple[int, int, int, int]] = {
'''


def computed(model: str, method: str, mode: str = MEMORIES[0]) -> tuple[str, dict[str, int]]:
    """The name of an estimate, and what a dry run finds now.

    Raises:
        InputError: a method that the model does not take.
    """
    asked: list[tuple[str, dict[str, int]]] = []

    def run(*given: object) -> dict[str, int]:
        found = dry_run.run_dry(*given)
        asked.append((memory.shipped_name(*given), found))
        return found

    with mock.patch.object(memory, "_remembered", run):
        memory.estimate(model, method, memory=mode)
    return asked[0]


def main() -> None:
    """Compute all of them, which takes minutes."""
    lines = []
    for asked in itertools.product(MODELS, METHODS, MEMORIES):
        try:
            name, found = computed(*asked)
        except InputError:
            continue
        lines.append(f'    "{name}": ({", ".join(f"{found[part]:_}" for part in memory.PARTS)}),\n')
    PAGE.write_text(START + "".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
