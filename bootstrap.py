"""Makes .venv from requirements.lock: run by make with any python3, before anything is installed.

Only the standard library, and only syntax that an old Python can still parse, so that it can say which one is needed.
The environment is complete when its stamp matches the lock, pyproject.toml, this Python and this folder;
one that is not (first run, interrupted, moved, another lock) is made anew. One set-up at a time in a folder.
"""

# ruff: noqa: E402, T201, UP006, UP035
import sys

NEEDED = (3, 11)

if sys.version_info < NEEDED:
    import shutil

    newer = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
    mend = "use make PYTHON=" + newer[0] if newer else "install one, then use make PYTHON=<it>"
    sys.exit("  ✗ Python {}.{} or newer is needed, this one is {}.{}: {}".format(*NEEDED, *sys.version_info[:2], mend))

import argparse
import contextlib
import errno
import fcntl
import hashlib
import io
import os
import platform
import queue
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "gatewright-stamp"
LOCK_FILE = ROOT / "requirements.lock"
WORK = ROOT / ".gatewright"
LOG = WORK / "setup.log"
QUIET_SECONDS = 15
"""How long a run without a terminal says nothing."""

DISK_FULL = "the disk is full: make room, then run the same command again"
CAUSES = (
    (r"No space left on device|Disk quota exceeded", DISK_FULL),
    (
        r"DO NOT MATCH THE HASHES",
        "a package is not the one pinned in requirements.lock: the index or a cache lies; try PIP_NO_CACHE_DIR=1",
    ),
    (
        r"NewConnectionError|NameResolutionError|Timeout|ProxyError|SSLError|Max retries|Connection(Reset|Refused)|"
        r"Failed to establish|Network is unreachable|Temporary failure|name resolution",
        "the package index cannot be reached: check the network (HTTPS_PROXY, PIP_CERT) or PIP_INDEX_URL",
    ),
    (
        r"No matching distribution|Could not find a version",
        "the package index lacks a pinned package for this Python: try make PYTHON=<another>, or PIP_INDEX_URL",
    ),
)
"""What pip's output shows, and the line for it: the first that matches."""


class Failed(Exception):  # noqa: N818
    """Set-up cannot go on; the message is the one line that the user reads."""


def pinned() -> int:
    """How many packages this platform gets from the lock."""
    lines = [line for line in LOCK_FILE.read_text().splitlines() if "==" in line and not line.startswith(("#", " "))]
    return len([line for line in lines if "sys_platform == 'win32'" not in line])


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def wanted_stamp() -> List[str]:
    """What a complete environment was made from: [the packages, gatewright's own metadata] as digests."""
    packages = digest(LOCK_FILE.read_bytes(), sys.version.encode(), os.fsencode(ROOT))
    return [packages, digest((ROOT / "pyproject.toml").read_bytes())]


