"""Secrets in clear text: any value or mapping key of a file that looks like an API key or token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.shapes.base import join
from gatewright.redaction import looks_like_a_key

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.nodes import Node

_PUBLIC_KEY = "gateway.logs.pushPublicKey"
_PRIVATE_KEY_MARKER = "PRIVATE KEY-----"


def check_clear_text_keys(node: Node, diagnostics: Diagnostics, path: str = "") -> None:
    """Report every value and every mapping key under `node` that looks like a secret."""
    match node.value:
        case dict():
            for key, entry in node.value.items():
                if looks_like_a_key(key):
                    _report(entry.key_location, path, diagnostics)
                check_clear_text_keys(entry.node, diagnostics, join(path, key))
        case list():
            for index, item in enumerate(node.value):
                check_clear_text_keys(item, diagnostics, f"{path}[{index}]")
        case str() if path == _PUBLIC_KEY and _PRIVATE_KEY_MARKER not in node.value:
            pass
        case str() if looks_like_a_key(node.value):
            _report(node.location, path, diagnostics)
        case _:
            pass


def _report(location: Location, path: str, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        location,
        path,
        "secret-in-clear",
        "contains what looks like a key in clear text",
        "Write {env: NAME} or {config: name} instead, and revoke the key if anyone else has seen this file",
    )
