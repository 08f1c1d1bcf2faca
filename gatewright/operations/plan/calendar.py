"""Scheduled changes: the next generation of a token, and the removal of one that has a successor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import (
    Rotation,
    existing_generations,
    is_default_end,
    next_due,
    token_of_generation,
)
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.model.gateway_domains import SERVICE_TOKEN
from gatewright.facts.access import ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.operations.plan.diffs.tokens import DESCRIBED
from gatewright.operations.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.cloudflare.generations import Generation
    from gatewright.environment.model.rotation import Rotate
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.grouping import ResourceGroup

SOON = 7 * clock.DAY
"""How long before it is due a generation is announced."""


def is_scheduled(
    group: ResourceGroup, action: Action, environment: Environment, groups: Sequence[ResourceGroup]
) -> bool:
    """Whether the calendar alone creates, deletes or prolongs this generation of a token or service token, or updates
    the Access policy that names the service tokens.

    Not where the file has just started, ended or advanced the rotation: a raised epoch is a change of the file.
    """
    if group.main.type == ACCESS_POLICY.token and action is Action.UPDATE:
        return _follows_rotation(group, environment, groups)
    name, rotate = _declared_rotation(group, environment)
    own = _generation(environment, name, group)
    if own is None or rotate is None:
        return False
    if rotate is False:
        return action is Action.UPDATE and _is_prolonged(group)
    others = [
        (other.action, generation)
        for other in groups
        if other is not group
        and other.main.type == group.main.type
        and (generation := _generation(environment, name, other))
    ]
    if action is Action.CREATE:
        epochs = [generation.epoch for other, generation in others if other is not Action.CREATE]
        return bool(epochs) and 0 < own.epoch == max(epochs)
    has_successor = any(other is not Action.DELETE and generation.start > own.start for other, generation in others)
    return action is Action.DELETE and has_successor


def _declared_rotation(group: ResourceGroup, environment: Environment) -> tuple[str, Rotate | Literal[False] | None]:
    """The name of a group's token or service token, and its rotation; False if it does not rotate, None if it is not
    declared."""
    if group.main.type == ACCESS_SERVICE_TOKEN.token:
        access = environment.gateway.access
        return SERVICE_TOKEN, access.service_token.rotate if access and access.service_token else None
    name = token_of_generation(group.name, environment.tokens)
    if name not in environment.tokens:
        return name, None
    return name, environment.tokens[name].rotate or False


def _follows_rotation(group: ResourceGroup, environment: Environment, groups: Sequence[ResourceGroup]) -> bool:
    """Whether only service tokens that the calendar creates or deletes come and go in an Access policy."""
    before, after = group.main.before, group.main.after
    if {name for name in {*before, *after} if before.get(name) != after.get(name)} != {"includes"}:
        return False
    tokens = [other for other in groups if other.main.type == ACCESS_SERVICE_TOKEN.token and other.action]
    if not all(other.action and is_scheduled(other, other.action, environment, groups) for other in tokens):
        return False
    actions = [other.action for other in tokens]
    old, new = before["includes"], after["includes"]
    added, removed = [rule for rule in new if rule not in old], [rule for rule in old if rule not in new]
    return (len(added), len(removed)) == (actions.count(Action.CREATE), actions.count(Action.DELETE))


def upcoming_notes(environment: Environment, groups: Sequence[ResourceGroup]) -> Iterator[str]:
    """A note for each token that is created for the first time, and for each whose next generation is due soon."""
    now = clock.now(os.environ)
    for name, token in environment.tokens.items():
        groups_alive = {
            generation: group
            for group in groups
            if group.main.type == ACCOUNT_TOKEN.token
            and group.action is not Action.DELETE
            and (generation := _generation(environment, name, group))
        }
        live = [*groups_alive]
        if [group.action for group in groups_alive.values()] == [Action.CREATE]:
            yield from _naming_note(name, live[0], groups_alive[live[0]], now)
        newest = max(live, key=lambda generation: generation.start, default=None)
        due = next_due(Rotation.from_settings(token.rotate or None), newest) if newest else None
        if due is not None and now < due <= now + SOON:
            date = clock.format_date(due)
            yield f"token {name}: a new generation is due {date}; the first up from then on creates it"


def _naming_note(name: str, first: Generation, group: ResourceGroup, now: int) -> Iterator[str]:
    """Explain the date in the name of a token's first generation."""
    if first.start and now >= first.start + clock.DAY:
        yield f"token {name}: {group.name} is named after the first day of its rotation slot, not after today"


def _is_prolonged(group: ResourceGroup) -> bool:
    """Whether only the default end of a token changes, which follows the calendar."""
    before, after = group.main.before, group.main.after
    changed = {key for key in DESCRIBED if before.get(key) != after.get(key)}
    return changed == {"expiresOn"} and all(is_default_end(_end(side)) for side in (before, after))


def _end(properties: Mapping[str, Any]) -> int | None:
    return clock.parse_timestamp(str(properties["expiresOn"])) if properties.get("expiresOn") else None


def _generation(environment: Environment, name: str, group: ResourceGroup) -> Generation | None:
    """The generation of token `name` that a group is, by its name at Cloudflare."""
    if group.main.type not in (ACCOUNT_TOKEN.token, ACCESS_SERVICE_TOKEN.token):
        return None
    full_name = str((group.main.after or group.main.before).get("name", ""))
    matching = existing_generations(token_name(environment.name, name), [AccountToken("", full_name, None, None)])
    return matching[0] if matching else None
