"""`gatewright:index:getTokens`: the tokens of an account that an environment has made, and when each was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.account_tokens import AccountTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cloudflare.client import Client
    from gatewright.plugin.values import Object


def get_tokens(connect: Callable[[], Client], arguments: Object) -> Object:
    """{accountId, prefix} -> {tokens}: those whose names begin with `prefix`, expired ones too; no values.

    Raises RefusedError where the deploying token may not list tokens, CloudflareError where there is no answer.
    """
    found = AccountTokens(connect(), str(arguments["accountId"])).below(str(arguments["prefix"]))
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
