"""Where a value of an environment comes from, what it replaced, and what Cloudflare is sent for it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.diagnostics import Location, did_you_mean
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf, When
from gatewright.environment.shapes.sections import Section, Setting, api_names, settings_of
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.redaction import masked

if TYPE_CHECKING:
    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import Shape


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stood there before an overlay: `name` is the setting that was replaced, as a whole where it is not the one
    asked for.
    """

    name: str
    value: str
    location: Location
    whole: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One value: `location` is None for a default. `sent` is what Cloudflare's API gets for it, by its own names."""

    path: str
    value: str
    location: Location | None
    replaced: tuple[Replaced, ...]
    description: str | None
    sent: dict[str, str]


def explain(loaded: Loaded, path: str) -> Explanation:
    """Explains `path` of an environment: `gateway.cache.ttl`, `routes.fast[0]`.

    Raises UsageError when there is no such path, InvalidEnvironmentError when the files cannot be read.
    """
    if loaded.root is None:
        raise InvalidEnvironmentError(f"{loaded.name} cannot be read", loaded.diagnostics)
    way = _walk(loaded, path)
    setting = way.setting
    replaced: tuple[Replaced, ...] = ()
    if way.node is None:
        value, location = _default(setting.default if setting else None), None
    else:
        value, location, replaced = _flow(way.node.plain()), way.node.location, tuple(_replaced(way.steps))
    description = setting.description if setting else None
    return Explanation(path, value, location, replaced, description, _sent(loaded, setting))


@dataclass(slots=True)
class _Way:
    """How far a path leads: `steps` are the nodes on it, `node` is None where the rest is not written."""

    node: Node | None
    shape: Shape | None = FILE_SHAPE
    setting: Setting | None = None
    steps: list[tuple[str, Node]] = field(default_factory=list)

    def enter(self, key: str | int) -> None:
        """Goes to a mapping's key or a list's index."""
        above, item = _inner(self.shape), None
        if isinstance(key, int):
            self.shape, self.setting = (above.item if isinstance(above, ListOf) else None), None
            item = self.node.value[key] if self.node and isinstance(self.node.value, list) else None
        else:
            known = settings_of(above.model) if isinstance(above, Section) else {}
            self.setting = known.get(key)
            self.shape = above.item if isinstance(above, TableOf) else known[key].shape if key in known else None
            item = self.node.at(key) if self.node else None
        name = f"[{key}]" if isinstance(key, int) else f".{key}"
        if item is not None:
            self.steps.append((f"{self.steps[-1][0] if self.steps else ''}{name}".removeprefix("."), item))
        self.node = item

    def keys(self) -> set[str]:
        """The keys there can be here: those that are written, and those of the section."""
        above = _inner(self.shape)
        known = settings_of(above.model) if isinstance(above, Section) else {}
        return {*known, *(self.node.entries if self.node else ())}


def _walk(loaded: Loaded, path: str) -> _Way:
    """The way of `path`; names may hold dots, so the longest key that fits is taken."""
    way, rest = _Way(loaded.root), path
    while rest or way.node is loaded.root:
        index = re.match(r"\[([0-9]{1,6})\]\.?", rest)
        if index and way.node and isinstance(way.node.value, list) and int(index[1]) < len(way.node.value):
            way.enter(int(index[1]))
            rest = rest[index.end() :]
            continue
        keys = way.keys()
        fits = [key for key in keys if rest == key or rest.startswith((f"{key}.", f"{key}["))]
        if not fits:
            hint = did_you_mean(re.split(r"[.\[]", rest, maxsplit=1)[0], keys)
            raise UsageError(f"{loaded.name} has no {path}", hint)
        key = max(fits, key=len)
        way.enter(key)
        rest = rest[len(key) :].removeprefix(".")
    return way


def _replaced(steps: list[tuple[str, Node]]) -> list[Replaced]:
    node = steps[-1][1]
    for name, each in reversed(steps):
        if each.instead_of is not None:
            found = []
            below: Node | None = each.instead_of
            while below is not None:
                found.append(
                    Replaced(name.rpartition(".")[2], _flow(below.plain()), below.location, whole=each is not node)
                )
                below = below.instead_of
            return found
    return []


def _inner(shape: Shape | None) -> Shape | None:
    """The form of a setting that has something inside."""
    match shape:
        case OneOf(forms=forms):
            return next(
                (found for form in forms if isinstance(found := _inner(form), Section | TableOf | ListOf)), None
            )
        case When(shape=inner):
            return inner
        case _:
            return shape


def _sent(loaded: Loaded, setting: Setting | None) -> dict[str, str]:
    """What Cloudflare's API gets, by its own names, as JSON."""
    if setting is None or loaded.environment is None:
        return {}
    body = gateway_body(loaded.environment.gateway)
    sent: dict[str, Any] = {}
    for name in api_names(setting):
        outer, _, inner = name.partition(".")
        value = body.get(outer)
        sent[name] = value.get(inner) if inner and isinstance(value, dict) else None if inner else value
    return {name: json.dumps(value, default=str) for name, value in sent.items() if value is not None}


def _default(value: Any) -> str:
    if value is None:
        return "not set"
    return _flow(value) if isinstance(value, bool | int | float | str | list | tuple | dict) else "its defaults"


def _flow(value: object) -> str:
    """YAML's flow form, on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_flow(item) for item in value) + "]"
        case str():
            value = masked(value)
            return value if re.fullmatch(r"[^\s:#\[\]{},&*!|>'\"%@`][^\[\]{},#]*", value) else json.dumps(value)
        case _:
            return json.dumps(value)