def stamp() -> List[str]:
    """What .venv was made from; [] when it is not there or was interrupted."""
    try:
        return STAMP.read_text().split() if (VENV / "bin" / "python").exists() else []
    except FileNotFoundError:
        return []


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold this folder's set-up lock; wait for another run that has it."""
    WORK.mkdir(exist_ok=True)
    path = WORK / "setup.lock"
    while True:
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("  waiting for another set-up of this folder", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            # `make clean` may have removed the file while we waited: then the lock guards nothing
            if path.exists() and path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                yield
                return


class Progress:
    """One line that moves on a terminal; elsewhere a line now and then."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.started = self.said = time.monotonic()
        self.width = shutil.get_terminal_size().columns

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self.terminal:
            print(f"\r\033[K    {text}"[: self.width + 4], end="", flush=True)
        elif now - self.said >= QUIET_SECONDS:
            self.said = now
            print(f"    {text}", flush=True)

    def clear(self) -> None:
        if self.terminal:
            print("\r\033[K", end="", flush=True)


def clean_environment() -> Dict[str, str]:
    """The variables for the new environment's pip: the user's own, without what would install elsewhere."""
    dropped = (
        "PYTHONHOME",
        "PYTHONPATH",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_REQUIREMENT",
        "PIP_CONSTRAINT",
        "VIRTUAL_ENV",
    )
    return {name: value for name, value in os.environ.items() if name not in dropped}


def lines_of(process: "subprocess.Popen[str]", idle: Callable[[], None]) -> Iterator[str]:
    """What `process` prints, until it has ended; `idle` is called while it is silent."""
    lines = queue.Queue()  # type: queue.Queue[str]

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        while True:
            try:
                line = lines.get(timeout=0.2)
            except queue.Empty:
                idle()
                continue
            if not line:
                break
            yield line
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def installed(total: int) -> str:
    """How far pip's last and silent part is, read from what it has put in place (less pip itself)."""
    placed = len(list(VENV.glob("lib/python*/site-packages/*.dist-info"))) - 1
    return f"installing {max(placed, 0)} of {total} packages"


def pip(arguments: List[str], progress: Progress, total: int) -> None:
    """Run pip install in .venv, its output in the log, its advance on the screen."""
    quiet = ["--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "off"]
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-deps", "--no-compile", *quiet, *arguments]
    collected: List[str] = []
    output = []
    with LOG.open("a") as log:
        process = subprocess.Popen(
            command,
            cwd=str(ROOT),
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in lines_of(process, lambda: progress.show(installed(total)) if len(collected) == total > 0 else None):
            log.write(line)
            output.append(line)
            if line.startswith("Collecting "):
                collected.append(line.split()[1].split("=")[0])
                progress.show(f"fetching {len(collected)} of {total} packages: {collected[-1]}")
    if process.returncode:
        raise Failed(cause("".join(output)))


def cause(output: str) -> str:
    """The one line that says why pip failed and what to do."""
    for pattern, line in CAUSES:
        if re.search(pattern, output):
            return line
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")] or ["pip failed"]
    return f"{errors[0]} (all of its output: {LOG.relative_to(ROOT)})"


def make_environment(progress: Progress) -> None:
    """.venv anew with every pinned package."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = "python{}.{}".format(*sys.version_info[:2])
        line = f"this Python has no venv module: install it (Debian, Ubuntu: apt install {version}-venv)"
        raise Failed(f"{line} or use make PYTHON=<another>") from None
    if VENV.is_symlink() or (VENV.exists() and not VENV.is_dir()):
        raise Failed(f"{VENV.name} is in the way and not a folder: remove it")
    if VENV.exists():
        shutil.rmtree(VENV)
    progress.show("virtual environment")
    # from inside another virtual environment (or this very one) its base is meant
    python = getattr(sys, "_base_executable", sys.executable)
    made = subprocess.run(
        [python, "-m", "venv", str(VENV)],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    LOG.write_text(made.stdout)
    if made.returncode:
        raise Failed(cause(made.stdout))
    pip(["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK_FILE)], progress, pinned())


def bring_up_to_date(progress: Progress) -> None:
    """Make what .venv lacks; its stamp is written last, so that an interrupted run is never taken for whole."""
    wanted, found = wanted_stamp(), stamp()
    if found[:1] != wanted[:1]:
        make_environment(progress)
    else:
        STAMP.unlink()
    progress.show("gatewright")
    pip(["--no-build-isolation", "--editable", str(ROOT)], progress, 0)
    partial = STAMP.with_suffix(".new")
    partial.write_text("\n".join(wanted))
    partial.replace(STAMP)


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def set_up() -> None:
    """Make .venv unless it is complete; say in one line what is there."""
    progress = Progress()
    took = "unchanged"
    if stamp() != wanted_stamp():
        with only_one():
            if stamp() != wanted_stamp():
                bring_up_to_date(progress)
                took = duration(time.monotonic() - progress.started)
        progress.clear()
    line = f"  ✓ Python {platform.python_version()}, virtual environment, {pinned()} packages"
    print(f"{line:<64} {took}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="make .venv from requirements.lock")
    parser.add_argument("--stack", help="print the heading of this stack's run first")
    stack = parser.parse_args().stack
    if stack:
        print(f"gatewright · stack {stack}" + (" · Cloudflare on this machine" if stack == "local" else ""), flush=True)
    try:
        set_up()
    except Failed as failure:
        message = str(failure)
    except OSError as error:
        reasons = {
            errno.ENOSPC: DISK_FULL,
            errno.EDQUOT: DISK_FULL,
            errno.EROFS: f"{ROOT} is on a read-only file system: clone to a folder that can be written",
            errno.EACCES: f"{error.filename or ROOT} cannot be written: mend its owner, or use a clone of your own",
        }
        message = reasons.get(error.errno or 0, str(error))
    except KeyboardInterrupt:
        print("\ngatewright: set-up interrupted; the same command begins it again", file=sys.stderr)
        return 130
    else:
        return 0
    print(("\r\033[K" if sys.stdout.isatty() else "") + f"  ✗ {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main())
