"""`make setup`: .venv complete for requirements.lock, or made so; one line says what is there.

Complete means that its stamp matches the lock, pyproject.toml, this Python and this folder. What is not (first run,
interrupted, moved, another lock) is made anew.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import sys
import time
from pathlib import Path

from gatewright.setup.failures import SetupError, explained_os_error
from gatewright.setup.processes import only_one
from gatewright.setup.venvs import make_venv, pinned, pip_install

QUIET_SECONDS = 15
TIME_COLUMN = 65  # as gatewright.cli.screen, which needs what is not installed yet


class Progress:
    """On standard error: one line that moves on a terminal, elsewhere a line now and then."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.started = self.said = time.monotonic()

    def show(self, text: str) -> None:
        """What is being done right now."""
        if self.terminal:
            sys.stderr.write(f"\r\033[K    {text}"[: shutil.get_terminal_size().columns])
        elif time.monotonic() - self.said >= QUIET_SECONDS:
            self.said = time.monotonic()
            sys.stderr.write(f"    {text}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the moving line away."""
        if self.terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def took(self) -> str:
        """The time since the beginning."""
        minutes, seconds = divmod(round(time.monotonic() - self.started), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


class Setup:
    """The set-up of the checkout at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.stamp = self.venv / "gatewright-stamp"
        self.lock = root / "requirements.lock"
        self.work = root / ".gatewright"

    def wanted(self) -> list[str]:
        """What a complete environment is made from: [packages, gatewright's own metadata] as digests."""
        packages = _digest(self.lock.read_bytes(), sys.version.encode(), os.fsencode(self.root))
        return [packages, _digest((self.root / "pyproject.toml").read_bytes())]

    def found(self) -> list[str]:
        """What .venv was made from; [] where it is not there or was interrupted."""
        try:
            return self.stamp.read_text().split() if (self.venv / "bin" / "python").exists() else []
        except FileNotFoundError:
            return []

    def run(self, progress: Progress) -> str:
        """Make .venv unless it is complete; the line that says what is there. Raises SetupError, OSError."""
        took = "unchanged"
        if self.found() != self.wanted():
            with only_one(self.work / "setup.lock", lambda: progress.show("waiting for another set-up of this folder")):
                if self.found() != self.wanted():
                    self._bring_up_to_date(progress)
            took = progress.took()
        line = f"  ✓ Python {platform.python_version()}, virtual environment, {pinned(self.lock)} packages"
        return line.ljust(TIME_COLUMN) + took

    def _bring_up_to_date(self, progress: Progress) -> None:
        """The stamp is written last, so that an interrupted run is never taken for whole."""
        wanted, log = self.wanted(), self.work / "setup.log"
        if self.found()[:1] == wanted[:1]:
            self.stamp.unlink()
        else:
            make_venv(self.venv, self.lock, log, progress.show)
        progress.show("gatewright")
        pip_install(self.venv, ["--no-build-isolation", "--editable", self.root], log, progress.show)
        partial = self.stamp.with_suffix(".new")
        partial.write_text("\n".join(wanted))
        partial.replace(self.stamp)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def main(root: Path) -> int:
    """Set `root` up; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without ✓ is no reason to fail
    progress = Progress()
    code = 1
    try:
        line = Setup(root).run(progress)
    except SetupError as error:
        message = str(error)
    except OSError as error:
        message = explained_os_error(error, root)
    except KeyboardInterrupt:
        message, code = "interrupted; the same command begins it again", 130
    else:
        progress.clear()
        sys.stdout.write(f"{line}\n")
        return 0
    progress.clear()
    sys.stderr.write(f"  ✗ set-up: {message}\n")
    return code
