"""What drift makes of a refresh, a listing, a calendar and rules; the engine and Cloudflare are in the integration."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from gatewright.clients import CAPABILITIES
from gatewright.clock import parse_timestamp
from gatewright.cloudflare.account_listing import AccountListing, GatewayListing
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.provider_configs import MANAGED
from gatewright.environment.checks.ignore import unknown_path
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.model.ignore import Ignore
from gatewright.errors import GatewrightError, InvalidEnvironmentError
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.resource_types import ACCOUNT, CONFIG_FILE, CUSTOM_PROVIDER, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.operations.drift.differences import Refreshed
from gatewright.operations.drift.document import document, drift_json
from gatewright.operations.drift.drift import require_same_account
from gatewright.operations.drift.expiry import Standing
from gatewright.operations.drift.ignore_rules import ended, idle, ignoring
from gatewright.operations.drift.model import Class, Drift, Finding, Ignored
from gatewright.operations.drift.orphans import Orphans, State
from gatewright.operations.drift.remedies import Api
from gatewright.operations.plan.document import error_json
from gatewright.operations.plan.kinds import GATEWAY, SECRET, TOKEN
from gatewright.operations.stack.pulumi import Step

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project

NOW = parse_timestamp("2026-11-24T12:00:00Z")
API = Api("https://api.example/client/v4", "fa4eacc0" * 4)
TEXT = """
account: fa4eacc0fa4eacc0fa4eacc0fa4eacc0
gateway: {name: agents-staging}
providers:
  groq: {key: {env: GROQ_API_KEY}, models: {llama-3.1-8b: {context: 131072, output: 8192}}}
routes: {fast: [groq/llama-3.1-8b]}
tokens:
  agents: {rotate: {every: 30d, overlap: 7d}}
  ci: {expires: "2026-12-01T00:00:00Z"}
  forever: {}
clients: {openclaw: {primary: dynamic/fast, token: agents}}
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    (tmp_path / "staging.yaml").write_text(TEXT)
    found = load(Files(tmp_path, "stacks"), "staging", CAPABILITIES, {"GATEWRIGHT_NOW": "2026-11-24T12:00:00Z"})
    assert found.environment is not None, found.diagnostics
    return found


@pytest.fixture
def environment(loaded: Loaded) -> Environment:
    assert loaded.environment is not None
    return loaded.environment


def token(resource: str, name: str, operation: str = "same", **held: Any) -> Step:
    """One of the state, as it is out there."""
    outputs = {"name": f"gatewright/staging/{name}", "status": "active", **held}
    after = {} if operation == "delete" else outputs
    return Step(operation, TOKEN, resource, before={**outputs, "status": "active"}, after=after, id=resource, urn="u")


# what changed


def refreshed(loaded: Loaded, *steps: Step, **declared: str) -> list[Finding]:
    assert loaded.environment is not None
    return Refreshed(loaded.environment, loaded, declared, NOW).findings(steps)


def test_what_only_cloudflare_sets_is_no_drift(loaded: Loaded) -> None:
    before = {"cacheTtl": 0, "modifiedAt": "2026-11-01T00:00:00Z"}
    step = Step(
        "update", GATEWAY, "agents-staging", before=before, after=before | {"modifiedAt": "2026-11-20T00:00:00Z"}
    )
    assert refreshed(loaded, step) == []


MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def test_what_is_secret_is_told_beside_the_rest(loaded: Loaded) -> None:
    before = {"cacheTtl": 0, "otels": MASKED}
    step = Step(
        "update",
        GATEWAY,
        "agents-staging",
        before=before,
        after=before | {"cacheTtl": 300},
        differing=("cacheTtl", "otels[0].url", "modifiedAt"),
    )
    assert [each.words for each in refreshed(loaded, step)] == ["cache off → 5m", "otel changes, its values are secret"]


def test_a_custom_provider_that_was_switched_off(loaded: Loaded) -> None:
    moment = {"modifiedAt": "2026-11-20T00:00:00Z"}
    step = Step("update", CUSTOM_PROVIDER, "nvidia", before={"enable": True}, after={"enable": False} | moment)
    (found,) = refreshed(loaded, step)
    assert (found.words, found.since) == ("enabled true → false", moment["modifiedAt"])


