"""`gatewright:index:getTokens`: the tokens of an account that an environment has made, and when each was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object


def get_tokens(connect: Callable[[], Client], arguments: Object) -> Object:
    """{accountId, prefix} -> {tokens}: those whose names begin with `prefix`, expired ones too; no values.

    {refused} where the deploying token may not list them, or there is no answer: an error would reach the program as
    a bare exception, and the user as a traceback.
    """
    try:
        found = AccountTokens(connect(), str(arguments["accountId"])).with_prefix(str(arguments["prefix"]))
    except GatewrightError as error:
        return {"refused": " → ".join(filter(None, (error.message, error.hint)))}
    return {
        "tokens": [
            {
                "id": each.id,
                "name": each.name,
                "issuedOn": each.issued_on,
                "lastUsedOn": each.last_used_on,
                "status": each.status,
                "expiresOn": each.expires_on,
            }
            for each in found
        ]
    }
