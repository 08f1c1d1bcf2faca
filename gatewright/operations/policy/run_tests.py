"""policy test: runs the tests of rules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES
from gatewright.clock import now, parse_timestamp
from gatewright.command_line import command
from gatewright.diagnostics import Diagnostics, Severity, did_you_mean
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.load import load
from gatewright.environment.merge import overlay
from gatewright.environment.nodes import Node
from gatewright.environment.reader import read_file
from gatewright.errors import InvalidEnvironmentError, UsageError
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.policy.results import require_policies
from gatewright.policy.check import Outcome, results_of
from gatewright.policy.tests_file import TESTS_SHAPE
from gatewright.workspace import files_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gatewright.diagnostics import Diagnostic, Location
    from gatewright.environment.load import Loaded
    from gatewright.policy.check import Result
    from gatewright.policy.rules import Policies
    from gatewright.policy.tests_file import PolicyTest
    from gatewright.project import Project

_ORDER = (Outcome.FAILED, Outcome.BROKEN, Outcome.EXCEPTED, Outcome.PASSED)
"""Of several results of a rule the first of these counts."""


@frozen
class LocatedTest:
    """A test with its location."""

    test: PolicyTest
    location: Location


@frozen
class PolicyTestResult:
    """A test that ran, and in what it differs from what it expects; without differences it passed."""

    test: LocatedTest
    differences: tuple[str, ...]


@frozen
class PolicyTestRun:
    """The tests that ran, and the rules that no test names."""

    results: tuple[PolicyTestResult, ...]
    untested: tuple[str, ...]

    @property
    def failed(self) -> int:
        """The number of failed tests."""
        return sum(bool(result.differences) for result in self.results)


def run_tests(project: Project, paths: Sequence[Path]) -> PolicyTestRun:
    """Run the tests in files, and in the .yaml files of folders.

    Raises:
        UsageError: a path or policies.yaml does not exist.
        InvalidEnvironmentError: policies.yaml or a file of tests is invalid.
    """
    policies = require_policies(project)
    _require_valid(policies.diagnostics, project.shown(project.policies))
    tests = [test for path in paths for file in _files(path) for test in _read(project, file, policies)]
    results = tuple(PolicyTestResult(test, tuple(_run(project, policies, test.test))) for test in tests)
    named = {rule for test in tests for rule in test.test.expect}
    return PolicyTestRun(results, tuple(rule.name for rule in policies.rules if rule.name not in named))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.yaml"))
        if not files:
            raise UsageError(f"{path} has no .yaml file")
        return files
    if not path.is_file():
        hint = f"{command('policy init')} writes a first file of tests, policies.tests.yaml"
        raise UsageError(f"{path} does not exist", hint)
    return [path]


def _read(project: Project, path: Path, policies: Policies) -> list[LocatedTest]:
    diagnostics = Diagnostics()
    shown = project.shown(path.resolve())
    root = read_file(path, shown, diagnostics)
    content = TESTS_SHAPE.read(root, "", diagnostics) if root is not None else None
    tests: list[LocatedTest] = []
    if root is not None and content is not None and not diagnostics.failed:
        nodes = root.at("tests")
        items = nodes.value if nodes is not None and isinstance(nodes.value, list) else []
        tests = [LocatedTest(test, node.location) for test, node in zip(content.tests, items, strict=True)]
        for index, (test, node) in enumerate(zip(tests, items, strict=True)):
            _check(project, test.test, node, f"tests[{index}]", policies, diagnostics)
    _require_valid(diagnostics.diagnostics, shown)
    return tests


def _check(
    project: Project, test: PolicyTest, node: Node, path: str, policies: Policies, diagnostics: Diagnostics
) -> None:
    """Report rules and environments that do not exist."""
    rules = [rule.name for rule in policies.rules]
    for name in test.expect:
        if name not in rules:
            location, hint = node.location_at("expect", name), did_you_mean(name, rules)
            diagnostics.error(location, f"{path}.expect.{name}", "unknown-rule", f"rule {name} does not exist", hint)
    if test.file and test.override:
        message = "override has no effect beside file"
        diagnostics.error(node.location_at("override"), f"{path}.override", "without-effect", message, "Remove one")
    environments = files_of(project).names()
    if test.file is None and test.environment not in environments:
        message, hint = f"environment {test.environment} does not exist", did_you_mean(test.environment, environments)
        diagnostics.error(node.location_at("environment"), f"{path}.environment", "unknown-name", message, hint)


def _require_valid(diagnostics: Sequence[Diagnostic], shown: str) -> None:
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        raise InvalidEnvironmentError(f"{shown} is invalid: {plural(len(errors), 'error')}", errors)


def _run(project: Project, policies: Policies, test: PolicyTest) -> list[str]:
    """The differences from what the test expects."""
    time = parse_timestamp(test.today) if test.today else now(os.environ)
    loaded = _load(project, test)
    if loaded.environment is None:
        errors = [each for each in loaded.diagnostics if each.severity is Severity.ERROR]
        return [f"{error.location} {error.sentence()}" for error in errors]
    results = results_of(policies, loaded, time)
    differences = []
    for rule, expected in test.expect.items():
        own = [result for result in results if result.rule.name == rule]
        outcome = next((one for one in _ORDER if any(result.outcome is one for result in own)), "skipped")
        if outcome != expected:
            differences.append(f"{rule}: expected {expected}, but it is {outcome}{_where(own, outcome)}")
    return differences


def _where(results: Sequence[Result], outcome: str) -> str:
    """The first place with that outcome."""
    result = next((result for result in results if result.outcome == outcome), None)
    if result is None or (result.place is None and not result.problem):
        return ""
    return f" ({result.problem or f'{result.place.location} {result.place.path}' if result.place else result.problem})"


def _load(project: Project, test: PolicyTest) -> Loaded:
    """The environment of a test."""
    files, file = files_of(project), f"{test.environment}.yaml"
    if test.file is not None:
        files.override_node(file, test.file, Diagnostics())
    elif test.override is not None:
        diagnostics = Diagnostics()
        base = files.merged(test.environment, diagnostics)
        node = base and overlay(base, test.override, FILE_SHAPE, "", diagnostics)
        if node is not None:
            entries = {key: entry for key, entry in node.entries.items() if key != "extends"}
            node = Node(entries, node.location, removed=node.removed)
        files.override_node(file, node, diagnostics)
    return load(files, test.environment, CAPABILITIES, os.environ)
