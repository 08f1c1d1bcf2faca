"""Tokens and secrets that are there and do not do, or will soon not do: disabled, not active, about to expire; and what
the calendar brings, which is no drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import DAY, Rotation, existing_generations, next_due
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.risks import Risk
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.operations.drift import remedies
from gatewright.operations.drift.affected_clients import concerned
from gatewright.operations.drift.model import Class, Finding
from gatewright.operations.plan.calendar import SOON
from gatewright.operations.plan.kinds import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.cloudflare.generations import Generation
    from gatewright.environment.load import Loaded
    from gatewright.environment.model.environment_file import Token
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Step

WARNING = 14 * DAY
"""How long before its end a token that does not rotate is reported."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Reads what a refresh has found of tokens and secrets. `now`: seconds since 1970; `enter` as a session has it."""

    environment: Environment
    loaded: Loaded
    now: int
    enter: str = ""

    def findings(self, steps: Sequence[Step]) -> Iterator[Finding]:
        """All of them."""
        there = [step for step in steps if step.operation != "delete"]
        tokens = [step for step in there if step.type == ACCOUNT_TOKEN.token]
        for step in there:
            status = step.after.get("status")
            if step.type == SECRETS_STORE_SECRET.token and status not in (None, "active"):
                words = f"its secret is {status}, and is found only once it is active"
                mend = remedies.refreshed(self.environment.name)
                yield self._found(Class.CHANGED, KEY, step.name, f"providers.{step.name}.key", words, mend)
        for name, token in self.environment.tokens.items():
            yield from self._disabled(name, tokens)
            yield from self._by_the_calendar(name, token, self._generations(name, tokens))

    def _disabled(self, name: str, steps: Iterable[Step]) -> Iterator[Finding]:
        for step in steps:
            if step.after.get("status") == "disabled" and self._generations(name, [step]):
                since = step.after.get("modifiedOn")
                yield self._found(
                    Class.CHANGED,
                    "token",
                    step.name,
                    f"tokens.{name}",
                    "status active → disabled",
                    remedies.replaced(self.environment.name, step, self.enter),
                    since=str(since) if since else None,
                    hint="the one in its place has another value; or enable this one again in the dashboard",
                    risk=Risk.DELETED,
                )

    def _by_the_calendar(self, name: str, token: Token, found: Sequence[Generation]) -> Iterator[Finding]:
        if not found:
            return
        newest, rotation, stack = found[-1], Rotation.from_settings(token.rotate or None), self.environment.name
        due = next_due(rotation, newest)
        if newest.ends is not None and self._ends_too_soon(newest.ends, due, rotation):
            ends = f"ends {clock.format_time(newest.ends)}, {self._in_days(newest.ends)}"
            words = ends
            hint: str | None = f"first write a later end: tokens.{name}.expires"
            if due is not None:
                words, hint = f"{ends}, and no successor could overlap it for as long as declared", None
            yield self._found(Class.EXPIRING, "token", name, f"tokens.{name}", words, remedies.up(stack), hint=hint)
        if due is not None and due <= self.now + SOON:
            is_due = "is due" if due > self.now else "was due"
            words = f"a new generation {is_due} {self._in_days(due)}, {clock.format_date(due)}"
            yield self._found(Class.DUE, "token", name, f"tokens.{name}", words, remedies.up(stack))

    def _ends_too_soon(self, ends: int, due: int | None, rotation: Rotation) -> bool:
        """One that rotates is safe while its successor, made when it is due or now, can overlap it as declared."""
        return ends < (self.now + WARNING if due is None else max(self.now, due) + rotation.overlap)

    def _generations(self, name: str, steps: Iterable[Step]) -> list[Generation]:
        """Those of token `name`, from the oldest to the newest."""
        listed = [_token(step) for step in steps]
        return existing_generations(token_name(self.environment.name, name), listed)

    def _in_days(self, moment: int) -> str:
        days = abs(moment - self.now) // DAY
        if not days:
            return "today"
        count = f"{days} day{'' if days == 1 else 's'}"
        return f"in {count}" if moment > self.now else f"{count} ago"

    def _found(
        self,
        class_: Class,
        kind: str,
        name: str,
        what: str,
        words: str,
        mend: str,
        *,
        since: str | None = None,
        hint: str | None = None,
        risk: Risk | None = None,
    ) -> Finding:
        keys, root = what.split("."), self.loaded.root
        return Finding(
            class_,
            kind,
            name,
            words,
            what,
            mend,
            root.location_at(*keys) if root else None,
            concerned(self.environment, kind, keys[1]),
            since,
            hint,
            risk=risk,
        )


def _token(step: Step) -> AccountToken:
    held = {**step.before, **step.after}
    return AccountToken(
        step.id,
        str(held.get("name", "")),
        held.get("issuedOn"),
        held.get("lastUsedOn"),
        str(held.get("status", "active")),
        held.get("expiresOn"),
    )
