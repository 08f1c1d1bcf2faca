"""The options of simulate, and failures in a simulation."""

from __future__ import annotations

import random

import pytest

from gatewright.errors import UsageError
from gatewright.operations.simulation import options
from gatewright.operations.simulation.faults import Fault, take

from .environments import START


def test_a_fault_has_the_settings_of_the_local_cloudflare() -> None:
    fault = options.parse_fault("groq/gpt-*,kind=exhausted,share=20%,from=2h,to=2026-12-02,nth=3,times=5", START)
    assert fault == Fault(
        "groq", "gpt-*", nth=3, times=5, start=START + 7_200, end=START + 86_400, share=0.2, kind="exhausted"
    )
    assert fault.matches(("groq",), ("openai/gpt", "gpt-oss"))
    assert not fault.matches(("groq",), ("llama",))
    assert options.parse_fault("groq,reset", 0) == Fault("groq", reset=True)
    assert options.parse_fault("*,status=503,delay=2s", 0) == Fault(status=503, delay_ms=2_000)


@pytest.mark.parametrize(
    ("kind", "is_retried"), [("kind=retired", False), ("kind=exhausted", True), ("status=400", False), ("reset", True)]
)
def test_the_gateway_retries_what_may_pass(kind: str, is_retried: bool) -> None:
    assert options.parse_fault(f"groq,{kind}", 0).is_retried is is_retried


def test_a_share_of_the_calls_fails_within_the_time() -> None:
    faults = [Fault(share=0.25, start=1_000, end=3_000, status=503)]
    draws = random.Random(0)  # noqa: S311  not a secret
    failed = [second for second in range(4_000) if take(faults, second, draws)]
    assert min(failed) >= 1_000
    assert max(failed) < 3_000
    assert len(failed) == pytest.approx(500, rel=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind=paid", "expected a model first"),
        ("groq", "the calls would not fail"),
        ("groq,kind=broken", "unknown kind broken"),
        ("groq,statsu=503", "unknown setting statsu"),
        ("groq,status=200", "expected an HTTP status of an error, found 200"),
        ("groq,reset,from=soon", "expected a duration, found soon"),
        ("groq,reset,share=0%", "expected a share above 0%"),
        ("groq,reset,nth=0", "expected a number above 0, found 0"),
    ],
)
def test_a_wrong_fault_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        options.parse_fault(text, START)


def test_other_options() -> None:
    assert options.parse_weights(["dynamic/fast=3", "coder"]) == {"dynamic/fast": 3, "coder": 1}
    assert options.parse_tokens("5000/500") == (5_000, 500)
    assert options.parse_metadata(["plan=paid,free"]) == {"plan": ("paid", "free")}
    assert options.parse_concurrent(["groq=4"]) == {"groq": 4}
    assert options.parse_latencies(["groq/a=300ms"]) == {"groq/a": 0.3}
    for wrong in (
        lambda: options.parse_weights(["coder=0"]),
        lambda: options.parse_tokens("5000"),
        lambda: options.parse_metadata(["plan"]),
        lambda: options.parse_concurrent(["groq=many"]),
        lambda: options.parse_latencies(["groq/a=soon"]),
    ):
        with pytest.raises(UsageError, match="expected"):
            wrong()