def test_the_worst_comes_first_and_the_rest_stays_in_order(loaded: Loaded) -> None:
    settings = {"cacheTtl": 0, "collectLogs": True, "authentication": True}
    changed = {"cacheTtl": 300, "collectLogs": False, "authentication": False}
    steps = [
        Step("update", CONFIG_FILE, "openclaw.json", before={"content": "a"}, after={"content": "b"}),
        Step("update", GATEWAY, "agents-staging", before=settings, after=changed),
        Step("delete", DYNAMIC_ROUTE, "fast"),
        token("forever", "forever", "delete"),
    ]
    said = [
        [
            f"{each.kind}: {each.words}"
            for each in sorted(refreshed(loaded, *order), key=lambda each: each.place_in_order)
        ]
        for order in (steps, steps[::-1])
    ]
    assert said[0] == said[1]
    assert said[0] == [
        "route: gone at Cloudflare",
        "token: gone at Cloudflare",
        "gateway: authenticated true → false",
        "gateway: logs: collect true → false",
        "gateway: cache off → 5m",
        "file: edited by hand, 1 line",
    ]


def test_a_token_that_came_to_its_end_was_not_deleted(loaded: Loaded) -> None:
    over = token("agents-2026-09-04", "agents/2026-09-04", "delete", expiresOn="2026-11-20T00:00:00Z")
    gone = token("agents-2026-10-04", "agents/2026-10-04", "delete", expiresOn="2026-12-20T00:00:00Z")
    assert [each.name for each in refreshed(loaded, over, gone)] == ["agents-2026-10-04"]


def test_a_file_that_was_rendered_since_was_not_edited(loaded: Loaded) -> None:
    step = Step(
        "update",
        CONFIG_FILE,
        "openclaw.json",
        before={"content": "old", "onDisk": True},
        after={"content": "new", "onDisk": True},
    )
    assert refreshed(loaded, step, **{"openclaw.json": "new"}) == []
    (found,) = refreshed(loaded, step, **{"openclaw.json": "newer"})
    assert (found.class_, found.words, found.who) == (Class.EDITED, "edited by hand, 1 line", ("openclaw",))
    assert found.mend == "gatewright up staging"


# what stands


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([token("forever", "forever")], {}),
        ([token("agents-2026-11-03", "agents/2026-11-03", expiresOn="2027-01-16T00:00:00Z")], {}),
        (
            [token("agents-2026-10-04", "agents/2026-10-04", expiresOn="2026-12-17T00:00:00Z")],
            {Class.DUE: "a new generation was due 21 days ago, 2026-11-03"},
        ),
        (
            [token("agents-2026-10-04", "agents/2026-10-04", expiresOn="2026-11-28T00:00:00Z")],
            {
                Class.DUE: "a new generation was due 21 days ago, 2026-11-03",
                Class.EXPIRING: "ends 2026-11-28 00:00 UTC, in 3 days, and no successor could overlap it for as long "
                "as declared",
            },
        ),
        (
            [token("ci", "ci", expiresOn="2026-12-01T00:00:00Z")],
            {Class.EXPIRING: "ends 2026-12-01 00:00 UTC, in 6 days"},
        ),
        ([token("forever", "forever", status="disabled")], {Class.CHANGED: "status active → disabled"}),
        (
            [Step("same", SECRET, "groq", after={"status": "pending"})],
            {Class.CHANGED: "its secret is pending, and is found only once it is active"},
        ),
    ],
)
def test_tokens_and_secrets(loaded: Loaded, steps: list[Step], said: dict[Class, str]) -> None:
    assert loaded.environment is not None
    found = list(Standing(loaded.environment, loaded, NOW).findings(steps))
    assert {each.class_: each.words for each in found} == said
    assert all(each.counts is (each.class_ is not Class.DUE) for each in found)


def test_plain_pulumi_is_called_as_the_users_shell_can(loaded: Loaded) -> None:
    assert loaded.environment is not None
    steps = [token("forever", "forever", status="disabled")]
    (found,) = Standing(loaded.environment, loaded, NOW, "enter; ").findings(steps)
    assert found.mend == "enter; pulumi up --replace u -s staging"


# orphans


def orphans(
    environment: Environment, account: AccountListing, gateway: GatewayListing | None, *steps: Step
) -> list[str]:
    state = State.of([Step("same", ACCOUNT, "staging", id=API.account), *steps])
    found = Orphans(environment, state, API, NOW).findings(account, gateway)
    return [f"{each.kind} {each.name}" for each in found]


def listed_token(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "status": "active", "issued_on": "2026-11-01T00:00:00Z", **more}


