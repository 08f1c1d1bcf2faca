"""Tests of rules as data: an environment, what is changed in it, and the expected results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatewright.environment.shapes.base import ListOf, TableOf, report_wrong_kind
from gatewright.environment.shapes.scalars import Text, words
from gatewright.environment.shapes.sections import Section, setting
from gatewright.environment.shapes.timestamps import Date
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.shapes.base import JsonSchema

EXPECTED = ("passed", "broken", "excepted", "skipped")
"""The results that a test can expect."""


@frozen
class _EnvironmentContent:
    """Settings of an environment, which are read as its file is."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Node | None:
        if isinstance(node.value, dict):
            return node
        report_wrong_kind(node, path, diagnostics, "settings of an environment")
        return None

    def schema(self) -> JsonSchema:
        return {"type": "object"}


@frozen
class PolicyTest:
    """A test: what the rules say of an environment."""

    name: str = setting(
        Text("a text", longest=200, one_line=True), "What the test shows, as it is listed.", required=True
    )
    environment: str = setting(
        Text("an environment's name", r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", 50),
        "The environment of the project that is tested; with `file`, any name.",
        required=True,
    )
    override: Node | None = setting(
        _EnvironmentContent(), "Settings that are merged over the environment: {gateway: {cache: {ttl: 2h}}}."
    )
    file: Node | None = setting(
        _EnvironmentContent(), "The content of the environment's file, in place of the one in stacks/."
    )
    today: str | None = setting(Date(), "The day of the test, at 00:00 UTC; default today.")
    expect: Mapping[str, str] = setting(
        TableOf(words(*EXPECTED), "the name of a rule"),
        "The expected result of rules, by name: passed, broken, excepted, or skipped where the rule applies to "
        "nothing. Rules that are not named do not count.",
        required=True,
    )


@frozen
class PolicyTestsFile:
    """Tests of the rules in policies.yaml, for `gatewright policy test`."""

    tests: tuple[PolicyTest, ...] = setting(ListOf(Section(PolicyTest), least=1), "The tests, in order.", required=True)


TESTS_SHAPE: Any = Section(PolicyTestsFile)
