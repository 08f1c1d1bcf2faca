"""A client's package: its pieces, each imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gatewright.environment.capabilities import ClientCapabilities
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.common.client_file import ClientFile
    from gatewright.clients.common.conflicts import Conflict
    from gatewright.clients.common.installation import Installation, InstallRequest
    from gatewright.clients.common.own_config import OwnConfig
    from gatewright.clients.common.program import Program
    from gatewright.clients.common.variables import Variable
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client, Environment


PIECES = (
    ("__init__", "CAPABILITIES"),
    ("__init__", "PROGRAM"),
    ("files", "files"),
    ("files", "variables"),
    ("installation", "installation"),
)
"""The pieces of every package, by module and name."""


class MissingPieceError(Exception):
    """A client's package lacks a piece."""


@frozen
class ClientPackage:
    """One client by its package. Every access raises MissingPieceError if the package lacks the piece."""

    module: str  # gatewright.clients.claude_code

    @property
    def capabilities(self) -> ClientCapabilities:
        """What the program supports; the checks of the environment refuse everything else."""
        capabilities: ClientCapabilities = self._piece("__init__", "CAPABILITIES")
        return capabilities

    @property
    def program(self) -> Program | None:
        """The program on a machine; None for a format that any program may read."""
        program: Program | None = self._piece("__init__", "PROGRAM")
        return program

    @property
    def is_tested(self) -> bool:
        """Whether the tests run the program with the emitted files."""
        return self.program is not None and self.capabilities.checked is not None

    def files(self, environment: Environment, client: Client) -> list[ClientFile]:
        """The emitted files, with paths relative to the environment's folder in out/."""
        files: list[ClientFile] = self._piece("files", "files")(environment, client)
        return files

    def variables(self, environment: Environment, client: Client) -> tuple[Variable, ...]:
        """The variables that the program reads where it runs, each once, in the order of its endpoints.

        The token is not among them where the program takes it from a command or a file.
        """
        from gatewright.clients.common.variables import Holds

        variables: Iterator[Variable] = self._piece("files", "variables")(environment, client)
        is_read = (each for each in variables if client.credential == "variable" or each.holds is not Holds.TOKEN)
        return tuple(dict.fromkeys(is_read))

    def conflicting_variables(self, environment: Environment, client: Client) -> dict[str, str]:
        """The variables that must not be set where the program runs, with the reasons."""
        conflicts: dict[str, str] = self._piece("files", "conflicting_variables", _no_conflicts)(environment, client)
        return conflicts

    def installation(self, request: InstallRequest) -> Installation:
        """Where the files belong on a machine. Raises UsageError for a location that is not possible."""
        installation: Installation = self._piece("installation", "installation")(request)
        return installation

    def conflicts(self, request: InstallRequest) -> tuple[Conflict, ...]:
        """The user's own settings that hide or beat the installed ones."""
        conflicts: Iterator[Conflict] = self._piece("conflicts", "conflicts", _find_no_conflicts)(request)
        return tuple(conflicts)

    @property
    def own_file_names(self) -> tuple[str, ...]:
        """The usual names of the user's own file; empty if it cannot be imported."""
        names: tuple[str, ...] = self._piece("own_config", "FILE_NAMES", ())
        return names

    def recognizes(self, root: Node) -> bool:
        """Whether a file is the user's own file of this client, by its content."""
        return bool(self._piece("own_config", "recognizes", _recognizes_nothing)(root))

    def read_own_config(self, root: Node) -> OwnConfig:
        """What the user's own file declares."""
        config: OwnConfig = self._piece("own_config", "read")(root)
        return config

    def require_complete(self) -> None:
        """Raise MissingPieceError if any piece is missing."""
        for module, name in PIECES:
            self._piece(module, name)

    def _piece(self, module: str, name: str, default: object = None) -> Any:
        path = self.module if module == "__init__" else f"{self.module}.{module}"
        try:
            return getattr(import_module(path), name, *([default] if default is not None else []))
        except (AttributeError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and error.name != path:
                raise
            if default is not None:
                return default
            raise MissingPieceError(f"{self.module.replace('.', '/')}/{module}.py must define {name}") from None


def _no_conflicts(environment: Environment, client: Client) -> dict[str, str]:  # noqa: ARG001
    return {}


def _find_no_conflicts(request: InstallRequest) -> tuple[Conflict, ...]:  # noqa: ARG001
    return ()


def _recognizes_nothing(root: Node) -> bool:  # noqa: ARG001
    return False
