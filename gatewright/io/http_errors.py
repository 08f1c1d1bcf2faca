"""What went wrong with a request, in words, without its address and its headers, which may hold a key."""

from __future__ import annotations

import httpx


def reason(error: Exception) -> str:
    """The words for an error of httpx, or of reading an answer as JSON."""
    match error:
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.ConnectError():
            return "no connection"
        case httpx.HTTPError():
            return "the connection broke off"
    return "the answer is not JSON"
