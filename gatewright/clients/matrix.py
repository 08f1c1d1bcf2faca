"""What each client's program can do, as a table for the docs.

It is read from the clients' CAPABILITIES. tests/clients/test_matrix.py holds every cell against the checks and the
cases, tests/clients/programs/test_ways.py and test_roles.py against the programs themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.capabilities import ClientCapabilities

VIA = ("gateway", "provider", "rest", "direct")
STORED, UNIFIED, OWN = "stored", "unified", "own"
"""Who pays the provider: a key stored at Cloudflare, Cloudflare's credits, the user's own key in the request."""


@dataclass(frozen=True, slots=True)
class Row:
    """One client: by which ways it reaches models, and with whose keys (empty: not at all)."""

    program: str
    capabilities: ClientCapabilities
    ways: Mapping[str, tuple[str, ...]]


def matrix() -> tuple[Row, ...]:
    """A row for each client."""
    from gatewright.clients import CAPABILITIES  # it imports this module

    return tuple(
        Row(program, capabilities, {via: _keys(capabilities, via) for via in VIA})
        for program, capabilities in sorted(CAPABILITIES.items())
    )


def _keys(capabilities: ClientCapabilities, via: str) -> tuple[str, ...]:
    if via not in capabilities.via:
        return ()
    if via == "direct":
        return (OWN,)
    return (STORED, UNIFIED, OWN) if capabilities.two_credentials and via != "rest" else (STORED, UNIFIED)


def markdown() -> str:
    """The table as Markdown, a line for each client."""
    headings = ("client", "versions", *(f"`{via}`" for via in VIA), "routes", "fallbacks", "small", "roles become")
    lines = [headings, ("---",) * len(headings), *(_cells(row) for row in matrix())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    can = row.capabilities
    return (f"{can.title} (`{row.program}`)", *_rest(row))


def _rest(row: Row) -> Iterator[str]:
    can = row.capabilities
    yield f"{can.oldest} – {can.checked}" if can.checked else ""
    for via in VIA:
        yield ", ".join(row.ways[via]) or "–"
    for has in (can.routes, can.fallbacks, can.small):
        yield "yes" if has else "–"
    if can.agents is None:
        yield "–"
    else:
        yield can.agents.noun + (f" ({', '.join(can.agents.names)})" if can.agents.names else "")
