"""Configuration files of client programs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from gatewright.facts.resource_types import CLIENT_FILES_COMPONENT
from gatewright_components.args import as_args
from gatewright_components.resources import ConfigFile, ConfigFileArgs


@dataclass(kw_only=True, repr=False, eq=False)
class ClientFilesArgs:
    """Arguments of `ClientFiles`."""

    files: Mapping[str, str]
    """By path below out/<environment>/: the text. References to variables, never a secret."""
    environment: str | None = None
    """The folder below out/. Default: the component's name."""


class ClientFiles(pulumi.ComponentResource):
    """Files below out/<environment>/ in the project's folder."""

    sha256: Mapping[str, pulumi.Output[str]]
    """By path: SHA-256 of the content, in hexadecimal."""

    def __init__(self, name: str, args: ClientFilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(CLIENT_FILES_COMPONENT, name, None, opts)
        args = as_args(ClientFilesArgs, args)
        inner = pulumi.ResourceOptions(parent=self)
        self.sha256 = {}
        for path, content in args.files.items():
            file = ConfigFileArgs(environment=args.environment or name, path=path, content=content)
            self.sha256[path] = ConfigFile(path, file, inner).sha256
        self.register_outputs({})
