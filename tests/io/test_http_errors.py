"""Errors of requests in words; their own texts may hold a key."""

from __future__ import annotations

import httpx
import pytest

from gatewright.io.http_errors import reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectTimeout("fake-key"), "no answer in time"),
        (httpx.ReadTimeout("fake-key"), "no answer in time"),
        (httpx.ConnectError("fake-key"), "no connection"),
        (httpx.ReadError("fake-key"), "the connection broke off"),
        (ValueError("fake-key"), "the answer is not JSON"),
    ],
)
def test_errors_in_words(error: Exception, words: str) -> None:
    assert reason(error) == words
