"""Start and stop the local Cloudflare of a checkout: one server, which listens on the port of each local environment.

The server inherits the locked file server.json, which has its process id and first port. The file stays locked until
the server ends, however it ends; a process id alone could meanwhile belong to another process.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from gatewright.command_line import command
from gatewright.errors import LocalCloudflareError
from gatewright.facts.local_cloudflare import DEFAULT_PORT, LOCAL_HOST, control_plane_url, data_plane_url
from gatewright.frozen import frozen
from gatewright.io.private import private_folder
from gatewright.io.system import lock_file
from gatewright.local.server.core.ports import listening_socket
from gatewright.project import Project

READY_WITHIN = 10.0  # seconds; it usually takes a quarter of a second
ENDS_WITHIN = 5.0  # seconds after SIGTERM


@frozen
class Running:
    """A local Cloudflare that responds."""

    pid: int
    port: int

    @property
    def control_plane(self) -> str:
        """The `baseUrl` for the official programs."""
        return control_plane_url(self.port)

    @property
    def data_plane(self) -> str:
        """The base URL in place of https://gateway.ai.cloudflare.com."""
        return data_plane_url(self.port)


def start(project: Project, port: int = DEFAULT_PORT, others: Collection[int] = ()) -> Running:
    """Start the local Cloudflare of the project, and return when it responds on `port`.

    A server that runs keeps its ports and listens on `port` too. A new one also listens on those of `others` that are
    free.

    Raises:
        LocalCloudflareError: the port is in use, or the server fails; with the reason.
    """
    try:
        return _start(project, port, {*others})
    except OSError as error:
        raise LocalCloudflareError(f"the local Cloudflare cannot start: {error}", "fix it and start again") from None


def _start(project: Project, port: int, others: set[int]) -> Running:
    deadline = time.monotonic() + READY_WITHIN
    private_folder(project.work)
    private_folder(project.local)
    while time.monotonic() < deadline:
        with _lock(project) as lock:
            if lock is not None:
                return _launch(project, port, others - {port}, lock)
        running = status(project)
        if running is None:
            time.sleep(0.02)  # another start has the lock, and its server is not ready yet
        elif running.port == port or _add_port(running, port):
            return Running(running.pid, port)
        elif _is_older(running):
            others.add(running.port)
            stop(project)
    raise LocalCloudflareError(
        f"the local Cloudflare of {project.root} does not start",
        f"its errors are in {project.shown(_errors(project))}",
    )


def _add_port(running: Running, port: int) -> bool:
    """Let the running server listen on `port`; False where it does not respond.

    Raises LocalCloudflareError where the port cannot be used.
    """
    answer = _request(running.port, "POST", "/ports", {"port": port}) or {}
    if "errno" in answer:
        raise _port_error(port, OSError(answer["errno"], answer["error"]))
    return port in answer.get("ports", ())


def _is_older(running: Running) -> bool:
    """Whether it is a server of an earlier version, which listens on one port only."""
    report = health(running.port)
    return report is not None and "ports" not in report


def stop(project: Project) -> bool:
    """End the server, with SIGKILL if SIGTERM is not enough; False where none was running."""
    if not project.local.is_dir():
        return False
    signalled = False
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + ENDS_WITHIN
        last: Running | None = None
        sent = False
        while time.monotonic() < deadline:
            with _lock(project) as lock:
                if lock is not None:
                    return signalled
            previous, last = last, _recorded(project)
            if last is not None and last == previous and not sent:  # seen twice: it is not a brief test of the lock
                signalled = sent = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(last.pid, number)
            time.sleep(0.02)
    raise LocalCloudflareError("the local Cloudflare does not end", f"find its process: {command('local status')}")


def status(project: Project) -> Running | None:
    """The server if it responds; None where there is none, or it is not ready."""
    if not project.local.is_dir():
        return None
    with _lock(project) as lock:
        if lock is not None:
            return None
    recorded = _recorded(project)
    report = None if recorded is None else health(recorded.port)
    return recorded if recorded is not None and report is not None and report["pid"] == recorded.pid else None


def health(port: int) -> dict[str, Any] | None:
    """The health report of the local Cloudflare on a port; None where there is none."""
    content = _request(port, "GET", "/health")
    return content if content is not None and "gatewright" in content else None


