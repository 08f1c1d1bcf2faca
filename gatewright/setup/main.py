"""`make setup`: create .venv from requirements.lock unless it is complete, and print one line about it.

It is complete if its stamp matches the lock, pyproject.toml, this Python and this folder. Otherwise (first run,
interrupted, moved, another lock) it is created again.
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

from gatewright.setup.failures import SetupError, explain_os_error
from gatewright.setup.processes import exclusive_lock
from gatewright.setup.venvs import count_packages, make_venv, pip_install

QUIET_SECONDS = 15
TIME_COLUMN = 65  # as gatewright.cli.screen, which needs packages that are not installed yet


class Progress:
    """Progress on standard error: one changing line on a terminal, elsewhere a line every QUIET_SECONDS."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.started = self.shown = time.monotonic()

    def show(self, text: str) -> None:
        """Show the current step."""
        if self.terminal:
            sys.stderr.write(f"\r\033[K    {text}"[: shutil.get_terminal_size().columns])
        elif time.monotonic() - self.shown >= QUIET_SECONDS:
            self.shown = time.monotonic()
            sys.stderr.write(f"    {text}\n")
        sys.stderr.flush()

    def clear(self) -> None:
        """Remove the changing line."""
        if self.terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def elapsed(self) -> str:
        """The time since the start."""
        minutes, seconds = divmod(round(time.monotonic() - self.started), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


class Setup:
    """The setup of the checkout at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.stamp = self.venv / "gatewright-stamp"
        self.lock = root / "requirements.lock"
        self.work = root / ".gatewright"

    def expected_stamp(self) -> list[str]:
        """The stamp of a complete environment: [packages, gatewright's own metadata] as digests."""
        packages = _digest(self.lock.read_bytes(), sys.version.encode(), os.fsencode(self.root))
        return [packages, _digest((self.root / "pyproject.toml").read_bytes())]

    def current_stamp(self) -> list[str]:
        """The stamp of .venv; [] where it is missing or incomplete."""
        try:
            return self.stamp.read_text().split() if (self.venv / "bin" / "python").exists() else []
        except FileNotFoundError:
            return []

    def run(self, progress: Progress) -> str:
        """Create .venv unless it is complete, and return the line about it. Raises SetupError, OSError."""
        duration = "unchanged"
        if self.current_stamp() != self.expected_stamp():
            with exclusive_lock(
                self.work / "setup.lock", lambda: progress.show("waiting for another setup of this folder")
            ):
                if self.current_stamp() != self.expected_stamp():
                    self._install(progress)
            duration = progress.elapsed()
        line = f"  ✓ Python {platform.python_version()}, virtual environment, {count_packages(self.lock)} packages"
        return line.ljust(TIME_COLUMN) + duration

    def _install(self, progress: Progress) -> None:
        """Write the stamp last, so that an interrupted run counts as incomplete."""
        stamp, log = self.expected_stamp(), self.work / "setup.log"
        if self.current_stamp()[:1] == stamp[:1]:
            self.stamp.unlink()
        else:
            make_venv(self.venv, self.lock, log, progress.show)
        progress.show("gatewright")
        pip_install(self.venv, ["--no-build-isolation", "--editable", self.root], log, progress.show)
        partial = self.stamp.with_suffix(".new")
        partial.write_text("\n".join(stamp))
        partial.replace(self.stamp)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def main(root: Path) -> int:
    """Set up the checkout at `root` and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # print in a locale without ✓
    progress = Progress()
    code = 1
    try:
        line = Setup(root).run(progress)
    except SetupError as error:
        message = str(error)
    except OSError as error:
        message = explain_os_error(error, root)
    except KeyboardInterrupt:
        message, code = "interrupted; run the same command again", 130
    else:
        progress.clear()
        sys.stdout.write(f"{line}\n")
        return 0
    progress.clear()
    sys.stderr.write(f"  ✗ setup: {message}\n")
    return code