@pytest.mark.parametrize(
    ("there", "is_orphan"),
    [
        (listed_token("gatewright/staging/agents/2026-09-04"), True),
        (listed_token("gatewright/staging/once"), True),
        (listed_token("gatewright/staging/agents/2026-09-04", status="expired"), False),
        (listed_token("gatewright/staging/deploy"), False),
        (listed_token("gatewright/staging-two/agents"), False),
        (listed_token("gatewright/prod/agents"), False),
        (listed_token("gatewright/staging/agents/by/hand"), False),
        (listed_token("staging/agents"), False),
        (listed_token("gatewright/staging/agents/2026-09-04", issued_on="2026-11-24T12:00:05Z"), False),  # an up runs
    ],
)
def test_tokens_in_no_state(environment: Environment, there: dict[str, Any], is_orphan: bool) -> None:
    found = orphans(environment, AccountListing((), (there,), ()), None)
    assert found == ([f"token {there['name']}"] if is_orphan else [])
    held = Step("same", TOKEN, "agents", id=there["id"])
    assert orphans(environment, AccountListing((), (there,), ()), None, held) == []


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
def test_secrets_in_no_state(environment: Environment, name: str, comment: str | None, is_orphan: bool) -> None:
    account = AccountListing((), (), ({"id": "s", "name": name, "comment": comment, "store_id": "store"},))
    ours = Step("same", GATEWAY, "agents-staging", id="agents-staging")
    assert orphans(environment, account, GatewayListing((), (), ()), ours) == ([f"secret {name}"] if is_orphan else [])
    linked = Step("same", PROVIDER_CONFIG, "mistral", id="c", before={"secretId": "s"})
    assert orphans(environment, account, GatewayListing((), (), ()), ours, linked) == []
    assert orphans(environment, account, None) == []


def test_a_gateway_that_a_killed_run_left(environment: Environment) -> None:
    body = gateway_body(environment.gateway)
    as_declared = AccountListing(({**body, "created_at": "2026-11-01T00:00:00Z"},), (), ())
    assert orphans(environment, as_declared, None) == ["gateway agents-staging"]
    another = AccountListing(({**body, "cache_ttl": 7},), (), ())
    assert orphans(environment, another, None) == []
    renamed = Step("same", GATEWAY, "agents-old", id="agents-old")
    assert orphans(environment, as_declared, None, renamed) == []


def test_what_our_gateway_has_beside_the_state(environment: Environment) -> None:
    ours = Step("same", GATEWAY, "agents-staging", id="agents-staging")
    route = Step("same", DYNAMIC_ROUTE, "fast", id="r1")
    there = GatewayListing(
        routes=({"id": "r1", "name": "fast"}, {"id": "r2", "name": "by-hand"}),
        keys=({"id": "k", "provider_slug": "custom-nvidia", "alias": "default", "secret_id": "s"},),
        domains=None,
    )
    assert orphans(environment, AccountListing(None, None, None), there, ours, route) == ["route by-hand", "key nvidia"]


def test_a_gateway_that_is_renamed_and_not_up_yet_is_looked_into_by_its_old_name(environment: Environment) -> None:
    state = State.of(Step("same", GATEWAY, "agents-old", id="agents-old") for _ in "1")
    found = Orphans(environment, state, API, NOW)
    assert found.gateway == "agents-old"
    secrets = [
        {"id": "s", "comment": MANAGED, "store_id": "store", "name": f"{name}_groq_default"}
        for name in ("agents-old", "agents-staging")
    ]
    there = GatewayListing(routes=({"id": "r", "name": "fast"},), keys=(), domains=())
    orphans = list(found.findings(AccountListing((), (), tuple(secrets)), there))
    assert [each.name for each in orphans] == ["fast", "agents-old_groq_default"]
    assert all("-X DELETE" in each.mend for each in orphans)
    assert "/gateways/agents-old/routes/r" in orphans[0].mend


def test_a_stack_of_another_account_is_refused(environment: Environment) -> None:
    ours, anothers = (State.of([Step("same", ACCOUNT, "staging", id=each)]) for each in (API.account, "a" * 32))
    require_same_account(environment, ours)
    with pytest.raises(InvalidEnvironmentError, match=f"belongs to account {'a' * 32}"):
        require_same_account(environment, anothers)


# rules


def finding(what: str, class_: Class = Class.CHANGED) -> Finding:
    return Finding(class_, "gateway", "agents-staging", "cache off → 5m", what, "gatewright up staging --refresh")


