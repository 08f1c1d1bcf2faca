"""What a client program can do, as its module in gatewright/clients states it; the checks refuse the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abilities:
    """`via`: the ways to the models it can take; the flags: whether it has a place for such a thing."""

    title: str  # OpenClaw
    routes: bool = True
    fallbacks: bool = True
    small: bool = False
    own: bool = True
    via: frozenset[str] = frozenset({"gateway", "provider", "rest", "direct"})
    keys: frozenset[str] = frozenset({"stored", "local"})
