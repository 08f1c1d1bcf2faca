"""A run that is killed at any step that touches the disk: the file is the old one or the new one, and the journal
agrees with it."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from planted_secrets import files_below, require_no_secret

from gatewright.install.journal import Journal
from gatewright.io import atomic

from .bench import BOT_TOKEN, OPENCLAW, Bench

DISK_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown"})


def killed_at(step: int, home: Path, run: Callable[[], object]) -> bool:
    """Run in a child process that is killed at its `step`th access to the disk; False if it has fewer."""
    child = os.fork()
    if child == 0:
        remaining = [step]

        def count_down(event: str, arguments: tuple[Any, ...]) -> None:
            has_path = arguments and isinstance(arguments[0], str | bytes | os.PathLike)
            if (
                event in DISK_EVENTS
                and has_path
                and (str(home) in os.fsdecode(arguments[0]) or "/" not in str(arguments[0]))
            ):
                remaining[0] -= 1
                if remaining[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count_down)
        try:
            run()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def others(bench: Bench) -> dict[str, bytes]:
    """The files in the home that may not have the user's secrets: all but the user's own, what is written in its place,
    and its backups."""
    own = {str(bench.openclaw), str(bench.openclaw.parent / atomic.TEMPORARY_NAME)}
    backups = str(bench.machine.state / "backups")
    return {
        name: data for name, data in files_below(bench.home).items() if name not in own and not name.startswith(backups)
    }


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("direction", ["install", "uninstall"])
def test_a_kill_leaves_the_old_or_the_new_file_and_the_next_run_completes_it(bench: Bench, direction: str) -> None:
    bench.file(".openclaw/openclaw.json")
    bench.install("prod", "openclaw")
    new = bench.openclaw.read_bytes()
    bench.uninstall("prod", "openclaw")
    old, states = OPENCLAW.encode(), set()
    for step in itertools.count(1):
        if direction == "uninstall":
            bench.install("prod", "openclaw")
        if not killed_at(step, bench.home, lambda: getattr(bench, direction)("prod", "openclaw")):
            break
        current = bench.openclaw.read_bytes()
        assert current in (old, new)
        record = Journal(bench.machine.state).records().get(str(bench.openclaw))
        assert (record is not None) is (current == new), f"step {step}"
        require_no_secret(others(bench), [BOT_TOKEN])
        states.add((current == new, (bench.openclaw.parent / atomic.TEMPORARY_NAME).exists()))
        bench.install("prod", "openclaw")
        assert bench.openclaw.read_bytes() == new
        bench.uninstall("prod", "openclaw")
        assert bench.files() == {".openclaw/openclaw.json": old}
    assert states == {(False, False), (True, False), (direction == "uninstall", True)}


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_next_run_completes_a_kill_between_several_files(bench: Bench) -> None:
    bench.install("prod", "pi")
    complete = bench.files()
    bench.uninstall("prod", "pi")
    assert bench.files() == {}
    for step in itertools.count(1, 5):
        if not killed_at(step, bench.home, lambda: bench.install("prod", "pi")):
            break
        current = {name: text for name, text in bench.files().items() if not name.endswith(atomic.TEMPORARY_NAME)}
        assert current.items() <= complete.items()
        bench.uninstall("prod", "pi")
        remaining = {name for name in bench.files() if not name.endswith(atomic.TEMPORARY_NAME)}
        assert remaining == set()
        bench.install("prod", "pi")
        assert bench.files() == complete
        bench.uninstall("prod", "pi")
    assert step > 20
