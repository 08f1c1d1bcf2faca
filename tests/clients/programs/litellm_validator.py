"""Run by LiteLLM's own Python: `litellm --config FILE --validate_config` for each file that a line of standard input
names, its exit code on a line of standard output. To start LiteLLM takes seven seconds, all the rest none."""

import os
import sys
from typing import Any


def main(run_server: Any) -> None:
    codes = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what LiteLLM says is for the log
    for line in sys.stdin:
        try:
            code = run_server(["--config", line.rstrip("\n"), "--validate_config"], standalone_mode=False)
        except SystemExit as end:
            code = end.code
        codes.write(f"{code or 0}\n")


if __name__ == "__main__":
    from litellm.proxy.proxy_cli import run_server  # type: ignore[import-not-found]  # its own environment has it

    main(run_server)
