"""Starting and stopping the local Cloudflare of a checkout.

The server inherits the locked file server.json, which says where it listens: while the file is locked the server lives,
and however it ends the lock is gone. A process id alone could by then be somebody else's.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gatewright.errors import LocalCloudflareError
from gatewright.local.constants import DEFAULT_PORT, LOCAL_HOST, control_plane_url, data_plane_url
from gatewright.project import Project

READY_WITHIN = 10.0  # seconds; it takes a quarter of one
ENDS_WITHIN = 5.0  # seconds after SIGTERM

_SETTING = "choose another: `local: {port: N}` in the environment file, or `gatewright local start --port N`"


@dataclass(frozen=True, slots=True)
class Running:
    """A local Cloudflare that answers."""

    pid: int
    port: int

    @property
    def control_plane(self) -> str:
        """What the official programs take as `baseUrl`."""
        return control_plane_url(self.port)

    @property
    def data_plane(self) -> str:
        """What stands for https://gateway.ai.cloudflare.com."""
        return data_plane_url(self.port)


def start(project: Project, port: int = DEFAULT_PORT) -> Running:
    """The local Cloudflare of the project on `port`, started if need be, moved there if it runs on another.

    Returns when it answers. Raises LocalCloudflareError: the port is taken (by whom), or the server fails (why).
    """
    deadline = time.monotonic() + READY_WITHIN
    project.local.mkdir(parents=True, exist_ok=True)
    while time.monotonic() < deadline:
        with _lock(project) as lock:
            if lock is not None:
                return _launch(project, port, lock)
        running = status(project)
        if running is None:
            time.sleep(0.02)  # another start holds the lock, and its server is not ready yet
        elif running.port == port:
            return running
        else:
            stop(project)
    raise LocalCloudflareError(
        f"the local Cloudflare of {project.root} does not come up",
        f"its errors are in {project.shown(_errors(project))}",
    )


def stop(project: Project) -> bool:
    """Ends the server, by SIGKILL if SIGTERM is not enough; False when none was running."""
    for ending, patience in ((signal.SIGTERM, ENDS_WITHIN), (signal.SIGKILL, ENDS_WITHIN)):
        deadline = time.monotonic() + patience
        signalled = False
        while time.monotonic() < deadline:
            with _lock(project) as lock:
                if lock is not None:
                    was_running = bool(lock.read())
                    lock.truncate(0)
                    return was_running
            noted = _noted(project)
            if noted is not None and not signalled:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(noted.pid, ending)
                signalled = True
            time.sleep(0.02)
    raise LocalCloudflareError("the local Cloudflare does not end", "look for its process: `gatewright local status`")


def status(project: Project) -> Running | None:
    """The server, when it answers; None when there is none, or it is not ready."""
    with _lock(project) as lock:
        if lock is not None:
            return None
    noted = _noted(project)
    return noted if noted is not None and health(noted.port) is not None else None


def health(port: int) -> dict[str, Any] | None:
    """What the local Cloudflare on a port says of itself; None when nothing like it answers there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{LOCAL_HOST}:{port}/__local__/health", timeout=1) as answer:
            content = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return content if isinstance(content, dict) and "gatewright" in content else None


def reset(project: Project) -> None:
    """Throws the state away; a running server is stopped first and started again."""
    running = status(project)
    stop(project)
    for path in project.local.glob("state.sqlite*"):
        path.unlink()
    if running is not None:
        start(project, running.port)


def state_file(project: Project) -> Path:
    """The SQLite file with the state and the request log."""
    return project.local / "state.sqlite"


def _launch(project: Project, port: int, lock: IO[str]) -> Running:
    lock.truncate(0)
    with _listen(port) as listening, _errors(project).open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "gatewright.local.server", str(project.local), str(listening.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            pass_fds=(listening.fileno(), lock.fileno()),
            start_new_session=True,
            cwd=project.root,
        )
    lock.write(json.dumps({"pid": server.pid, "port": port}))
    lock.flush()
    while server.poll() is None:
        if health(port) is not None:
            return Running(server.pid, port)
    said = _errors(project).read_text(encoding="utf-8", errors="replace").strip()
    lock.truncate(0)
    reason = said.splitlines()[-1] if said else f"it ended with {server.returncode}"
    raise LocalCloudflareError(
        f"the local Cloudflare cannot start: {reason}", f"all it said is in {project.shown(_errors(project))}"
    )


def _listen(port: int) -> socket.socket:
    """A listening socket on the loopback address; the server accepts from it as soon as it is ready."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOCAL_HOST, port))
        listening.listen(128)
    except OverflowError:
        listening.close()
        raise LocalCloudflareError(f"{port} is no port: they go from 1 to 65535", _SETTING) from None
    except OSError as error:
        listening.close()
        raise _refused(port, error) from None
    return listening


def _refused(port: int, error: OSError) -> LocalCloudflareError:
    if error.errno != errno.EADDRINUSE:
        return LocalCloudflareError(f"port {port} cannot be used: {error.strerror}", _SETTING)
    other = health(port)
    if other is None:
        return LocalCloudflareError(f"port {port} is taken by another program", _SETTING)
    return LocalCloudflareError(f"port {port} is taken by the local Cloudflare of {other['folder']}", _SETTING)


@contextlib.contextmanager
def _lock(project: Project) -> Iterator[IO[str] | None]:
    """The open, locked server.json; None when somebody else has it locked, or there is no folder for it."""
    path = project.local / "server.json"
    if not path.parent.is_dir():
        yield None
        return
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.seek(0)
        yield file


def _noted(project: Project) -> Running | None:
    """What server.json says, true only while it is locked; None while it says nothing."""
    path = project.local / "server.json"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return Running(**json.loads(text)) if text else None


def _errors(project: Project) -> Path:
    return project.local / "server.err"
