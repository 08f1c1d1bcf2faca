"""Findings about tokens and secrets that cannot be used, or not for long: disabled, not active, about to expire.

Also what is due soon, which is not drift.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import Rotation, existing_generations, next_due
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.model.gateway_domains import SERVICE_TOKEN
from gatewright.environment.risks import Risk
from gatewright.facts.access import ACCESS_SERVICE_TOKEN
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.drift import remedies
from gatewright.operations.drift.affected_clients import affected_clients
from gatewright.operations.drift.model import Finding, FindingClass
from gatewright.operations.plan.calendar import SOON
from gatewright.operations.plan.kinds import KEY, SECRET, TOKEN, location_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.cloudflare.generations import Generation
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Step

SERVICE_TOKEN_TYPE = ACCESS_SERVICE_TOKEN.token
WARNING = 14 * clock.DAY
"""How long before it expires a token that does not rotate is reported."""


@frozen
class ExpiryReader:
    """Reads tokens and secrets in the steps of a refresh; `now` in seconds since 1970.

    `shell_prefix` prepares the user's shell for plain pulumi.
    """

    environment: Environment
    root: Node | None
    now: int
    shell_prefix: str = ""

    def findings(self, steps: Sequence[Step]) -> Iterator[Finding]:
        """All findings."""
        stack, existing = self.environment.name, [step for step in steps if step.operation != "delete"]
        for step in existing:
            status = step.after.get("status")
            if step.type == SECRET and status not in (None, "active"):
                text, fix = f"its secret is {status} and cannot be used until it is active", remedies.refresh(stack)
                yield self._finding(FindingClass.CHANGED, KEY, step.name, text, ("providers", step.name, "key"), fix)
        tokens = [step for step in existing if step.type == TOKEN]
        for name, token in self.environment.tokens.items():
            yield from self._disabled(name, tokens)
            hint = f"first set a later tokens.{name}.expires" if token.expires else None
            rotation, live = Rotation.from_settings(token.rotate or None), self._generations(name, tokens)
            yield from self._scheduled("token", ("tokens", name), rotation, live, hint)
        access = self.environment.gateway.access
        if access is not None and access.service_token is not None:
            live = self._generations(SERVICE_TOKEN, [step for step in existing if step.type == SERVICE_TOKEN_TYPE])
            rotation = Rotation.from_settings(access.service_token.rotate)
            yield from self._scheduled("service token", ("gateway", "access"), rotation, live)

    def _disabled(self, name: str, steps: Iterable[Step]) -> Iterator[Finding]:
        for step in steps:
            if step.after.get("status") == "disabled" and self._generations(name, [step]):
                finding = self._finding(
                    FindingClass.CHANGED,
                    "token",
                    step.name,
                    "status active → disabled",
                    ("tokens", name),
                    remedies.replace(self.environment.name, step, self.shell_prefix),
                    "its replacement has another value; or enable it again in the dashboard",
                )
                since = step.after.get("modifiedOn")
                yield replace(finding, since=str(since) if since else None, risk=Risk.DELETED)

    def _scheduled(
        self, kind: str, keys: tuple[str, str], rotation: Rotation, live: Sequence[Generation], hint: str | None = None
    ) -> Iterator[Finding]:
        if not live:
            return
        newest, name, fix = live[-1], keys[1], remedies.up(self.environment.name)
        due = next_due(rotation, newest)
        if newest.ends is not None and self._ends_too_soon(newest.ends, due, rotation):
            verb = "expires" if newest.ends > self.now else "expired"
            text = f"{verb} {clock.format_time(newest.ends)}, {self._in_days(newest.ends)}"
            if due is not None:
                text, hint = f"{text}; no successor can overlap it for as long as declared", None
            yield self._finding(FindingClass.EXPIRING, kind, name, text, keys, fix, hint)
        if due is not None and due <= self.now + SOON:
            verb = "is" if due > self.now else "was"
            text = f"a new generation {verb} due {self._in_days(due)}, {clock.format_date(due)}"
            yield self._finding(FindingClass.DUE, kind, name, text, keys, fix)

    def _ends_too_soon(self, ends: int, due: int | None, rotation: Rotation) -> bool:
        """Whether a token expires within the warning time, or before its successor can overlap it as declared."""
        return ends < (self.now + WARNING if due is None else max(self.now, due) + rotation.overlap)

    def _generations(self, name: str, steps: Iterable[Step]) -> list[Generation]:
        """The generations of token `name`, oldest first."""
        return existing_generations(token_name(self.environment.name, name), [_account_token(step) for step in steps])

    def _in_days(self, time: int) -> str:
        days = abs(time - self.now) // clock.DAY
        if not days:
            return "today"
        return f"in {plural(days, 'day')}" if time > self.now else f"{plural(days, 'day')} ago"

    def _finding(
        self,
        class_: FindingClass,
        kind: str,
        name: str,
        text: str,
        keys: tuple[str, ...],
        fix: str,
        hint: str | None = None,
    ) -> Finding:
        location, clients = location_of(self.root, keys), affected_clients(self.environment, kind, keys[1])
        return Finding(class_, kind, name, text, ".".join(keys), fix, location, clients, hint=hint)


def _account_token(step: Step) -> AccountToken:
    properties = {**step.before, **step.after}
    return AccountToken(
        step.id,
        str(properties.get("name", "")),
        properties.get("issuedOn"),
        properties.get("lastUsedOn"),
        str(properties.get("status", "active")),
        properties.get("expiresOn", properties.get("expiresAt")),
    )
