"""Recognizes API keys, tokens and passwords in texts, and masks them. Values are never shown, only their locations."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from gatewright.redaction.key_forms import KEY_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "****"
"""Replaces a secret within a URL, whose other parts stay."""

MIN_LENGTH = 8
"""Characters; a shorter value is an ordinary word, and is masked only where its context tells that it is a secret."""

_BASIC = re.compile(r"\b(?i:basic)\s+([A-Za-z0-9+/_-]{8,}={0,2})")
_RUN = re.compile(r"[A-Za-z0-9_+/=-]{32,}")

_SENSITIVE = (
    r"api[-_.]?key|(?:access|secret|private|auth|account|shared|master|subscription|license|write|ingest(?:ion)?|service)"
    r"[-_.]?key|apikey|secret|token|jwt|passw(?:or)?d|passwd|passphrase|pwd|credentials?|authorization|auth|bearer"
    r"|signature|sig|session[-_.]?id"
)
_SECRET_NAME = re.compile(rf"(?:[a-z0-9]+[-_.])*(?:[a-z0-9]*(?:{_SENSITIVE})|key|pass)", re.IGNORECASE)
_INDEX_NAME = re.compile(r"(?:.*[-_.])?(?:cache|foreign|partition|primary|public|row|sort)[-_.]?key", re.IGNORECASE)
_PAIR = re.compile(
    rf"(?:{_SENSITIVE}|(?<![A-Za-z0-9])key)[\"']?\s*[=:]\s*[\"']?([A-Za-z0-9+/=_.~-]{{16,}})", re.IGNORECASE
)
_USER = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*://)([^\s/?#@\"'<>]*(?:@[^\s/?#@\"'<>]*)*)@(?=[^\s/?#])")
_PARAMETER = re.compile(r"([?&;#])([A-Za-z0-9_.~%-]+)=([^\s&;#\"'<>]+)")
_PLACEHOLDER = re.compile(r"[{<$*…\[]")


@cache
def _key() -> re.Pattern[str]:
    """The forms of keys, compiled when a text is first searched: 7 ms, which `version` does not need."""
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(KEY_FORMS)})"
        r"|\b(?i:bearer)\s+[A-Za-z0-9._~+/-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"
        r"|(?<![:@\w-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{37,}(?!\w)"  # after a colon or @ it is a model's version
    )


def looks_like_a_key(text: str) -> bool:
    """Whether `text` holds a key of a known form, a URL with a password, or a long run of mixed letters and digits.

    Account ids (32 hexadecimal digits) are not keys, unless a name such as `api-key` stands beside them.
    """
    return (
        bool(_key().search(text))
        or any(map(_is_mixed, _RUN.findall(text)))
        or any(_is_credentials(match[1]) for match in _BASIC.finditer(text))
        or any(looks_like_a_value(match[1]) for match in _PAIR.finditer(text))
        or url_secret(text) is not None
    )


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret: `x-api-key`, `accessToken`, `sslpassword`."""
    return bool(_SECRET_NAME.fullmatch(name)) and not _INDEX_NAME.fullmatch(name)


def looks_like_a_value(value: str) -> bool:
    """Whether `value` can be a key, as evidence beside a name such as `api-key`: hexadecimal, or letters and digits
    that are not words."""
    if not re.fullmatch(r"[A-Za-z0-9+/=_.~-]{16,}", value):
        return False
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    if re.fullmatch(r"[0-9a-fA-F]+", value):
        return len(set(value)) > 4
    return digits >= 3 and letters >= 3 and not re.search(r"[a-z]{7}|[-_./].*[-_./].*[-_./]", value)


def url_secret(text: str) -> str | None:
    """What is secret in a URL within `text`, in words without its value; None without one."""
    for _ in range(3):  # the URL of an endpoint is encoded in a parameter of another
        if _USER.search(text):
            return "a user name or password before the host"
        for match in _secret_parameters(text):
            return f"the parameter {match[2]}"
        text = unquote(text)
    return None


def url_secrets(url: str) -> set[str]:
    """The secret values in a URL, such as that of a backend, as written and decoded."""
    values = set()
    for text in (url, unquote(url)):
        for match in _USER.finditer(text):
            user, colon, password = match[2].partition(":")
            values.add(password if colon or not match[1].startswith("http") else user)
        values |= {match[3] for match in _secret_parameters(text)}
    return {variant for value in values if value for variant in (value, unquote(value))}


def mask_urls(text: str) -> str:
    """`text` without the passwords and keys in its URLs. A user name stays where a password follows it."""
    if "://" not in text:
        return text
    text = _USER.sub(lambda match: f"{match[1]}{_masked_user(match[1], match[2])}@", text)
    return _PARAMETER.sub(_masked_parameter, text)


@lru_cache(maxsize=1024)  # environments that share files repeat the same messages
def masked(text: str) -> str:
    """`text` as messages may show it: everything that looks like a key is replaced by an ellipsis."""
    text = mask_urls(text)
    if len(text) < 12:
        return text
    text = _PAIR.sub(lambda match: _replaced(match) if looks_like_a_value(match[1]) else match[0], text)
    text = _BASIC.sub(lambda match: _replaced(match) if _is_credentials(match[1]) else match[0], text)
    return _RUN.sub(lambda run: "…" if _is_mixed(run[0]) else run[0], _key().sub("…", text))


def _replaced(match: re.Match[str]) -> str:
    return match[0][: match.start(1) - match.start()] + "…"


def _masked_user(scheme: str, user: str) -> str:
    """`user:password` without the password. A lone user is a token in HTTP, and a name elsewhere."""
    name, colon, _ = user.partition(":")
    if not colon and not scheme.startswith("http"):
        return name
    return f"{name}:{HIDDEN}" if colon and name else HIDDEN


def _secret_parameters(text: str) -> Iterator[re.Match[str]]:
    if "://" in text:
        yield from filter(_is_secret_parameter, _PARAMETER.finditer(text))


def _is_secret_parameter(match: re.Match[str]) -> bool:
    """Whether a parameter holds a secret: by its name, or as the `code` of a function."""
    name, value = unquote(match[2]), match[3]
    is_secret = is_secret_name(name) or (name.lower() == "code" and len(value) >= 20)
    return is_secret and not _PLACEHOLDER.match(value)


def _masked_parameter(match: re.Match[str]) -> str:
    if _is_secret_parameter(match):
        return f"{match[1]}{match[2]}={HIDDEN}"
    nested = unquote(match[3])  # an S3 backend has the URL of its endpoint in a parameter
    return f"{match[1]}{match[2]}={mask_urls(nested)}" if mask_urls(nested) != nested else match[0]


def _is_credentials(encoded: str) -> bool:
    """Whether a text is `user:password` in base64."""
    try:
        text = base64.b64decode(f"{encoded}{'=' * (-len(encoded) % 4)}", altchars=b"-_" if "-" in encoded else None)
    except (binascii.Error, ValueError):
        return False
    return b":" in text and text.decode("utf-8", "replace").isprintable() and b"\xef\xbf\xbd" not in text


def _is_mixed(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return (
        digits >= 3
        and any(c.islower() for c in run)
        and any(c.isupper() for c in run)
        and not re.search(r"[a-z]{7}|[-_/].*[-_/].*[-_/]", run)
    )
