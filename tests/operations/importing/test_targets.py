"""Which provider of an environment stands for a provider in a client's own file."""

from __future__ import annotations

import pytest

from gatewright.clients.common.own_config import OwnProvider
from gatewright.diagnostics import Location
from gatewright.environment.model.catalog import Provider
from gatewright.environment.references import Located
from gatewright.operations.importing.targets import NoTarget, Target, find_target

HERE = Location("openclaw.json", 1, 1)
CATALOG = {
    "groq": Provider(direct="https://api.groq.com/openai/v1"),
    "nvidia": Provider(base_url="https://integrate.api.nvidia.com/v1"),
    "house": Provider(base_url="https://llm.house.example/v1"),
}


def provider(id_: str, url: str | None = None, api: str | None = None) -> OwnProvider:
    return OwnProvider(id_, HERE, id_, base_url=Located(url, HERE, id_) if url else None, api=api)


@pytest.mark.parametrize(
    ("id_", "url", "name"),
    [
        ("groq", None, "groq"),
        ("GROQ", None, "groq"),
        ("mine", "https://api.groq.com/openai/v1/", "groq"),
        ("mine", "https://api.groq.com/other", "groq"),
        ("nvidia_nim", None, "nvidia"),
        ("mine", "https://integrate.api.nvidia.com/v1", "nvidia"),
        ("google", "https://generativelanguage.googleapis.com/v1beta", "google-ai-studio"),
        ("xai", None, "grok"),
        ("fireworks-ai", None, "fireworks"),
        ("mine", "https://api.deepseek.com", "deepseek"),
        ("cf", f"https://api.cloudflare.com/client/v4/accounts/{'fa4eacc0' * 4}/ai/v1", "workers-ai"),
    ],
)
def test_a_provider_that_is_known(id_: str, url: str | None, name: str) -> None:
    assert find_target(provider(id_, url), CATALOG) == Target(name)


@pytest.mark.parametrize(
    ("id_", "url", "name"),
    [
        ("My House 2", "https://two.house.example/v1/", "my-house-2"),
        ("groq", "https://groq.house.example/v1", "groq-custom"),
        ("nvidia", "https://nvidia.house.example/v1", "nvidia-custom"),
        ("house", "https://two.house.example/v1", "house-custom"),
        ("dynamic", "https://llm.example.com/v1", "dynamic-custom"),
        ("…", "https://llm.example.com/v1", "llm-example-com"),
        ("a" * 90, "https://llm.example.com/v1", "a" * 50),
    ],
)
def test_any_other_provider_is_a_custom_one(id_: str, url: str, name: str) -> None:
    assert find_target(provider(id_, url), CATALOG) == Target(name, url.rstrip("/"))


@pytest.mark.parametrize(
    ("url", "api", "reason"),
    [
        (None, None, "it has no base URL, and Cloudflare does not know this provider"),
        ("http://llm.example.com/v1", None, "its base URL is not an https URL"),
        ("llm.example.com", None, "its base URL is not an https URL"),
        ("https://[fe80", None, "its base URL is invalid"),
        (
            "https://localhost:8080/v1",
            None,
            "localhost is on your own machine or network, which Cloudflare cannot reach",
        ),
        ("https://nas.local/v1", None, "nas.local is on your own machine or network, which Cloudflare cannot reach"),
        ("https://[::1]/v1", None, "::1 is on your own machine or network, which Cloudflare cannot reach"),
        ("https://{env:HOST}/v1", None, "its base URL names a variable; write the URL itself"),
        ("os.environ/API_BASE", None, "its base URL names a variable; write the URL itself"),
        ("https://llm.example.com/v1?api-key=FAKEFAKE12345678", None, "its base URL contains a secret"),
        (f"http://127.0.0.1:8788/v1/{'fa4eacc0' * 4}/agents/compat", None, "it is a Cloudflare AI Gateway already"),
        (
            "https://llm.example.com",
            "anthropic-messages",
            "its API is anthropic-messages; custom providers are called with OpenAI's chat completions",
        ),
    ],
)
def test_a_provider_that_cloudflare_cannot_call(url: str | None, api: str | None, reason: str) -> None:
    assert find_target(provider("unheard", url, api), CATALOG) == NoTarget(reason)
