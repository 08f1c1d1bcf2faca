"""The config files of an environment's clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.facts.resource_types import CLIENT_FILES_COMPONENT
from gatewright_components.own import ConfigFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.clients.common.client_file import ClientFile
    from gatewright_components.own import Account


class ClientFiles(pulumi.ComponentResource):
    """The emitted files; `sha256` is their content's, by path."""

    def __init__(
        self, environment: str, account: Account, files: Sequence[ClientFile], options: pulumi.ResourceOptions
    ) -> None:
        super().__init__(CLIENT_FILES_COMPONENT, environment, None, options)
        inner = pulumi.ResourceOptions(parent=self, depends_on=[account])
        self.sha256 = {file.path: ConfigFile(environment, file, inner).sha256 for file in files}
        self.register_outputs({})
