"""Finds values that look like keys in clear text; they are never shown, only where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.environment.shapes import join

if TYPE_CHECKING:
    from gatewright.environment.nodes import Node
    from gatewright.environment.problems import Place, Report

# The prefixes that providers give their keys, by their own documentation.
_KEY = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{16,}|nvapi-[A-Za-z0-9_-]{16,}|csk-[A-Za-z0-9]{16,}|xai-[A-Za-z0-9]{16,}"
    r"|AIza[A-Za-z0-9_-]{30,}|(?:cfut|cfat|cfk)_[A-Za-z0-9]{20,}|v1\.0-[0-9a-f]{20,}|ghp_[A-Za-z0-9]{30,}|github_pat_\w{20,}"
    r"|hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,})"
    r"|\bBearer\s+[A-Za-z0-9._~+/-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_WORD = re.compile(r"[A-Za-z0-9_+/=-]{32,}")
PUBLIC_KEY = "gateway.logs.pushPublicKey"
_ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")


def looks_like_a_key(text: str) -> bool:
    """Whether `text` holds a known kind of key, or a long run of mixed letters and digits. An account id is no key."""
    if _KEY.search(text):
        return True
    return any(_mixed(run) and not _ACCOUNT_ID.fullmatch(run) for run in _WORD.findall(text))


def _mixed(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return (
        digits >= 4
        and any(c.islower() for c in run)
        and any(c.isupper() for c in run)
        and not re.search(r"[a-z]{7}|[-_/].*[-_/].*[-_/]", run)
    )


def scan(node: Node, path: str, report: Report) -> None:
    """Reports every value and every mapping's key under `node` that looks like a secret in clear text."""
    match node.value:
        case dict():
            for key, entry in node.value.items():
                if looks_like_a_key(key):
                    _refuse(entry.key_place, path, report)
                else:
                    scan(entry.node, join(path, key), report)
        case list():
            for index, item in enumerate(node.value):
                scan(item, f"{path}[{index}]", report)
        case str() if path != PUBLIC_KEY and looks_like_a_key(node.value):
            _refuse(node.place, path, report)
        case _:
            pass


def _refuse(place: Place, path: str, report: Report) -> None:
    report.error(
        place,
        path,
        "secret-in-clear",
        "holds what looks like a key in clear text",
        "Revoke it if anyone else has seen this file, and write {env: NAME} or {config: name} instead",
    )
