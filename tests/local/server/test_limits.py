"""Limits over time windows, at times that the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from gatewright.local.server.core import clock
from gatewright.local.server.core.api_quota import QUOTA, WINDOW, ApiQuota
from gatewright.local.server.core.envelope import ApiError
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import AiGatewayError
from gatewright.local.server.inference.policies import cache, counters, spend_limits
from gatewright.local.server.inference.policies.retries import RetryPolicy
from gatewright.local.server.inference.policies.spend_limits import Budget, Spender
from gatewright.local.server.inference.providers.state import Exhausted, Providers, ProviderState


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.sqlite")
    yield store
    store.close()


def admitted(store: Store, technique: str, *moments: float) -> list[bool]:
    return [counters.admit(store, "g", 2, 60, technique, moment) for moment in moments]


def test_fixed_windows_start_at_multiples_of_the_interval(store: Store) -> None:
    assert admitted(store, "fixed", 119, 119.5, 119.9, 120, 121, 122) == [True, True, False, True, True, False]


def test_sliding_windows_weigh_the_previous_window(store: Store) -> None:
    assert admitted(store, "sliding", 61, 62, 120, 149, 150, 179.9) == [True, True, False, False, True, False]


def test_gateways_have_separate_windows(store: Store) -> None:
    assert counters.admit(store, "g", 1, 60, "fixed", 0)
    assert counters.admit(store, "h", 1, 60, "fixed", 0)
    assert not counters.admit(store, "g", 1, 60, "fixed", 1)


def test_old_windows_are_deleted(store: Store) -> None:
    for minute in range(100):
        counters.admit(store, "g", 5, 60, "sliding", minute * 60)
    assert store.one("SELECT count(*) AS n FROM counters")["n"] == 2


@examples(8)
@given(moments=st.lists(st.floats(0, 1000), max_size=60), limit=st.integers(1, 5), interval=st.integers(1, 100))
def test_no_fixed_window_admits_more_than_its_limit(
    tmp_path_factory: pytest.TempPathFactory, moments: list[float], limit: int, interval: int
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "state.sqlite")
    windows: dict[int, int] = {}
    for moment in sorted(moments):
        if counters.admit(store, "g", limit, interval, "fixed", moment):
            windows[int(moment // interval)] = windows.get(int(moment // interval), 0) + 1
    store.close()
    assert all(count <= limit for count in windows.values())
    assert len(windows) == len({int(moment // interval) for moment in moments})


def test_a_response_is_cached_until_it_expires(store: Store) -> None:
    cache.add(store, "a", "g", "k", 100.0, {"content-type": "text/plain"}, b"kept")
    assert cache.find(store, "a", "g", "k", 99.9) == ({"content-type": "text/plain"}, b"kept")
    assert cache.find(store, "a", "g", "k", 100.0) is None
    assert cache.find(store, "a", "h", "k", 99.9) is None


@pytest.mark.parametrize(
    ("requested", "ttl"), [("1", 60), ("60", 60), ("99999999", 30 * 86400), ("0", 0), ("soon", 300)]
)
def test_a_requested_ttl_is_clamped_to_a_minute_and_a_month(requested: str, ttl: int) -> None:
    policy = cache.policy({"cf-aig-cache-ttl": requested}, {"cache_ttl": 300}, "openai", "chat/completions", {})
    assert policy.ttl == ttl


def test_1200_calls_in_five_minutes_then_five_minutes_of_429() -> None:
    quota = ApiQuota()
    headers = [quota.count("t", 10.0 + n / 100) for n in range(QUOTA)]
    assert headers[0]["Ratelimit"] == f'"default";r={QUOTA - 1};t={WINDOW}'
    assert headers[-1]["Ratelimit"].startswith('"default";r=0;')
    with pytest.raises(ApiError) as refused:
        quota.count("t", 100.0)
    assert refused.value.status == 429
    assert refused.value.headers == {"Retry-After": str(WINDOW)}
    assert quota.count("other", 100.0)
    with pytest.raises(ApiError):
        quota.count("t", 399.0)
    assert quota.count("t", 400.0)["Ratelimit"] == f'"default";r={QUOTA - 1};t={WINDOW}'


@pytest.mark.parametrize(
    ("backoff", "pauses"),
    [("constant", [0.1, 0.1, 0.1]), ("linear", [0.1, 0.2, 0.3]), ("exponential", [0.1, 0.2, 0.4])],
)
def test_pauses_between_attempts(backoff: str, pauses: list[float]) -> None:
    plan = RetryPolicy(attempts=4, delay=100, backoff=backoff, timeout=None)
    assert [plan.pause(attempt) for attempt in (1, 2, 3)] == pytest.approx(pauses)


def spender(**metadata: object) -> Spender:
    return Spender("a/g", "groq", "m", metadata)


def gateway_with(**rule: object) -> dict[str, object]:
    rules = [{"id": "r", "limit": 1, "limitType": "cost", "window": 60, **rule}]
    return {"spend_limits": {"enabled": True, "rules": rules}}


def open_at(store: Store, budgets: list[Budget], moment: float) -> bool:
    try:
        spend_limits.check(store, budgets, spender(), moment)
    except AiGatewayError:
        return False
    return True


@pytest.mark.parametrize(
    ("technique", "opens"), [("fixed", [120, 149, 150, 151]), ("sliding", [151])], ids=["fixed", "sliding"]
)
def test_a_budget_that_was_exceeded_opens_again(store: Store, technique: str, opens: list[float]) -> None:
    budgets = spend_limits.budgets(gateway_with(technique=technique), spender())
    spend_limits.charge(store, budgets, 2.0, 119.0)
    tried = [119.5, 119.9, 120, 149, 150, 151]
    assert [moment for moment in tried if open_at(store, budgets, moment)] == opens


@examples(8)
@given(costs=st.lists(st.floats(0, 2), max_size=30), limit=st.floats(0.1, 5))
def test_at_most_one_response_exceeds_a_budget(
    tmp_path_factory: pytest.TempPathFactory, costs: list[float], limit: float
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "state.sqlite")
    budgets, spent = spend_limits.budgets(gateway_with(limit=limit), spender()), 0.0
    for cost in costs:
        try:
            spend_limits.check(store, budgets, spender(), 61.0)
        except AiGatewayError:
            assert spent >= limit
            break
        spend_limits.charge(store, budgets, cost, 61.0)
        spent += cost
    store.close()
    assert spent < limit + 2


def test_every_combination_of_partitions_has_its_own_budget() -> None:
    rule = {"metadata": {"team": {"mode": "partition"}, "user": {"mode": "partition"}}}
    spenders = [spender(team=team, user=user) for team in ("a", "b") for user in ("a", "b")]
    keys = {budget.key for each in spenders for budget in spend_limits.budgets(gateway_with(**rule), each)}
    assert len(keys) == 4


def test_a_providers_limit_counts_in_its_period(monkeypatch: pytest.MonkeyPatch) -> None:
    providers = Providers()
    providers.states["groq"] = ProviderState.of({"provider": "groq", "requests": 2, "period": 60})
    responses = []
    for moment in (119.0, 119.5, 119.9, 120.0):
        monkeypatch.setattr(clock, "epoch_seconds", lambda moment=moment: moment)
        responses.append(providers.count("groq"))
    assert responses[:2] == [None, None]
    assert responses[2] == Exhausted("Rate limit reached: 2 requests per minute used until 1970-01-01T00:02:00Z", 1)
    assert responses[3] is None
    assert providers.count("openai") is None
