"""Starting and stopping the local Cloudflare of a checkout.

The server inherits the locked file server.json, which says where it listens: while the file is locked the server lives,
and however it ends the lock is gone. A process id alone could by then be somebody else's.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gatewright.errors import LocalCloudflareError
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_HOST, control_plane_url, data_plane_url
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
    try:
        return _start(project, port)
    except OSError as error:
        raise LocalCloudflareError(f"the local Cloudflare cannot start: {error}", "mend that and start again") from None


def _start(project: Project, port: int) -> Running:
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
            _listen(port).close()  # a port that is taken must not cost the server that runs
            stop(project)
    raise LocalCloudflareError(
        f"the local Cloudflare of {project.root} does not come up",
        f"its errors are in {project.shown(_errors(project))}",
    )


def stop(project: Project) -> bool:
    """Ends the server, by SIGKILL if SIGTERM is not enough; False when none was running."""
    if not project.local.is_dir():
        return False
    found = False
    for ending in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + ENDS_WITHIN
        seen: Running | None = None
        sent = False
        while time.monotonic() < deadline:
            with _lock(project) as lock:
                if lock is not None:
                    return found
            before, seen = seen, _noted(project)
            if seen is not None and seen == before and not sent:  # twice: a mere look at the lock is no server
                found = sent = True
                _signal(seen.pid, ending)
            time.sleep(0.02)
    raise LocalCloudflareError("the local Cloudflare does not end", "look for its process: `gatewright local status`")


def _signal(pid: int, ending: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, ending)


def status(project: Project) -> Running | None:
    """The server, when it answers; None when there is none, or it is not ready."""
    if not project.local.is_dir():
        return None
    with _lock(project) as lock:
        if lock is not None:
            return None
    noted = _noted(project)
    said = None if noted is None else health(noted.port)
    return noted if noted is not None and said is not None and said["pid"] == noted.pid else None


def health(port: int) -> dict[str, Any] | None:
    """What the local Cloudflare on a port says of itself; None when nothing like it answers there."""
    try:
        with contextlib.closing(http.client.HTTPConnection(LOCAL_HOST, port, timeout=1)) as connection:
            connection.request("GET", "/__local__/health")
            content = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException):
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
    with _listen(port) as listening, _errors(project).open("wb") as errors:
        pid = _spawn(project.local, listening, lock, errors)
    lock.write(json.dumps({"pid": pid, "port": port}))
    lock.flush()
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if health(port) is not None:
            return Running(pid, port)
    lock.truncate(0)
    said = _errors(project).read_text(encoding="utf-8", errors="replace").strip()
    reason = said.splitlines()[-1] if said else "it ended without a word"
    raise LocalCloudflareError(
        f"the local Cloudflare cannot start: {reason}",
        f"all it said is in {project.shown(_errors(project))}; `gatewright local reset` throws its state away",
    )


def _spawn(folder: Path, listening: socket.socket, lock: IO[str], errors: IO[bytes]) -> int:
    """The id of a server in a session of its own, which outlives this process and its terminal."""
    with _inherited(listening.fileno(), lock.fileno()):
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "gatewright.local.server", str(folder), str(listening.fileno())],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, errors.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
            ],
            setsid=True,
        )


@contextlib.contextmanager
def _inherited(*descriptors: int) -> Iterator[None]:
    """While this lasts a new process gets these open files; a later child must not keep the server's lock alive."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)  # noqa: FBT003  # takes no names
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # noqa: FBT003


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
    """server.json, locked and emptied: nobody runs. None when somebody else holds the lock."""
    path = project.local / "server.json"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.truncate(0)
        yield file


def _noted(project: Project) -> Running | None:
    """What server.json says, true only while it is locked; None while it says nothing."""
    path = project.local / "server.json"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return Running(**json.loads(text)) if text else None


def _errors(project: Project) -> Path:
    return project.local / "server.err"
