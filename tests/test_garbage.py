"""Processes that end soon look for garbage rarely, and not at the exit."""

from __future__ import annotations

import subprocess
import sys

import pytest

FROZEN = "import atexit, gc; atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count() > 0)); "
"""The function that is registered first runs last."""


@pytest.mark.parametrize(
    "program",
    [
        "from gatewright.garbage import collect_rarely; collect_rarely()",
        "import sys; from gatewright.entry_point import main; sys.argv = ['gatewright', '--version']; main()",
    ],
    ids=["alone", "command"],
)
def test_nothing_is_collected_at_the_exit(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", FROZEN + program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "50000 True"
