"""`validate`, `explain` and `render` need nothing that Windows lacks: they run with those modules and names hidden."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HIDE = """
import os, signal, sys
for name in ("crypt", "fcntl", "grp", "nis", "posix_spawn", "pty", "pwd", "readline", "resource", "spwd", "syslog",
             "termios", "tty"):
    sys.modules[name] = None
for name in ("O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "geteuid", "getuid", "killpg",
             "posix_spawn", "sched_getaffinity"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL"):
    delattr(signal, name)
"""
RUN = "from gatewright.cli import main; main()"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, check=False, text=True
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("validate", "local"), "local"),
        (("explain", "local", "gateway.cache.ttl"), "gateway.cache.ttl"),
        (("render", "local", "--out"), "openclaw.json"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_runs(arguments: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    result = run(HIDE + RUN, *arguments, *([str(tmp_path)] if arguments[-1] == "--out" else []))
    assert (result.returncode, result.stderr) == (0, "")
    assert expected in result.stdout


def test_the_modules_are_hidden() -> None:
    assert "fcntl" in run(f"{HIDE}import fcntl").stderr
    assert "pwd" in run(f"{HIDE}import gatewright.engine.launchers").stderr
