"""The capabilities of all clients as a table for the docs.

tests/clients/test_matrix.py compares every cell with the checks and the cases, the tests in tests/clients/programs with
the programs themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gatewright.clients import CAPABILITIES
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.frozen import frozen

VIA = ("gateway", "provider", "rest", "direct")
STORED, UNIFIED, OWN = "stored", "unified", "own"
"""Who pays the provider: a key stored at Cloudflare, Cloudflare's credits, the user's own key in the request."""
_NONE = "–"


@frozen
class Row:
    """One client; `keys` are the keys that it can use, by endpoint (empty: it cannot use the endpoint)."""

    client: str
    capabilities: ClientCapabilities
    keys: Mapping[str, tuple[str, ...]]


def matrix() -> tuple[Row, ...]:
    """A row for each client."""
    return tuple(
        Row(client, capabilities, {via: _keys(capabilities, via) for via in VIA})
        for client, capabilities in sorted(CAPABILITIES.items())
    )


def _keys(capabilities: ClientCapabilities, via: str) -> tuple[str, ...]:
    if via not in capabilities.via:
        return ()
    if via == "direct":
        return (OWN,)
    return (STORED, UNIFIED, OWN) if capabilities.two_credentials and via != "rest" else (STORED, UNIFIED)


def metadata_forms(capabilities: ClientCapabilities) -> tuple[str, ...]:
    """The values of metadata that a client can send."""
    sends = capabilities.metadata
    if sends is None:
        return ()
    forms = {"fixed": True, "variables": sends.reference is not None, "per role": sends.roles}
    return tuple(form for form, is_supported in forms.items() if is_supported)


def markdown() -> str:
    """The table as Markdown, a line for each client."""
    headings = (
        "client",
        "versions",
        *(f"`{via}`" for via in VIA),
        "routes",
        "fallbacks",
        "small",
        "metadata",
        "roles become",
    )
    return markdown_table(headings, (tuple(_cells(row)) for row in matrix()))


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [headings, ("---",) * len(headings), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _unproven(capabilities: ClientCapabilities) -> str:
    return "unproven" if capabilities.unproven else ""


def _cells(row: Row) -> Iterator[str]:
    capabilities = row.capabilities
    yield f"{capabilities.title} (`{row.client}`)"
    yield f"{capabilities.oldest} – {capabilities.checked}" if capabilities.checked else _unproven(capabilities)
    for via in VIA:
        yield ", ".join(row.keys[via]) or _NONE
    for is_supported in (capabilities.routes, capabilities.fallbacks, capabilities.small):
        yield "yes" if is_supported else _NONE
    yield ", ".join(metadata_forms(capabilities)) or _NONE
    agents = capabilities.agents
    if agents is None:
        yield _NONE
    else:
        yield agents.noun + (f" ({', '.join(agents.names)})" if agents.names else "")
