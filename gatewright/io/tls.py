"""The certificates that a client of httpx trusts."""

from __future__ import annotations

import ssl


def trusted(*, is_local: bool) -> ssl.SSLContext | bool:
    """The value of httpx's `verify`: no certificate for plain HTTP on this machine, and otherwise httpx's default.

    httpx loads all authorities for every client, which takes tens of milliseconds, also where no TLS is used.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_local else True
