"""An engine whose command is killed goes on to its end."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """
import os
from pathlib import Path
from gatewright.operations.stack.processes import run_process
run_process(["sh", "engine"], Path.cwd(), os.environ)
"""
ENGINE = """
touch started
while [ ! -e killed ]; do sleep 0.02; done
echo progress
echo "Resources: 2 unchanged"
touch finished
"""
WITHIN = 20.0  # seconds


def test_an_engine_outlives_a_command_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "engine").write_text(ENGINE)
    with subprocess.Popen([sys.executable, "-c", COMMAND], cwd=tmp_path) as command:
        wait_for(tmp_path / "started")
        command.kill()
    (tmp_path / "killed").touch()
    wait_for(tmp_path / "finished")


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + WITHIN
    while not file.exists():
        assert time.monotonic() < deadline, file.name
        time.sleep(0.02)
