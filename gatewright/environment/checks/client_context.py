"""One client while it is checked: its settings, its program's capabilities, and the diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatewright.environment.names import report_unknown
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.clients import ClientSettings
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.names import Names
    from gatewright.environment.nodes import Node

ROUTES = "dynamic"
"""The key of routes in a client's `via`."""


@frozen
class ClientContext:
    """The client of `program` in the merged file: as nodes (`root`) and as read (`file`)."""

    program: str
    settings: ClientSettings
    capabilities: ClientCapabilities
    file: EnvironmentFile
    root: Node
    names: Names
    diagnostics: Diagnostics

    @property
    def title(self) -> str:
        """The program's name for people."""
        return self.capabilities.title

    @property
    def can_use_routes(self) -> bool:
        """Whether the client can name routes: they run at Cloudflare, with the keys that are stored there."""
        return self.capabilities.routes and self.settings.keys == "stored"

    @property
    def via_by_provider(self) -> Mapping[str, str]:
        """The endpoints that the file sets for single providers."""
        via = self.settings.via
        return {name: path for name, path in via.items() if name != ROUTES} if isinstance(via, Mapping) else {}

    @property
    def routes_via(self) -> str:
        """The endpoint of routes: the shared one, whatever the endpoint of models is, unless the file sets another."""
        via = self.settings.via
        return via.get(ROUTES, "gateway") if isinstance(via, Mapping) else "gateway"

    def path(self, setting: str = "") -> str:
        """clients.openclaw.via"""
        return f"clients.{self.program}.{setting}" if setting else f"clients.{self.program}"

    def location(self, setting: str = "") -> Location:
        """The location of a setting, or of the part of its path that exists."""
        return self.root.location_at("clients", self.program, *filter(None, setting.split(".")))

    def error(self, setting: str, code: str, message: str, hint: str | None = None) -> None:
        """Report an error in a setting; an empty `setting` is the whole client."""
        self.diagnostics.error(self.location(setting), self.path(setting), code, message, hint)

    def report_unknown(self, setting: str, kind: str, target: Sequence[str], hint: str | None) -> None:
        """Report that a setting names `target` (keys in the file), which does not exist."""
        report_unknown(self.root, self.diagnostics, self.location(setting), self.path(setting), kind, target, hint)

    def note(self, setting: str, code: str, message: str, hint: str | None = None) -> None:
        """Note something about a setting that works and may be unexpected."""
        self.diagnostics.note(self.location(setting), self.path(setting), code, message, hint)
