"""cf-aig-metadata: what a caller says of a request, for logs, spend limits and the conditions of routes."""

from __future__ import annotations

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.json_body import parse_json

MOST = 5  # entries
RESERVED = "cf."  # keys that only Cloudflare itself may set


def read(header: str | None) -> Json:
    """The first entries, in their order; one value that is null, a list or an object, and all of them are lost.

    Both observed at Cloudflare, and that keys beginning with `cf.` are dropped.
    """
    try:
        given = parse_json((header or "{}").encode())
    except ValueError:
        return {}
    if not isinstance(given, dict) or not all(isinstance(value, str | int | float) for value in given.values()):
        return {}
    own = [(name, value) for name, value in given.items() if not name.startswith(RESERVED)]
    return dict(own[:MOST])
