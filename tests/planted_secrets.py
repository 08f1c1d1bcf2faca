"""Fake secrets for every place that one can enter, and the search for them in whatever a command leaves behind.

The search knows nothing of gatewright's own masking, whose mistakes it has to find.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import zipfile
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LAYOUT = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]|\\[rnt]|[\s|>\"'+\\,`*]+")
"""What may stand between the parts of a text that is split over lines: white space, quotes, borders, colours."""


def fake_secret(place: str) -> str:
    """A value that is different in each encoding and unlike any other text."""
    digest = hashlib.sha256(place.encode()).hexdigest()[:16]
    return f"fake/{place}&{digest}<\"{digest[::-1]}'>=+"


def fake_token(place: str) -> str:
    """The same where only letters, digits, - and _ are accepted."""
    return f"fake-{place}-{hashlib.sha256(place.encode()).hexdigest()[:32]}"[:60]


def find_secret(data: bytes, secret: str) -> list[str]:
    """The encodings in which `data`, or an archive that it is, holds the secret or a half of it."""
    found = set()
    for text, folded in _texts(data):
        for name, form, folded_form in _forms(secret):
            if form in text:
                found.add(name)
            elif folded_form in folded:
                found.add(f"{name}, split")
    return sorted(found)


def require_no_secret(places: Mapping[str, bytes], secrets: Iterable[str]) -> None:
    """Fail where one of the places, by their names, holds one of the secrets."""
    leaks = [
        f"{place}: {secret[:16]}… {forms}"
        for place, data in places.items()
        for secret in secrets
        if (forms := find_secret(data, secret))
    ]
    assert leaks == [], "\n".join(leaks)


def files_below(*folders: Path) -> dict[str, bytes]:
    """The content of every file below the folders, without following links."""
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return {str(file): file.read_bytes() for file in files}


@lru_cache(maxsize=2)
def _texts(data: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The data and what is packed in it, each also without what may stand between parts."""
    contents = [data]
    if data.startswith(b"\x1f\x8b"):
        contents.append(gzip.decompress(data))
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            contents += [archive.read(name) for name in archive.namelist()]
    return tuple((text, _LAYOUT.sub(b"", text)) for text in contents)


@lru_cache
def _forms(secret: str) -> tuple[tuple[str, bytes, bytes], ...]:
    """The encodings: name, text, and the text without what may stand between parts."""
    data = secret.encode()
    once = json.dumps(secret)[1:-1]
    half = len(data) // 2
    texts = {
        "plain": data,
        "first half": data[: half + 4],
        "last half": data[half - 4 :],
        "JSON": once.encode(),
        "JSON in JSON": json.dumps(once)[1:-1].encode(),
        "JSON for HTML": once.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode(),
        "URL": quote(secret, safe="").encode(),
        "path of a URL": quote(secret).encode(),
        "form": quote_plus(secret).encode(),
        "URL in URL": quote(quote(secret, safe=""), safe="").encode(),
        "HTML": html.escape(secret).encode(),
        "Python": repr(secret)[1:-1].encode(),
        "hex": data.hex().encode(),
        "HEX": data.hex().upper().encode(),
    }
    for skip in range(3):  # where it can begin in a longer text
        encoded = base64.b64encode(b"\0" * skip + data)[-(-skip * 8 // 6) + (skip > 0) : (skip + len(data)) * 8 // 6]
        texts[f"base64 at {skip}"] = encoded
        texts[f"base64url at {skip}"] = encoded.replace(b"+", b"-").replace(b"/", b"_")
    unique = {text: name for name, text in reversed(texts.items())}
    return tuple((name, text, _LAYOUT.sub(b"", text)) for text, name in unique.items())
