"""The resources of our own plugin, gatewright/provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from gatewright.clients.files import ClientFile


class Account(pulumi.CustomResource):
    """The account that the stack belongs to: another one is refused before anything is planned.

    Whatever belongs to an account takes the id from here, and so waits for that check.
    """

    accountId: pulumi.Output[str]  # noqa: N815  Pulumi's name of the property

    def __init__(self, name: str, account_id: str, options: pulumi.ResourceOptions) -> None:
        super().__init__("gatewright:index:Account", name, {"accountId": account_id}, options)


class ConfigFile(pulumi.CustomResource):
    """One emitted file under out/<environment>/."""

    sha256: pulumi.Output[str]

    def __init__(self, environment: str, file: ClientFile, options: pulumi.ResourceOptions) -> None:
        inputs = {"environment": environment, "path": file.path, "content": file.text, "sha256": None}
        super().__init__("gatewright:index:ConfigFile", file.path, inputs, options)