def ports(running: Running) -> tuple[int, ...]:
    """The ports that a server listens on, the first one first; none where it does not respond."""
    return tuple((health(running.port) or {}).get("ports", ()))


def _request(port: int, method: str, path: str, body: object = None) -> dict[str, Any] | None:
    """The JSON object that /__local__ of a port returns; None where there is none."""
    try:
        with contextlib.closing(http.client.HTTPConnection(LOCAL_HOST, port, timeout=1)) as connection:
            content = json.dumps(body) if body is not None else None
            connection.request(method, f"/__local__{path}", content, {"Content-Type": "application/json"})
            answer = json.load(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return answer if isinstance(answer, dict) else None


def reset(project: Project) -> None:
    """Delete the state. A running server is stopped first and started again."""
    running = status(project)
    others = ports(running) if running else ()
    stop(project)
    for path in project.local.glob("state.sqlite*"):
        path.unlink()
    if running is not None:
        start(project, running.port, others)


def state_file(project: Project) -> Path:
    """The SQLite file with the state and the request log."""
    return project.local / "state.sqlite"


def _launch(project: Project, port: int, others: Collection[int], lock: IO[str]) -> Running:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_listen(port))]
        for other in sorted(others):
            with contextlib.suppress(LocalCloudflareError):  # its own environment reports it
                sockets.append(stack.enter_context(_listen(other)))
        errors = stack.enter_context(_errors(project).open("wb"))
        pid = _spawn(project.local, sockets, lock, errors)
    lock.write(json.dumps({"pid": pid, "port": port}))
    lock.flush()
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if health(port) is not None:
            return Running(pid, port)
    lock.truncate(0)
    output = _errors(project).read_text(encoding="utf-8", errors="replace").strip()
    reason = output.splitlines()[-1] if output else "it ended without output"
    raise LocalCloudflareError(
        f"the local Cloudflare cannot start: {reason}",
        f"its output is in {project.shown(_errors(project))}; `{command('local reset')}` deletes its state",
    )


def _spawn(folder: Path, sockets: Sequence[socket.socket], lock: IO[str], errors: IO[bytes]) -> int:
    """Start the server in its own session, so that it outlives this process and its terminal. Returns its id."""
    numbers = [listening.fileno() for listening in sockets]
    with _inherited(*numbers, lock.fileno()):
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "gatewright.local.server", str(folder), *map(str, numbers)],
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
    """Let a new process inherit these open files. Later children must not, or they would keep the server's lock."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)  # noqa: FBT003  # has no keywords
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # noqa: FBT003


def _listen(port: int) -> socket.socket:
    """A listening socket, from which the server accepts connections when it is ready."""
    try:
        return listening_socket(port)
    except OverflowError:
        raise LocalCloudflareError(f"{port} is not a port number from 1 to 65535", _other_port()) from None
    except OSError as error:
        raise _port_error(port, error) from None


def _port_error(port: int, error: OSError) -> LocalCloudflareError:
    if error.errno != errno.EADDRINUSE:
        return LocalCloudflareError(f"port {port} cannot be used: {error.strerror}", _other_port())
    other = health(port)
    user = "another program" if other is None else f"the local Cloudflare of {other['folder']}"
    return LocalCloudflareError(f"port {port} is used by {user}", _other_port())


def _other_port() -> str:
    start = command("local start --port N")
    return f"set another port: `local: {{port: N}}` in the environment file; without an environment, `{start}`"


@contextlib.contextmanager
def _lock(project: Project) -> Iterator[IO[str] | None]:
    """server.json, locked and emptied: no server runs. None where another process has the lock."""
    path = project.local / "server.json"
    with path.open("a+", encoding="utf-8") as file:
        if not lock_file(file.fileno(), wait=False):
            yield None
            return
        file.truncate(0)
        yield file


def _recorded(project: Project) -> Running | None:
    """The server in server.json, valid only while the file is locked; None where the file is empty."""
    path = project.local / "server.json"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return Running(**json.loads(text)) if text else None


def _errors(project: Project) -> Path:
    return project.local / "server.err"
