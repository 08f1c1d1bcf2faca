"""The account of an environment: an id, a variable that holds it, or the local Cloudflare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatewright.environment.references import ACCOUNT_ID, FromVariable
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node

Account = tuple[str | None, str | None]
"""The account's id, None while its variable is not set; the name of that variable, None without one."""


def resolve_account(
    file: EnvironmentFile, root: Node, variables: Mapping[str, str], diagnostics: Diagnostics
) -> Account:
    """The account of an environment; report a file without one or with two, and a value that is not an id."""
    _check_account_or_local(root, diagnostics)
    if file.local is not None:
        return LOCAL_ACCOUNT, None
    if not isinstance(file.account, FromVariable):
        return file.account, None
    variable = file.account.name
    account = variables.get(variable) or None
    if account is not None and not re.fullmatch(ACCOUNT_ID, account):
        diagnostics.error(
            root.location_at("account", "env"),
            "account.env",
            "bad-account",
            f"the value of {variable} is not an account id of 32 hexadecimal digits",
            "Copy the id from Cloudflare's dashboard or its URL",
        )
    return account, variable


def _check_account_or_local(root: Node, diagnostics: Diagnostics) -> None:
    written = root.entries
    if "account" in written and "local" in written:
        diagnostics.error(
            written["local"].key_location,
            "local",
            "account-and-local",
            "the environment has both account and local, only one is allowed",
            "Remove one, for example with account: null",
        )
    if "account" not in written and "local" not in written:
        diagnostics.error(
            root.location,
            "",
            "no-account",
            "not an environment: it has neither account nor local",
            "Set account: {env: NAME}, or local: true",
        )
