"""Masks known secrets in texts from outside, in whatever encoding a message repeats them."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from gatewright.redaction import MIN_LENGTH, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SECRET_PLACES = ("value", "headers")
"""Names of a request body whose values may be secret, beside those that `is_secret_name` recognizes."""


class SecretMask:
    """Replaces `values` by `shown`, the longest first. Values that are ordinary words by their length are kept."""

    def __init__(self, values: Iterable[str], shown: str = "[secret]") -> None:
        encoded = {text for value in values if len(value) >= MIN_LENGTH for text in encodings(value)}
        texts = sorted((text for text in encoded if len(text) >= MIN_LENGTH), key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(re.escape, texts))) if texts else None
        self._shown = shown

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """`text` without the secrets."""
        return self._pattern.sub(lambda _: self._shown, text) if self._pattern else text


def encodings(value: str) -> set[str]:
    """`value` as error messages repeat it: escaped for JSON, URLs, HTML and Python, in base64 and in hexadecimal."""
    data = value.encode("utf-8", "surrogateescape")
    texts = {value, html.escape(value), html.escape(value, quote=False), html.escape(value).replace("&#x27;", "&#39;")}
    for plain in (value, value.replace("/", "\\/")):
        for ascii_only in (True, False):
            once = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
            texts |= {once, once.replace("\\\\/", "\\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    texts.add(re.sub(r"[<>&'\"]", lambda match: f"\\u{ord(match[0]):04x}", value))  # Go escapes HTML in JSON
    texts |= {repr(value)[1:-1], repr(data)[2:-1], data.hex(), data.hex().upper()}
    for quoted in (quote(data), quote(data, safe=""), quote_plus(data)):
        texts |= {quoted, re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted), quote(quoted, safe="")}
    return texts | set(_base64(data))


def _base64(data: bytes) -> Iterator[str]:
    """The characters that `data` alone determines, at each of the three places where it can begin in a longer text."""
    for skip in range(3):
        text = base64.b64encode(b"\0" * skip + data).decode()
        first = (skip * 8 + 5) // 6
        last = (skip + len(data)) * 8 // 6
        yield text[first:last]
        yield text[first:last].replace("+", "-").replace("/", "_")


def secrets_in(body: object, *, is_secret: bool = False) -> Iterator[str]:
    """The strings of a request body that stand under the name of a secret."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from secrets_in(value, is_secret=is_secret or name in _SECRET_PLACES or is_secret_name(str(name)))
    elif isinstance(body, list | tuple):
        for item in body:
            yield from secrets_in(item, is_secret=is_secret)
    elif isinstance(body, str) and is_secret:
        yield body
