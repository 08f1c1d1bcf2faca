"""GraphQL at the local Cloudflare: what a query may contain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_account import LocalAccount

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.local.server.core.graphql_query import Field, parse

QUERY = """
query Usage($account: string!) { # by model
  viewer {
    accounts(filter: {accountTag: $account}) {
      GROUPS
    }
  }
}
"""


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path)
    account.add_entry("2026-11-28T12:30:15.678Z", metadata={"team": "ads"})
    account.add_entry("2026-11-28T12:31:00.000Z", success=False, status_code=429)
    yield account
    account.store.close()


def ask(account: LocalAccount, groups: str, tag: str = LOCAL_ACCOUNT) -> Any:
    body = {"query": QUERY.replace("GROUPS", groups), "variables": {"account": tag}}
    return account.client()._http.post("/graphql", json=body).json()


def test_dimensions_and_aliases(account: LocalAccount) -> None:
    answer = ask(
        account,
        "all: aiGatewayRequestsAdaptiveGroups(limit: 10, filter: {datetime_geq: "
        '"2026-11-28T12:30:00Z", datetimeHour_leq: "2026-11-28T12:00:00Z", statusCode_in: [200, 429]})'
        "{ number: count sum { erroredRequests } dimensions { date datetimeMinute statusCode metadataRaw } }",
    )
    assert answer["errors"] is None
    assert answer["data"]["viewer"]["accounts"][0]["all"] == [
        {
            "number": 1,
            "sum": {"erroredRequests": 0},
            "dimensions": {
                "date": "2026-11-28",
                "datetimeMinute": "2026-11-28T12:30:00Z",
                "statusCode": 200,
                "metadataRaw": '{"team": "ads"}',
            },
        },
        {
            "number": 1,
            "sum": {"erroredRequests": 1},
            "dimensions": {
                "date": "2026-11-28",
                "datetimeMinute": "2026-11-28T12:31:00Z",
                "statusCode": 429,
                "metadataRaw": "{}",
            },
        },
    ]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("unknownGroups(limit: 1, filter: {}) { count }", 'unknown field "unknownGroups"'),
        ("aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {}) { sum { pears } }", 'unknown field "pears"'),
        ("aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {}) { dimensions { p } }", 'unknown field "p"'),
        ("aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {pears: 1}) { count }", 'unknown field "pears"'),
        ("aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {model_like: 1}) { count }", 'unknown filter "model_like"'),
        ('aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {datetime_gt: "x"}) { count }', "x is not a time"),
        ("aiGatewayRequestsAdaptiveGroups(limit: 0, filter: {}) { count }", "limit must be from 1 to 10000"),
        ("aiGatewayRequestsAdaptiveGroups(filter: {}) { count }", 'argument "limit" of'),
        ("aiGatewayRequestsAdaptiveGroups(limit: 1, filter: {}) { count", "syntax error: unexpected end"),
    ],
)
def test_an_error_comes_with_the_status_200(account: LocalAccount, groups: str, message: str) -> None:
    answer = ask(account, groups)
    assert answer["data"] is None
    assert message in answer["errors"][0]["message"]


def test_another_account_is_refused(account: LocalAccount) -> None:
    answer = ask(account, "aiInferenceAdaptiveGroups(limit: 1, filter: {}) { count }", "0" * 32)
    assert answer["errors"][0]["extensions"]["code"] == "authz"


def test_values_of_arguments() -> None:
    (field,) = parse('{ a: b(x: -1.5, y: [true, null, DESC], z: {s: "q\\"{"}, v: $v) { c } }', {"v": 7})
    assert field.arguments == {"x": -1.5, "y": [True, None, "DESC"], "z": {"s": 'q"{'}, "v": 7}
    assert (field.name, field.key, field.fields) == ("b", "a", (Field("c", "c"),))


@pytest.mark.parametrize("text", ["", "{", "{ a", "{ a(b) }", "{ a(b: $c) }", "{ a } }", "{ % }", "{" * 30, "{ 5 }"])
def test_syntax_errors(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(text, {})
