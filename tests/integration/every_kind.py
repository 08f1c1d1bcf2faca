"""One environment with a resource of every kind, and where Cloudflare creates and lists each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.facts.dns_record import DNS_RECORD
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.local_cloudflare import LOCAL_ZONE
from gatewright.facts.resource_types import (
    CUSTOM_DOMAIN,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    PROVIDER_CONFIG,
    SECRETS_STORE,
)
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET

from .clone import ACCOUNT

if TYPE_CHECKING:
    from .clone import Clone

HOST = "ai.example.test"
DOMAINS = {HOST: {"zone": LOCAL_ZONE}}
GATEWAY = f"{ACCOUNT}/ai-gateway/gateways/agents-local"

PLAIN = None
"""Nothing to read: this up, or the next one, goes on by itself."""
ADOPT = ".venv/bin/gatewright adopt local"


@dataclass(frozen=True)
class Row:
    """A kind of resource: where it is created and listed, and the command that `up` prints where it cannot go on."""

    kind: str
    path: str
    command: str | None = PLAIN
    id: str = "id"
    """The property that the id in the state is."""

    @property
    def name(self) -> str:
        return self.kind.rpartition(":")[2]


STORE = f"{ACCOUNT}/secrets_store/stores"
ROWS = (
    Row(AI_GATEWAY.token, f"{ACCOUNT}/ai-gateway/gateways", ADOPT),
    Row(CUSTOM_PROVIDER, f"{ACCOUNT}/ai-gateway/custom-providers"),
    Row(SECRETS_STORE, STORE),
    Row(SECRETS_STORE_SECRET.token, f"{STORE}/*/secrets", ".venv/bin/gatewright up local"),
    Row(PROVIDER_CONFIG, f"{GATEWAY}/provider_configs"),
    Row(DYNAMIC_ROUTE, f"{GATEWAY}/routes"),
    Row(ACCOUNT_TOKEN.token, f"{ACCOUNT}/tokens", "curl -fsS -X DELETE"),
    Row(CUSTOM_DOMAIN, f"{GATEWAY}/custom-domains", id="hostname"),
    Row(DNS_RECORD.token, f"/zones/{LOCAL_ZONE}/dns_records", ADOPT),
)


TOKENS = next(row for row in ROWS if row.kind == ACCOUNT_TOKEN.token)


def declare(clone: Clone, **changes: Any) -> None:
    """One resource of each kind; a route alone needs the one key. `changes` replace keys of the file."""
    declared = {
        "extends": "catalog.yaml",
        "use": ["workers-ai", "groq", "nvidia"],
        "providers": {"nvidia": {"baseUrl": "https://integrate.api.nvidia.com/v1"}},
        "gateway": {"name": "agents-local", "domains": DOMAINS},
        "routes": {"fast": ["groq/gpt-oss-20b", "workers-ai/gpt-oss-20b"]},
        "tokens": {"agents": {}},
        "clients": {"pi": {"primary": "dynamic/fast"}},
    }
    clone.write(**{**declared, **changes})


def deletions(text: str) -> list[str]:
    """The commands that a command prints to delete what nothing can use."""
    return re.findall(r"^ *(curl -fsS -X DELETE .*)$", text, re.MULTILINE)
