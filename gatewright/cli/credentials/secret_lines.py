"""Variables and their values as text: for a shell, a dotenv file, a GitHub workflow, a program."""

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
    """Lines for any sh: `eval "$(gatewright env ENV)"`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def dotenv(values: Mapping[str, str]) -> str:
    """Lines of a dotenv file; in single quotes nothing is put in for a dollar."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def as_json(values: Mapping[str, str]) -> str:
    """One object."""
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def github_masks(secrets: Iterable[str]) -> str:
    """Workflow commands for the log, one a line of each secret: it is starred out from then on.

    Source: GitHub's documentation of workflow commands, "Masking a value in a log".
    """
    lines = dict.fromkeys(line for secret in secrets for line in secret.splitlines() if line.strip())
    return "".join(f"::add-mask::{line.replace('%', '%25')}\n" for line in lines)


def github_env(values: Mapping[str, str]) -> str:
    """Lines for the file that GITHUB_ENV names; no value can end its own text, since nobody can guess what does."""
    return "".join(
        f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items() for end in (f"gatewright_{token_hex(16)}",)
    )


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
