"""The local Cloudflare's own endpoints, which Cloudflare does not have: its log, its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from gatewright.io.tls import trusted

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment


def local_server(environment: Environment) -> httpx.Client:
    """A client of the local Cloudflare of an environment; paths are below /__local__."""
    address = f"{environment.gateway_origin}/__local__"
    return httpx.Client(base_url=address, trust_env=False, verify=trusted(is_local=True), timeout=5)
