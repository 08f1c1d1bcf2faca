"""What the components register for Cloudflare Access."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.clock import NOW
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright_components.stack_state import READ_STATE

from .conftest import program
from .recorder import Recorder, registered

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gatewright.environment.resolved import Environment

ACCESS = (
    "gateway: {domains: {ai.example.com: {}, ai.example.org: {}}, access: {serviceToken: {rotate: {every: 30d, "
    "overlap: 7d}}, allow: {emails: [a@example.com, '@example.org'], serviceTokens: "
    "[fa4efa4e-0000-4000-8000-000000000002]}}}"
)
OLD, NEW = "access-2026-11-03", "access-2026-12-03"


class Stack(Recorder):
    """A stack with service tokens, each valid for 74 days from a day on which it was created."""

    ends: dict[str, str]

    def recorded(self) -> dict[str, Any]:
        return {
            "outputs": {
                f"urn:pulumi:prod::gatewright::type::{name}": {
                    "type": ACCESS_SERVICE_TOKEN.token,
                    "outputs": {
                        "id": f"id of {name}",
                        "name": f"gatewright/prod/access/{name.removeprefix('access-')}",
                        "duration": f"{74 * 24}h",
                        "expiresAt": end,
                    },
                }
                for name, end in self.ends.items()
            }
        }


def service_tokens(resources: dict[str, Any]) -> list[str]:
    kind = "ZeroTrustAccessServiceToken "
    return sorted(name.removeprefix(kind) for name in resources if name.startswith(kind))


def test_everything_is_created(declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NOW, "2026-11-21T00:00:00Z")
    mocks = Recorder()
    resources = registered(program(declared(ACCESS)), mocks)
    assert mocks.calls == [READ_STATE]
    token = resources[f"ZeroTrustAccessServiceToken {OLD}"]
    assert (token["name"], token["duration"]) == ("gatewright/prod/access/2026-11-03", "1776h")
    policies = {name: resources[f"ZeroTrustAccessPolicy {name}"] for name in ("service-tokens", "people")}
    assert policies["service-tokens"]["decision"] == "non_identity"
    assert policies["service-tokens"]["includes"] == [
        {"serviceToken": {"tokenId": f"id of {OLD}"}},
        {"serviceToken": {"tokenId": "fa4efa4e-0000-4000-8000-000000000002"}},
    ]
    assert policies["people"]["decision"] == "allow"
    assert policies["people"]["includes"] == [
        {"email": {"email": "a@example.com"}},
        {"emailDomain": {"domain": "example.org"}},
    ]
    application = resources["ZeroTrustAccessApplication agents-prod"]
    assert "readServiceTokensFromHeader" not in application
    assert application["domain"] == "ai.example.com"
    assert application["destinations"] == [
        {"type": "public", "uri": "ai.example.com"},
        {"type": "public", "uri": "ai.example.org"},
    ]
    assert application["policies"] == [
        {"id": "id of service-tokens", "precedence": 1},
        {"id": "id of people", "precedence": 2},
    ]


@pytest.mark.parametrize(
    ("now", "ends", "expected"),
    [
        ("2026-12-02T00:00:00Z", {OLD: "2027-01-16T00:00:00Z"}, [OLD]),
        ("2026-12-03T00:00:00Z", {OLD: "2027-01-16T00:00:00Z"}, [OLD, NEW]),
        ("2026-12-09T00:00:00Z", {OLD: "2027-01-16T00:00:00Z", NEW: "2027-02-15T00:00:00Z"}, [OLD, NEW]),
        ("2026-12-10T00:00:00Z", {OLD: "2027-01-16T00:00:00Z", NEW: "2027-02-15T00:00:00Z"}, [NEW]),
    ],
)
def test_a_service_token_rotates(
    declared: Callable[..., Environment],
    monkeypatch: pytest.MonkeyPatch,
    now: str,
    ends: dict[str, str],
    expected: list[str],
) -> None:
    monkeypatch.setenv(NOW, now)
    mocks = Stack()
    mocks.ends = ends
    resources = registered(program(declared(ACCESS)), mocks)
    assert service_tokens(resources) == expected
    included = [
        rule["serviceToken"]["tokenId"] for rule in resources["ZeroTrustAccessPolicy service-tokens"]["includes"]
    ]
    assert included[:-1] == [f"id of {name}" for name in expected]


def test_by_hand_nothing_is_created(declared: Callable[..., Environment]) -> None:
    resources = registered(program(declared("gateway: {domains: {ai.example.com: {}}, access: true}")))
    assert [name for name in resources if name.startswith("ZeroTrust")] == []


def test_the_application_reads_one_header_too(declared: Callable[..., Environment]) -> None:
    lines = ACCESS.replace("access: {", "access: {header: X-Service-Token, ")
    application = registered(program(declared(lines)), Recorder())["ZeroTrustAccessApplication agents-prod"]
    assert application["readServiceTokensFromHeader"] == "X-Service-Token"
