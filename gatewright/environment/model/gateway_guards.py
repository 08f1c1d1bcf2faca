"""Guardrails, data loss prevention and spend limits of a gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatewright.environment.quantities import Quantity
from gatewright.environment.shapes.base import Exactly, ListOf, OneOf, TableOf
from gatewright.environment.shapes.scalars import BoolShape, QuantityShape, Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.frozen import frozen

CATEGORIES = {
    "promptInjection": "P1",
    "violentCrimes": "S1",
    "nonViolentCrimes": "S2",
    "sexCrimes": "S3",
    "childSexualExploitation": "S4",
    "defamation": "S5",
    "specializedAdvice": "S6",
    "privacy": "S7",
    "intellectualProperty": "S8",
    "indiscriminateWeapons": "S9",
    "hate": "S10",
    "selfHarm": "S11",
    "sexualContent": "S12",
    "elections": "S13",
}
_CATEGORY = "|".join([*CATEGORIES, *CATEGORIES.values()])
_ACTIONS = TableOf(
    words("flag", "block"),
    "a guardrail category: " + ", ".join(CATEGORIES),
    f"^({_CATEGORY})$",
    near=tuple(CATEGORIES),
)


@frozen
class Guardrails:
    """Categories that are flagged or blocked; all others pass. A category is written by name or by Cloudflare's code:
    P1, S1 to S13.
    """

    prompt: Mapping[str, str] = setting(
        _ACTIONS, "Categories to look for in requests.", default={}, sent_as="guardrails.prompt"
    )
    response: Mapping[str, str] = setting(
        _ACTIONS, "Categories to look for in responses.", default={}, sent_as="guardrails.response"
    )


@frozen
class DlpPolicy:
    """One policy of data loss prevention."""

    id: str = setting(Text(longest=100), "A stable id.", required=True)
    action: str = setting(words("block", "flag"), "What happens on a match.", required=True)
    check: tuple[str, ...] = setting(
        ListOf(words("request", "response"), least=1), "What it inspects.", default=("request", "response")
    )
    profiles: tuple[str, ...] = setting(
        ListOf(Text("the id of a DLP profile"), least=1), "The DLP profiles (Zero Trust) to use.", required=True
    )
    enabled: bool = setting(BoolShape(), "Whether it is active.", default=True)


@frozen
class Dlp:
    """Data loss prevention: either one action for some profiles, or policies."""

    enabled: bool = setting(BoolShape(), "Whether it is active.", default=True)
    action: str | None = setting(words("block", "flag"), "Short form: what happens on a match.")
    profiles: tuple[str, ...] = setting(
        ListOf(Text("the id of a DLP profile"), least=1), "Short form: the DLP profiles to use.", default=()
    )
    policies: tuple[DlpPolicy, ...] = setting(ListOf(Section(DlpPolicy), least=1), "Full form.", default=())


_VALUES = ListOf(Text(), least=1)


@frozen
class SpendRule:
    """A limit on spending."""

    id: str = setting(
        Text("a short id", r"^[A-Za-z0-9_-]{1,64}$"),
        "A stable id; without one the plugin gives every rule the same.",
        required=True,
    )
    limit: Quantity = setting(
        QuantityShape(("USD",), "5 USD/day"), "USD per period.", required=True, sent_as="limit, window"
    )
    technique: str = setting(
        words("fixed", "sliding"), "How the period is counted, as for rateLimit.", default="sliding"
    )
    providers: tuple[str, ...] = setting(_VALUES, "Count requests to these providers only.", default=())
    models: tuple[str, ...] = setting(_VALUES, "Count requests to these model ids only.", default=())
    metadata: Mapping[str, Any] = setting(
        TableOf(
            OneOf((Exactly("each", "each"), _VALUES), "`each`, or a list of values"),
            "a metadata key",
            r"^\S+$",
        ),
        "Per metadata key: `each` gives every value a separate budget, a list counts these values only.",
        default={},
    )
    enabled: bool = setting(BoolShape(), "Whether it is active.", default=True)
