"""Finds the keys in a text, each with its position and its kind. Unlike masking, it leaves out what may be anything: a
digest, a long run of letters and digits without a name beside it, and examples that say that they are."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from gatewright.frozen import frozen
from gatewright.redaction import is_secret_name, looks_like_a_value
from gatewright.redaction.key_forms import BUSINESS, CLOUDS, DEVELOPMENT, MODEL_SERVICES, OBSERVERS, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KINDS = {
    "model": ("API key of a model service", MODEL_SERVICES),
    "cloud": ("key of a cloud service", CLOUDS),
    "development": ("token of a development service", DEVELOPMENT),
    "business": ("key of a business service", BUSINESS),
    "observer": ("key of an observability service", OBSERVERS),
    "token": ("signed token", TOKENS),
}
_FORMS = "|".join(rf"(?P<{name}>{'|'.join(forms)})" for name, (_, forms) in _KINDS.items())
_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_FORMS})")
_RUN = re.compile(r"[A-Za-z0-9_+/=.~:-]{15,}")
"""Where a key of these forms can be: searching only there takes a fifth of the time."""
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----")
_BEARER = re.compile(r"\b(?i:bearer)\s+([A-Za-z0-9._~+/=-]{20,})")
_PASSWORD = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#@:\"'<>]*:([^\s/?#@\"'<>]{4,})@(?=[^\s/?#])")
_VALUE = re.compile(r"[=:]\s*[\"']?(?=([A-Za-z0-9+/_.~-][A-Za-z0-9+/=_.~-]{15,511})(?![\w(\[]))")
_NAME_BEFORE = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{2,60})[\"']?\s*\Z")
_NAME_REACH = 80
"""Characters before a value in which its name is."""
_SIGNATURE = re.compile(r"sig(?:nature)?$", re.IGNORECASE)
"""Names of what is published beside a text, and is a secret in a URL only."""
_EXAMPLE = re.compile(
    r"fake|example|dummy|sample|placeholder|change[-_ ]?me|redacted|your[-_]|not[-_]a|invalid|1234567|abcdef|x{4}|\*{3}"
    r"|[{}$<>\[\]…]",
    re.IGNORECASE,
)
_ALLOWED = re.compile(r"(?:gatewright|gitleaks):allow\b|pragma: allowlist secret")
"""A comment on a line whose key may stay there; the other tools' comments count too."""


@frozen
class FoundKey:
    """A key: its offset in the text, what it is, and a digest of its value, which is not kept."""

    offset: int
    kind: str
    digest: str


def find_keys(text: str, known: Mapping[str, str]) -> Iterator[FoundKey]:
    """The keys in `text`, in order. `known`: values that are secrets, with what each is."""
    found: dict[int, FoundKey] = {}
    for offset, value, kind in _candidates(text, known):
        if offset not in found and not _is_allowed(text, offset):
            digest = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
            found[offset] = FoundKey(offset, kind, digest)
    yield from (found[offset] for offset in sorted(found))


def _candidates(text: str, known: Mapping[str, str]) -> Iterator[tuple[int, str, str]]:
    """Offset, value and kind; the more precise kinds of one offset come first."""
    for value, kind in known.items():
        for match in re.finditer(re.escape(value), text):
            yield match.start(), value, kind
    for run in _RUN.finditer(text):
        for match in _KEY.finditer(text, *run.span()):
            if not is_example(match[0]) and _has_variety(match[0]):
                yield match.start(), match[0], _KINDS[str(match.lastgroup)][0]
    for match in _PRIVATE_KEY.finditer(text):
        yield match.start(), text[match.start() : match.start() + 200], "private key"
    for match in _BEARER.finditer(text) if "bearer" in text.lower() else ():
        if looks_like_a_value(match[1]) and not is_example(match[1]):
            yield match.start(1), match[1], "bearer token"
    for match in _PASSWORD.finditer(text) if "://" in text else ():
        if not is_example(match[1]):
            yield match.start(1), match[1], "password in an address"
    for match in _VALUE.finditer(text):
        value = match[1]
        if (name := _name_before(text, match.start())) and looks_like_a_value(value) and not is_example(value):
            yield match.start(1), value, f"value of {name}"


def _name_before(text: str, end: int) -> str | None:
    """The name of a secret that ends at `end`."""
    match = _NAME_BEFORE.search(text[max(0, end - _NAME_REACH) : end])
    return match[1] if match and is_secret_name(match[1]) and not _SIGNATURE.search(match[1]) else None


def is_example(value: str) -> bool:
    """Whether a value says that it is an example, or is a reference."""
    return bool(_EXAMPLE.search(value))


def _has_variety(key: str) -> bool:
    """Whether a key is not of one repeated character, as in documents."""
    return len(set(key[-12:])) > 4


def _is_allowed(text: str, offset: int) -> bool:
    end = text.find("\n", offset)
    line = text[text.rfind("\n", 0, offset) + 1 : end if end >= 0 else len(text)]
    return bool(_ALLOWED.search(line))
