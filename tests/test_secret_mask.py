"""Secrets that a message repeats in any encoding."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from gatewright.redaction.secret_mask import SecretMask, encodings, secrets_in

KEY = 'fake-"key"/+<of> ä\\n&1'


@pytest.mark.parametrize("value", [KEY, "fake-token-of-the-caller", "fake key with spaces"])
def test_every_encoding_is_masked(value: str) -> None:
    data = value.encode()
    texts = [
        value,
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        json.dumps({"message": json.dumps({"key": value})}),
        json.dumps(value).replace("/", "\\/"),
        quote(value),
        quote(value, safe=""),
        quote(value, safe="").lower() if value.islower() else quote(value, safe=""),
        quote_plus(value),
        quote(quote(value, safe=""), safe=""),
        html.escape(value),
        html.escape(value, quote=False),
        repr(value),
        data.hex(),
    ]
    mask = SecretMask([value])
    for text in texts:
        shown = mask.text(f"invalid credential {text}!")
        assert shown.startswith("invalid credential ")
        assert "fake" not in shown
        assert data.hex() not in shown


@pytest.mark.parametrize("before", ["", "u:", "us:", "Bearer "])
@pytest.mark.parametrize("after", ["", "x", "\n"])
def test_base64_is_masked_wherever_the_secret_begins(before: str, after: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(f"{before}{KEY}{after}".encode()).decode()
        shown = SecretMask([KEY]).text(f"header {text}")
        assert "[secret]" in shown
        assert len(shown.replace("[secret]", "")) <= len("header ") + len(before) * 2 + len(after) * 2 + 6


def test_the_longest_secret_is_masked_first() -> None:
    assert SecretMask(["fake-token", "fake-token-2"]).text("fake-token-2 fake-token") == "[secret] [secret]"


def test_short_and_missing_values_mask_nothing() -> None:
    mask = SecretMask(["", "short"])
    assert not mask
    assert mask.text("a short text") == "a short text"


def test_the_encodings_of_a_plain_value_hold_it() -> None:
    assert "fake-token" in encodings("fake-token")


def test_secrets_of_a_request_body() -> None:
    body = {
        "name": "a",
        "value": "fake-1",
        "otel": [{"url": "u", "headers": {"x-team": "fake-2"}, "authorization": "fake-3"}],
        "list": ["b"],
        "token_count": 5,
    }
    assert sorted(secrets_in(body)) == ["fake-1", "fake-2", "fake-3"]
    assert list(secrets_in(None)) == []
