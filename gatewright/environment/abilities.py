"""What a client program can do, as its module in gatewright/clients states it; the checks refuse the rest."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.facts.slugs import Api


@dataclass(frozen=True, slots=True)
class Abilities:
    """`via`: the ways to the models it can take; `speaks`: the APIs, the preferred one first; `keyless_messages`: it
    speaks Anthropic's API without a key of its own invention; `needs_model`: its file says nothing without a model; the
    other flags: whether it has a place for such a thing.
    """

    title: str  # OpenClaw
    routes: bool = True
    fallbacks: bool = True
    small: bool = False
    own: bool = True
    keyless_messages: bool = False
    needs_model: bool = False
    speaks: tuple[Api, ...] = (Api.CHAT, Api.MESSAGES)
    via: frozenset[str] = frozenset({"gateway", "provider", "rest", "direct"})
    keys: frozenset[str] = frozenset({"stored", "local"})

    @property
    def usual_via(self) -> str:
        """The way that a client takes where its settings name none."""
        return "gateway" if "gateway" in self.via else "provider"
