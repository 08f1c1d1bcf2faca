"""The command `gatewright local`."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from gatewright.cli.local_cloudflare import start_local, stop_unused
from gatewright.cli.machine.local import local
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.local import daemon
from gatewright.project import Project
from gatewright.workspace import open_one

from .ports import free_port
from .server.setup_steps import SETTINGS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "stacks").mkdir()
    monkeypatch.chdir(tmp_path)
    yield Project(tmp_path)
    daemon.stop(Project(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(local, arguments, catch_exceptions=False)


def test_log_follow_prints_new_entries(project: Project) -> None:
    running = daemon.start(project, free_port())
    command = [sys.executable, "-c", "from gatewright.cli.machine.local import local; local()", "log", "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        for name in ("first", "second"):
            httpx.get(f"{running.data_plane}/client/v4/{name}", trust_env=False)
            assert f"404  /client/v4/{name}" in follower.stdout.readline()
        follower.terminate()


def test_start_status_stop_and_reset(project: Project) -> None:
    port = free_port()
    assert run("status").exit_code == 1
    assert run("start", "--port", str(port)).output == f"local Cloudflare ready on http://127.0.0.1:{port}\n"
    assert run("start").output == f"local Cloudflare already runs on http://127.0.0.1:{port}\n"
    status = run("status")
    assert status.exit_code == 0
    assert "0 gateways, 0 tokens" in status.output
    assert run("stop").output == "local Cloudflare stopped\n"
    assert run("stop").output == "local Cloudflare was not running\n"
    assert run("reset").exit_code == 0
    assert not daemon.state_file(project).exists()


def test_start_serves_the_ports_of_all_local_environments(project: Project) -> None:
    ports = [free_port(), free_port()]
    for port in ports:
        (project.stacks / f"e{port}.yaml").write_text(f"local: {{port: {port}}}\n")
    (project.stacks / "invalid.yaml").write_text("local: {port: 0}\n")
    addresses = ", ".join(f"http://127.0.0.1:{port}" for port in sorted(ports))
    assert run("start").output == f"local Cloudflare ready on {addresses}\n"
    assert run("start").output == f"local Cloudflare already runs on {addresses}\n"
    assert f"runs on {addresses}, process" in run("status").output


def test_the_server_stops_when_no_gateway_is_left(project: Project) -> None:
    port = free_port()
    assert stop_unused(project) == "local Cloudflare is not running"
    (project.stacks / "one.yaml").write_text(f"local: {{port: {port}}}\n")
    start_local(project, open_one(project, "one"))
    headers = {"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
    gateways = f"{control_plane_url(port)}/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways"
    with httpx.Client(headers=headers, trust_env=False) as client:
        assert client.post(gateways, json={"id": "other", **SETTINGS}).is_success
        assert stop_unused(project) == "local Cloudflare keeps running: it has 1 gateway"
        assert client.delete(f"{gateways}/other").is_success
    assert stop_unused(project) == "local Cloudflare stopped"
    assert daemon.status(project) is None


def test_the_server_does_not_stop_while_another_command_uses_it(project: Project) -> None:
    (project.stacks / "one.yaml").write_text(f"local: {{port: {free_port()}}}\n")
    start_local(project, open_one(project, "one"))
    with (project.local / "users.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert stop_unused(project) == "local Cloudflare keeps running: another command uses it"
    assert stop_unused(project) == "local Cloudflare stopped"


def test_threads_open_the_lock_of_users_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.stacks / "one.yaml").write_text(f"local: {{port: {free_port()}}}\n")
    environment, opened, open_file = open_one(project, "one"), [], os.open

    def open_slowly(path: Path, *arguments: int) -> int:
        if Path(path).name == "users.lock":
            opened.append(path)
            time.sleep(0.1)
        return open_file(path, *arguments)

    with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
        patched.setattr(os, "open", open_slowly)
        list(pool.map(lambda _: start_local(project, environment), range(4)))
    assert len(opened) == 1


def test_a_process_that_used_the_server_ends_without_a_warning(project: Project) -> None:
    (project.stacks / "one.yaml").write_text(f"local: {{port: {free_port()}}}\n")
    code = (
        "import sys; from pathlib import Path; from gatewright.cli.local_cloudflare import start_local; "
        "from gatewright.project import Project; from gatewright.workspace import open_one; "
        "project = Project(Path(sys.argv[1])); start_local(project, open_one(project, 'one'))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(project.root)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stderr == ""


def test_log_has_one_line_per_request_and_no_secret(project: Project) -> None:
    assert run("log").output == ""
    running = daemon.start(project, free_port())
    headers = {"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}
    with httpx.Client(base_url=running.data_plane, headers=headers, trust_env=False) as client:
        client.get(f"/client/v4/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways?per_page=5")
        body = {"model": "groq/llama-3.1-8b-instant\x1b[2J", "messages": [{"role": "user", "content": "hi"}]}
        client.post(f"/v1/{LOCAL_ACCOUNT}/default/compat/chat/completions", json=body)

    listed, called = run("log").output.splitlines()
    assert "GET    200  /client/v4/accounts/" in listed
    assert "groq/llama-3.1-8b-instant\N{REPLACEMENT CHARACTER}[2J  cache=MISS  credential=unified" in called
    entries = [json.loads(line) for line in run("log", "--format", "json").output.splitlines()]
    assert [entry["status"] for entry in entries] == [200, 200]
    assert entries[1]["token"] == "deploy token of gatewright local"
    assert LOCAL_DEPLOY_TOKEN not in run("log").output + json.dumps(entries)
    daemon.stop(project)
    assert run("log").output.splitlines() == [listed, called]
