"""Runs in LiteLLM's own Python: `litellm --config FILE --validate_config` for each file on a line of standard input.

Prints each exit code on a line of standard output. One process checks all files, because LiteLLM takes seven seconds to
start.
"""

import os
import sys
from typing import Any


def main(run_server: Any) -> None:
    codes = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LiteLLM's own output goes to the log
    for line in sys.stdin:
        try:
            code = run_server(["--config", line.rstrip("\n"), "--validate_config"], standalone_mode=False)
        except SystemExit as end:
            code = end.code
        codes.write(f"{code or 0}\n")


if __name__ == "__main__":
    from litellm.proxy.proxy_cli import run_server  # type: ignore[import-not-found]  # in its own environment

    main(run_server)
