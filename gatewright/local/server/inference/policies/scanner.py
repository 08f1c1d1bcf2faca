"""Guardrails and data loss prevention. Content is not analysed: a test says what the scanners detect.

Documented: the codes, and that a flagged category or profile lets a request pass. A restart resets the scanner.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import blocked

BLOCK = "BLOCK"


class Direction(StrEnum):
    """What is scanned, by the names of guardrails."""

    PROMPT = "prompt"
    RESPONSE = "response"


_CHECKS = {Direction.PROMPT: "REQUEST", Direction.RESPONSE: "RESPONSE"}  # the names of DLP's policies
_GUARDRAILS = {
    Direction.PROMPT: blocked(2016, "Prompt blocked due to security configurations"),
    Direction.RESPONSE: blocked(2017, "Response blocked due to security configurations"),
}
_DLP = {
    Direction.PROMPT: blocked(2029, "Request content blocked due to DLP policy violations"),
    Direction.RESPONSE: blocked(2030, "Response content blocked due to DLP policy violations"),
}


@dataclass(slots=True)
class Scanner:
    """What is detected in every prompt and in every response: categories (S1, P1, …) and DLP profiles."""

    prompt: Collection[str] = ()
    response: Collection[str] = ()

    def check(self, direction: Direction, gateway: Json) -> None:
        """Raises AiGatewayError 2016, 2017, 2029 or 2030 where the gateway blocks what is detected."""
        detected = set(self.prompt if direction is Direction.PROMPT else self.response)
        if not detected:
            return
        verdicts = (gateway["guardrails"] or {}).get(direction, {})
        if any(verdicts.get(category) == BLOCK for category in detected):
            raise _GUARDRAILS[direction]
        policies = _blocking(gateway.get("dlp") or {}, _CHECKS[direction])
        if any(detected & set(policy["profiles"]) for policy in policies):
            raise _DLP[direction]


def _blocking(dlp: Json, check: str) -> list[Json]:
    """The policies that block on that check. The older form is one policy that checks requests (guess)."""
    if not dlp.get("enabled"):
        return []
    policies = dlp.get("policies", [{**dlp, "check": ["REQUEST"]}])
    return [
        policy for policy in policies if policy["enabled"] and policy["action"] == BLOCK and check in policy["check"]
    ]
