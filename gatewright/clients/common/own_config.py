"""The providers, models and choices in a user's own file of a client, as data for an import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatewright.clients.common.own_keys import OwnKey
from gatewright.diagnostics import Location
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located, OwnName
from gatewright.environment.shapes.base import join
from gatewright.io.printable import plural
from gatewright.redaction import masked

_MAX_TOKENS = 100_000_000
_INPUTS = ("text", "image", "audio", "video")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A setting that cannot be carried over, with the reason."""

    location: Location
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model; `settings` are those of a model in an environment file."""

    id: str
    location: Location
    path: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnProvider:
    """A provider. `api`: the API that it uses if that is not OpenAI's chat completions."""

    id: str
    location: Location
    path: str
    base_url: Located[str] | None = None
    api: str | None = None
    key: OwnKey | None = None
    models: tuple[OwnModel, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnChoice:
    """A model and its fallbacks, by the client's names for them."""

    primary: Located[OwnName]
    fallbacks: tuple[Located[OwnName], ...] = ()


@dataclass(slots=True)
class OwnConfig:
    """What one file declares. `main` is the default model, `agents` are the models of agents by their names."""

    providers: list[OwnProvider] = field(default_factory=list)
    main: OwnChoice | None = None
    small: Located[OwnName] | None = None
    agents: dict[str, OwnChoice] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, location: Location, path: str, reason: str) -> None:
        """Report a setting that is not carried over."""
        self.skipped.append(Skipped(location, masked(path), masked(reason)))

    def skip_others(self, node: Node, path: str, known: Collection[str]) -> None:
        """Report the settings of a mapping other than `known`."""
        self.skip_others_of_all([node], path, known)

    def skip_others_of_all(self, nodes: Iterable[Node], path: str, known: Collection[str]) -> None:
        """Report the settings of several mappings other than `known`, each once with its number."""
        found: dict[str, list[Location]] = {}
        for node in nodes:
            for key, entry in node.entries.items():
                if key not in known:
                    found.setdefault(key, []).append(entry.key_location)
        for key, locations in found.items():
            count = f" ({plural(len(locations), 'place')})" if len(locations) > 1 else ""
            self.skip(locations[0], join(path, key), f"an environment file has no such setting{count}")


def text_at(node: Node, path: str, *keys: str) -> Located[str] | None:
    """The text below `keys`; None for anything else and for an empty text."""
    found = node.at(*keys)
    if found is None or not isinstance(found.value, str) or not found.value.strip():
        return None
    return Located(found.value.strip(), found.location, ".".join(filter(None, (path, *keys))))


def items_at(node: Node, *keys: str) -> list[Node]:
    """The items of the list below `keys`; empty for anything else."""
    found = node.at(*keys)
    return found.value if found is not None and isinstance(found.value, list) else []


def model_name(text: Located[str]) -> Located[OwnName]:
    """A client's name of a model, provider/model."""
    return Located(OwnName(text.value), text.location, text.path)


def model_settings(
    id_: str,
    *,
    name: object = None,
    reasoning: object = None,
    inputs: Iterable[object] = (),
    context: object = None,
    output: object = None,
    cost: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The settings of a model in an environment file: those that are valid and not the default."""
    settings: dict[str, Any] = {}
    if isinstance(name, str) and 0 < len(name) <= 120 and name.isprintable() and name != id_:
        settings["name"] = name
    if reasoning is True:
        settings["reasoning"] = True
    accepted = [kind for kind in _INPUTS if kind in inputs]
    if accepted and accepted != ["text"]:
        settings["input"] = accepted
    settings |= {key: size for key, size in (("context", context), ("output", output)) if is_size(size)}
    prices = {key: price for key, price in (cost or {}).items() if _is_price(price)}
    return {**settings, "cost": prices} if prices else settings


def is_size(value: object) -> bool:
    """Whether a number of tokens is valid in an environment file."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MAX_TOKENS


def _is_price(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