@pytest.mark.parametrize(
    ("rule", "what", "covers"),
    [
        ("gateway", "gateway.logs.collect", True),
        ("gateway.logs", "gateway.logs.collect", True),
        ("gateway.logs.collect", "gateway.logs", False),
        ("gateway.cache", "gateway.cacheTtl", False),
        ("orphans", "orphans.agents-old", True),
        ("tokens.ci", "tokens.ci-two", False),
        ("files.pi", "files.pi/auth.json", True),
        ("files.openclaw", "files.openclaw.json", True),
    ],
)
def test_a_rule_covers_what_it_names_and_all_below(rule: str, what: str, covers: bool) -> None:
    (found,) = ignoring([finding(what)], [Ignore(rule, "known", "2026-11-24")], [], NOW)
    assert found.ignored == (Ignored("known", "2026-11-24") if covers else None)
    assert found.counts is not covers


def test_a_rule_whose_day_is_over_does_not_count() -> None:
    over = Ignore("gateway", "known", "2026-11-23")
    (found,) = ignoring([finding("gateway.cache")], [over], [], NOW)
    assert found.counts
    assert list(ended([over], NOW)) == ["ignore gateway ended 2026-11-23, and does not count any more"]
    (found,) = ignoring([finding("gateway.cache")], [over], ["gateway.cache"], NOW)
    assert found.ignored == Ignored("by --ignore", None)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"cacheTtl": 300}, {"cacheTtl": 600}, "gateway.cache.ttl"),
        ({"cacheTtl": 300}, {"cacheTtl": 0}, "gateway.cache"),
        ({"rateLimitingLimit": 6, "rateLimitingInterval": 60}, {"rateLimitingLimit": 9}, "gateway.rateLimit.limit"),
        ({"retryMaxAttempts": 3}, {"retryMaxAttempts": 2}, "gateway.retry.attempts"),
        ({"retryMaxAttempts": 3, "retryDelay": 5}, {"retryDelay": 6}, "gateway.retry.delay"),
        ({"logManagement": 10_000}, {"logManagement": 20_000}, "gateway.logs.max"),
        ({"zdr": True}, {"zdr": False}, "gateway.zeroDataRetention"),
        ({"stripe": MASKED}, {}, "gateway.stripe"),
        ({"guardrails": {"prompt": {"s10": "BLOCK"}}}, {"guardrails": {}}, "gateway.guardrails.prompt.hate"),
        (
            {"dlp": {"enabled": True, "action": "BLOCK", "profiles": ["p"]}},
            {"dlp": {"enabled": True, "action": "BLOCK", "profiles": ["q"]}},
            "gateway.dlp.profiles",
        ),
        (
            {"spendLimits": {"rules": [{"id": "a", "limit": 5, "window": 86_400}]}},
            {"spendLimits": {"rules": [{"id": "a", "limit": 6, "window": 86_400}]}},
            "gateway.spendLimits",
        ),
    ],
)
def test_a_finding_is_called_as_a_rule_may_call_it(
    loaded: Loaded, before: dict[str, Any], after: dict[str, Any], what: str
) -> None:
    told = tuple(name for name in before if before[name] is MASKED)
    step = Step("update", GATEWAY, "agents-staging", before=before, after=before | after, differing=told)
    (found,) = refreshed(loaded, step)
    assert found.what == what
    assert loaded.file is not None
    assert unknown_path(loaded.file, what) is None


def test_a_rule_that_covers_nothing_is_noted() -> None:
    rules = [Ignore(what, "known", "2026-11-24") for what in ("gateway", "files.openclaw/nope.json")]
    found = [finding("gateway.cache.ttl")]
    assert [*idle(rules, found, NOW)] == ["ignore files.openclaw/nope.json covers nothing that differs now"]


# the document


def test_the_json_is_as_its_schema_says(checkout: Project) -> None:
    schema = json.loads((checkout.schemas / "drift.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    ignored = replace(finding("gateway.logs"), ignored=Ignored("known", "2026-12-31"))
    drifts = [
        Drift("staging", (finding("gateway.cache"), ignored, finding("tokens.a", Class.DUE)), ("a note",)),
        Drift("prod", (), is_up=False),
    ]
    entries = [*map(drift_json, drifts), error_json("dev", GatewrightError("no", None))]
    whole = json.loads(json.dumps(document(entries, 7, 1.25)))
    assert not list(Draft202012Validator(schema).iter_errors(whole))
    assert [each.get("hasDrifted") for each in whole["environments"]] == [True, False, None]
    del whole["environments"][0]["findings"][0]["mend"]
    assert list(Draft202012Validator(schema).iter_errors(whole))
