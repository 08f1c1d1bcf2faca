"""The providers, models and choices in a user's own file of a client, as data for an import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatewright.clients.common.own_keys import OwnKey, is_key_header
from gatewright.diagnostics import Location
from gatewright.environment.model.catalog import MAX_TOKENS
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located, OwnName
from gatewright.environment.shapes.base import join
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.redaction import masked

_INPUTS = ("text", "image", "audio", "video")


@frozen
class Skipped:
    """A setting that cannot be carried over, with the reason."""

    location: Location
    path: str
    reason: str


@frozen
class OwnModel:
    """A model; `settings` are those of a model in an environment file. `sent_as`: its id at the provider, default
    `id`."""

    id: str
    location: Location
    path: str
    settings: Mapping[str, Any]
    sent_as: str | None = None


@frozen
class OwnProvider:
    """A provider. `api`: the API that it uses if that is not OpenAI's chat completions."""

    id: str
    location: Location
    path: str
    base_url: Located[str] | None = None
    api: str | None = None
    key: OwnKey | None = None
    models: tuple[OwnModel, ...] = ()


@frozen
class OwnChoice:
    """A model and its fallbacks, by the client's names for them."""

    primary: Located[OwnName]
    fallbacks: tuple[Located[OwnName], ...] = ()


@dataclass(slots=True)
class OwnConfig:
    """What one file declares. `main` is the default model, `agents` are the models of agents by their names.

    `variables` are those that the file itself sets in clear text, with their places.
    """

    providers: list[OwnProvider] = field(default_factory=list)
    main: OwnChoice | None = None
    small: Located[OwnName] | None = None
    agents: dict[str, OwnChoice] = field(default_factory=dict)
    variables: dict[str, Location] = field(default_factory=dict)
    skipped: dict[Skipped, None] = field(default_factory=dict)

    def skip(self, location: Location, path: str, reason: str) -> None:
        """Report a setting that is not carried over."""
        self.skipped.setdefault(Skipped(location, masked(path), masked(reason)))

    def size_at(self, node: Node, path: str, *keys: str) -> int | None:
        """The number of tokens below `keys`; reports one that is not valid in an environment file."""
        found = node.at(*keys)
        if found is None or found.value is None:
            return None
        if isinstance(found.value, int) and not isinstance(found.value, bool) and 1 <= found.value <= MAX_TOKENS:
            return found.value
        self.skip(found.location, ".".join((path, *keys)), "expected a whole number of tokens")
        return None

    def skip_headers(self, headers: Node | None, path: str) -> None:
        """Report the headers that hold no key."""
        for name, entry in headers.entries.items() if headers else ():
            if not is_key_header(name):
                self.skip(entry.key_location, join(path, name), "an environment file has no headers of providers")

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
    context: int | None = None,
    output: int | None = None,
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
    settings |= {key: size for key, size in (("context", context), ("output", output)) if size is not None}
    prices = {key: price for key, value in (cost or {}).items() if (price := _price(value))}
    return {**settings, "cost": prices} if prices else settings


def _price(value: object) -> float | None:
    """A price of more than 0, as an integer if it is one."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        return None
    return int(value) if value == int(value) else value
