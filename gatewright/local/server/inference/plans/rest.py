"""Cloudflare's REST form: /client/v4/accounts/{account}/ai/v1/…, /ai/run, with cf-aig-gateway-id.

Documented: the paths, the names of models (author/model, @cf/… for Workers AI), that the token is the only credential,
that Cloudflare pays the provider, that third parties use the gateway `default` where the header is missing. Observed:
404 with 7003 for an unknown model. Guesses: a stored key is used where the gateway has one; Workers AI without the
header bypasses all gateways, as its older endpoints do; /ai/run responds in Workers AI's own form for all. Disputed:
whether it serves dynamic routes; here it does, as the newer page says: chat completions only, with the header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ, WORKERS_AI_WRITE
from gatewright.facts.slugs import REST_AUTHORS, SLUGS, WORKERS_AI
from gatewright.local.server.core import envelope
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.core.identity import Principal, authenticate
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.providers import formats
from gatewright.local.server.inference.providers.targets import DYNAMIC, Target

_FORMATS = {"v1/chat/completions": formats.CHAT, "v1/responses": formats.RESPONSES, "v1/messages": formats.ANTHROPIC}
_SLUGS = {author: slug for slug, author in REST_AUTHORS.items()}
_HOSTED = ("@cf/", "@hf/")

NO_GATEWAY: Json = {
    "id": "",
    "cache_ttl": 0,
    "collect_logs": False,
    "rate_limiting_limit": 0,
    "rate_limiting_interval": 0,
    "rate_limiting_technique": None,
    "retry_max_attempts": None,
    "retry_delay": None,
    "retry_backoff": None,
    "spend_limits": None,
    "guardrails": None,
    "workers_ai_billing_mode": "postpaid",
}


def target(operation: str, body: Any) -> Target:
    """The target of POST …/ai/<operation>. Raises ApiError 7003."""
    if operation not in _FORMATS and operation != "run" and not operation.startswith("run/"):
        raise envelope.no_route(f"/ai/{operation}")
    content = body if isinstance(body, dict) else {}
    if operation.startswith("run/"):
        content = {**content, "model": operation.removeprefix("run/")}
    elif operation == "run" and isinstance(content.get("input"), dict):
        content = {**content["input"], "model": content.get("model")}
    name = content.get("model")
    if not isinstance(name, str) or not name:
        raise ApiError.of(400, 7003, "User Input Error: Required value missing: model")
    provider, model = _split(name)
    if provider not in SLUGS:
        raise no_model(name)
    return Target(provider, operation, _FORMATS.get(operation, formats.WORKERS_AI), {**content, "model": model})


def route_name(operation: str, body: Any, gateway: str | None) -> str | None:
    """The dynamic route that POST …/ai/<operation> calls; None where it calls a model. Raises ApiError."""
    name = body.get("model") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name.startswith(DYNAMIC):
        return None
    if operation != "v1/chat/completions":
        raise ApiError.of(400, 7003, "Dynamic routes support chat completions only")
    if gateway is None:
        raise no_model(name)
    return name.removeprefix(DYNAMIC)


def no_model(name: str) -> ApiError:
    """The error of a model or a route that does not exist."""
    return ApiError.of(404, 7003, f"Model not found: {name[:200]}")


def authorise(store: Store, headers: Mapping[str, str], account: str, address: str, provider: str) -> Principal:
    """The principal that may call `provider` in this form. Raises ApiError."""
    principal = authenticate(store, headers, address)
    groups = (AI_GATEWAY_RUN, WORKERS_AI_READ, WORKERS_AI_WRITE) if provider == WORKERS_AI else (AI_GATEWAY_RUN,)
    if not principal.may(groups, f"com.cloudflare.api.account.{account}"):
        raise envelope.lacks_permission()
    return principal


def _split(name: str) -> tuple[str, str]:
    """The gateway's slug and the model's bare name, from author/model."""
    bare = name.removeprefix(f"{WORKERS_AI}/")
    if bare.startswith(_HOSTED):
        return WORKERS_AI, bare
    author, _, model = name.partition("/")
    return (_SLUGS.get(author, author), model) if model else ("", name)
