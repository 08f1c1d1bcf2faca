"""Cloudflare's Auto Router, the model `cloudflare/auto`: it chooses a model for each request.

Source: Cloudflare's documentation of the Auto Router (beta), October 2026. The pool may change over time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.model_patterns import model_pattern
from gatewright.facts.slugs import AUTO_ROUTER, REST_AUTHORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MODEL = "auto"
NAME = f"{AUTO_ROUTER}/{MODEL}"
ALLOWED_MODELS, ALLOWED_PROVIDERS, NO_AFFINITY = (
    "cf-aig-allowed-models",
    "cf-aig-allowed-providers",
    "cf-aig-no-session-affinity",
)
"""The request headers, besides those of the session and the turn."""

DEFAULT_MODELS = (
    "anthropic/claude-fable-5",
    "anthropic/claude-opus-5",
    "anthropic/claude-sonnet-5",
    "openai/gpt-5.6-luna",
    "openai/gpt-5.6-sol",
    "openai/gpt-5.6-terra",
    "xai/grok-4.5",
)
ADDITIONAL_MODELS = (
    "@cf/deepseek-ai/deepseek-v4-flash-0731",
    "@cf/deepseek-ai/deepseek-v4-pro-0813",
    "@cf/google/gemma-4-26b-a4b-it",
    "@cf/moonshotai/kimi-k2.7-code",
    "@cf/openai/gpt-oss-20b",
    "@cf/qwen/qwen3.8-27b",
    "@cf/zai-org/glm-5.2",
    "alibaba/qwen3.8-max",
    "anthropic/claude-fable-5.1",
    "anthropic/claude-opus-4.8",
    "anthropic/claude-opus-5.5",
    "anthropic/claude-sonnet-4.6",
    "fireworks/glm-5.3",
    "fireworks/glm-5.3-flash",
    "minimax/m3",
    "openai/gpt-5.5",
    "openai/gpt-6-astra",
    "openai/gpt-6-luna",
    "openai/gpt-6-sol",
    "xai/grok-4.6",
)
ALL_MODELS = (*DEFAULT_MODELS, *ADDITIONAL_MODELS)
PROVIDERS = ("alibaba", "anthropic", "fireworks", "minimax", "openai", "workers-ai", "xai")

_SLUGS = {author: slug for slug, author in REST_AUTHORS.items()}


def pool(models: Sequence[str] = (), providers: Sequence[str] = ()) -> list[str]:
    """The models that a request with these headers can get; without any of them the default ones.

    Guess: providers alone select from all models, as the documentation of the additional models says.
    """
    chosen = ALL_MODELS if models or providers else DEFAULT_MODELS
    return [
        model
        for model in chosen
        if (not models or any(model_pattern(entry).fullmatch(model) for entry in models))
        and (not providers or provider_of(model) in providers)
    ]


def unmatched(models: Iterable[str]) -> list[str]:
    """The entries that match no model, with which Cloudflare refuses a request (400)."""
    return [entry for entry in models if not any(map(model_pattern(entry).fullmatch, ALL_MODELS))]


def provider_of(model: str) -> str:
    """The provider of a model as the header names it: workers-ai, xai."""
    return "workers-ai" if model.startswith("@cf/") else model.partition("/")[0]


def call_of(model: str) -> tuple[str, str]:
    """The gateway's slug and the provider's own id of a model."""
    provider = provider_of(model)
    bare = model if model.startswith("@cf/") else model.partition("/")[2]
    return _SLUGS.get(provider, provider), bare
