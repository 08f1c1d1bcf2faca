"""Drift that is known and accepted for a while: `ignore:` in an environment's file, and what it can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clock import day
from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.shapes.base import OneOf, TableOf, When, join
from gatewright.environment.shapes.scalars import Text
from gatewright.environment.shapes.sections import Section, setting, settings_of
from gatewright.environment.shapes.timestamps import Day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import Shape

WHOLE = ("otel", "stripe")
"""Settings of a gateway that hold secrets: that they differ is seen, and not where."""
SECTIONS = ("gateway", "routes", "tokens", "providers", "files", "orphans")


@dataclass(frozen=True, slots=True)
class Ignore:
    """Drift that is known: `gatewright drift` shows it as ignored, and does not count it."""

    what: str = setting(
        Text("what drifts"),
        "What drifts, and all below it, written as for `explain`: gateway.logs, routes.fast, tokens.ci, "
        "providers.mistral.key; files.<path> for an emitted file, orphans.<name> for what is in no stack.",
        required=True,
    )
    reason: str = setting(Text("why it is accepted", longest=500), "Why it is accepted.", required=True)
    until: str = setting(Day(), "The last day on which it is: 2026-12-31, UTC.", required=True)

    def covers(self, what: str) -> bool:
        """Whether it is said of the thing that drift calls `what`, or of something that this is in."""
        return what == self.what or what.startswith((f"{self.what}.", f"{self.what}/"))

    def has_ended(self, now: int) -> bool:
        """Whether its last day is over; `now` in seconds since 1970."""
        return day(now)[:10] > self.until


def check_ignores(file: EnvironmentFile, root: Node, now: int, diagnostics: Diagnostics) -> None:
    """Reports what an `ignore:` names that there is not; one whose day is over is noted, and does not count."""
    written = root.at("ignore")
    nodes = written.value if written and isinstance(written.value, list) else []
    for index, node in enumerate(nodes):
        path, what, until = f"ignore[{index}]", node.at("what"), node.at("until")
        said = unknown(file, what.value) if what is not None and isinstance(what.value, str) else None
        if what is not None and said is not None:
            diagnostics.error(what.location, f"{path}.what", "unknown-path", *said)
        if until is None or not isinstance(until.value, str) or diagnostics.failed_at(until.location):
            continue
        if day(now)[:10] > until.value:
            message = f"{until.value} is over: the rule does not count any more"
            diagnostics.note(until.location, f"{path}.until", "past", message, "Remove it, or write a later day")


def unknown(file: EnvironmentFile, what: str) -> tuple[str, str | None] | None:
    """Why nothing is called `what`, and the nearest that is; None where something is."""
    section, _, rest = what.partition(".")
    if section not in SECTIONS:
        return f"drift knows no {section}", did_you_mean(section, SECTIONS)
    match section:
        case "gateway":
            return _below_settings(file, section, rest)
        case "routes":
            return _below_name(section, rest, file.routes)
        case "tokens":
            return _below_name(section, rest, file.tokens)
        case "providers":
            return _below_name(section, rest, file.providers, ("key", "baseUrl"))
        case "files" if rest:
            program = rest.partition("/")[0].partition(".")[0]
            if program not in file.clients:
                near = did_you_mean(program, file.clients)
                return f"no client of this environment has a file {rest}", near
    return None


def _below_settings(file: EnvironmentFile, path: str, rest: str) -> tuple[str, str | None] | None:
    model: type | None = Gateway
    while rest and model is not None:
        key, _, rest = rest.partition(".")
        known = settings_of(model)
        if key not in known:
            return f"there is no {join(path, key)}", did_you_mean(key, known)
        shape, path = known[key].shape, join(path, key)
        if path == "gateway.domains" and rest:
            return _below_name(path, rest, file.gateway.domains)
        model = None if key in WHOLE else _section(shape)
        if rest and isinstance(shape, TableOf):
            return _below_name(path, rest, shape.near)
        if rest and model is None:
            return f"nothing below {path} drifts by itself", f"Write {path}"
    return None


def _below_name(
    section: str, rest: str, names: Iterable[str], keys: Collection[str] = ()
) -> tuple[str, str | None] | None:
    """`rest` is one of `names`, which may hold dots; or one of `keys` below it."""
    there = sorted(names)
    if not rest or rest in there or any(rest == f"{name}.{key}" for name in there for key in keys):
        return None
    name = max((each for each in there if rest.startswith(f"{each}.")), key=len, default=None)
    if name is not None:
        return f"{section}.{name} has no {rest.removeprefix(f'{name}.')} that drifts by itself", did_you_mean(
            rest, keys
        )
    return f"there is no {section}.{rest}", did_you_mean(rest, there)


def _section(shape: Shape) -> type | None:
    """The model of what is below a setting; None where nothing is."""
    match shape:
        case OneOf(forms=forms):
            return next((found for form in forms if (found := _section(form))), None)
        case When(shape=inner):
            return _section(inner)
        case Section(model=model):
            return model
    return None
