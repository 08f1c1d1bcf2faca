"""The provider keys of an environment: where each comes from, never what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.references import FromConfig, FromVariable, Unified
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.environment.references import Key
    from gatewright.environment.resolved import Environment


@frozen
class KeyRow:
    """The key of one provider: its source in words, and the name under which Cloudflare stores it, "" if it does
    not."""

    provider: str
    source: str
    secret: str


def key_rows(environment: Environment) -> list[KeyRow]:
    """The keys of the enabled providers that need one."""
    stored = {key.provider: key.secret for key in provider_keys(environment)}
    return [
        KeyRow(name, _source(provider.key, is_local=environment.local is not None), stored.get(name, ""))
        for name, provider in environment.providers.items()
        if provider.key is not None
    ]


def _source(key: Key | None, *, is_local: bool) -> str:
    if isinstance(key, Unified):
        return "unified billing: Cloudflare pays the provider"
    if is_local:
        return "a fake key of the local Cloudflare"
    match key:
        case FromVariable(name=name):
            return f"${name} of the run that deploys"
        case FromConfig(name=name):
            return f"Pulumi config {name}"
        case _:
            return "stored at Cloudflare already"
