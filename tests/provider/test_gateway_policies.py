"""GatewayPolicies, called as the engine calls it, against the local Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatewright.facts.resource_types import GATEWAY_POLICIES
from gatewright.plugin.values import UNKNOWN, Object

from .cloudflare import error_of
from .conftest import Calls

if TYPE_CHECKING:
    from .cloudflare import Cloudflare

PATH = "/gateways/g/policies"
EVERYONE = {"actor": "company:all", "resource": "*", "condition": "true", "action": {"type": "no-limit"}}
NO_GROQ = {**EVERYONE, "resource": {"provider": ["groq"]}, "action": {"type": "block"}}
REQUEST = {"name": "pi", "identity": {"cf": {}, "metadata": {}}, "model": "groq/a", "provider": "groq"}


@pytest.fixture
def policies(stub: Any) -> Calls:
    return Calls(stub, GATEWAY_POLICIES)


def declared(cloudflare: Cloudflare, policies: Any, **more: Any) -> Object:
    return {"accountId": cloudflare.account, "gatewayId": "g", "policies": policies, **more}


def live(cloudflare: Cloudflare) -> dict[str, Any]:
    listed = cloudflare.ask("GET", f"{PATH}?includeStaging=true")["result"]
    return {policy["name"]: policy.get("staging", False) for policy in listed}


def test_life_of_policies(cloudflare: Cloudflare, policies: Calls) -> None:
    inputs = policies.check(declared(cloudflare, {"everyone": EVERYONE}, requests=[REQUEST]))
    shown = declared(cloudflare, {"everyone": EVERYONE})
    assert policies.create(inputs, preview=True) == ("", {**shown, "ids": UNKNOWN})
    created, state = policies.create(inputs)
    assert created == f"{cloudflare.account}/g"
    assert live(cloudflare) == {"everyone": False}
    assert policies.read(created, inputs, state) == (inputs, state)
    assert policies.diff(created, state, inputs, shown) == {}  # other requests are not a change
    news = declared(cloudflare, {"everyone": EVERYONE, "no-groq": NO_GROQ})
    assert policies.diff(created, state, inputs, news) == {"policies.no-groq": "ADD"}
    both = policies.update(created, inputs, news, state=state)
    assert live(cloudflare) == {"everyone": False, "no-groq": False}
    capped = {**EVERYONE, "action": {"type": "limit", "amount": 5, "period": "daily", "technique": "named-interval"}}
    last = policies.update(created, news, declared(cloudflare, {"everyone": capped}), state=both)
    assert policies.read(created, {}, last)[1] == last
    assert live(cloudflare) == {"everyone": False}
    policies.delete(created, last)
    assert policies.read(created, inputs, last) is None
    calls = [call.rpartition("/")[2] if "POST" in call else call.split()[0] for call in cloudflare.changing_calls()]
    expected = ["policies", "simulate", "commit", "policies", "commit", "PUT", "PUT", "commit", "DELETE", "DELETE"]
    assert calls == expected


def test_a_request_that_the_simulation_refuses_commits_nothing(cloudflare: Cloudflare, policies: Calls) -> None:
    everyone = declared(cloudflare, {"everyone": EVERYONE})
    created, state = policies.create(everyone)
    narrow = {**EVERYONE, "resource": {"provider": ["mistral"]}}
    news = declared(cloudflare, {"everyone": narrow, "no-groq": NO_GROQ}, requests=[REQUEST])
    message = error_of(lambda: policies.update(created, everyone, news, state=state))
    assert "Cloudflare's simulation refuses pi (by no-groq): nothing was committed" in message
    assert policies.read(created, everyone, state) == (everyone, state)
    assert set(live(cloudflare)) == {"everyone"}
    without = declared(cloudflare, {"everyone": EVERYONE, "no-groq": NO_GROQ})
    policies.update(created, everyone, without, state=state)  # the draft that could not be deleted changes nothing
    assert policies.read(created, everyone, state)[0]["policies"]["everyone"] == EVERYONE


def test_drafts_of_others_are_not_committed(cloudflare: Cloudflare, policies: Calls) -> None:
    cloudflare.ask("POST", PATH, {"name": "theirs", **NO_GROQ})
    message = error_of(lambda: policies.create(declared(cloudflare, {"everyone": EVERYONE})))
    assert "drafts of policies that this stack did not create: theirs" in message
    assert live(cloudflare) == {"theirs": True}


def test_a_draft_that_a_run_left_behind_is_replaced(cloudflare: Cloudflare, policies: Calls) -> None:
    cloudflare.ask("POST", PATH, {"name": "everyone", **NO_GROQ})
    policies.create(declared(cloudflare, {"everyone": EVERYONE}))
    assert live(cloudflare) == {"everyone": False}


def test_existing_policies_are_imported_not_replaced(cloudflare: Cloudflare, policies: Calls) -> None:
    single = {**NO_GROQ, "resource": {"provider": "groq"}}
    cloudflare.ask("POST", f"{PATH}?commit=true", {"name": "no-groq", **single})
    message = error_of(lambda: policies.create(declared(cloudflare, {"everyone": EVERYONE})))
    assert "already has policies, which this stack did not create: no-groq" in message
    assert "adopt" in message
    inputs, state = policies.read(f"{cloudflare.account}/g")
    assert inputs == declared(cloudflare, {"no-groq": NO_GROQ})
    assert policies.create(inputs)[1] == state  # committed by a run that was killed before it knew


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "at least one policy is required"),
        ({"a": {"actor": "x"}}, "policy a must have actor, resource, condition, action"),
        ({"a": {**EVERYONE, "condition": "metadata.team =="}}, "policy a: the expression ends too early"),
        ({"a": {**EVERYONE, "actor": "{me}"}}, "policy a: {me} in the actor is not a field"),
    ],
)
def test_refused(cloudflare: Cloudflare, policies: Calls, value: Any, reason: str) -> None:
    (failure,) = policies.failures(declared(cloudflare, value))
    assert reason in failure
