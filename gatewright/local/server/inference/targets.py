"""Which provider, in which format, a path of the data plane means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatewright.cloudflare.slugs import SLUGS
from gatewright.local.server.inference import errors
from gatewright.local.server.inference.formats import ANTHROPIC, CHAT, RESPONSES, WORKERS_AI, Format, Json

_COMPAT = "compat/chat/completions"


@dataclass(frozen=True, slots=True)
class Target:
    """A call to a provider: its slug, the path there, the body it gets; `format` None: nothing answers at that path."""

    provider: str
    endpoint: str
    format: Format | None
    body: Json


def find(path: str, body: Any) -> Target:
    """The target of POST <gateway>/<path>; raises AigError 2008 or 2019."""
    if path == _COMPAT:
        return _compat(body)
    provider, _, endpoint = path.partition("/")
    if provider not in SLUGS:
        raise errors.invalid_provider()
    given = body if isinstance(body, dict) else {}
    if provider == "workers-ai" and endpoint.startswith(("@cf/", "@hf/")):
        return Target(provider, endpoint, WORKERS_AI, {**given, "model": endpoint})
    return Target(provider, endpoint, _native(provider).get(endpoint), given)


def _compat(body: Any) -> Target:
    """The model is named <provider>/<model>; the provider gets the bare name."""
    model = body.get("model") if isinstance(body, dict) else None
    provider, slash, bare = model.partition("/") if isinstance(model, str) else ("", "", "")
    slug = SLUGS.get(provider)
    if not slash or not bare or slug is None or not slug.compat or not isinstance(body.get("messages"), list):
        raise errors.bad_format()
    return Target(provider, "chat/completions", CHAT, {**body, "model": bare})


def _native(provider: str) -> Mapping[str, Format]:
    """The paths that a provider answers at, relative to its slug."""
    slug = SLUGS[provider]
    paths: dict[str, Format] = {}
    if slug.anthropic is not None:
        paths[_below(slug.anthropic, "v1/messages")] = ANTHROPIC
    if slug.openai is not None:
        paths[_below(slug.openai, "chat/completions")] = CHAT
    if provider == "openai":  # /openai/v1/… is seen beside /openai/…
        paths |= {"v1/chat/completions": CHAT, "responses": RESPONSES, "v1/responses": RESPONSES}
    return paths


def _below(stem: str, path: str) -> str:
    return "/".join([*stem.split("/")[1:], path])
