"""Resources at Cloudflare that no stack has in its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gatewright.cloudflare.access import AccessListing
from gatewright.cloudflare.account_listing import AccountListing, GatewayListing
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.provider_configs import MANAGED
from gatewright.errors import InvalidEnvironmentError, RefusedError
from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.resource_types import ACCOUNT, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.drift.access_orphans import may_have_access, undeployed_notes
from gatewright.operations.drift.drift import require_same_account
from gatewright.operations.drift.orphans import OrphanFinder, StateIds
from gatewright.operations.plan.kinds import GATEWAY, TOKEN
from gatewright.operations.stack.pulumi import Step

from .staging import API, NOW

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.accounts import Account


def orphans(
    environment: Environment, account: AccountListing, gateway: GatewayListing | None, *steps: Step
) -> list[str]:
    state = StateIds.of([Step("same", ACCOUNT, "staging", id=API.account), *steps])
    findings = OrphanFinder(environment, state, API, NOW).findings(account, gateway)
    return [f"{finding.kind} {finding.name}" for finding in findings]


def listed_token(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "status": "active", "issued_on": "2026-11-01T00:00:00Z", **more}


@pytest.mark.parametrize(
    ("listed", "is_orphan"),
    [
        (listed_token("gatewright/staging/agents/2026-09-04"), True),
        (listed_token("gatewright/staging/once"), True),
        (listed_token("gatewright/staging/agents/2026-09-04", status="expired"), True),
        (listed_token("gatewright/staging/deploy"), False),
        (listed_token("gatewright/staging-two/agents"), False),
        (listed_token("gatewright/prod/agents"), False),
        (listed_token("gatewright/staging/agents/by/hand"), False),
        (listed_token("staging/agents"), False),
        (listed_token("gatewright/staging/agents/2026-09-04", issued_on="2026-11-24T12:00:05Z"), False),  # an up runs
    ],
)
def test_orphaned_tokens(environment: Environment, listed: dict[str, Any], is_orphan: bool) -> None:
    found = orphans(environment, AccountListing((), (listed,), ()), None)
    assert found == ([f"token {listed['name']}"] if is_orphan else [])
    held = Step("same", TOKEN, "agents", id=listed["id"])
    assert orphans(environment, AccountListing((), (listed,), ()), None, held) == []


@pytest.mark.parametrize(
    ("name", "comment", "is_orphan"),
    [
        ("agents-staging_mistral_default", f"The key of mistral, {MANAGED}", True),
        (
            "agents-staging_custom-nvidia_default",
            f"The key of nvidia, {MANAGED}, for 40 requests in 60 s",
            True,
        ),
        ("agents-staging_mistral_default", "typed in by hand", False),
        ("agents-staging_mistral_default", None, False),
        ("agents-staging_two_mistral_default", f"The key of mistral, {MANAGED}", False),
        ("agents-staging-two_mistral_default", f"The key of mistral, {MANAGED}", False),
        ("agents-staging_mistral_team", f"The key of mistral, {MANAGED}", False),
    ],
)
def test_orphaned_secrets(environment: Environment, name: str, comment: str | None, is_orphan: bool) -> None:
    account = AccountListing((), (), ({"id": "s", "name": name, "comment": comment, "store_id": "store"},))
    own = Step("same", GATEWAY, "agents-staging", id="agents-staging")
    assert orphans(environment, account, GatewayListing((), (), ()), own) == ([f"secret {name}"] if is_orphan else [])
    linked = Step("same", PROVIDER_CONFIG, "mistral", id="c", before={"secretId": "s"})
    assert orphans(environment, account, GatewayListing((), (), ()), own, linked) == []
    assert orphans(environment, account, None) == []


def test_a_gateway_of_a_killed_run(environment: Environment) -> None:
    body = gateway_body(environment.gateway)
    as_declared = AccountListing(({**body, "created_at": "2026-11-01T00:00:00Z"},), (), ())
    assert orphans(environment, as_declared, None) == ["gateway agents-staging"]
    another = AccountListing(({**body, "cache_ttl": 7},), (), ())
    assert orphans(environment, another, None) == []
    renamed = Step("same", GATEWAY, "agents-old", id="agents-old")
    assert orphans(environment, as_declared, None, renamed) == []


def test_orphans_in_the_gateway_of_the_stack(environment: Environment) -> None:
    own = Step("same", GATEWAY, "agents-staging", id="agents-staging")
    route = Step("same", DYNAMIC_ROUTE, "fast", id="r1")
    listing = GatewayListing(
        routes=({"id": "r1", "name": "fast"}, {"id": "r2", "name": "by-hand"}),
        keys=({"id": "k", "provider_slug": "custom-nvidia", "alias": "default", "secret_id": "s"},),
        domains=None,
    )
    assert orphans(environment, AccountListing(None, None, None), listing, own, route) == [
        "route by-hand",
        "key nvidia",
    ]


def test_a_renamed_gateway_is_searched_by_its_old_name_until_it_is_deployed(environment: Environment) -> None:
    state = StateIds.of(Step("same", GATEWAY, "agents-old", id="agents-old") for _ in "1")
    finder = OrphanFinder(environment, state, API, NOW)
    assert finder.gateway == "agents-old"
    secrets = [
        {"id": "s", "comment": MANAGED, "store_id": "store", "name": f"{name}_groq_default"}
        for name in ("agents-old", "agents-staging")
    ]
    listing = GatewayListing(routes=({"id": "r", "name": "fast"},), keys=(), domains=())
    orphans = list(finder.findings(AccountListing((), (), tuple(secrets)), listing))
    assert [each.name for each in orphans] == ["fast", "agents-old_groq_default"]
    assert all("-X DELETE" in each.fix for each in orphans)
    assert "/gateways/agents-old/routes/r" in orphans[0].fix


def test_a_stack_of_another_account_is_refused(environment: Environment) -> None:
    own, other = (StateIds.of([Step("same", ACCOUNT, "staging", id=each)]) for each in (API.account, "a" * 32))
    require_same_account(environment, own)
    with pytest.raises(InvalidEnvironmentError, match=f"belongs to account {'a' * 32}"):
        require_same_account(environment, other)


PEOPLE_OF_STAGING = {"id": "p", "name": "gatewright/staging/people", "created_at": "2026-11-01T00:00:00Z"}
ACCESS = AccessListing(
    apps=(
        {"id": "a", "name": "gatewright/staging", "created_at": "2026-11-01T00:00:00Z"},
        {"id": "b", "name": "gatewright/staging-two"},
        {"id": "c", "name": "gatewright/staging", "created_at": "2026-11-24T12:00:05Z"},  # an up runs
    ),
    policies=(PEOPLE_OF_STAGING, {"id": "q", "name": "people"}),
    service_tokens=(
        {"id": "s", "name": "gatewright/staging/access/2026-11-01", "created_at": "2026-11-01T00:00:00Z"},
        {"id": "t", "name": "gatewright/staging/access"},
        {"id": "u", "name": "gatewright/staging/access/by-hand"},
    ),
)


def access_findings(environment: Environment, *steps: Step) -> list[tuple[str, str, str]]:
    finder = OrphanFinder(
        environment, StateIds.of([Step("same", ACCOUNT, "staging", id=API.account), *steps]), API, NOW
    )
    findings = finder.findings(AccountListing((), (), ()), None, ACCESS)
    return [(f"{finding.kind} {finding.name}", finding.fix, finding.hint or "") for finding in findings]


def test_orphans_of_access_are_adopted_where_the_stack_has_none_and_deleted_otherwise(environment: Environment) -> None:
    url = f"{API.url}/accounts/{API.account}/access"
    adopt = "gatewright adopt staging && gatewright up staging"
    found = access_findings(environment)
    assert [(name, fix) for name, fix, _ in found[:2]] == [
        ("Access application gatewright/staging", adopt),
        ("Access policy gatewright/staging/people", adopt),
    ]
    assert [name for name, *_ in found[2:]] == [
        "service token gatewright/staging/access/2026-11-01",
        "service token gatewright/staging/access",
    ]
    assert found[2][1].endswith(f'-X DELETE -H "Authorization: Bearer {API.token}" {url}/service_tokens/s')
    held = [
        Step("same", ACCESS_APPLICATION.token, "agents-staging", id="other"),
        Step("same", ACCESS_POLICY.token, "people", id="p"),
        Step("same", ACCESS_SERVICE_TOKEN.token, "access", id="t"),
    ]
    assert [(name, fix.rpartition("/access")[2], hint) for name, fix, hint in access_findings(environment, *held)] == [
        ("Access application gatewright/staging", "/apps/a", ""),
        (
            "service token gatewright/staging/access/2026-11-01",
            "/service_tokens/s",
            "first delete the policies that include it",
        ),
    ]


def test_an_environment_that_never_had_a_domain_is_not_searched_for_access(environment: Environment) -> None:
    bare = replace(environment, gateway=replace(environment.gateway, domains={}, access=None))
    assert may_have_access(environment, {})
    assert not may_have_access(bare, {})
    assert may_have_access(bare, {ACCESS_POLICY.token: {"p"}})


@dataclass
class AccessOnly:
    """An account of which only the Access resources are read, if the token may."""

    refused: bool = False

    def access(self) -> AccessListing:
        if self.refused:
            raise RefusedError("refused")
        return AccessListing(policies=(PEOPLE_OF_STAGING,))


def test_what_an_environment_without_a_stack_left_is_a_note(environment: Environment) -> None:
    assert [*undeployed_notes(environment, cast("Account", AccessOnly()))] == [
        "Cloudflare has Access policy gatewright/staging/people; if no other backend has a stack of it, "
        "gatewright retire staging deletes that"
    ]
    assert [*undeployed_notes(environment, cast("Account", AccessOnly(refused=True)))] == []
