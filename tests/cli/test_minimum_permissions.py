"""Commands that need no engine run with exactly the permissions of `permissions --for`, and name a missing one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from local.ports import free_port
from restricted_token import allow_everything, restrict_local_token
from shipped_stacks import copy_stacks

from gatewright.cli import run
from gatewright.cloudflare.client import Client
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.cloudflare.needed_permissions import COMMANDS, Need, command_permissions
from gatewright.errors import ExitCode
from gatewright.facts import permissions
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url, gateway_url
from gatewright.local import daemon
from gatewright.project import Project
from gatewright.workspace import open_one

REFUSED = {
    "logs": ["logs", "local"],
    "simulate --replay": ["simulate", "local", "--replay", "1d"],
    "routes rollback": ["routes", "local", "rollback", "fast", "--yes"],
    "adopt": ["adopt", "new", "--account", LOCAL_ACCOUNT, "--gateway", "agents-local", "--dry-run"],
}
NOTED = {  # these go on with less, and say what is missing
    "usage": ["usage", "local"],
    "catalog check": ["catalog", "check", "local"],
}
WITH_ENGINE = {"up", "down", "retire", "preview", "drift"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, checkout: Project) -> Iterator[Project]:
    """Environment `local` with its gateway and a route with two versions."""
    root = tmp_path_factory.mktemp("served")
    shutil.copy(checkout.root / "Pulumi.yaml", root)
    copy_stacks(checkout, root / "stacks")
    port = free_port()
    (root / "stacks/local.yaml").write_text(f"extends: base.yaml\nlocal: {{port: {port}}}\n")
    project = Project(root)
    daemon.start(project, port)
    with Client(control_plane_url(port), LOCAL_DEPLOY_TOKEN) as client:
        zero = dict.fromkeys(("cache_ttl", "rate_limiting_interval", "rate_limiting_limit"), 0)
        body = {"id": "agents-local", **zero, "cache_invalidate_on_update": True, "collect_logs": True}
        client.post(f"/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways", body)
        routes = DynamicRoutes(client, LOCAL_ACCOUNT, "agents-local")
        route = routes.create("fast", _graph(1))
        routes.deploy(route.id, _graph(2))
    request = {"model": "groq/openai/gpt-oss-20b", "messages": [{"role": "user", "content": "to be logged"}]}
    url = f"{gateway_url(port, LOCAL_ACCOUNT, 'agents-local')}/compat/chat/completions"
    httpx.post(url, json=request, headers={"Authorization": "Bearer fake-key"}, trust_env=False)
    yield project
    daemon.stop(project)


def _graph(retries: int) -> dict[str, dict[str, object]]:
    model = {"provider": "groq", "model": "openai/gpt-oss-20b", "retries": retries, "timeout": 60000}
    outputs = {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}
    return graph_of(
        [
            {"id": "start", "type": "start", "outputs": {"next": {"elementId": "model"}}},
            {"id": "model", "type": "model", "properties": model, "outputs": outputs},
            {"id": "end", "type": "end", "outputs": {}},
        ]
    )


@pytest.fixture
def state_file(served: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The server's state, for `restrict_local_token`; the working directory is the project."""
    running = daemon.status(served)
    assert running is not None
    monkeypatch.chdir(served.root)
    monkeypatch.setattr("gatewright.operations.catalog.check.read_packages", lambda *_, **__: None)
    monkeypatch.setattr("gatewright.operations.catalog.check.read_provider_lists", lambda *_: None)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", running.control_plane)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", LOCAL_DEPLOY_TOKEN)
    yield daemon.state_file(served)
    allow_everything(daemon.state_file(served))


def needs_of(project: Project, command: str) -> list[Need]:
    return command_permissions(open_one(project, "local"), command)


def is_named(need: Need, message: str) -> bool:
    """Whether the message names the permission; the first call that is refused may only read."""
    return need.name in message or f"{need.name.removesuffix('Write')}Read or Write" in message


def test_every_command_is_tried_here_or_with_the_engine() -> None:
    assert {*REFUSED, *NOTED} | WITH_ENGINE == COMMANDS.keys()


@pytest.mark.parametrize("command", REFUSED)
def test_exactly_the_permissions_are_enough(
    served: Project, state_file: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    needs = needs_of(served, command)
    reading = permissions.find(needs[0].name.replace(" Write", " Read"))
    less = [] if reading in (None, needs[0].group) else [Need(reading, ())]
    for need, fewer in [*((need, [other for other in needs if other is not need]) for need in needs), (needs[0], less)]:
        restrict_local_token(state_file, fewer)
        assert run(REFUSED[command]) == ExitCode.REFUSED
        message = capsys.readouterr().err
        assert is_named(need, message)
        assert "gatewright permissions" in message
    restrict_local_token(state_file, needs)
    assert run(REFUSED[command]) == ExitCode.DONE, capsys.readouterr()


@pytest.mark.parametrize("command", NOTED)
def test_a_command_that_goes_on_with_less_names_the_permission(
    served: Project, state_file: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    needs = needs_of(served, command)
    for need in needs:
        restrict_local_token(state_file, [other for other in needs if other is not need])
        run(NOTED[command])
        assert is_named(need, capsys.readouterr().out)
    restrict_local_token(state_file, needs)
    run(NOTED[command])
    output = "".join(capsys.readouterr())
    assert not [need.name for need in needs if f"lacks {need.name}" in output]


@pytest.mark.usefixtures("state_file")
def test_permissions_of_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["permissions", "local", "--for", "drift", "--format", "json"]) == ExitCode.DONE
    (document,) = json.loads(capsys.readouterr().out)
    names = [permission["permission"] for permission in document["permissions"]]
    assert names == ["AI Gateway Read", "Secrets Store Read", "Account API Tokens Read"]
    assert run(["permissions", "local", "--for", "usage"]) == ExitCode.DONE
    assert "a token for usage only" in capsys.readouterr().out
    assert run(["permissions", "local", "--for", "validate"]) == ExitCode.USAGE
    assert "Commands that do: up, down," in capsys.readouterr().err
