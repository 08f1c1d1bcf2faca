"""How each provider refuses a model: it is retired, needs a paid plan, is unknown, or the free allowance is used up.

Workers AI's codes are documented; its retired form, Groq's, NVIDIA's, OpenRouter's, Mistral's, Cerebras's and Google's
words are as users report them in 2026. The rest follows OpenAI's API (guess).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatewright.facts.slugs import CUSTOM_PREFIX, WORKERS_AI
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.providers.formats import GOOGLE, Format

RETIRED, PAID, UNKNOWN, EXHAUSTED = "retired", "paid", "unknown", "exhausted"

_WORKERS_AI: dict[str, tuple[int, int, str]] = {
    RETIRED: (
        410,
        5028,
        "AiError: Model has been deprecated: {model} was deprecated on {today}. See the model catalog for alternatives",
    ),
    PAID: (403, 5035, "AiError: {model} is not available on the Workers Free plan. Upgrade to the Workers Paid plan"),
    UNKNOWN: (400, 5007, "AiError: No such model {model} or task"),
    EXHAUSTED: (
        429,
        3036,
        "AiError: you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's "
        "Workers Paid plan if you would like to continue usage.",
    ),
}
"""Status, code and message [developers.cloudflare.com/workers-ai/platform/errors/, 2026-07-29]."""


def model_error(kind: str, provider: str, model: str, format: Format) -> tuple[int, Any]:
    """Status and body of the provider's answer to a request to `model`."""
    if provider == WORKERS_AI:
        status, code, message = _WORKERS_AI[kind]
        text = message.format(model=model, today=clock.timestamp()[:10])
        return status, {"success": False, "result": {}, "messages": [], "errors": [{"code": code, "message": text}]}
    if kind == EXHAUSTED:
        return 429, format.error(429, "You exceeded your current quota")
    if kind == PAID:
        return 402, format.error(402, "Insufficient credits. Add credits to use this model")
    refuse = _RETIRED.get(provider) if kind == RETIRED else None
    refuse = refuse or _UNKNOWN.get(provider)
    if refuse is None:
        return 404, _unknown(model, format)
    status, body = refuse(model)
    return status, body[0] if format == GOOGLE else body  # only for OpenAI's clients does Google send a list


def _unknown(model: str, format: Format) -> Json:
    return format.error(404, f"The model `{model}` does not exist or you do not have access to it.")


def _groq(model: str) -> tuple[int, Json]:
    message = (
        f"The model `{model}` has been decommissioned and is no longer supported. Please refer to "
        "https://console.groq.com/docs/deprecations for a recommendation on which model to use instead."
    )
    error = {"message": message, "type": "invalid_request_error", "code": "model_decommissioned"}
    return 400, {"error": error}


def _nvidia(model: str) -> tuple[int, Json]:
    detail = f"The model '{model}' has reached its end of life on {clock.timestamp()[:10]}T00:00:00Z"
    detail += " and is no longer available."
    return 410, {"type": "about:blank", "title": "Gone", "status": 410, "detail": detail}


def _nvidia_unknown(_: str) -> tuple[int, Json]:
    detail = "Function 'fake-function': Not found for account 'fake-account'"
    return 404, {"status": 404, "title": "Not Found", "detail": detail}


def _openrouter(model: str) -> tuple[int, Json]:
    return 404, {"error": {"message": f"No endpoints found for {model}.", "code": 404}}


def _google(model: str) -> tuple[int, Any]:
    message = f"This model models/{model} is no longer available to new users. Please update your code to use a newer"
    return 404, [{"error": {"code": 404, "message": f"{message} model.", "status": "NOT_FOUND"}}]


def _google_unknown(model: str) -> tuple[int, Any]:
    message = f"models/{model} is not found for API version v1main, or is not supported for generateContent."
    return 404, [{"error": {"code": 404, "message": message, "status": "NOT_FOUND"}}]


def _mistral(model: str) -> tuple[int, Json]:
    return 400, {"object": "error", "message": f"Invalid model: {model}", "type": "invalid_model", "code": "1500"}


def _anthropic(model: str) -> tuple[int, Json]:
    return 404, {"type": "error", "error": {"type": "not_found_error", "message": f"model: {model}"}}


def _cerebras(model: str) -> tuple[int, Json]:
    message = f"Model {model} does not exist or you do not have access to it."
    return 404, {"message": message, "type": "not_found_error", "param": "model", "code": "model_not_found"}


_Refuse = Callable[[str], tuple[int, Any]]

_RETIRED: dict[str, _Refuse] = {
    "groq": _groq,
    f"{CUSTOM_PREFIX}nvidia": _nvidia,
    "google-ai-studio": _google,
}
"""Providers with words of their own for a retired model; the others say that it does not exist."""

_UNKNOWN: dict[str, _Refuse] = {
    f"{CUSTOM_PREFIX}nvidia": _nvidia_unknown,
    "openrouter": _openrouter,
    "google-ai-studio": _google_unknown,
    "mistral": _mistral,
    "anthropic": _anthropic,
    "cerebras": _cerebras,
}
