"""Setup, run by make with any python3. Old versions must be able to parse this file, to print which one is needed."""

import os
import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    names = ["python3.%d" % minor for minor in (14, 13, 12, 11)]  # noqa: UP031
    available = [name for name in names if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders)]  # noqa: PTH118
    sys.exit(
        "  ✗ setup: Python {}.{} or newer is needed, this one is {}.{}: {}".format(
            *NEEDED,
            *sys.version_info[:2],
            "use make PYTHON=" + available[0] if available else "install one, then use make PYTHON=<its name>",
        )
    )

from pathlib import Path  # noqa: E402

from gatewright.setup.main import main  # noqa: E402

sys.exit(main(Path(__file__).resolve().parent))
