"""The process of the local Cloudflare: start, stop, kill, and errors at the start."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gatewright.errors import LocalCloudflareError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_HOST
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

from .ports import free_port
from .server.setup_steps import SETTINGS

GATEWAY = {"id": "kept", **SETTINGS}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    daemon.stop(project)


def gateways(running: Running) -> httpx.Client:
    return httpx.Client(
        base_url=f"{running.control_plane}/accounts/{LOCAL_ACCOUNT}/ai-gateway",
        headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"},
        trust_env=False,
    )


def names(running: Running) -> list[str]:
    with gateways(running) as client:
        return [gateway["id"] for gateway in client.get("/gateways").json()["result"]]


def wait_for_end(project: Project) -> None:
    """Wait until the killed process has ended."""
    for _ in range(500):
        if daemon.status(project) is None:
            return
        time.sleep(0.01)
    pytest.fail("the server still runs")


def test_start_is_idempotent_and_stop_ends_it(project: Project) -> None:
    port = free_port()
    first = daemon.start(project, port)
    assert daemon.start(project, port) == first == daemon.status(project)
    assert daemon.stop(project) is True
    assert daemon.status(project) is None
    assert daemon.health(port) is None
    assert daemon.stop(project) is False


def test_without_a_server_there_is_nothing_to_stop(project: Project) -> None:
    assert daemon.status(project) is None
    assert daemon.stop(project) is False
    daemon.reset(project)
    assert not project.local.exists()


def test_it_runs_in_its_own_session(project: Project) -> None:
    running = daemon.start(project, free_port())
    assert os.getsid(running.pid) == running.pid != os.getsid(0)


def test_it_listens_on_the_loopback_address_only(project: Project) -> None:
    running = daemon.start(project, free_port())
    with socket.socket() as other:
        other.settimeout(2)
        with pytest.raises(OSError, match=r"refused|assign|timed out"):
            other.connect(("127.0.0.2", running.port))


def test_a_foreign_host_header_is_refused(project: Project) -> None:
    """A web page whose name resolves to 127.0.0.1 gets no data."""
    running = daemon.start(project, free_port())
    response = httpx.get(f"{running.data_plane}/__local__/log", headers={"Host": "evil.example"}, trust_env=False)
    assert response.status_code == 400


def test_state_survives_a_kill_right_after_the_response(project: Project) -> None:
    port = free_port()
    running = daemon.start(project, port)
    with gateways(running) as client:
        assert client.post("/gateways", json=GATEWAY).status_code == 200
    os.kill(running.pid, signal.SIGKILL)
    wait_for_end(project)
    again = daemon.start(project, port)
    assert again.pid != running.pid
    assert names(again) == ["kept"]


def test_state_survives_a_restart_on_another_port(project: Project) -> None:
    with gateways(daemon.start(project, free_port())) as client:
        client.post("/gateways", json=GATEWAY)
    daemon.stop(project)
    assert names(daemon.start(project, free_port())) == ["kept"]


def test_one_server_listens_on_every_port_that_was_started(project: Project) -> None:
    first = daemon.start(project, free_port())
    second = daemon.start(project, free_port())
    assert second.port != first.port
    assert second.pid == first.pid
    assert daemon.ports(second) == (first.port, second.port)
    with gateways(second) as client:
        client.post("/gateways", json=GATEWAY)
    assert names(first) == names(second) == ["kept"]
    assert daemon.status(project) == first
    daemon.stop(project)
    assert daemon.health(first.port) is daemon.health(second.port) is None


def test_a_new_server_listens_on_the_other_ports_that_are_free(project: Project) -> None:
    """After a kill, one start serves all environments again."""
    port, other = free_port(), free_port()
    with socket.socket() as taken:
        taken.bind((LOCAL_HOST, 0))
        taken.listen()
        running = daemon.start(project, port, [other, taken.getsockname()[1], port])
    assert daemon.ports(running) == (port, other)
    daemon.reset(project)
    again = daemon.status(project)
    assert again is not None
    assert daemon.ports(again) == (port, other)


def test_parallel_starts_on_different_ports_share_one_server(project: Project) -> None:
    ports = [free_port() for _ in range(5)]
    with ThreadPoolExecutor(len(ports)) as pool:
        running = list(pool.map(lambda port: daemon.start(project, port), ports))
    assert [each.port for each in running] == ports
    assert len({each.pid for each in running}) == 1
    assert all(daemon.health(port) for port in ports)


def test_a_server_of_an_earlier_version_is_replaced_on_both_ports(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = daemon.start(project, free_port())
    monkeypatch.setattr(daemon, "_is_older", lambda running: running.pid == first.pid)
    monkeypatch.setattr(daemon, "_add_port", lambda *_: False)
    second = daemon.start(project, free_port())
    assert second.pid != first.pid
    assert set(daemon.ports(second)) == {first.port, second.port}


def test_the_state_contains_no_token_value(project: Project) -> None:
    running = daemon.start(project, free_port())
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": "644535f4ed854494a59cb289d634b257"}],
        "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
    }
    token = httpx.post(
        f"{running.control_plane}/accounts/{LOCAL_ACCOUNT}/tokens",
        headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"},
        json={"name": "agents", "policies": [policy]},
        trust_env=False,
    ).json()["result"]
    daemon.stop(project)
    files = [path for path in project.local.iterdir() if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert token["id"].encode() in written
    assert token["value"].encode() not in written
    assert daemon.state_file(project).stat().st_mode & 0o777 == 0o600


def test_reset_empties_it(project: Project) -> None:
    running = daemon.start(project, free_port())
    with gateways(running) as client:
        client.post("/gateways", json=GATEWAY)
    daemon.reset(project)
    again = daemon.status(project)
    assert again is not None
    assert again.port == running.port
    assert names(again) == []


def test_parallel_starts_share_one_server(project: Project) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from gatewright.local import daemon; from gatewright.project import Project\n"
        "print(daemon.start(Project(Path(sys.argv[1])), int(sys.argv[2])).pid)"
    )
    command = [sys.executable, "-c", code, str(project.root), str(free_port())]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    outputs = [start.communicate(timeout=60) for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, outputs
    assert len({out for out, _ in outputs}) == 1


def test_port_taken_by_another_program(project: Project) -> None:
    with socket.socket() as other:
        other.bind((LOCAL_HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalCloudflareError, match=f"port {port} is used by another program") as refused:
            daemon.start(project, port)
    assert refused.value.hint == (
        "set another port: `local: {port: N}` in the environment file; without an environment, "
        "`gatewright local start --port N`"
    )
    assert daemon.status(project) is None


def test_a_port_that_cannot_be_added_leaves_the_server_as_it_is(project: Project) -> None:
    running = daemon.start(project, free_port())
    with socket.socket() as other:
        other.bind((LOCAL_HOST, 0))
        other.listen()
        with pytest.raises(LocalCloudflareError, match="is used"):
            daemon.start(project, other.getsockname()[1])
    assert daemon.status(project) == running
    assert daemon.ports(running) == (running.port,)


def test_port_taken_by_another_clone(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    running = daemon.start(other, free_port())
    try:
        with pytest.raises(LocalCloudflareError, match=r"used by the local Cloudflare of .*other"):
            daemon.start(project, running.port)
    finally:
        daemon.stop(other)


def test_state_of_another_version_is_refused(project: Project) -> None:
    project.local.mkdir(parents=True)
    with closing(sqlite3.connect(daemon.state_file(project))) as state:
        state.execute("PRAGMA user_version = 99")
    with pytest.raises(LocalCloudflareError, match="version 99"):
        daemon.start(project, free_port())
    daemon.reset(project)
    assert names(daemon.start(project, free_port())) == []


def test_a_state_file_that_is_not_a_database_is_an_error(project: Project) -> None:
    project.local.mkdir(parents=True)
    daemon.state_file(project).write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(LocalCloudflareError, match="file is not a database") as refused:
        daemon.start(project, free_port())
    assert "gatewright local reset" in str(refused.value.hint)


def test_a_folder_that_cannot_be_created_is_an_error(project: Project) -> None:
    project.work.write_text("a file where the folder should be")
    with pytest.raises(LocalCloudflareError, match="cannot start"):
        daemon.start(project, free_port())
    project.work.unlink()


def test_a_server_that_ignores_sigterm_is_killed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "ENDS_WITHIN", 0.3)
    running = daemon.start(project, free_port())
    os.kill(running.pid, signal.SIGSTOP)
    assert daemon.stop(project) is True
    assert daemon.health(running.port) is None
