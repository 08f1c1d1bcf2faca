"""A gateway's body in the words of a file, and back: whatever the model can make comes back the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.cloudflare.mapping.gateway_body import gateway_body, gateway_settings
from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.quantities import amount_text, duration_text, parse_duration, parse_quantity, period_text

from .gateways import masked, read

texts = st.text("abcdefghij-", min_size=1, max_size=12)
actions = st.sampled_from(["FLAG", "BLOCK"])
sides = st.dictionaries(st.sampled_from([*CATEGORIES.values()]), actions, max_size=4)
profiles = st.lists(texts, min_size=1, max_size=3, unique=True)
policies = st.fixed_dictionaries(
    {
        "id": texts,
        "action": actions,
        "check": st.sampled_from([["REQUEST"], ["RESPONSE"], ["REQUEST", "RESPONSE"]]),
        "enabled": st.booleans(),
        "profiles": profiles,
    }
)
filters = st.fixed_dictionaries({"mode": st.just("filter"), "values": profiles})
rules = st.fixed_dictionaries(
    {
        "id": texts,
        "enabled": st.booleans(),
        "limit": st.integers(1, 10**9).map(lambda micros: micros / 1_000_000),
        "limitType": st.just("cost"),
        "window": st.integers(1, 999_999),
        "technique": st.sampled_from(["fixed", "sliding"]),
    },
    optional={
        "provider": filters,
        "model": filters,
        "metadata": st.dictionaries(texts, st.just({"mode": "partition"}) | filters, min_size=1, max_size=2),
    },
)
exporters = st.fixed_dictionaries(
    {
        "url": st.just("https://otel.example.com/v1"),
        "headers": st.dictionaries(texts.map(lambda name: f"x-{name.strip('-')}a"), st.just("?"), max_size=2),
        "content_type": st.sampled_from(["json", "protobuf"]),
    },
    optional={"authorization": st.just("?")},
)


bodies = st.builds(
    lambda *parts: {name: value for part in parts for name, value in part.items()},
    st.fixed_dictionaries(
        {
            "id": st.just("agents"),
            "authentication": st.booleans(),
            "collect_logs": st.booleans(),
            "log_management": st.integers(10_000, 10_000_000),
            "log_management_strategy": st.sampled_from(["DELETE_OLDEST", "STOP_INSERTING"]),
            "log_classification": st.booleans(),
            "byok_only": st.booleans(),
            "zdr": st.booleans(),
            "workers_ai_billing_mode": st.sampled_from(["postpaid", "unified"]),
        },
        optional={
            "dlp": st.fixed_dictionaries({"enabled": st.booleans(), "action": actions, "profiles": profiles})
            | st.fixed_dictionaries({"enabled": st.booleans(), "policies": st.lists(policies, min_size=1, max_size=2)}),
            "guardrails": st.fixed_dictionaries({"prompt": sides, "response": sides}),
            "spend_limits": st.fixed_dictionaries(
                {"enabled": st.just(value=True), "rules": st.lists(rules, min_size=1, max_size=3)}
            ),
            "otel": st.lists(exporters, min_size=1, max_size=2),
            "stripe": st.just({"authorization": "?", "usage_events": [{"payload": "{}"}]}),
        },
    ),
    st.fixed_dictionaries({"cache_ttl": st.integers(1, 2_592_000), "cache_invalidate_on_update": st.booleans()})
    | st.just({"cache_ttl": 0, "cache_invalidate_on_update": True}),
    st.fixed_dictionaries(
        {
            "rate_limiting_limit": st.integers(1, 10**9),
            "rate_limiting_interval": st.integers(1, 999_999),
            "rate_limiting_technique": st.sampled_from(["fixed", "sliding"]),
        }
    )
    | st.just({"rate_limiting_limit": 0, "rate_limiting_interval": 0, "rate_limiting_technique": "fixed"}),
    st.just({"logpush": False})
    | st.fixed_dictionaries(
        {"logpush": st.just(value=True)}, optional={"logpush_public_key": st.just("fake-public-key-x")}
    ),
    st.just({})
    | st.fixed_dictionaries(
        {"retry_max_attempts": st.integers(1, 5)},
        optional={
            "retry_delay": st.integers(0, 60_000),
            "retry_backoff": st.sampled_from(["constant", "linear", "exponential"]),
        },
    ),
)


@given(bodies)
def test_body_survives_the_round_trip(body: dict[str, Any]) -> None:
    assert masked(gateway_body(read(gateway_settings(body, lambda name: name)))) == body


@pytest.mark.parametrize(
    "there",
    [
        {"cache_ttl": None, "retry_max_attempts": None, "retry_delay": 500, "guardrails": None, "otel": None},
        {"spend_limits": {"enabled": False, "rules": []}, "dlp": {"enabled": False, "policies": []}, "stripe": None},
        {"log_management": None, "log_management_strategy": None, "rate_limiting_limit": 10},
        {"guardrails": {"prompt": {"S10": "BLOCK", "P1": None}, "response": None}, "byok_only": 1, "zdr": 0},
    ],
)
def test_unusual_bodies_become_a_gateway(there: dict[str, Any]) -> None:
    assert read(gateway_settings({"id": "agents", **there}, lambda name: name)).name == "agents"


@given(st.integers(1, 10**9))
def test_period_text_is_parsed_back(seconds: int) -> None:
    found = parse_quantity(f"1 requests/{period_text(seconds)}")
    assert found is None or found.period == seconds  # the grammar ends at 999,999 of a unit
    assert found is not None or seconds > 999_999


@given(st.integers(0, 10**12))
def test_duration_text_is_parsed_back(milliseconds: int) -> None:
    found = parse_duration(duration_text(milliseconds))
    assert found is not None
    assert found.milliseconds == milliseconds


def test_amount_text() -> None:
    assert [amount_text(each) for each in (5, 0.25, 10.0, 1_000_000)] == ["5", "0.25", "10", "1000000"]
