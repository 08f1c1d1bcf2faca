"""Each environment is deployed with the token in its own variable, and with no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local.ports import free_port

from gatewright.cli.deployment.account_client import account_client
from gatewright.engine.find import Engine
from gatewright.errors import RefusedError
from gatewright.facts.local_cloudflare import control_plane_url
from gatewright.local import daemon
from gatewright.operations.drift.accounts import Accounts
from gatewright.operations.routes.rollback import control_plane
from gatewright.operations.stack.open_stack import open_stack
from gatewright.operations.stack.preflight import Preflight
from gatewright.project import Project
from gatewright.workspace import deploy_variables, deploying_token, open_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.cloudflare.client import Client

DEV, PROD = "DEV_CLOUDFLARE_API_TOKEN", "PROD_CLOUDFLARE_API_TOKEN"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Two environments, each in an account of its own at the local Cloudflare."""
    import httpx

    project = Project(tmp_path)
    project.stacks.mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: gatewright\nruntime: python\n")
    running = daemon.start(project, free_port())
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", control_plane_url(running.port))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "fake-passphrase")
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    for name, variable in (("dev", DEV), ("prod", PROD)):
        created = httpx.post(f"{running.data_plane}/__local__/accounts", json={}, trust_env=False).json()
        monkeypatch.setenv(variable, created["token"])
        text = f"account: {created['id']}\ndeploy: {{env: {variable}}}\n"
        (project.stacks / f"{name}.yaml").write_text(text)
    yield project
    daemon.stop(project)


def lists(client: Client, account: str) -> bool:
    """Whether the client's token may list the gateways of an account."""
    try:
        client.get(f"/accounts/{account}/ai-gateway/gateways")
    except RefusedError:
        return False
    return True


def test_every_client_has_the_token_of_its_environment(project: Project) -> None:
    dev, prod = open_one(project, "dev"), open_one(project, "prod")
    engine = Engine(project.root / "none", (3, 259, 0), "built")
    for environment, other in ((dev, prod), (prod, dev)):
        with (
            Preflight(project, environment, engine) as preflight,
            control_plane(environment) as routes,
            account_client(project, environment.account, environment)[0] as retiring,
        ):
            for client in (preflight.client, routes, retiring):
                assert lists(client, environment.account)
                assert not lists(client, other.account)
    with Accounts(project) as accounts:
        assert all(accounts.of(each).listing().gateways == () for each in (dev, prod))
        assert accounts.of(prod).api.token == f"${PROD}"


def test_the_engine_gets_the_token_of_its_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake-token-of-another-account")
    assert deploy_variables(project) == {DEV, PROD}
    for name in ("dev", "prod"):
        environment = open_one(project, name)
        pulumi = open_stack(project, environment, Engine(project.root / "none", (3, 259, 0), "built"))
        variables = pulumi.session.environment
        assert variables["CLOUDFLARE_API_TOKEN"] == deploying_token(environment)
        assert not {DEV, PROD} & variables.keys()


def test_another_token_is_no_substitute(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "fake-token-of-another-account")
    monkeypatch.delenv(PROD)
    prod = open_one(project, "prod")
    with pytest.raises(RefusedError, match=f"{PROD} is not set; prod is deployed with a token of its own") as refused:
        control_plane(prod)
    assert f"export {PROD}=…" in str(refused.value.hint)
    with Accounts(project) as accounts, pytest.raises(RefusedError):
        accounts.of(prod).listing()
