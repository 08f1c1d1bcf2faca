"""explain: where a value of an environment comes from, what it replaces, and what is sent to Cloudflare."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.clients.common.request_headers import option_headers
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.diagnostics import Location, did_you_mean
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.policy_verdicts import policy_verdicts
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf
from gatewright.environment.shapes.sections import Section, Setting, api_names, settings_of
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.redaction import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import Shape

_DECIDING = frozenset({"", "primary", "fallbacks", "models", "agents", "metadata", "via", "autoRouter"})
"""The settings of a client that decide about its requests; empty for the whole client."""
SECTION_DEFAULTS = "its defaults"
"""Value of a section that is absent: each of its settings has its own default."""


@frozen
class Replaced:
    """A value that an overlay replaced: the setting `name`, which is the setting itself or one that contains it."""

    name: str
    value: str
    location: Location
    contains_setting: bool


@frozen
class Explanation:
    """A value with its origin. `location` is None for a default; `sent`: API name -> the value sent, as JSON.

    `policies`: of a client, or of gateway policies, which models they allow whom.
    """

    path: str
    value: str
    location: Location | None
    replaced: tuple[Replaced, ...]
    description: str | None
    sent: dict[str, str]
    policies: tuple[str, ...] = ()


def explain(loaded: Loaded, path: str) -> Explanation:
    """Explain the value at `path` of an environment: `gateway.cache.ttl`, `routes.fast[0]`.

    Raises:
        UsageError: the path does not exist.
        InvalidEnvironmentError: the files cannot be read.
    """
    if loaded.root is None:
        raise InvalidEnvironmentError(f"{loaded.name} cannot be read", loaded.diagnostics)
    cursor = _walk(loaded.name, loaded.root, path)
    setting = cursor.setting
    replaced: tuple[Replaced, ...] = ()
    if cursor.node is None:
        value, location = _default(setting.default if setting else None), None
    else:
        value, location = _flow(cursor.node.plain()), cursor.node.location
        replaced = tuple(_replaced(cursor.steps))
    description = setting.description if setting else None
    sent, policies = _sent(loaded, path, setting), tuple(_policies(loaded, path))
    return Explanation(path, value, location, replaced, description, sent, policies)


def _policies(loaded: Loaded, path: str) -> Iterator[str]:
    """What the gateway's policies decide: for a client and its agents, or for all callers."""
    environment = loaded.environment
    if environment is None or not environment.gateway.policies:
        return
    section, _, rest = path.partition(".")
    client, _, setting = rest.partition(".")
    key = re.split(r"[.\[]", setting, maxsplit=1)[0]
    of_client = section == "clients" and key in _DECIDING
    if not of_client and not f"{path}.".startswith("gateway.policies."):
        return
    for verdicts in policy_verdicts(environment):
        if not of_client or verdicts.caller.name.partition("/")[0] == client:
            yield verdicts.describe()


@dataclass(slots=True)
class _Cursor:
    """A position in the file: `steps` are the nodes on the path, `node` is None below the last node that exists."""

    node: Node | None
    shape: Shape | None = FILE_SHAPE
    setting: Setting | None = None
    steps: list[tuple[str, Node]] = field(default_factory=list)

    def enter(self, key: str | int) -> None:
        """Move to a mapping's key or a list's index."""
        shape = _container(self.shape)
        node = None
        self.setting = None
        if isinstance(key, int):
            self.shape = shape.item if isinstance(shape, ListOf) else None
            if self.node and isinstance(self.node.value, list):
                node = self.node.value[key]
        else:
            if isinstance(shape, Section):
                self.setting = settings_of(shape.model).get(key)
            self.shape = shape.item if isinstance(shape, TableOf) else self.setting.shape if self.setting else None
            node = self.node.at(key) if self.node else None
        if node is not None:
            name = f"[{key}]" if isinstance(key, int) else f".{key}"
            self.steps.append((f"{self.steps[-1][0] if self.steps else ''}{name}".removeprefix("."), node))
        self.node = node

    def keys(self) -> set[str]:
        """The keys that exist here, and those of the section."""
        shape = _container(self.shape)
        settings = settings_of(shape.model) if isinstance(shape, Section) else {}
        return {*settings, *(self.node.entries if self.node else ())}


def _walk(environment: str, root: Node, path: str) -> _Cursor:
    """Follow `path`. Names may hold dots: the longest key that fits is taken."""
    cursor, rest = _Cursor(root), path
    while rest or cursor.node is root:
        index = re.match(r"\[([0-9]{1,6})\]\.?", rest)
        node = cursor.node
        if index and node and isinstance(node.value, list) and int(index[1]) < len(node.value):
            cursor.enter(int(index[1]))
            rest = rest[index.end() :]
            continue
        keys = cursor.keys()
        fitting = [key for key in keys if rest == key or rest.startswith((f"{key}.", f"{key}["))]
        if not fitting:
            hint = did_you_mean(re.split(r"[.\[]", rest, maxsplit=1)[0], keys)
            within = path.removesuffix(rest).rstrip(".") or "its files"
            known = f"{within} has {', '.join(keys)}" if keys else f"{within} has no settings below it"
            raise UsageError(f"{environment} has no {path}", hint or known)
        key = max(fitting, key=len)
        cursor.enter(key)
        rest = rest[len(key) :].removeprefix(".")
    return cursor


def _replaced(steps: list[tuple[str, Node]]) -> Iterator[Replaced]:
    """The values that overlays replaced, the last first: of the setting itself, or of the nearest one around it."""
    own_node = steps[-1][1]
    for path, node in reversed(steps):
        if node.instead_of is None:
            continue
        name = path.rpartition(".")[2]
        replaced: Node | None = node.instead_of
        while replaced is not None:
            value = _flow(replaced.plain())
            yield Replaced(name, value, replaced.location, contains_setting=node is not own_node)
            replaced = replaced.instead_of
        return


def _container(shape: Shape | None) -> Shape | None:
    """The form of a setting that contains others."""
    match shape:
        case OneOf(forms=forms):
            containers = (_container(form) for form in forms)
            return next((form for form in containers if isinstance(form, Section | TableOf | ListOf)), None)
        case _:
            return shape


def _sent(loaded: Loaded, path: str, setting: Setting | None) -> dict[str, str]:
    """The values that Cloudflare's API receives by its names, or as headers of a client's requests, as JSON."""
    if setting is None or loaded.environment is None:
        return {}
    section, _, rest = path.partition(".")
    client = loaded.environment.clients.get(rest.partition(".")[0]) if section == "clients" else None
    if client is not None and client.capabilities.metadata is not None:
        headers = dict(option_headers(client.options, client.capabilities.metadata))
        return {name: json.dumps(headers[name]) for name in api_names(setting) if name in headers}
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
    return _flow(value) if isinstance(value, bool | int | float | str | list | tuple | dict) else SECTION_DEFAULTS


def _flow(value: object) -> str:
    """The value in YAML's flow style, on one line."""
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
