"""GraphQL analytics, read from the local Cloudflare and from answers of a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from local_account import LocalAccount

from gatewright.clock import HOUR, parse_timestamp
from gatewright.cloudflare.analytics import MAX_GROUPS, Analytics, InferenceSums, RequestSums
from gatewright.cloudflare.client import Client
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.facts.permissions import ACCOUNT_ANALYTICS_READ, AI_GATEWAY_READ

DAY = parse_timestamp("2026-11-28")
NOON = DAY + 12 * HOUR


@pytest.fixture
def account(tmp_path: Path) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path)
    yield account
    account.store.close()


def test_requests_are_summed_by_hour_and_model(account: LocalAccount) -> None:
    account.add_entry("2026-11-27T23:59:59.999Z")
    account.add_entry("2026-11-28T12:00:00.000Z", cost=0.25)
    account.add_entry("2026-11-28T12:59:59.999Z", cost=0.5, success=False, status_code=500)
    account.add_entry("2026-11-28T13:00:00.000Z", cached=True, cost=0, tokens_in=0, tokens_out=0)
    account.add_entry("2026-11-29T00:00:00.000Z")
    analytics = Analytics(account.client(account.token(ACCOUNT_ANALYTICS_READ)), LOCAL_ACCOUNT)
    assert analytics.requests("default", DAY, DAY + 24 * HOUR) == [
        RequestSums(NOON, "groq", "fast", 2, 0, 1, 20, 10, 0.75),
        RequestSums(NOON + HOUR, "groq", "fast", 1, 1, 0, 0, 0, 0.0),
    ]
    assert analytics.requests("other", DAY, DAY + 24 * HOUR) == []


def test_neurons_are_those_of_workers_ai(account: LocalAccount) -> None:
    account.add_entry("2026-11-28T12:00:00.000Z", provider="workers-ai", model="@cf/a", tokens_in=6000, tokens_out=5000)
    account.add_entry("2026-11-28T12:00:00.000Z")
    analytics = Analytics(account.client(), LOCAL_ACCOUNT)
    (sums,) = analytics.neurons(DAY, DAY + 24 * HOUR)
    assert sums == InferenceSums(NOON, "@cf/a", 1, sums.neurons)
    assert sums.neurons == pytest.approx(1000)


def test_a_token_without_the_permission_is_refused(account: LocalAccount) -> None:
    analytics = Analytics(account.client(account.token(AI_GATEWAY_READ)), LOCAL_ACCOUNT)
    with pytest.raises(RefusedError, match=f"lacks Account Analytics Read on account {LOCAL_ACCOUNT}"):
        analytics.requests("default", DAY, NOON)


class Answers:
    """A client that answers each query with as many groups as `count` says of it; or with these errors."""

    def __init__(self, counts: list[int], errors: Any = None) -> None:
        self.counts, self.errors = counts, errors
        self.queries: list[str] = []

    def post(self, path: str, body: Any) -> Any:
        assert path == "/graphql"
        self.queries.append(body["query"])
        group = {
            "count": 1,
            "sum": {"totalNeurons": 1.5},
            "dimensions": {"datetimeHour": "2026-11-28T12:00:00Z", "modelId": "m"},
        }
        groups = [group] * (0 if self.errors else self.counts.pop(0))
        return {"data": {"viewer": {"accounts": [{"groups": groups}]}}, "errors": self.errors}


def test_a_span_with_too_many_groups_is_asked_in_halves() -> None:
    answers = Answers([MAX_GROUPS, 2, 3])
    assert len(Analytics(cast("Client", answers), "a").neurons(DAY, DAY + 24 * HOUR)) == 5
    assert ['"2026-11-28T12:00:00Z"' in query for query in answers.queries] == [False, True, True]


def test_a_span_of_60_days_is_asked_in_two_parts() -> None:
    answers = Answers([1, 1])
    assert len(Analytics(cast("Client", answers), "a").neurons(DAY, DAY + 60 * 24 * HOUR)) == 2


def test_an_error_with_the_status_200_is_an_error() -> None:
    answers = Answers([], [{"message": "unknown field", "extensions": None}])
    with pytest.raises(CloudflareError, match="analytics refuse the query: unknown field"):
        Analytics(cast("Client", answers), "a").neurons(DAY, NOON)
