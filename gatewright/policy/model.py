"""The model of policies.yaml. Its reader and policies.schema.json are derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from gatewright.environment.model.ignore import has_ended
from gatewright.environment.shapes.base import ListOf, OneOf, TableOf
from gatewright.environment.shapes.scalars import Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.environment.shapes.timestamps import Date
from gatewright.frozen import frozen

SUBJECTS = ("environment", "gateway", "route", "token", "client", "provider", "model")
"""What a rule can be about, which is also the variable that holds it."""
SHIPPED_NAME = "gatewright:policies"
"""The shipped rules in `extends`."""
LONGEST_EXPRESSION = 4_000
EXTENDS = Text(
    f"{SHIPPED_NAME}, a file of this project, or a file of a Python package (acme:policies.yaml)",
    r"^(?!/)(?!.*(^|/)\.\.(/|$))(?:[A-Za-z_][\w.]*:)?[^:\\\x00]+$",
    200,
    one_line=True,
)
_EXPRESSION = Text("a CEL expression", longest=LONGEST_EXPRESSION)
_SENTENCE = Text("a text", longest=300, one_line=True)
_PATTERNS = ListOf(Text("an environment's name, or a pattern like prod-*", r"^[a-z0-9*?\[\]!_-]+$", 60), least=1)


@frozen
class Rule:
    """A rule: what is required of each gateway, route, token, client, provider or model, or of the environment."""

    for_: str = setting(
        words(*SUBJECTS),
        "What the rule is about. It is evaluated for each of them; a model counts where a route, a role or a client "
        "names it.",
        key="for",
        required=True,
    )
    require: str = setting(
        _EXPRESSION,
        "The CEL expression that must be true. Variables: `environment`, `gateway`, `now`, and the one that `for` "
        "names. Durations are in seconds: gateway.cache.ttl <= hours(1).",
        required=True,
    )
    message: str = setting(_SENTENCE, "The rule in words, as it is shown where it is broken.", required=True)
    level: str = setting(
        words("advisory", "mandatory"),
        "`mandatory`: an environment that breaks the rule is invalid; `advisory`: a warning.",
        default="mandatory",
    )
    environments: tuple[str, ...] = setting(
        _PATTERNS,
        'The environments that the rule applies to, by name or pattern: [prod, "prod-*"]. Default all.',
        default=("*",),
    )
    when: str | None = setting(
        _EXPRESSION, "A CEL expression: the rule applies only where it is true. Default everywhere."
    )
    fix: str | None = setting(_SENTENCE, "What to do about it, shown with the message.")

    def applies_to(self, environment: str) -> bool:
        """Whether the rule applies to an environment of this name."""
        return matches(environment, self.environments)


@frozen
class PolicyException:
    """An exception from a mandatory rule: until a day, with a reason and the person who granted it."""

    rule: str = setting(Text("the name of a rule"), "The rule that may be broken.", required=True)
    environments: tuple[str, ...] = setting(
        _PATTERNS, "The environments that may break it, by name or pattern.", required=True
    )
    name: str | None = setting(
        Text("the name of a token, route, client, provider or model"),
        "The only token, route, client, provider or model that may break it. Default all.",
    )
    who: str = setting(Text("a person or a team", longest=200, one_line=True), "Who granted it.", required=True)
    why: str = setting(Text("a reason", longest=500, one_line=True), "Why the rule is broken.", required=True)
    until: str = setting(Date(), "The last day on which it applies, in UTC: 2026-12-31.", required=True)

    def fits(self, rule: str, environment: str, name: str) -> bool:
        """Whether it is about this rule, environment and name, ended or not."""
        return rule == self.rule and matches(environment, self.environments) and self.name in (None, name)

    def has_ended(self, now: int) -> bool:
        """Whether its last day is over; `now` in seconds since 1970."""
        return has_ended(self.until, now)


@frozen
class PoliciesFile:
    """Rules on the environments of a project, and the exceptions from them."""

    extends: Any = setting(
        OneOf((EXTENDS, ListOf(EXTENDS, least=1)), "a file's name or a list of them"),
        f"The file or files that this file extends: {SHIPPED_NAME}, the rules that gatewright ships; a file of this "
        "project, by its path; or a file of an installed Python package, as package:file. Later files override "
        "earlier ones, by the names of the rules; null removes a rule.",
    )
    rules: Mapping[str, Rule] = setting(TableOf(Section(Rule)), "The rules, by name.", default={})
    exceptions: tuple[PolicyException, ...] = setting(
        ListOf(Section(PolicyException)), "Exceptions from mandatory rules.", default=()
    )


def matches(environment: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of `patterns` matches the name of an environment."""
    return any(fnmatchcase(environment, pattern) for pattern in patterns)
