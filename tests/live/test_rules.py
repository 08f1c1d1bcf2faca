"""What selects the account, and which cases run there."""

from __future__ import annotations

import pytest

from gatewright.project import Project
from live.budget import read_prices
from live.names import Names
from live.rules import inference_model, why_skipped
from live.runs import read_cases
from live.scrub import Scrubber
from live.target import ACCOUNT, API, BUDGET, TOKEN, URL, ConfigurationError, read_target

SELECTED = {ACCOUNT: "fake-account", TOKEN: "fake-token"}


@pytest.mark.parametrize("url", ["", API, f"{API}/", "http://127.0.0.1:8787", "http://localhost:1", "http://[::1]:2"])
def test_addresses_of_cloudflare_and_this_machine_are_accepted(url: str) -> None:
    target = read_target({**SELECTED, URL: url})
    assert target.is_local is ("cloudflare" not in target.api)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.cloudflare.com",
        "https://api.cloudflare.com.example",
        "https://api.cloudflare.com/client/v4",
        "https://user@api.cloudflare.com",
        "http://127.0.0.1@attacker.example",
        "http://user:fake@127.0.0.1",
        "http://127.0.0.1.attacker.example",
        "http://10.0.0.1:8787",
        "ftp://localhost",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"GATEWRIGHT_LIVE_URL: only https://api\.cloudflare\.com and"):
        read_target({**SELECTED, URL: url})


@pytest.mark.parametrize("variables", [{}, {ACCOUNT: "fake"}, {TOKEN: "fake"}, {**SELECTED, ACCOUNT: ""}])
def test_without_an_account_and_a_token_nothing_runs(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="not set"):
        read_target(variables)


@pytest.mark.parametrize("budget", ["-1", "2", "much", "nan"])
def test_budgets_beyond_the_maximum_are_refused(budget: str) -> None:
    with pytest.raises(ConfigurationError, match="expected 0 to 1 USD"):
        read_target({**SELECTED, BUDGET: budget})


def test_requests_go_to_the_two_hosts_of_cloudflare() -> None:
    target = read_target(SELECTED)
    assert target.url("/client/v4/zones") == "https://api.cloudflare.com/client/v4/zones"
    assert target.url("/v1/a/g/compat") == "https://gateway.ai.cloudflare.com/v1/a/g/compat"
    assert "fake-token" not in repr(target)


def test_cases_that_run_call_free_models_only_and_need_nothing_but_the_account(checkout: Project) -> None:
    prices = read_prices(checkout)
    running = [case for case in read_cases() if why_skipped(case, prices) is None]
    assert len(running) > 100
    for step in (step for case in running for step in case["steps"]):
        request = step["request"]
        assert inference_model(request) in {None, *prices}
        assert not any(part in request["path"] for part in ("/__local__", "/zones", "/billing", "/access/"))
        is_store = request["path"].endswith(("/stores", "/stores/{s}", "/stores/{S}"))
        assert not (is_store and request["method"] in ("DELETE", "PUT", "PATCH"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("token-from-another-address", "names this machine by an address that Cloudflare does not see"),
        ("token-value-is-visibly-fake", "expects the fake tokens of the local Cloudflare"),
    ],
)
def test_cases_that_hold_on_this_machine_only_are_skipped(checkout: Project, name: str, reason: str) -> None:
    (case,) = (case for case in read_cases() if case["id"] == name)
    assert why_skipped(case, read_prices(checkout)) == reason


def test_names_get_the_prefix_where_an_object_has_one_and_lose_it_again() -> None:
    names = Names("gatewright-live-1-")
    gateways = "/client/v4/accounts/a/ai-gateway/gateways"
    assert names.body(gateways, {"id": "g", "cache_ttl": 0}) == {"id": "gatewright-live-1-g", "cache_ttl": 0}
    assert names.path(f"{gateways}/g/routes?page=2") == f"{gateways}/gatewright-live-1-g/routes?page=2"
    assert names.path("/v1/a/g/compat/models") == "/v1/a/gatewright-live-1-g/compat/models"
    assert names.body(f"{gateways}/g/routes", {"name": "r"}) == {"name": "r"}
    assert names.body("/client/v4/accounts/a/tokens", {"name": "x" * 120})["name"] == f"gatewright-live-1-{'x' * 102}"
    assert names.restore('{"id": "gatewright-live-1-g"}') == '{"id": "g"}'


def test_secrets_ids_and_addresses_are_replaced() -> None:
    variables = {"A": "0123456789abcdef0123456789abcdef", "run": "fake-token-value-of-a-run"}
    scrub = Scrubber("fake-deploying-token", variables)
    body = {
        "id": "f" * 32,
        "account": variables["A"],
        "value": "fake",
        "modified_by": "someone@example.com",
        "ip": "192.0.2.7",
        "at": "2026-11-29T00:00:00Z",
        "message": "fake-deploying-token was refused",
        "count": 2,
    }
    assert scrub.answer(body) == {
        "id": "<hex32>",
        "account": "{A}",
        "value": "<any>",
        "modified_by": "<any>",
        "ip": "<any>",
        "at": "<ts>",
        "message": "<any>",
        "count": 2,
    }
    assert scrub.text(f"used {variables['run']} of {variables['A']}") == "used {run} of {A}"
