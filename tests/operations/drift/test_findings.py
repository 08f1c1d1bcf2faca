"""Findings from a refresh, listings, the calendar and rules. Engine and Cloudflare are in the integration tests."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from gatewright.cli.reports.drift import drift_document
from gatewright.cloudflare.dynamic_routes import graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.environment.checks.ignore import unknown_path
from gatewright.environment.model.ignore import Ignore
from gatewright.errors import GatewrightError
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.facts.engine_values import SECRET_SIGNATURE, SIGNATURE
from gatewright.facts.resource_types import CONFIG_FILE, CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.operations.batch import Outcome
from gatewright.operations.drift.differences import RefreshReader
from gatewright.operations.drift.expiry import ExpiryReader
from gatewright.operations.drift.ignore_rules import apply_rules, rule_notes
from gatewright.operations.drift.model import Drift, Finding, FindingClass, Ignored
from gatewright.operations.plan.kinds import GATEWAY, SECRET, TOKEN
from gatewright.operations.stack.pulumi import Step
from gatewright.shipped import SCHEMAS

from .staging import NOW

if TYPE_CHECKING:
    from gatewright.environment.load import Loaded


def token(resource: str, name: str, operation: str = "same", **held: Any) -> Step:
    """A token in the state, with its current properties at Cloudflare."""
    outputs = {"name": f"gatewright/staging/{name}", "status": "active", **held}
    after = {} if operation == "delete" else outputs
    return Step(operation, TOKEN, resource, before={**outputs, "status": "active"}, after=after, id=resource, urn="u")


def service_token(generation: str, expires: str) -> Step:
    """A service token for Access in the state."""
    outputs = {"name": f"gatewright/staging/access/{generation}", "expiresAt": expires}
    return Step("same", ACCESS_SERVICE_TOKEN.token, f"access-{generation}", before=outputs, after=outputs)


# changes


def refreshed(loaded: Loaded, *steps: Step, **declared: str) -> list[Finding]:
    assert loaded.environment is not None
    return RefreshReader(loaded.environment, loaded.root, declared, NOW).findings(steps)


def test_properties_that_cloudflare_sets_are_not_drift(loaded: Loaded) -> None:
    before = {"cacheTtl": 0, "modifiedAt": "2026-11-01T00:00:00Z"}
    step = Step(
        "update", GATEWAY, "agents-staging", before=before, after=before | {"modifiedAt": "2026-11-20T00:00:00Z"}
    )
    assert refreshed(loaded, step) == []


MASKED = {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}


def test_secret_properties_are_reported_with_the_others(loaded: Loaded) -> None:
    before = {"cacheTtl": 0, "otels": MASKED}
    step = Step(
        "update",
        GATEWAY,
        "agents-staging",
        before=before,
        after=before | {"cacheTtl": 300},
        differing=("cacheTtl", "otels[0].url", "modifiedAt"),
    )
    assert [each.difference for each in refreshed(loaded, step)] == [
        "cache off → 5m",
        "otel changes, its values are secret",
    ]


@pytest.mark.parametrize(
    ("deployed", "difference"),
    [
        ("llama-3.1-8b", None),
        ("other", "not the file's version runs: groq/other is new, first, without groq/llama-3.1-8b"),
    ],
)
def test_a_route_that_was_rolled_back(loaded: Loaded, deployed: str, difference: str | None) -> None:
    """The rollback has refreshed the state, so that state and Cloudflare agree."""
    assert loaded.environment is not None
    elements = graph_of(route_elements(loaded.environment, "fast"))
    text = json.dumps(elements).replace('"model": "llama-3.1-8b"', f'"model": "{deployed}"')
    outputs = {"name": "fast", "elements": json.loads(text), "versionId": "v1", "displacedVersionId": "v2"}
    findings = refreshed(loaded, Step("same", DYNAMIC_ROUTE, "fast", before=outputs, after=outputs))
    assert [(each.difference, each.fix, each.counts) for each in findings] == (
        [(difference, "gatewright up staging", True)] if difference else []
    )


def test_a_disabled_custom_provider(loaded: Loaded) -> None:
    moment = {"modifiedAt": "2026-11-20T00:00:00Z"}
    step = Step("update", CUSTOM_PROVIDER, "nvidia", before={"enable": True}, after={"enable": False} | moment)
    (found,) = refreshed(loaded, step)
    assert (found.difference, found.since) == ("enabled true → false", moment["modifiedAt"])


def test_the_greatest_risk_comes_first_and_the_order_is_stable(loaded: Loaded) -> None:
    settings = {"cacheTtl": 0, "collectLogs": True, "authentication": True}
    changed = {"cacheTtl": 300, "collectLogs": False, "authentication": False}
    steps = [
        Step("update", CONFIG_FILE, "openclaw.json", before={"content": "a"}, after={"content": "b"}),
        Step("update", GATEWAY, "agents-staging", before=settings, after=changed),
        Step("delete", DYNAMIC_ROUTE, "fast"),
        token("forever", "forever", "delete"),
    ]
    lines = [
        [
            f"{finding.kind}: {finding.difference}"
            for finding in sorted(refreshed(loaded, *order), key=lambda finding: finding.sort_key)
        ]
        for order in (steps, steps[::-1])
    ]
    assert lines[0] == lines[1]
    assert lines[0] == [
        "route: deleted at Cloudflare",
        "token: deleted at Cloudflare",
        "gateway: authenticated true → false",
        "gateway: logs: collect true → false",
        "gateway: cache off → 5m",
        "file: edited by hand, 1 line",
    ]


def test_an_expired_token_was_not_deleted(loaded: Loaded) -> None:
    expired = token("agents-2026-09-04", "agents/2026-09-04", "delete", expiresOn="2026-11-20T00:00:00Z")
    deleted = token("agents-2026-10-04", "agents/2026-10-04", "delete", expiresOn="2026-12-20T00:00:00Z")
    assert [each.name for each in refreshed(loaded, expired, deleted)] == ["agents-2026-10-04"]


def test_a_rendered_file_was_not_edited_by_hand(loaded: Loaded) -> None:
    step = Step(
        "update",
        CONFIG_FILE,
        "openclaw.json",
        before={"content": "old", "onDisk": True},
        after={"content": "new", "onDisk": True},
    )
    assert refreshed(loaded, step, **{"openclaw.json": "new"}) == []
    (found,) = refreshed(loaded, step, **{"openclaw.json": "newer"})
    assert (found.class_, found.difference, found.clients) == (
        FindingClass.EDITED,
        "edited by hand, 1 line",
        ("openclaw",),
    )
    assert found.fix == "gatewright up staging"


# expiry


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([token("forever", "forever")], {}),
        ([token("agents-2026-11-03", "agents/2026-11-03", expiresOn="2027-01-16T00:00:00Z")], {}),
        (
            [token("agents-2026-10-04", "agents/2026-10-04", expiresOn="2026-12-17T00:00:00Z")],
            {FindingClass.DUE: "a new generation was due 21 days ago, 2026-11-03"},
        ),
        (
            [token("agents-2026-10-04", "agents/2026-10-04", expiresOn="2026-11-28T00:00:00Z")],
            {
                FindingClass.DUE: "a new generation was due 21 days ago, 2026-11-03",
                FindingClass.EXPIRING: "expires 2026-11-28 00:00 UTC, in 3 days; no successor can overlap it for as "
                "long as declared",
            },
        ),
        (
            [token("ci", "ci", expiresOn="2026-12-01T00:00:00Z")],
            {FindingClass.EXPIRING: "expires 2026-12-01 00:00 UTC, in 6 days"},
        ),
        ([service_token("2026-11-03", "2027-01-16T00:00:00Z")], {}),
        (
            [service_token("2026-10-04", "2026-12-17T00:00:00Z")],
            {FindingClass.DUE: "a new generation was due 21 days ago, 2026-11-03"},
        ),
        ([token("forever", "forever", status="disabled")], {FindingClass.CHANGED: "status active → disabled"}),
        (
            [Step("same", SECRET, "groq", after={"status": "pending"})],
            {FindingClass.CHANGED: "its secret is pending and cannot be used until it is active"},
        ),
    ],
)
def test_tokens_and_secrets(loaded: Loaded, steps: list[Step], expected: dict[FindingClass, str]) -> None:
    assert loaded.environment is not None
    findings = list(ExpiryReader(loaded.environment, loaded.root, NOW).findings(steps))
    assert {finding.class_: finding.difference for finding in findings} == expected
    assert all(finding.counts is (finding.class_ is not FindingClass.DUE) for finding in findings)


def test_the_fix_prepares_the_shell_for_plain_pulumi(loaded: Loaded) -> None:
    assert loaded.environment is not None
    steps = [token("forever", "forever", status="disabled")]
    (found,) = ExpiryReader(loaded.environment, loaded.root, NOW, "enter; ").findings(steps)
    assert found.fix == "enter; pulumi up --replace u -s staging"


# rules


def finding(path: str, class_: FindingClass = FindingClass.CHANGED) -> Finding:
    return Finding(class_, "gateway", "agents-staging", "cache off → 5m", path, "gatewright up staging --refresh")


@pytest.mark.parametrize(
    ("rule", "path", "covers"),
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
def test_a_rule_covers_its_path_and_everything_below(rule: str, path: str, covers: bool) -> None:
    (found,) = apply_rules([finding(path)], [Ignore(rule, "known", "2026-11-24")], [], NOW)
    assert found.ignored == (Ignored("known", "2026-11-24") if covers else None)
    assert found.counts is not covers


def test_an_ended_rule_does_not_apply() -> None:
    ended = Ignore("gateway", "known", "2026-11-23")
    (found,) = apply_rules([finding("gateway.cache")], [ended], [], NOW)
    assert found.counts
    assert list(rule_notes([ended], [], NOW)) == ["ignore gateway ended 2026-11-23 and no longer applies"]
    (found,) = apply_rules([finding("gateway.cache")], [ended], ["gateway.cache"], NOW)
    assert found.ignored == Ignored("by --ignore", None)


@pytest.mark.parametrize(
    ("before", "after", "path"),
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
def test_the_path_of_a_finding_is_valid_in_a_rule(
    loaded: Loaded, before: dict[str, Any], after: dict[str, Any], path: str
) -> None:
    reported = tuple(name for name in before if before[name] is MASKED)
    step = Step("update", GATEWAY, "agents-staging", before=before, after=before | after, differing=reported)
    (found,) = refreshed(loaded, step)
    assert found.path == path
    assert loaded.file is not None
    assert unknown_path(loaded.file, path) is None


def test_a_rule_that_covers_nothing_has_a_note() -> None:
    rules = [Ignore(path, "known", "2026-11-24") for path in ("gateway", "files.openclaw/nope.json")]
    found = [finding("gateway.cache.ttl")]
    assert [*rule_notes(rules, found, NOW)] == ["ignore files.openclaw/nope.json covers no current finding"]


# the document


def test_the_json_matches_its_schema() -> None:
    schema = json.loads((SCHEMAS / "drift.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    ignored = replace(finding("gateway.logs"), ignored=Ignored("known", "2026-12-31"))
    drifts = [
        Drift("staging", (finding("gateway.cache"), ignored, finding("tokens.a", FindingClass.DUE)), ("a note",)),
        Drift("prod", (), is_deployed=False),
    ]
    outcomes: list[Outcome[Drift]] = [Outcome(each.environment, each) for each in drifts]
    outcomes.append(Outcome("dev", error=GatewrightError("no", None)))
    whole = json.loads(json.dumps(drift_document(outcomes, 7, 1.25).json))
    assert not list(Draft202012Validator(schema).iter_errors(whole))
    assert [each.get("hasDrifted") for each in whole["environments"]] == [True, False, None]
    del whole["environments"][0]["findings"][0]["mend"]
    assert list(Draft202012Validator(schema).iter_errors(whole))
