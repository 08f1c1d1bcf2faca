"""Secrets in clear text: any value or mapping key of a file that looks like an API key or token."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gatewright.environment.shapes.base import join
from gatewright.redaction import is_secret_name, looks_like_a_key, looks_like_a_value, url_secret

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.nodes import Node

_PUBLIC_KEY = "gateway.logs.pushPublicKey"
_PRIVATE_KEY_MARKER = "PRIVATE KEY-----"


_key_looks_like_a_key = lru_cache(maxsize=1024)(looks_like_a_key)  # mappings repeat the same few keys


def check_clear_text_keys(node: Node, diagnostics: Diagnostics, path: str = "", name: str = "") -> None:
    """Report every value and every mapping key under `node` that looks like a secret.

    `name` is the mapping key of the value: beside `x-api-key` 32 hexadecimal digits are a key.
    """
    match node.value:
        case dict():
            for key, entry in node.value.items():
                if _key_looks_like_a_key(key):
                    _report(entry.key_location, path, key, diagnostics)
                check_clear_text_keys(entry.node, diagnostics, join(path, key), key)
        case list():
            for index, item in enumerate(node.value):
                check_clear_text_keys(item, diagnostics, f"{path}[{index}]", name)
        case str() if path == _PUBLIC_KEY and _PRIVATE_KEY_MARKER not in node.value:
            pass
        case str() if looks_like_a_key(node.value) or (is_secret_name(name) and looks_like_a_value(node.value)):
            _report(node.location, path, node.value, diagnostics)
        case _:
            pass


def _report(location: Location, path: str, text: str, diagnostics: Diagnostics) -> None:
    if part := url_secret(text):
        diagnostics.error(
            location,
            path,
            "secret-in-clear",
            f"the URL contains {part}",
            "Remove it from the URL, revoke it if anyone else has seen this file, and send it in a header whose value "
            "is {env: NAME} or {config: name}",
        )
        return
    diagnostics.error(
        location,
        path,
        "secret-in-clear",
        "contains what looks like a key in clear text",
        "Write {env: NAME} or {config: name} instead, and revoke the key if anyone else has seen this file",
    )
