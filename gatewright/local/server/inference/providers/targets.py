"""The provider and the format that a path of the data plane stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gatewright.facts import auto_router, slugs
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS
from gatewright.frozen import frozen
from gatewright.local.server.inference import errors
from gatewright.local.server.inference.providers.formats import (
    ANTHROPIC,
    CHAT,
    GOOGLE,
    RESPONSES,
    WORKERS_AI,
    Format,
    Json,
)

COMPAT = "compat/chat/completions"
DYNAMIC = "dynamic/"
_FORMATS = {"/chat/completions": CHAT, "/responses": RESPONSES, "/messages": ANTHROPIC}
_GENERATE = re.compile(r"v1(?:beta)?/models/([^/:]+):(generateContent|streamGenerateContent)")

CustomBaseUrl = Callable[[str], str | None]
"""The base URL of a custom provider by its slug; None where there is none, or it is not enabled."""


@frozen
class Target:
    """A call to a provider: its slug, the path there, and the body. `format` None: the provider has no such path."""

    provider: str
    endpoint: str
    format: Format | None
    body: Json


def route_name(path: str, body: Any) -> str | None:
    """The dynamic route that POST <gateway>/<path> calls; None where it calls something else."""
    model = body.get("model") if path == COMPAT and isinstance(body, dict) else None
    if isinstance(model, str) and model.startswith(DYNAMIC) and isinstance(body.get("messages"), list):
        return model.removeprefix(DYNAMIC)
    return None


def calls_auto_router(path: str, body: Any) -> bool:
    """Whether POST <gateway>/<path> calls the Auto Router, the model cloudflare/auto."""
    return path == COMPAT and isinstance(body, dict) and body.get("model") == auto_router.NAME


def find(path: str, body: Any, custom: CustomBaseUrl) -> Target:
    """The target of POST <gateway>/<path>. Raises AiGatewayError 2008 or 2019."""
    if path == COMPAT:
        return _compat(body, custom)
    provider, _, endpoint = path.partition("/")
    content = body if isinstance(body, dict) else {}
    base = custom(provider.removeprefix(CUSTOM_PREFIX)) if provider.startswith(CUSTOM_PREFIX) else None
    if base is not None:
        return Target(provider, endpoint, _custom_format(base, endpoint), content)
    if provider not in SLUGS:
        raise errors.invalid_provider()
    if provider == slugs.WORKERS_AI and endpoint.startswith(("@cf/", "@hf/")):
        return Target(provider, endpoint, WORKERS_AI, {**content, "model": endpoint})
    if SLUGS[provider].google is not None and (call := _GENERATE.fullmatch(endpoint)):
        streams = call[2] == "streamGenerateContent"
        return Target(provider, endpoint, GOOGLE, {**content, "model": call[1], "stream": streams})
    return Target(provider, endpoint, native_paths(provider).get(endpoint), content)


def _compat(body: Any, custom: CustomBaseUrl) -> Target:
    """The model's name is <provider>/<model>; the provider gets the bare name."""
    model = body.get("model") if isinstance(body, dict) else None
    provider, slash, bare = model.partition("/") if isinstance(model, str) else ("", "", "")
    if not slash or not bare or not isinstance(body.get("messages"), list):
        raise errors.bad_format()
    if provider.startswith(CUSTOM_PREFIX):
        known = custom(provider.removeprefix(CUSTOM_PREFIX)) is not None
    else:
        known = provider in SLUGS and SLUGS[provider].compat
    if not known:
        raise errors.bad_format()
    return Target(provider, "chat/completions", CHAT, {**body, "model": bare})


def _custom_format(base: str, endpoint: str) -> Format | None:
    """The format of a custom provider at a path below its base URL. Like most providers it has no /v1/v1."""
    path = f"{urlsplit(base).path.rstrip('/')}/{endpoint}"
    if path.split("/").count("v1") > 1:
        return None
    return next((format for end, format in _FORMATS.items() if path.endswith(end)), None)


def native_paths(provider: str) -> Mapping[str, Format]:
    """The paths of a provider, relative to its slug."""
    slug = SLUGS[provider]
    paths: dict[str, Format] = {}
    if slug.anthropic is not None:
        paths[_below(slug.anthropic, "v1/messages")] = ANTHROPIC
    if slug.openai is not None:
        paths[_below(slug.openai, "chat/completions")] = CHAT
    if provider == "openai":  # /openai/v1/… is observed as well as /openai/…
        paths |= {"v1/chat/completions": CHAT, "responses": RESPONSES, "v1/responses": RESPONSES}
    return paths


def _below(stem: str, path: str) -> str:
    return "/".join([*stem.split("/")[1:], path])
