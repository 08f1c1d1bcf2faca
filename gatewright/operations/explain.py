"""Where a value of an environment comes from, what it replaced, and what Cloudflare is sent for it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.gateway_body import gateway_body
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.problems import Place, did_you_mean
from gatewright.environment.sections import Section, Setting, default_of, settings_of
from gatewright.environment.shapes import OneOf, TableOf
from gatewright.errors import InvalidEnvironmentError, UsageError

if TYPE_CHECKING:
    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes import Shape


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stood there before an overlay: `name` is the setting that was replaced, as a whole where it is not the one
    asked for.
    """

    name: str
    value: str
    place: Place
    whole: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One value: `place` is None for a default. `sent` is what Cloudflare's API gets for it, by its own names."""

    path: str
    value: str
    place: Place | None
    replaced: tuple[Replaced, ...]
    description: str | None
    sent: dict[str, Any]


def explain(loaded: Loaded, path: str) -> Explanation:
    """Explains `path` of an environment: `gateway.cache.ttl`, `routes.fast[0]`.

    Raises UsageError when the model has no such path, InvalidEnvironmentError when the files cannot be read.
    """
    if loaded.root is None:
        raise InvalidEnvironmentError(f"{loaded.name} cannot be read", loaded.problems)
    steps = _walk(loaded.root, path)
    setting, gone = _setting(path)
    written = steps[-1][1] if steps and steps[-1][0] == path else None
    if written is None and setting is None:
        raise UsageError(f"{loaded.name} has no {path}", did_you_mean(path.rpartition(".")[2], gone))
    if written is None:
        owner, found = _require(setting)
        default = default_of(owner, found.field)
        return Explanation(path, _default(default), None, (), found.description, _sent(loaded, found))
    return Explanation(
        path,
        _flow(written.plain()),
        written.place,
        tuple(_replaced(steps)),
        setting[1].description if setting else None,
        _sent(loaded, setting[1]) if setting and path.startswith("gateway") else {},
    )


def _require(setting: tuple[type, Setting] | None) -> tuple[type, Setting]:
    if setting is None:
        raise UsageError("there is no such setting")
    return setting


def _walk(root: Node, path: str) -> list[tuple[str, Node]]:
    """The nodes on the way to `path`, each with its own path; names may hold dots, so the longest key that fits is
    taken.
    """
    steps: list[tuple[str, Node]] = []
    node, done, rest = root, "", path
    while rest:
        if isinstance(node.value, list):
            match = re.match(r"\[(\d+)\]\.?", rest)
            if not match or int(match[1]) >= len(node.value):
                break
            node, done, rest = node.value[int(match[1])], f"{done}[{match[1]}]", rest[match.end() :]
        elif isinstance(node.value, dict):
            fits = [key for key in node.value if rest == key or rest.startswith((f"{key}.", f"{key}["))]
            if not fits:
                break
            key = max(fits, key=len)
            node, done = node.value[key].node, f"{done}.{key}" if done else key
            rest = rest[len(key) :].removeprefix(".")
        else:
            break
        steps.append((done, node))
    return steps


def _replaced(steps: list[tuple[str, Node]]) -> list[Replaced]:
    node = steps[-1][1]
    for name, each in reversed(steps):
        if each.instead_of is not None:
            found = []
            below: Node | None = each.instead_of
            while below is not None:
                found.append(
                    Replaced(name.rpartition(".")[2], _flow(below.plain()), below.place, whole=each is not node)
                )
                below = below.instead_of
            return found
    return []


def _setting(path: str) -> tuple[tuple[type, Setting] | None, list[str]]:
    """The setting that `path` names with its section, and the keys there were where the way ended."""
    shape: Shape | None = FILE_SHAPE
    found: tuple[type, Setting] | None = None
    rest = path
    while rest and shape is not None:
        shape = _unwrap(shape)
        if isinstance(shape, Section):
            known = settings_of(shape.model)
            key, _, rest = rest.partition(".")
            key = key.partition("[")[0]
            if key not in known:
                return None, list(known)
            found, shape = (shape.model, known[key]), known[key].shape
        elif isinstance(shape, TableOf):
            _, _, rest = rest.partition(".")
            found, shape = None, shape.item
        else:
            return None, []
    return found, []


def _unwrap(shape: Shape) -> Shape:
    if isinstance(shape, OneOf):
        return next((form for form in shape.forms if isinstance(form, Section)), shape)
    return shape


def _sent(loaded: Loaded, setting: Setting) -> dict[str, Any]:
    if setting.sent_as is None or loaded.environment is None:
        return {}
    body = gateway_body(loaded.environment.gateway)
    wanted = [name.strip() for name in setting.sent_as.split(",")]
    return {
        name: value
        for name, value in body.items()
        if any(name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in wanted)
    }


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
            return value if re.fullmatch(r"[^\s:#\[\]{},&*!|>'\"%@`][^\[\]{},#]*", value) else json.dumps(value)
        case _:
            return json.dumps(value)
