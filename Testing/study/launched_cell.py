"""What a study has ``accelerate launch`` start in the tests: the same with the small model, and with what goes wrong.

``SAMADAPT_FAULT`` as for ``Testing.training.launched``.
"""

from __future__ import annotations

import os
import sys

from SAMAdaptLib.study.member import main
from Testing.study.scene import register
from Testing.training.launched import break_off

if __name__ == "__main__":
    register()
    if os.environ.get("SAMADAPT_FAULT"):
        break_off(os.environ["SAMADAPT_FAULT"])
    sys.exit(main(sys.argv[1]))
