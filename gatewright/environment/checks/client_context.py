"""One client of a file while it is checked: what is declared, what its program can do, and how a problem is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.clients import ClientSettings
    from gatewright.environment.nodes import Node


@dataclass(frozen=True, slots=True)
class AboutClient:
    """The client of `program`: its settings in the merged file `root`."""

    program: str
    settings: ClientSettings
    capabilities: ClientCapabilities
    root: Node
    diagnostics: Diagnostics

    @property
    def title(self) -> str:
        """What people call the program."""
        return self.capabilities.title

    @property
    def can_use_routes(self) -> bool:
        """Whether it may name routes: they run at Cloudflare, with the keys that are stored there."""
        return self.capabilities.routes and self.settings.keys == "stored"

    @property
    def chosen_ways(self) -> Mapping[str, str]:
        """The ways that are written for one provider each."""
        via = self.settings.via
        return via if isinstance(via, Mapping) else {}

    def path(self, setting: str = "") -> str:
        """clients.openclaw.via"""
        return f"clients.{self.program}.{setting}" if setting else f"clients.{self.program}"

    def location(self, setting: str = "") -> Location:
        """Where the setting stands, or what of its path is written."""
        return self.root.location_at("clients", self.program, *filter(None, setting.split(".")))

    def error(self, setting: str, code: str, message: str, hint: str | None = None) -> None:
        """Says what is wrong with a setting, or with all of the client."""
        self.diagnostics.error(self.location(setting), self.path(setting), code, message, hint)

    def note(self, setting: str, code: str, message: str, hint: str | None = None) -> None:
        """The same for what works and may surprise."""
        self.diagnostics.note(self.location(setting), self.path(setting), code, message, hint)
