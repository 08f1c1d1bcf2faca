"""Run a program and read its output line by line; hold a lock file."""

from __future__ import annotations

import fcntl
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

IDLE_SECONDS = 0.2


def output_lines(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    idle: Callable[[], None] = lambda: None,
) -> Iterator[str]:
    """Yield the output of `command`, and append it to `log`. `idle` is called while there is no output.

    Raises subprocess.CalledProcessError with the whole output. Closing the iterator ends the program.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    output: list[str] = []
    with log.open("a", encoding="utf-8") as record:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

        def read() -> None:
            for line in process.stdout or ():
                lines.put(line)
            lines.put(None)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while True:
                try:
                    line = lines.get(timeout=IDLE_SECONDS)
                except queue.Empty:
                    idle()
                    continue
                if line is None:
                    break
                record.write(line)
                output.append(line)
                yield line
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            reader.join()
            if process.stdout:
                process.stdout.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(map(str, command)), "".join(output))


@contextmanager
def exclusive_lock(lock: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file `lock`; `waiting` is called once when another process has it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(handle, fcntl.LOCK_EX)
            # if `make clean` removed the file meanwhile, the lock is on a deleted file: try again
            if lock.exists() and lock.stat().st_ino == os.fstat(handle.fileno()).st_ino:
                yield
                return
