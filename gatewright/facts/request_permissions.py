"""The permission that a request of the control plane needs, by its method and path.

Source: the "accepted permissions" of each operation in Cloudflare's API reference; the tests compare the table with the
local Cloudflare's endpoints. The smaller permission is named: Write may also read.
"""

from __future__ import annotations

import re

from gatewright.facts import permissions
from gatewright.facts.permissions import Group

_TABLE: tuple[tuple[str, Group, Group], ...] = (  # path, read, write
    (r"/accounts/[^/]+/ai-gateway/.*/provider_configs\b", permissions.AI_GATEWAY_READ, permissions.SECRETS_STORE_WRITE),
    (r"/accounts/[^/]+/ai-gateway/", permissions.AI_GATEWAY_READ, permissions.AI_GATEWAY_WRITE),
    (r"/accounts/[^/]+/secrets_store/", permissions.SECRETS_STORE_READ, permissions.SECRETS_STORE_WRITE),
    (r"/accounts/[^/]+/access/service_tokens\b", permissions.ACCESS_TOKENS_READ, permissions.ACCESS_TOKENS_WRITE),
    (r"/accounts/[^/]+/access/", permissions.ACCESS_APPS_READ, permissions.ACCESS_APPS_WRITE),
    (r"/accounts/[^/]+/tokens\b", permissions.ACCOUNT_TOKENS_READ, permissions.ACCOUNT_TOKENS_WRITE),
    (r"/accounts/[^/]+/ai/models\b", permissions.WORKERS_AI_READ, permissions.WORKERS_AI_WRITE),
    (r"/user/tokens\b", permissions.USER_TOKENS_READ, permissions.USER_TOKENS_WRITE),
    (r"/zones/[^/]+/dns_records\b", permissions.DNS_READ, permissions.DNS_WRITE),
    (r"/zones/[^/]+", permissions.ZONE_READ, permissions.ZONE_READ),
)
_PATTERNS = tuple((re.compile(path), read, write) for path, read, write in _TABLE)
_REQUEST = re.compile(
    r'\b(GET|POST|PUT|PATCH|DELETE) "?(?:https?://[^/\s"]+)?(?:/client/v4)?(/(?:accounts|user|zones)/[^\s":]+)'
)


def permission_for(method: str, path: str) -> Group | None:
    """The permission for a request to `path` below /client/v4; None where a valid token is enough, or it is unknown."""
    if path.endswith("/tokens/verify"):
        return None
    for pattern, read, write in _PATTERNS:
        if pattern.match(path):
            return read if method == "GET" else write
    return None


def describe_permission(group: Group, method: str) -> str:
    """The name, as what a token has to have: Write may also read, and a token grants only what it has [docs: Account
    API tokens]."""
    if group is permissions.ACCOUNT_TOKENS_WRITE and method != "DELETE":
        return f"{group.name}, and all that it grants,"
    name, _, verb = group.name.rpartition(" ")
    return f"{group.name} or Write" if verb == "Read" and permissions.find(f"{name} Write") else group.name


def permissions_in(text: str) -> list[str]:
    """The permissions for the requests that an error message names, each once."""
    requests = [(match[1], permission_for(match[1], match[2])) for match in _REQUEST.finditer(text)]
    return list(dict.fromkeys(describe_permission(group, method) for method, group in requests if group))
