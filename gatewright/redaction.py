"""Recognizes API keys and tokens in texts, and masks them. Values are never shown, only their locations."""

from __future__ import annotations

import re

# The prefixes that providers give their keys, by their own documentation.
_KEY = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|sk_[0-9a-f]{32,}|gsk_[A-Za-z0-9]{16,}|nvapi-[A-Za-z0-9_-]{16,}|csk-[A-Za-z0-9]{16,}"
    r"|xai-[A-Za-z0-9]{16,}|fw_[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}"
    r"|(?:cfut|cfat|cfk)_[A-Za-z0-9]{20,}|v1\.0-[0-9a-f]{20,}|gh[opsu]_[A-Za-z0-9]{30,}|github_pat_\w{20,}"
    r"|hf_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,})"
    r"|\bBearer\s+[A-Za-z0-9._~+/-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"
    r"|(?<![:@\w-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{37,}(?!\w)"  # after a colon or @ it is a model's version
)
_RUN = re.compile(r"[A-Za-z0-9_+/=-]{32,}")


def looks_like_a_key(text: str) -> bool:
    """Whether `text` holds a key of a known form, or a long run of mixed letters and digits.

    Account ids (32 hexadecimal digits) are not keys.
    """
    return bool(_KEY.search(text)) or any(map(_is_mixed, _RUN.findall(text)))


def masked(text: str) -> str:
    """`text` as messages may show it: everything that looks like a key is replaced by an ellipsis."""
    if len(text) < 16:
        return text
    return _RUN.sub(lambda run: "…" if _is_mixed(run[0]) else run[0], _KEY.sub("…", text))


def _is_mixed(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return (
        digits >= 3
        and any(c.islower() for c in run)
        and any(c.isupper() for c in run)
        and not re.search(r"[a-z]{7}|[-_/].*[-_/].*[-_/]", run)
    )
