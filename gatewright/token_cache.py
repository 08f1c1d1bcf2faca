"""The sealed cache of an environment's tokens, in .gatewright/tokens of the project.

`gatewright token` reads it before anything else is imported and has 50 ms for it: no pathlib, no dataclasses here.
A cache applies while the environment files are those it was made from, the state in a folder is the same file, and the
token is valid. A state elsewhere is read again after `RECHECK` seconds.
"""

# ruff: noqa: PTH116, PTH118 - importing pathlib takes longer than the rest

from __future__ import annotations

import json
import os
from typing import Any, TypedDict

from gatewright import __version__
from gatewright.io.sealed import read_sealed


class CachedTokens(TypedDict):
    """`tokens`: value and expiry (seconds since 1970) by name; `default`: the token of a request without a name;
    `clients`: the clients' tokens; `state`: the file of the state, None for a state elsewhere; `files` and `state_mark`
    identify what was read; `recheck`: when the state is read again."""

    tokens: dict[str, tuple[str, int]]
    default: str | None
    clients: dict[str, str]
    files: str
    state: str | None
    state_mark: str
    recheck: int


RECHECK = 300
"""Seconds after which a state that is not in a folder of this machine is read again, and one that cannot be opened."""


def cache_path(root: str, environment: str) -> str:
    """The cache of an environment of the project at `root`."""
    return os.path.join(root, ".gatewright", "tokens", f"{environment}.sealed")


def read_cache(root: str, environment: str) -> CachedTokens | None:
    """The cached tokens, which may be stale; None if there are none that can be read."""
    data = read_sealed(cache_path(root, environment), cache_context(root, environment))
    if data is None:
        return None
    cached: Any = json.loads(data)
    return cached["tokens"] if cached["version"] == __version__ else None


def cache_context(root: str, environment: str) -> str:
    """What a cache is sealed for: it cannot be opened as that of another environment or project."""
    return f"gatewright tokens {environment} {os.path.realpath(root)}"


def mark_files(root: str) -> str:
    """Identifies the environment files by name, size and time."""
    with os.scandir(os.path.join(root, "stacks")) as entries:
        files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith((".yaml", ".yml"))]
    own = [(name, status) for name, status in files if not name.startswith("Pulumi.")]
    return " ".join(f"{name}:{status.st_mtime_ns}:{status.st_size}" for name, status in sorted(own))


def mark_state(path: str | None) -> str:
    """Identifies the state in the file `path`."""
    if path is None:
        return ""
    try:
        status = os.stat(path)
    except OSError:
        return "missing"
    return f"{status.st_ino}:{status.st_mtime_ns}:{status.st_size}"


def is_state_current(cached: CachedTokens, now: float) -> bool:
    """Whether the tokens are the newest ones, as far as this machine knows."""
    if now >= cached["recheck"]:
        return False
    return cached["state"] is None or mark_state(cached["state"]) == cached["state_mark"]


def answer(root: str, environment: str, name: str | None, client: str | None, now: float) -> str | None:
    """The token that a request without further reading is answered with; None if that is not possible."""
    cached = read_cache(root, environment)
    if cached is None or cached["files"] != mark_files(root) or not is_state_current(cached, now):
        return None
    token = cached["clients"].get(client) if client is not None else name or cached["default"]
    value, expires = cached["tokens"].get(token or "", ("", 0))
    return value if value and now < expires else None
