"""The rules under `ignore:`: each names something that can drift, and none has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.ignore import has_ended
from gatewright.environment.shapes.base import TableOf, join
from gatewright.environment.shapes.sections import section_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node

Unknown = tuple[str, str | None]
"""A message and a hint on a path that does not exist."""

_SECTIONS = ("gateway", "routes", "tokens", "providers", "files", "orphans")
_COMPARED_WHOLE = ("otel", "stripe")
"""Settings of a gateway that hold secrets: drift reports that they differ, not where."""


def check_ignore(file: EnvironmentFile, root: Node, now: int, diagnostics: Diagnostics) -> None:
    """Report rules that name something unknown; note rules that have ended."""
    written = root.at("ignore")
    nodes = written.value if written and isinstance(written.value, list) else []
    for index, node in enumerate(nodes):
        path, what, until = f"ignore[{index}]", node.at("what"), node.at("until")
        unknown = unknown_path(file, what.value) if what is not None and isinstance(what.value, str) else None
        if what is not None and unknown is not None:
            diagnostics.error(what.location, f"{path}.what", "unknown-path", *unknown)
        if until is None or not isinstance(until.value, str) or diagnostics.failed_at(until.location):
            continue
        if has_ended(until.value, now):
            message = f"the rule ended on {until.value} and no longer applies"
            diagnostics.note(until.location, f"{path}.until", "past", message, "Remove it, or set a later date")


def unknown_path(file: EnvironmentFile, path: str) -> Unknown | None:
    """Why nothing that can drift is at `path`, and the nearest valid name; None for a valid path."""
    section, _, rest = path.partition(".")
    if section not in _SECTIONS:
        return f"unknown section {section}", did_you_mean(section, _SECTIONS)
    match section:
        case "gateway":
            return _below_settings(file, section, rest)
        case "routes":
            return _below_name(section, rest, file.routes)
        case "tokens":
            return _below_name(section, rest, file.tokens)
        case "providers":
            models = {f"models.{name}" for provider in file.providers.values() for name in provider.models}
            return _below_name(section, rest, file.providers, ("key", "baseUrl", *sorted(models)))
        case "files" if rest:
            program = rest.partition("/")[0].partition(".")[0]
            if program not in file.clients:
                return f"no client of this environment has the file {rest}", did_you_mean(program, file.clients)
    return None


def _below_settings(file: EnvironmentFile, path: str, rest: str) -> Unknown | None:
    model: type | None = Gateway
    while rest and model is not None:
        key, _, rest = rest.partition(".")
        settings = settings_of(model)
        if key not in settings:
            return f"{join(path, key)} does not exist", did_you_mean(key, settings)
        shape, path = settings[key].shape, join(path, key)
        if path == "gateway.domains" and rest:
            return _below_name(path, rest, file.gateway.domains)
        section = None if key in _COMPARED_WHOLE else section_of(shape)
        model = section.model if section else None
        if rest and isinstance(shape, TableOf):
            return _below_name(path, rest, shape.near)
        if rest and model is None:
            return f"drift does not report settings below {path} separately", f"Write {path}"
    return None


def _below_name(section: str, rest: str, names: Iterable[str], keys: Collection[str] = ()) -> Unknown | None:
    """`rest` is one of `names`, which may hold dots, or one of `keys` below a name."""
    valid = sorted(names)
    if not rest or rest in valid or any(rest == f"{name}.{key}" for name in valid for key in keys):
        return None
    name = max((name for name in valid if rest.startswith(f"{name}.")), key=len, default=None)
    if name is not None:
        key = rest.removeprefix(f"{name}.")
        return f"drift does not report {key} of {section}.{name} separately", did_you_mean(rest, keys)
    return f"{section}.{rest} does not exist", did_you_mean(rest, valid)
