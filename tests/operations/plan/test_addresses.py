"""The address of the gateway in a plan: which clients change to a domain, and that one may not be active."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.model.gateway_domains import DomainAccess
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_DOMAIN
from gatewright.operations.plan.build import build_plan
from gatewright.operations.plan.context import PlanContext
from gatewright.operations.stack.pulumi import Step

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.operations.plan.model import Plan

FILES = """\
account: {env: ACCOUNT}
providers: {groq: {key: {env: GROQ_KEY}, models: {a: {}}}}
tokens: {agents: {}}
gateway: {domains: {ai.example.com: {}}}
clients: {pi: {endpoint: domain}}
"""
PENDING = "its requests fail until ai.example.com is active"


@pytest.fixture
def context(tmp_path: Path) -> PlanContext:
    (tmp_path / "x.yaml").write_text(FILES)
    loaded = load(Files(tmp_path, "stacks"), "x", CAPABILITIES, {"ACCOUNT": "a" * 32})
    assert loaded.environment is not None, loaded.diagnostics
    return PlanContext(loaded.environment, loaded.root)


def plan(context: PlanContext, before: str | None, after: str | None, **domain: Any) -> Plan:
    """The plan of pi's file with another URL, and of the domain with this state."""
    operation = "delete" if after is None else "create" if before is None else "same" if before == after else "update"
    old, new = ({"content": f"url: {url}/compat\n"} if url else {} for url in (before, after))
    file = Step(operation, CONFIG_FILE, "pi/models.json", new or old, old, old_inputs=old)
    state = Step("same" if domain else "create", CUSTOM_DOMAIN, "ai.example.com", before=domain)
    return build_plan(context, [file, state])


def test_a_client_that_changes_to_a_domain(context: PlanContext) -> None:
    cloudflare, domain = context.environment.gateway_url, "https://ai.example.com"
    (change,) = plan(context, cloudflare, domain, status="active").changes
    assert change.differences == ("1 line", "address Cloudflare's → ai.example.com")
    assert change.risks == ()
    (change,) = plan(context, cloudflare, domain, status="pending_dcv").changes
    assert change.risks == (PENDING,)
    assert str(change.location) == "stacks/x.yaml:5:16"
    (change,) = plan(context, domain, cloudflare, status="pending_dcv").changes
    assert (change.differences, change.risks) == (("1 line", "address ai.example.com → Cloudflare's"), ())


def test_a_new_client_of_a_new_domain(context: PlanContext) -> None:
    file, _ = plan(context, None, "https://ai.example.com").changes
    assert (file.name, file.risks) == ("pi/models.json", (PENDING,))


def test_a_client_that_keeps_its_address(context: PlanContext) -> None:
    domain = "https://ai.example.com"
    assert plan(context, domain, domain, status="pending_dcv").changes == ()
    (change,) = plan(context, domain, None, status="pending_dcv").changes
    assert change.risks == ()
    shadowed = replace(context.environment, domain=None)
    (change,) = plan(replace(context, environment=shadowed), domain + ".example", domain, status="active").changes
    assert change.differences == ("1 line",)


def test_a_client_that_begins_to_send_a_service_token(context: PlanContext) -> None:
    environment = context.environment
    protected = replace(environment, gateway=replace(environment.gateway, access=DomainAccess()))
    context, domain = replace(context, environment=protected), "https://ai.example.com"
    token = f"{domain}/compat ${{CF_ACCESS_CLIENT_ID}} ${{CF_ACCESS_CLIENT_SECRET}} at {domain}"
    (change,) = plan(context, domain, token, status="active").changes
    assert change.risks == ("it needs $CF_ACCESS_CLIENT_ID and $CF_ACCESS_CLIENT_SECRET where it runs, for Access",)
    assert plan(context, token, token, status="active").changes == ()
    (change,) = plan(context, token, domain, status="active").changes
    assert change.risks == ()
