"""Run one Pulumi program with the SDK: in a process of its own, which the language host starts, or in this one.

It needs only the SDK, since the program's environment may not contain gatewright.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import runpy
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

try:
    import pulumi
    import pulumi.runtime
except ImportError:
    traceback.print_exc()
    sys.stderr.write(
        "\nIt looks like the Pulumi SDK is not installed in the Python environment of this project. "
        "Run `pulumi install`, or `make up`.\n"
    )
    sys.exit(1)

SHOWN = 32
"""Exit code for a failure that the user has already seen."""

INTERRUPTED = 130
HOST_CHECK = 0.5
"""Seconds between two looks for the language host."""
THREADS_PER_OPERATION = 4
"""Threads that a resource operation may block while it waits for the engine."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a Pulumi program")
    for name in ("project", "root_directory", "stack", "dry_run", "pwd", "monitor", "engine", "organization"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--parallel", type=int, default=1)
    parser.add_argument("--host", type=int, help="the process id of the language host")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs="*")
    return parser.parse_args()


def configure(settings: pulumi.runtime.Settings, configuration: Mapping[str, str], secret_keys: Sequence[str]) -> None:
    """Configure the SDK, in the current context, with the addresses of the engine and the stack's configuration."""
    pulumi.runtime.set_all_config(dict(configuration), list(secret_keys))
    pulumi.runtime.configure(settings)


def user_trace(error: BaseException, program: str) -> str:
    """The traceback of `error` from the program's own first frame, without the frames of the SDK above it."""
    frames = traceback.extract_tb(error.__traceback__)
    program_files = {os.path.abspath(program), os.path.abspath(os.path.join(program, "__main__.py"))}  # noqa: PTH100, PTH118
    first = next((index for index, frame in enumerate(frames) if os.path.abspath(frame.filename) in program_files), 0)  # noqa: PTH100
    return "".join(traceback.format_exception(error, limit=first - len(frames)))


def run(program: str, parallel: int, run_program: Callable[[], None]) -> int:
    """Run `program` by `run_program` and return the exit code."""
    program = os.path.abspath(program)  # noqa: PTH100 - show a symlink as the user wrote it
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    threads = ThreadPoolExecutor(max_workers=max(parallel, 1) * THREADS_PER_OPERATION)
    loop.set_default_executor(threads)
    # a program that fails leaves unfinished futures, which asyncio would report one by one
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run_program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # noqa: BLE001 - the user's program may raise anything
        pulumi.log.error("Program failed with an unhandled exception:\n" + user_trace(error, program))
        return SHOWN
    finally:
        threads.shutdown(wait=True)
        loop.close()
    return 0


def run_path(program: str) -> None:
    """Run the program as `python PROGRAM` does."""
    folder = Path(program).resolve()
    if folder.is_dir() and not (folder / "__main__.py").is_file():
        pulumi.log.error(f"unable to find main python program `__main__.py` in `{folder}`")
        sys.exit(SHOWN)
    runpy.run_path(program, run_name="__main__")


def exit_on_signal(_signal: int, _frame: FrameType | None) -> None:
    """Exit immediately: the engine no longer responds, and an orderly exit would wait for it."""
    with contextlib.suppress(RuntimeError):  # the signal interrupted a print
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(INTERRUPTED)


def end_with(host: int) -> None:
    """End this process and its group when the process `host`, its parent, has ended.

    The engine waits until nothing holds the streams of the language host, and this process has inherited them. Without
    it an up would never return after the host was killed.
    """

    def watch() -> None:
        while os.getppid() == host:
            time.sleep(HOST_CHECK)
        os.killpg(0, signal.SIGTERM)
        os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    signal.signal(signal.SIGTERM, exit_on_signal)
    options = arguments()
    if options.host:
        end_with(options.host)
    settings = pulumi.runtime.Settings(
        monitor=options.monitor,
        engine=options.engine,
        project=options.project,
        stack=options.stack,
        parallel=options.parallel,
        dry_run=options.dry_run == "true",
        organization=options.organization,
        root_directory=options.root_directory,
    )
    configure(settings, pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    if options.pwd:
        os.chdir(options.pwd)
    sys.argv = [options.program, *options.arguments]
    code = run(options.program, options.parallel, lambda: run_path(options.program))
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
