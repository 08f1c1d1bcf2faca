"""The difference of a user's file for display: values at places for secrets are masked, and all comments."""

from __future__ import annotations

import difflib
import re

from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import Format
from gatewright.redaction import looks_like_a_key, masked

_SECRET = re.compile(r"key|token|secret|passw|auth|credential|cookie|header|bearer|cert|helper|command", re.IGNORECASE)
_ENV = re.compile(r"env|environment", re.IGNORECASE)
_NAME = re.compile(r"""\s*["']?[\w.-]+["']?\s*[:=]\s*""")
_REFERENCE = re.compile(
    r"(?:Bearer )?(?:\$\{?[A-Z_][A-Z0-9_]*\}?|\{env:[A-Z_][A-Z0-9_]*\}|\$\{\{ secrets\.[A-Z_][A-Z0-9_]* \}\}"
    r"|os\.environ/[A-Z_][A-Z0-9_]*)"
)
_NOT_SECRET = ("api_key_name", "env_key", "env_key_instructions", "maxTokensField")
_PUBLIC_VARIABLES = ("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_AI_GATEWAY_NAME", "OPENAI_MODEL")
CONTEXT = 3  # lines


def redacted_difference(format: Format, before: str, after: str) -> list[str]:
    """The lines of a unified diff, without its headings."""
    old, new = (_redacted(format, text).splitlines() if text else [] for text in (before, after))
    if format.kind == "whole":  # an emitted file holds references only; what a user has added may hold anything
        emitted = set(new)
        old = [line if line in emitted else _mask_value(line) for line in old]
    _, _, *lines = [*difflib.unified_diff(old, new, n=CONTEXT, lineterm="")] or ["", ""]
    return [line[:1] + masked(line[1:]) for line in lines]


def _mask_value(line: str) -> str:
    name = _NAME.match(line)
    return f"{name[0] if name else line[: len(line) - len(line.lstrip())]}…"


def _redacted(format: Format, text: str) -> str:
    is_secret = _is_secret_variable if format.kind == "env" else _is_secret
    return format.read(text).redacted(is_secret)


def _is_secret(path: KeyPath, value: str) -> bool:
    keys = [key for key in path if key not in _NOT_SECRET]
    return _may_be_secret(value, any(_SECRET.search(key) or _ENV.fullmatch(key) for key in keys))


def _is_secret_variable(path: KeyPath, value: str) -> bool:
    return _may_be_secret(value, not re.fullmatch(r"https?://[^@\s]*", value) and path[0] not in _PUBLIC_VARIABLES)


def _may_be_secret(value: str, is_secret_place: bool) -> bool:
    """References to variables are not secret, at any place."""
    if _REFERENCE.fullmatch(value) or not value:
        return False
    return is_secret_place or looks_like_a_key(value)
