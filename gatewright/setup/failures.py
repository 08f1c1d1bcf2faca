"""Why a program that fetches or builds failed, read from what it printed: one line that says what to do."""

from __future__ import annotations

import errno
import re
from pathlib import Path


class SetupError(Exception):
    """Set-up cannot go on; the message is the one line that the user reads."""


DISK_FULL = "the disk is full: make room, then run the same command again"

_RULES = (
    (r"[Nn]o space left on device|[Dd]isk quota exceeded", DISK_FULL),
    (
        r"DO NOT MATCH THE HASHES|SECURITY ERROR|checksum mismatch",
        "what came is not what is pinned here: an index, a proxy or a cache on the way lies; try from another network",
    ),
    (
        r"NewConnectionError|NameResolutionError|ProxyError|SSLError|Max retries|Failed to establish|name resolution|"
        r"[Cc]onnection (reset|refused|timed out|aborted)|[Nn]etwork is unreachable|[Rr]ead timed out|i/o timeout|"
        r"no such host|dial tcp|proxyconnect|TLS handshake|x509:|HTTPError|URLError",
        "the packages cannot be reached: check network, HTTPS_PROXY and certificates (mirrors: PIP_INDEX_URL, GOPROXY)",
    ),
    (
        r"No matching distribution|Could not find a version",
        "the package index lacks a pinned package for this Python: try make PYTHON=<another>, or PIP_INDEX_URL",
    ),
    (r"signal: killed|[Cc]annot allocate memory|out of memory", "too little memory: close something, then try again"),
)
"""What is printed, and the line for it: the first that matches."""


def explained(output: str, log: Path) -> str:
    """The line for a failure that printed `output`; where none is known, its own words and the log that has all."""
    for pattern, line in _RULES:
        if re.search(pattern, output):
            return line
    words = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in words if line.lower().startswith("error")] or words[-1:] or ["it said nothing"]
    return f"{telling[0].strip()} (all it said: {log})"


def explained_os_error(error: OSError, folder: Path) -> str:
    """The line for a file operation in `folder` that failed."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DISK_FULL
        case errno.EROFS:
            return f"{folder} is on a read-only file system: clone to a folder that can be written"
        case errno.EACCES | errno.EPERM:
            return f"{error.filename or folder} cannot be written: mend its owner, or use a clone of your own"
    return str(error)
