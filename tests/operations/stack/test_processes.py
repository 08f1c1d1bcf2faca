"""An engine whose command is killed goes on to its end; after an interrupt none goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from gatewright.operations.stack.processes import interrupt, run_process, until_interrupted

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


def test_an_engine_that_starts_after_an_interrupt_is_interrupted_too(tmp_path: Path) -> None:
    with until_interrupted():
        interrupt()
        assert run_process(["sleep", "20"], tmp_path, os.environ) == ("", -signal.SIGINT)
    assert run_process(["true"], tmp_path, os.environ) == ("", 0)


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + WITHIN
    while not file.exists():
        assert time.monotonic() < deadline, file.name
        time.sleep(0.02)
