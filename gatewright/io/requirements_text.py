"""A project's requirements.txt: the pinned version of gatewright, and a line with digests of the files that init wrote.

    gatewright==0.1.0
    # as written by gatewright 0.1.0: Pulumi.yaml 5e1f…, __main__.py 9a0c…

By the digests `gatewright upgrade` knows which files the user has changed.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "requirements.txt"

_PIN = re.compile(r"^(gatewright[ \t]*==[ \t]*)([^\s;#\\,]+)", re.MULTILINE)
_RECORD = re.compile(r"^# as written by gatewright [^\s:]+:(.*)\n?", re.MULTILINE)
_DIGEST_LENGTH = 12


def pinned_version(text: str) -> str | None:
    """The exact version that the text requires; None where it requires none."""
    pin = _PIN.search(text)
    return pin[2] if pin else None


def recorded_digests(text: str) -> dict[str, str]:
    """The digests of the files by their names; empty without the line."""
    record = _RECORD.search(text)
    entries = (entry.rpartition(" ") for entry in record[1].split(", ")) if record else ()
    return {name.strip(): value for name, _, value in entries if name.strip()}


def digest(text: str) -> str:
    """A short SHA-256 of a file's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def with_version(text: str, version: str, digests: Mapping[str, str]) -> str:
    """`text` with the pin set to `version` and the digests replaced; an empty text gets both.

    A text that pins no version keeps its requirement.
    """
    if not text:
        text = f"gatewright=={version}\n"
    pinned = _PIN.sub(rf"\g<1>{version}", _RECORD.sub("", text))
    entries = ", ".join(f"{name} {value}" for name, value in sorted(digests.items()))
    separator = "" if pinned.endswith("\n") else "\n"
    return f"{pinned}{separator}# as written by gatewright {version}: {entries}\n"
