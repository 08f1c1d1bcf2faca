"""The capabilities of a client's program, as its module in gatewright/clients declares them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field

from gatewright.facts.slugs import Api
from gatewright.frozen import frozen


@frozen
class Agents:
    """How a program holds roles: as agents, profiles, aliases or model slots.

    `names`: the only names it has, empty for any that matches `pattern`; `reserved`: names that it uses itself;
    `fallbacks`: whether an agent can have fallbacks.
    """

    noun: str  # profiles
    names: tuple[str, ...] = ()
    pattern: str = r"[A-Za-z0-9][A-Za-z0-9_-]*"
    reserved: frozenset[str] = frozenset()
    fallbacks: bool = False

    def name_error(self, name: str) -> str | None:
        """Why no agent can have this name; None if one can."""
        if self.names and name not in self.names:
            return f"has no {name} among its {self.noun}"
        if name in self.reserved:
            return f"reserves the name {name}"
        return None if re.fullmatch(self.pattern, name) else f"does not accept the name {name}"

    def valid_name(self, name: str) -> str | None:
        """The nearest name to `name` that an agent can have: in lower case, with hyphens; None if there is none."""
        near = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
        return near if near and self.name_error(near) is None else None


@frozen
class Refusal:
    """Something that a program cannot do. `setting`: a path below clients.<program>, empty for the whole client."""

    setting: str
    message: str
    hint: str


@frozen
class Metadata:
    """How a program sends cf-aig-metadata.

    `reference`: its form of a variable within a header, with {} for the name; None if it has none. `roles`: whether its
    agents can send different headers.
    """

    reference: str | None = None
    roles: bool = False


def refuse_nothing(*_: object) -> Iterable[Refusal]:
    """The default of `ClientCapabilities.refuses`."""
    return ()


@frozen
class ClientCapabilities:
    """What a program supports.

    `unproven`: its files follow its documentation only; no test has run the program with them.
    `via`: the endpoints that it can use; `speaks`: its APIs, the preferred one first.
    `two_credentials`: it can send a provider's key and the gateway's token in one request.
    `keyless_messages`: it can use Anthropic's API without a key.
    `credentials`: the oldest version that takes its token from a `helper` (a command) or a `file`.
    `built_in_providers`: ids of providers that the program has itself; a client may use the
    `reusable_providers` among them as its own.
    `header_variable`: its form of a header whose value is a variable, with {} for the name; None if it has none.
    `assumes`: what it does with a model that declares no `context` or no `output`.
    `refuses`: called with the `Environment` and the `Client` (resolved.py) when there are no other errors.
    The other flags: whether it has the feature.
    """

    title: str  # OpenClaw
    checked: str | None = None  # the version that its files were tested with; None: no program has read them
    oldest: str | None = None  # the first version that reads them
    unproven: bool = False
    routes: bool = True
    fallbacks: bool = True
    small: bool = False
    own: bool = True
    agents: Agents | None = None
    metadata: Metadata | None = None  # None: it sends no headers of the file
    header_variable: str | None = None
    two_credentials: bool = True
    keyless_messages: bool = False
    speaks: tuple[Api, ...] = (Api.CHAT, Api.MESSAGES)
    credentials: Mapping[str, str] = field(default_factory=dict)
    via: frozenset[str] = frozenset({"gateway", "provider", "rest", "direct"})
    built_in_providers: frozenset[str] = frozenset()
    reusable_providers: frozenset[str] = frozenset()
    assumes: Mapping[str, str] = field(default_factory=dict)
    refuses: Callable[..., Iterable[Refusal]] = refuse_nothing

    @property
    def default_via(self) -> str:
        """The endpoint of a client whose settings name none."""
        return "gateway" if "gateway" in self.via else "provider"


def version_tuple(version: str) -> tuple[int, ...]:
    """`2026.9.6` as numbers, for comparing."""
    return tuple(map(int, version.split(".")))
