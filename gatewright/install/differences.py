"""What would change in a user's file, fit to be seen: the values at places for secrets are masked, and comments."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from gatewright.redaction import looks_like_a_key, masked

if TYPE_CHECKING:
    from gatewright.io.text_edits import KeyPath
    from gatewright.io.text_edits.text_format import Format

_SECRET = re.compile(r"key|token|secret|passw|auth|credential|cookie|header|bearer|cert|helper|command", re.IGNORECASE)
_ENV = re.compile(r"env|environment", re.IGNORECASE)
_WITH_USER = re.compile(r"\w://[^/\s]*@")
_NAME = re.compile(r"""\s*["']?[\w.-]+["']?\s*[:=]\s*""")
_REFERENCE = re.compile(
    r"(?:Bearer )?(?:\$\{?[A-Z_][A-Z0-9_]*\}?|\{env:[A-Z_][A-Z0-9_]*\}|\$\{\{ secrets\.[A-Z_][A-Z0-9_]* \}\}"
    r"|os\.environ/[A-Z_][A-Z0-9_]*)"
)
_NOT_SECRET = ("api_key_name", "env_key", "env_key_instructions", "maxTokensField")
_NO_SECRETS = ("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_AI_GATEWAY_NAME", "OPENAI_MODEL")
CONTEXT = 3


def difference(format: Format, before: str, after: str) -> list[str]:
    """What changes, as lines of a unified diff without its headings."""
    old, new = (_redacted(format, text).splitlines() if text else [] for text in (before, after))
    if format.kind == "whole":  # what is ours holds references alone; what was put into it by hand may hold anything
        ours = set(new)
        old = [line if line in ours else _hidden(line) for line in old]
    _, _, *lines = [*difflib.unified_diff(old, new, n=CONTEXT, lineterm="")] or ["", ""]
    return [line[:1] + masked(line[1:]) for line in lines]


def _hidden(line: str) -> str:
    name = _NAME.match(line)
    return f"{name[0] if name else line[: len(line) - len(line.lstrip())]}…"


def _redacted(format: Format, text: str) -> str:
    everything = format.kind == "env"
    return format.read(text).redacted(lambda path, value: _is_secret(path, value, everything=everything))


def _is_secret(path: KeyPath, value: str, *, everything: bool) -> bool:
    """A reference to a variable and an address are none."""
    if _REFERENCE.fullmatch(value) or not value:
        return False
    if looks_like_a_key(value) or _WITH_USER.search(value):
        return True
    named = [key for key in path if key not in _NOT_SECRET]
    if everything:
        return not re.fullmatch(r"https?://[^@\s]*", value) and path[0] not in _NO_SECRETS
    return any(_SECRET.search(key) or _ENV.fullmatch(key) for key in named)
