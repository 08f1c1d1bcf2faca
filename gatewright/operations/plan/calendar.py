"""Which steps of a plan only the calendar brings: a token's next generation, and the end of one with a successor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import DAY, Rotation, existing_generations, next_due, token_of_generation
from gatewright.environment.checks.tokens import token_name
from gatewright.facts.resources import ACCOUNT_TOKEN
from gatewright.operations.plan.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.cloudflare.generations import Generation
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.grouping import Subject

SOON = 7 * DAY
"""How long before a generation is due it is said."""


def is_due(subject: Subject, action: Action, environment: Environment, others: Sequence[Subject]) -> bool:
    """Whether it is the calendar alone that makes, or takes away, this generation of a token.

    Not where the file has just begun, ended or hurried its rotation: a raised epoch is a change of the file.
    """
    name = token_of_generation(subject.name, environment.tokens)
    mine = _generation(environment, name, subject)
    if mine is None or name not in environment.tokens or not environment.tokens[name].rotate:
        return False
    family = [
        (other, each) for other in others if other is not subject and (each := _generation(environment, name, other))
    ]
    if action is Action.CREATE:
        before = [each.epoch for other, each in family if other.action is not Action.CREATE]
        return bool(before) and 0 < mine.epoch == max(before)
    later = [each for other, each in family if other.action is not Action.DELETE and each.start > mine.start]
    return action is Action.DELETE and bool(later)


def coming(environment: Environment, found: Sequence[Subject]) -> Iterator[str]:
    """What the calendar brings soon, a line for each token."""
    now = clock.now(os.environ)
    for name, token in environment.tokens.items():
        live = [
            each
            for subject in found
            if subject.action is not Action.DELETE and (each := _generation(environment, name, subject))
        ]
        due = (
            next_due(Rotation.from_settings(token.rotate or None), max(live, key=lambda each: each.start))
            if live
            else None
        )
        if due is not None and now < due <= now + SOON:
            yield f"token {name}: a new generation is due {clock.format_date(due)}, made by the first up from then on"


def _generation(environment: Environment, name: str, subject: Subject) -> Generation | None:
    """The generation of token `name` that a subject is, by its name at Cloudflare; None where it is none."""
    if subject.main.type != ACCOUNT_TOKEN.token:
        return None
    called = str((subject.main.new or subject.main.old).get("name", ""))
    found = existing_generations(token_name(environment.name, name), [AccountToken("", called, None, None)])
    return found[0] if found else None
