"""Runs in which a file or folder is swapped for a link, a pipe or a device at a chosen access to the disk.

Trying every access one after the other finds each gap between a check and a write, without depending on a race.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Swap = Callable[[Path, Path], None]

DISK_EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "tempfile.mkstemp"}
)
SECONDS = 60
CLEAN, REFUSED, REACHED = 0, 3, 64
"""Bits of a child's exit code: it succeeded or refused, and there was an access to swap at."""


def to_link(path: Path, elsewhere: Path) -> None:
    """A link to the same name elsewhere."""
    path.symlink_to(elsewhere / path.name)


def to_dangling_link(path: Path, elsewhere: Path) -> None:
    """A link to a name that does not exist elsewhere: writing through it would create a file."""
    path.symlink_to(elsewhere / "created")


def to_pipe(path: Path, _elsewhere: Path) -> None:
    """A pipe that nobody reads or writes."""
    os.mkfifo(path)


def to_device(path: Path, _elsewhere: Path) -> None:
    """A link to a device that never ends."""
    path.symlink_to("/dev/zero")


SWAPS: tuple[Swap, ...] = (to_link, to_dangling_link, to_pipe, to_device)


def every_swap(path: Path, swap: Swap, elsewhere: Path, root: Path, run: Callable[[], object]) -> Iterator[int]:
    """Run in a child process once for each access below `root`, at which `path` is swapped. Yields the access.

    The caller restores `root` between two runs. A run may succeed or refuse, with a message in the output; any other
    end fails.
    """
    for step in itertools.count(1):
        code = _child(step, path, swap, elsewhere, root, run)
        assert code & ~REACHED in {CLEAN, REFUSED}, f"access {step}: exit code {code}"
        if not code & REACHED:
            return
        yield step


def _child(step: int, path: Path, swap: Swap, elsewhere: Path, root: Path, run: Callable[[], object]) -> int:
    from gatewright.errors import GatewrightError

    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    remaining, code = [step], 1
    signal.alarm(SECONDS)

    def count_down(event: str, arguments: tuple[Any, ...]) -> None:
        has_path = event in DISK_EVENTS and arguments and isinstance(arguments[0], str | bytes | os.PathLike)
        if not has_path or remaining[0] <= 0:
            return
        name = os.fsdecode(arguments[0])
        if str(root) in name or "/" not in name:
            remaining[0] -= 1
            if remaining[0] == 0:
                if os.path.lexists(path):
                    path.rename(path.with_name("moved away"))
                if path.parent.is_dir():
                    swap(path, elsewhere)

    sys.addaudithook(count_down)
    try:
        run()
        code = CLEAN
    except (GatewrightError, OSError) as error:
        code = REFUSED
        click.echo(f"{error!r} {getattr(error, 'hint', '')}")  # as a command shows it
    finally:
        os._exit(code | (REACHED if remaining[0] <= 0 else 0))
