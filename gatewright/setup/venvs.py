"""Create a virtual environment from a lock file: every package pinned by hash, none built here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gatewright.setup.failures import SetupError, explain_output
from gatewright.setup.processes import output_lines

Show = Callable[[str], None]
"""Shows the current step, in a few words."""

_REDIRECTING = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT")
"""Variables of the shell that change where or what pip installs."""


def count_packages(lock: Path) -> int:
    """How many packages of `lock` this platform needs."""
    names = [line for line in lock.read_text().splitlines() if "==" in line and not line.startswith(("#", " "))]
    return len([line for line in names if "sys_platform == 'win32'" not in line])


def make_venv(venv: Path, lock: Path, log: Path, show: Show) -> None:
    """Create `venv` with the packages of `lock`, replacing an existing one. Raises SetupError."""
    _check_venv_module()
    if venv.is_symlink() or (venv.exists() and not venv.is_dir()):
        raise SetupError(f"{venv} is in the way and is not a folder: remove it")
    if venv.exists():
        shutil.rmtree(venv)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    show("virtual environment")
    # inside a virtual environment, use the Python that it is based on
    _run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", venv], venv, log, lambda _: None)
    pip_install(venv, ["--require-hashes", "--only-binary", ":all:", "-r", lock], log, show, count_packages(lock))


def pip_install(venv: Path, arguments: Sequence[str | Path], log: Path, show: Show, total: int = 0) -> None:
    """`pip install` into `venv`; `total` packages are expected. Raises SetupError."""
    python = venv / "bin" / "python"
    quiet = ["--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "off"]
    fetched: list[str] = []
    before = _count_installed(venv)

    def read(line: str) -> None:
        if line.startswith("Collecting "):
            fetched.append(line.split()[1].split("=")[0])
            show(f"fetching {len(fetched)} of {total} packages: {fetched[-1]}")

    def idle() -> None:
        if len(fetched) == total > 0:
            # pip prints nothing while it installs
            show(f"installing {_count_installed(venv) - before} of {total} packages")

    command = [python, "-m", "pip", "install", "--no-deps", "--no-compile", *quiet, *arguments]
    _run(command, venv, log, read, idle)


def _count_installed(venv: Path) -> int:
    return len(list(venv.glob("lib/python*/site-packages/*.dist-info")))


def _run(
    command: Sequence[str | Path], venv: Path, log: Path, read: Show, idle: Callable[[], None] = lambda: None
) -> None:
    env = {name: value for name, value in os.environ.items() if name not in _REDIRECTING}
    try:
        for line in output_lines(command, cwd=venv.parent, env=env, log=log, idle=idle):
            read(line)
    except subprocess.CalledProcessError as error:
        raise SetupError(explain_output(error.output, log)) from None


def _check_venv_module() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        name = "python{}.{}-venv".format(*sys.version_info)
        raise SetupError(
            f"this Python has no venv module: install it (Debian, Ubuntu: apt install {name}) or make PYTHON=<another>"
        ) from None
