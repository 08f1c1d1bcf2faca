"""Texts that look like keys, and texts that do not. The keys are fake and assembled here."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from shipped_stacks import SHIPPED

from gatewright.diagnostics import Diagnostics, Location
from gatewright.environment.reader import read_text
from gatewright.project import Project
from gatewright.redaction import is_secret_name, looks_like_a_key, looks_like_a_value, mask_urls, masked, url_secrets

FAKE = "FAKE0fake1FAKE2fake3"


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + FAKE,
        "sk-proj-" + FAKE,
        "sk-ant-api03-" + FAKE,
        "sk-or-v1-" + "fa4e" * 16,
        "gsk" + "_" + FAKE * 2,
        "nvapi-" + FAKE,
        "csk-" + FAKE,
        "xai-" + FAKE,
        "pplx-" + FAKE,
        "fw" + "_" + FAKE,
        "hf" + "_" + FAKE,
        "r8" + "_" + FAKE,
        "AIza" + FAKE * 2,
        "AKIA" + "FAKE" * 4,
        "cfat" + "_" + FAKE * 2,
        "cfut" + "_" + FAKE * 2,
        "v1.0-" + "fa4e" * 8,
        "ghp" + "_" + FAKE * 2,
        "sk" + "_live_" + FAKE,
        "Bearer " + FAKE,
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "FaK3" * 8,
        "fa4e" * 10,
        f"see sk-{FAKE} in the vault",
        "ASIA" + "FAKE" * 4,
        "glpat" + "-" + FAKE,
        "pul" + "-" + "fa4e" * 10,
        "xoxb" + "-" + "2026" * 3 + "-" + FAKE,
        "xapp" + "-1-" + FAKE,
        "dapi" + "fa4eacc0" * 4,
        "pypi" + "-" + FAKE,
        "dckr" + "_pat_" + FAKE,
        "hvs" + "." + FAKE,
        "ya29" + "." + FAKE,
        "npm" + "_" + FAKE * 2,
        "gho" + "_" + FAKE * 2,
        "github" + "_pat_" + FAKE,
        "SG" + "." + FAKE + "." + FAKE,
        "whsec" + "_" + FAKE,
        "tskey" + "-auth-" + FAKE,
        "GOCSPX" + "-" + FAKE,
        "lin" + "_api_" + FAKE * 2,
        "dp" + ".pt." + FAKE * 2,
        "glsa" + "_" + FAKE * 2,
        "ey" + FAKE + ".ey" + FAKE + "." + FAKE,
        "Basic " + base64.b64encode(b"fake-user:fake-password").decode(),
        "bearer " + FAKE,
        "api-key=" + "fa4eacc0" * 4,
        "x-api-key: " + "fa4eacc0" * 4,
        f'{{"accessToken": "{"fa4eacc0" * 4}"}}',
        "client_secret=fa4e-acc0.123456",  # gatewright:allow
    ],
)
def test_keys(key: str) -> None:
    assert looks_like_a_key(key)
    assert FAKE not in masked(key)
    assert "…" in masked(key)


@pytest.mark.parametrize(
    "text",
    [
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
        "meta-llama/llama-4-scout-17b-16e-instruct",
        "meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo",
        "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "stability-ai/sdxl:" + "7762fd07" * 8,
        "fa4eacc0" * 4,
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "550e8400-e29b-41d4-a716-446655440000",
        "https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1",
        "https://integrate.api.nvidia.com/v1?version=2026-11-21&region=eu-central-1",
        "https://otel.example.com/v1/traces",
        "PROD_CLOUDFLARE_ACCOUNT_ID_OF_THE_SECOND_ACCOUNT_2026",
        "a" * 64,
        "1234567890" * 4,
        "Prompts are kept for 30 days; see the provider's terms of 2026-01-01.",
        "2001:db8:85a3::8a2e:370:7334/128",
        "sk-short",
        "Basic authentication",
        "basic dGVzdA==",
        "pypi-mirror-of-the-company",
        "max_tokens: 1234567890123456",
        "key: agents-production-of-europe",
        "token: gateway-agents-2026-11",
        "https://example.com/v1?sort_key=name&max_tokens=5&code=de",
        "https://example.com/v1?key={key}&token=$TOKEN",
        "https://example.com/@scope/package",
        "user@example.com",
        "@cf/openai/gpt-oss-120b",
    ],
)
def test_not_keys(text: str) -> None:
    assert not looks_like_a_key(text)
    assert masked(text) == text


def test_the_stacks_hold_no_keys(checkout: Project) -> None:
    for name in SHIPPED:
        for line in (checkout.stacks / name).read_text(encoding="utf-8").splitlines():
            assert not looks_like_a_key(line), f"{name}: {line}"


def test_a_diagnostic_never_shows_a_key() -> None:
    diagnostics = Diagnostics()
    key = "sk-" + FAKE
    diagnostics.error(
        Location("a.yaml", 1, 1), f"gateway.{key}", "unknown-key", f"no model groq/{key}", f"Did you mean {key}?"
    )
    diagnostics.note(Location("a.yaml", 1, 1), f"gateway.{key}", "note", f"no model groq/{key}")
    assert all(FAKE not in diagnostic.sentence() for diagnostic in diagnostics.diagnostics)


def test_a_sentence_is_printable() -> None:
    diagnostics = Diagnostics()
    read_text('"a\\e[31m\\nb": 1\n"a\\e[31m\\nb": 1\n', "a.yaml", diagnostics)
    assert diagnostics.diagnostics[0].sentence().startswith("a\\x1b[31m\\nb: duplicate key")


def test_a_private_key_is_refused_in_place_of_a_public_one(tmp_path: Path) -> None:
    from gatewright.clients import CAPABILITIES
    from gatewright.environment.files import Files
    from gatewright.environment.load import load

    for kind, refused in (("PUBLIC", False), ("PRIVATE", True)):
        key = f"-----BEGIN {kind} KEY-----\\n{FAKE * 3}\\n-----END {kind} KEY-----"
        (tmp_path / "prod.yaml").write_text(
            f'local: true\ngateway: {{logs: {{push: true, pushPublicKey: "{key}"}}}}\n', encoding="utf-8"
        )
        diagnostics = load(Files(tmp_path, "stacks"), "prod", CAPABILITIES, {}).diagnostics
        assert ("secret-in-clear" in {diagnostic.code for diagnostic in diagnostics}) is refused


HEX = "fa4eacc0" * 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:fake-pw@example.com/v1", "https://user:****@example.com/v1"),
        ("https://fake-token@example.com/v1", "https://****@example.com/v1"),
        ("https://:fake-pw@example.com", "https://****@example.com"),
        (f"https://example.com/v1?a=b&api-key={HEX}#x", "https://example.com/v1?a=b&api-key=****#x"),
        ("https://example.com/v1?api_key=short", "https://example.com/v1?api_key=****"),
        ("https://example.com/#access_token=fake", "https://example.com/#access_token=****"),
        ("https://example.com/?X-Amz-Signature=fake", "https://example.com/?X-Amz-Signature=****"),
        ("https://example.com/?sv=2026&sig=fake", "https://example.com/?sv=2026&sig=****"),
        (f"https://example.com/api?code={FAKE}", "https://example.com/api?code=****"),
        ("postgres://u:fake@db/x?sslmode=verify-full", "postgres://u:****@db/x?sslmode=verify-full"),
        ("postgres://u@db/x?sslpassword=fake&sslcert=a", "postgres://u@db/x?sslpassword=****&sslcert=a"),
        ("s3://b?endpoint=http://k:v@127.0.0.1&region=auto", "s3://b?endpoint=http://k:****@127.0.0.1&region=auto"),
        ("s3://b?endpoint=http%3A%2F%2Fk%3Av%40h&r=a", "s3://b?endpoint=http://k:****@h&r=a"),
        ("see https://a:b@c.example and d@e", "see https://a:****@c.example and d@e"),
    ],
)
def test_a_secret_in_a_url_is_recognized_and_masked(url: str, shown: str) -> None:
    assert looks_like_a_key(url)
    assert mask_urls(url) == shown
    assert masked(url) == shown


def test_the_secrets_of_a_url() -> None:
    url = f"s3://b?endpoint=http%3A%2F%2Fk%3Afake%2540pw%40h&token={HEX}"
    assert url_secrets(url) == {"fake%40pw", "fake@pw", HEX}


def test_many_encodings_end() -> None:
    assert not looks_like_a_key("https://example.com/" + "%25" * 5000)


@pytest.mark.parametrize(
    "name", ["x-api-key", "API_KEY", "apikey", "accessToken", "sslpassword", "Authorization", "key"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["max_tokens", "monkey", "sort_key", "keyword", "id", "author", "tokens", "keys"])
def test_names_of_other_values(name: str) -> None:
    assert not is_secret_name(name)


def test_values_beside_names() -> None:
    assert looks_like_a_value(HEX)
    assert looks_like_a_value("a1b2c3d4e5f6g7h8")
    assert not any(map(looks_like_a_value, ("agents-production-2026", "0" * 32, "too-short-1", "with a space 1234567")))
