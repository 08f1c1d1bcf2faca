"""Guardrails and data loss prevention: nothing is read for its content; what the scanners find is told by a test.

Documented: the codes, and that a flagged category or profile lets a request pass. Gone with a restart.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import blocked

BLOCK = "BLOCK"


class Way(StrEnum):
    """What is scanned, by the names of guardrails and of DLP's policies."""

    PROMPT = "prompt"
    RESPONSE = "response"


_CHECKS = {Way.PROMPT: "REQUEST", Way.RESPONSE: "RESPONSE"}
_GUARDRAILS = {
    Way.PROMPT: blocked(2016, "Prompt blocked due to security configurations"),
    Way.RESPONSE: blocked(2017, "Response blocked due to security configurations"),
}
_DLP = {
    Way.PROMPT: blocked(2029, "Request content blocked due to DLP policy violations"),
    Way.RESPONSE: blocked(2030, "Response content blocked due to DLP policy violations"),
}


@dataclass(slots=True)
class Scanner:
    """What is found in every prompt and in every response: categories (S1, P1, …) and DLP profiles."""

    prompt: Collection[str] = ()
    response: Collection[str] = ()

    def check(self, way: Way, gateway: Json) -> None:
        """Raises AigError 2016, 2017, 2029 or 2030 where the gateway blocks what is found."""
        found = set(self.prompt if way is Way.PROMPT else self.response)
        if not found:
            return
        verdicts = (gateway["guardrails"] or {}).get(way, {})
        if any(verdicts.get(category) == BLOCK for category in found):
            raise _GUARDRAILS[way]
        if any(found & set(policy["profiles"]) for policy in _blocking(gateway.get("dlp") or {}, _CHECKS[way])):
            raise _DLP[way]


def _blocking(dlp: Json, check: str) -> list[Json]:
    """The policies that block what they find there; the older form is one policy that checks requests (guess)."""
    if not dlp.get("enabled"):
        return []
    policies = dlp.get("policies", [{**dlp, "check": ["REQUEST"]}])
    return [each for each in policies if each["enabled"] and each["action"] == BLOCK and check in each["check"]]
