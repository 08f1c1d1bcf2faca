"""`gatewright:index:getTokens`: the tokens of an account that an environment created, and when each was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object


def get_tokens(connect: Callable[[], Client], arguments: Object) -> Object:
    """{accountId, prefix} -> {tokens}: those whose names begin with `prefix`, expired ones included, without values.

    {refused} where they cannot be listed: an error would reach the program as a bare exception, and the user as a
    traceback.
    """
    try:
        tokens = AccountTokens(connect(), str(arguments["accountId"])).with_prefix(str(arguments["prefix"]))
    except GatewrightError as error:
        return {"refused": " → ".join(filter(None, (error.message, error.hint)))}
    return {
        "tokens": [
            {
                "id": token.id,
                "name": token.name,
                "issuedOn": token.issued_on,
                "lastUsedOn": token.last_used_on,
                "status": token.status,
                "expiresOn": token.expires_on,
            }
            for token in tokens
        ]
    }
