"""Variables with their values as text for a shell, a dotenv file, a GitHub workflow or a program."""

from __future__ import annotations

import json
import re
import shlex
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def shell(values: Mapping[str, str]) -> str:
    """Lines for any sh."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def dotenv(values: Mapping[str, str]) -> str:
    """Lines of a dotenv file, where single quotes prevent that variables are expanded."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def as_json(values: Mapping[str, str]) -> str:
    """One JSON object."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def github_masks(secrets: Iterable[str]) -> str:
    """Workflow commands that mask each line of each secret in the log.

    Source: GitHub's documentation of workflow commands, "Masking a value in a log".
    """
    lines = dict.fromkeys(line for secret in secrets for line in secret.splitlines() if line.strip())
    return "".join(f"::add-mask::{line.replace('%', '%25')}\n" for line in lines)


def github_env(values: Mapping[str, str]) -> str:
    """Lines for the file GITHUB_ENV. The delimiters are random, so that a value cannot contain its own."""
    return "".join(
        f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items() for end in (f"gatewright_{token_hex(16)}",)
    )


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
