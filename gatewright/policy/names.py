"""The names that expressions can use: a misspelt one is reported where it is written, before anything is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.catalog import Model, Provider
from gatewright.environment.model.environment_file import Token
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.shapes.base import TableOf
from gatewright.environment.shapes.sections import section_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Names = Mapping[str, "Names | None"]
"""Keys with those below them; None where any key may follow."""

EVERYWHERE = ("environment", "gateway", "now")
"""The variables of every rule."""


def _section(model: type, *others: str, without: tuple[str, ...] = ()) -> dict[str, Names | None]:
    names: dict[str, Names | None] = dict.fromkeys(others)
    for key, setting in settings_of(model).items():
        section = None if isinstance(setting.shape, TableOf) else section_of(setting.shape)
        names[key] = _section(section.model) if section else None
    return {key: below for key, below in names.items() if key not in without}


_CLIENT = (
    "name primary fallbacks small models via keys token variable provider version agents metadata"  # of view._client
)
_TABLES = ("providers", "models", "routes", "roles", "tokens", "clients")


def known_names() -> dict[str, Names | None]:
    """The names of all variables."""
    gateway = _section(Gateway)
    environment = {
        **dict.fromkeys(("name", "local", "account", "protect", *_TABLES)),
        "gateway": gateway,
    }
    return {
        "now": {},
        "environment": environment,
        "gateway": gateway,
        "route": dict.fromkeys(("name", "models", "providers")),
        "token": _section(Token, "name", "validity"),
        "client": dict.fromkeys(_CLIENT.split()),
        "provider": _section(Provider, "name", "isCustom", "trainsOnInput", without=("models", "plans")),
        "model": _section(Model, "name", "provider", "model", "isRetired"),
    }
