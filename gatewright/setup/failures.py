"""Explain in one line, from its output, why a program that downloads or builds failed, and what to do."""

from __future__ import annotations

import errno
import re
from pathlib import Path


class SetupError(Exception):
    """Setup failed. The message is the line that the user reads."""


DISK_FULL = "the disk is full: free space, then run the same command again"

_RULES = (
    (r"[Nn]o space left on device|[Dd]isk quota exceeded", DISK_FULL),
    (
        r"DO NOT MATCH THE HASHES|SECURITY ERROR|checksum mismatch",
        "the downloaded files are not what is pinned: an index, a proxy or a cache changed them; try another network",
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
    (
        r"signal: killed|[Cc]annot allocate memory|out of memory",
        "too little memory: close other programs, then try again",
    ),
)
"""A pattern of the output, and the line for it. The first match applies."""


def explain_output(output: str, log: Path) -> str:
    """The line for a failure with this output; otherwise the output's own error, and the log with all of it."""
    for pattern, line in _RULES:
        if re.search(pattern, output):
            return line
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")] or lines[-1:] or ["no output"]
    return f"{errors[0].strip()} (full output: {log})"


def explain_os_error(error: OSError, folder: Path) -> str:
    """The line for a failed file operation in `folder`."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DISK_FULL
        case errno.EROFS:
            return f"{folder} is on a read-only file system: clone to a writable folder"
        case errno.EACCES | errno.EPERM:
            return f"{error.filename or folder} is not writable: correct its owner, or use your own clone"
    return str(error)
