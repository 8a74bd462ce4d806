"""``python -m SAMAdaptLib.cli``, the same as ``samadapt``."""

import sys

from SAMAdaptLib.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
