"""cf-aig-metadata: what a client adds to a request for logs, spend limits and the conditions of routes."""

from __future__ import annotations

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.json_body import parse_json

MAX_ENTRIES = 5
RESERVED = "cf."  # prefix of the keys that only Cloudflare sets


def read(header: str | None) -> Json:
    """The first entries, in order. One value that is null, a list or an object discards all of them.

    Observed at Cloudflare, as is that keys beginning with `cf.` are dropped.
    """
    try:
        entries = parse_json((header or "{}").encode())
    except ValueError:
        return {}
    if not isinstance(entries, dict) or not all(isinstance(value, str | int | float) for value in entries.values()):
        return {}
    own = [(name, value) for name, value in entries.items() if not name.startswith(RESERVED)]
    return dict(own[:MAX_ENTRIES])
