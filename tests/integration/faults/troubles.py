"""What is done to a command while it runs: a fault of Cloudflare's, a signal to one of its processes, a full disk."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import httpx

from gatewright.local import daemon

from .points import BLOCK, CUT_STATE, DISKS, FAULTS, FULL, READ_ONLY, SECOND, SIGNALS, faults_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ..clone import Clone
    from .points import Point

HOLD = 3_000  # milliseconds for which a call is held while its caller gets a signal
HOLD_FOR_SECOND = 50_000  # milliseconds: it must come to the lock meanwhile, on a busy machine too
WITHIN = 120.0  # seconds
WITHIN_ON_A_FULL_DISK = 600.0  # seconds: the engine tries for minutes to write each step
LEFT = 32 << 10  # bytes: a part of a state has room
ROOM = 32 << 20  # bytes that are free before others fill the disk

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without certificates, which take 20 ms of CPU time to read, and a call is awaited by twenty requests a second."""

FILLER = "what others wrote"

PROGRAMS = {
    "engine": r"/pulumi (up|destroy|preview|refresh) ",
    "host": r"gatewright\.local\.language_host ",
    "program": r"plugin/executor\.py",
    "cloudflare-plugin": r"gatewright\.local\.cloudflare_plugin|resource-cloudflare",
    "gatewright-plugin": r"gatewright\.provider|resource-gatewright",
}
"""By the command line of a process."""

Ran = tuple[int, str, str]
"""The exit code, the output, and where the trouble hit; nothing if it did not."""


def run(clone: Clone, command: str, point: Point, calls: Sequence[str], calls_before: int) -> Ran:
    """Run a command with the trouble of a point; `calls` are those that it makes without one."""
    if point.kind in FAULTS:
        for fault in faults_of(point, calls):
            order(clone, **fault)
        done = clone.complete(shlex.split(command), clone.shell())
        return done.returncode, done.stdout, next(iter(failed_calls(clone, calls_before)), "")
    if point.kind in SIGNALS:
        return _held(clone, command, point, lambda process: _signal(clone, process, *SIGNALS[point.kind]))
    if point.kind == SECOND:
        return _held(clone, command, point, lambda _: _second(clone, command), hold=HOLD_FOR_SECOND)
    if point.kind == CUT_STATE:
        for state in (clone.project.work / "state").glob(".pulumi/stacks/*/local.json"):
            os.truncate(state, state.stat().st_size // 2)
        done = clone.complete(shlex.split(command), clone.shell())
        return done.returncode, done.stdout, "it was restored" if "Restored from" in done.stdout else ""
    if point.kind in FULL:
        with _small_disk(folder := clone.project.root / FULL[point.kind], ROOM):
            ran = _held(clone, command, point, lambda _: _fill(folder), within=WITHIN_ON_A_FULL_DISK)
            (folder / FILLER).unlink(missing_ok=True)
        return ran
    folder = clone.project.root / {**DISKS, **READ_ONLY}[point.kind]
    with _small_disk(folder, point.number * BLOCK):
        if point.kind in READ_ONLY:
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        done = clone.complete(shlex.split(command), clone.shell())
        free = shutil.disk_usage(folder).free
    return done.returncode, done.stdout, f"{free} bytes left" if done.returncode or not free else ""


def order(clone: Clone, **fault: object) -> None:
    """Inject a fault of the control plane."""
    assert ask(clone, "POST", "faults", {"on": "control", **fault}).is_success


def remove_faults(clone: Clone) -> None:
    ask(clone, "DELETE", "faults")


def ask(clone: Clone, method: str, part: str, body: object = None) -> httpx.Response:
    """The answer of the control of the local Cloudflare itself. Raises httpx.TransportError."""
    url = f"http://127.0.0.1:{clone.port}/__local__/{part}"
    return httpx.request(method, url, json=body, trust_env=False, verify=_NO_TLS)


def failed_calls(clone: Clone, calls_before: int) -> list[str]:
    """The calls that a fault has met."""
    calls = [entry for entry in clone.calls(calls_before) if "fault" in entry]
    return [f"{entry['method']} {re.sub(r'[0-9a-f-]{16,}', '…', entry['path'])}" for entry in calls]


def _held(
    clone: Clone,
    command: str,
    point: Point,
    trouble: Callable[[subprocess.Popen[str]], str],
    hold: int = HOLD,
    within: float = WITHIN,
) -> Ran:
    """Run a command, and make trouble while a call of it is held; `trouble` returns where it hit."""
    order(clone, nth=point.number, delay_ms=hold)
    with _default_signals():
        started = clone.process(shlex.split(command), clone.shell())
    with started as process:
        _wait(lambda: process.poll() is not None or _seen(clone) >= point.number)
        hit = trouble(process) if process.poll() is None else ""
        try:
            text, _ = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            for pid in clone.processes():
                os.kill(pid, signal.SIGKILL)
            raise
    _wait(lambda: not _running(clone, "engine"))  # an engine whose command was killed finishes by itself
    return process.returncode, text, hit


@contextmanager
def _default_signals() -> Iterator[None]:
    """A shell ignores them for what it starts in the background, and programs inherit that: none would hit."""
    before = {each: signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _second(clone: Clone, command: str) -> str:
    done = clone.complete(shlex.split(command), clone.shell())
    return "the second one was refused" if done.returncode == 1 and "currently locked" in done.stdout else ""


def _seen(clone: Clone) -> int:
    """How many calls have reached the fault."""
    with suppress(httpx.TransportError):
        return int(ask(clone, "GET", "faults").json()[0]["seen"])
    return 0


def _signal(clone: Clone, process: subprocess.Popen[str], target: str, number: signal.Signals) -> str:
    """Where it hit: the process, or nothing where there is none of that kind now."""
    if target == "command":
        pids = [process.pid]
    elif target == "local-cloudflare":
        running = daemon.status(clone.project)
        pids = [running.pid] if running else []
    else:
        pids = _running(clone, target)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return f"{number.name} to {target}" if pids else ""


def _running(clone: Clone, target: str) -> list[int]:
    return [pid for pid, line in clone.processes().items() if re.search(PROGRAMS[target], line)]


def _wait(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _fill(folder: Path) -> str:
    size = shutil.disk_usage(folder).free - LEFT
    (folder / FILLER).write_bytes(bytes(size))
    return f"{shutil.disk_usage(folder).free} bytes left"


@contextmanager
def _small_disk(folder: Path, size: int) -> Iterator[None]:
    """Put a folder on a disk with `size` free bytes. What is there at the end stays in the folder. Needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    used = sum(-(-file.stat().st_size // 4096) * 4096 for file in folder.rglob("*") if file.is_file())
    kept = folder.with_name(f"{folder.name}-on-a-large-disk")
    shutil.copytree(folder, kept)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={used + size}", "none", folder], check=True)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
        shutil.rmtree(kept)
        shutil.copytree(folder, kept)
    finally:
        subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)
    kept.rename(folder)
