"""Finds values that look like keys in clear text; they are never shown, only where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.nodes import Node

# The prefixes that providers give their keys, by their own documentation.
_KEY = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|sk_[0-9a-f]{32,}|gsk_[A-Za-z0-9]{16,}|nvapi-[A-Za-z0-9_-]{16,}|csk-[A-Za-z0-9]{16,}"
    r"|xai-[A-Za-z0-9]{16,}|fw_[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}"
    r"|(?:cfut|cfat|cfk)_[A-Za-z0-9]{20,}|v1\.0-[0-9a-f]{20,}|gh[opsu]_[A-Za-z0-9]{30,}|github_pat_\w{20,}"
    r"|hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,})"
    r"|\bBearer\s+[A-Za-z0-9._~+/-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"
    r"|(?<![:@\w-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{37,}(?!\w)"  # after a colon or @ it is the version of a model
)
_WORD = re.compile(r"[A-Za-z0-9_+/=-]{32,}")
PUBLIC_KEY = "gateway.logs.pushPublicKey"
_PRIVATE_KEY = "PRIVATE KEY-----"
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")


def looks_like_a_key(text: str) -> bool:
    """Whether `text` holds a known kind of key, or a long run of mixed letters and digits. An account id is no key."""
    return bool(_KEY.search(text)) or any(map(_mixed, _WORD.findall(text)))


def masked(text: str) -> str:
    """`text` with an ellipsis for all that looks like a key: what a message may show of it."""
    if len(text) < 16:
        return text
    return _WORD.sub(lambda run: "…" if _mixed(run[0]) else run[0], _KEY.sub("…", text))


def _mixed(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return (
        digits >= 3
        and any(c.islower() for c in run)
        and any(c.isupper() for c in run)
        and not re.search(r"[a-z]{7}|[-_/].*[-_/].*[-_/]", run)
    )


def scan(node: Node, path: str, diagnostics: Diagnostics) -> None:
    """Reports every value and every mapping's key under `node` that looks like a secret in clear text."""
    match node.value:
        case dict():
            for key, entry in node.value.items():
                if looks_like_a_key(key):
                    _refuse(entry.key_location, path, diagnostics)
                scan(entry.node, f"{path}.{key}" if path else key, diagnostics)
        case list():
            for index, item in enumerate(node.value):
                scan(item, f"{path}[{index}]", diagnostics)
        case str() if path == PUBLIC_KEY and _PRIVATE_KEY not in node.value:
            pass
        case str() if looks_like_a_key(node.value):
            _refuse(node.location, path, diagnostics)
        case _:
            pass


def _refuse(location: Location, path: str, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        location,
        path,
        "secret-in-clear",
        "holds what looks like a key in clear text",
        "Revoke it if anyone else has seen this file, and write {env: NAME} or {config: name} instead",
    )
