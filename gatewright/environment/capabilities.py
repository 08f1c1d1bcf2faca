"""What a client program can do, as its module in gatewright/clients states it; the checks refuse the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from gatewright.environment.resolved import Client, Environment


@dataclass(frozen=True, slots=True)
class Agents:
    """What roles become in a program: it calls them so, has only these `names` (none: any of `pattern` that it does not
    keep for itself, `taken`), and may hold what follows a first choice."""

    called: str  # profiles
    names: tuple[str, ...] = ()
    pattern: str = r"[A-Za-z0-9][A-Za-z0-9_-]*"
    taken: frozenset[str] = frozenset()
    fallbacks: bool = False

    def refuses(self, name: str) -> str | None:
        """Why there cannot be one called `name`; None where there can."""
        if self.names and name not in self.names:
            return f"has no {name} among its {self.called}"
        if name in self.taken:
            return f"keeps the name {name} for itself"
        return None if re.fullmatch(self.pattern, name) else f"cannot hold the name {name}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a program cannot do with `setting` of its client: a path below clients.<program>, empty for all of it."""

    setting: str
    message: str
    hint: str


def nothing_else(environment: Environment, client: Client) -> Iterable[Refusal]:  # noqa: ARG001
    """What a program refuses that takes whatever its other abilities allow."""
    return ()


@dataclass(frozen=True, slots=True)
class ClientCapabilities:
    """`via`: the ways to the models it can take; `speaks`: the APIs, the preferred one first.

    `two_credentials`: it can send a provider's key and the gateway's token at once; `keyless_messages`: it speaks
    Anthropic's API without a key of its own invention;
    `taken`: providers' ids that it keeps for itself, but for the
    `lent` ones, which a client may name; `assumes`: what it does with a model whose `context` or `output` nobody
    declares; `refuses`: what else it cannot do, asked once everything else is right. The other flags: whether it
    has a place for such a thing.
    """

    title: str  # OpenClaw
    checked: str | None = None  # the version that its files were run with; None: a format of no program
    oldest: str | None = None  # the first version that takes them
    routes: bool = True
    fallbacks: bool = True
    small: bool = False
    own: bool = True
    agents: Agents | None = None
    two_credentials: bool = True
    keyless_messages: bool = False
    speaks: tuple[Api, ...] = (Api.CHAT, Api.MESSAGES)
    via: frozenset[str] = frozenset({"gateway", "provider", "rest", "direct"})
    taken: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()
    assumes: Mapping[str, str] = field(default_factory=dict)
    refuses: Callable[[Environment, Client], Iterable[Refusal]] = nothing_else

    @property
    def usual_via(self) -> str:
        """The way that a client takes where its settings name none."""
        return "gateway" if "gateway" in self.via else "provider"


def figures(version: str) -> tuple[int, ...]:
    """A version in order: 2026.9.6."""
    return tuple(map(int, version.split(".")))
