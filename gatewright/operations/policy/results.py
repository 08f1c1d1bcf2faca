"""policy: the rules of a project with their results in each environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clock import now
from gatewright.command_line import command
from gatewright.diagnostics import Severity
from gatewright.errors import UsageError
from gatewright.policy.check import results_of
from gatewright.policy.rules import read_policies
from gatewright.workspace import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostic
    from gatewright.environment.load import Loaded
    from gatewright.policy.check import Result
    from gatewright.policy.rules import CompiledRule, Policies
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class EnvironmentResults:
    """The results in one environment; `is_valid`: whether it could be evaluated. `applying`: the rules for it."""

    name: str
    is_valid: bool
    applying: tuple[CompiledRule, ...]
    results: tuple[Result, ...]

    def of(self, rule: CompiledRule) -> tuple[Result, ...]:
        """The results of one rule; none where it has nothing to apply to."""
        return tuple(result for result in self.results if result.rule is rule)


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """The results by environment, and the problems of policies.yaml and of its exceptions."""

    environments: tuple[EnvironmentResults, ...]
    diagnostics: tuple[Diagnostic, ...]
    is_invalid: bool  # a mandatory rule is broken, or something could not be evaluated


def policy_report(project: Project, names: Sequence[str], *, every: bool) -> PolicyReport:
    """Evaluate the rules on the named environments, or on all.

    Raises:
        UsageError: there is no policies.yaml, or an environment does not exist.
    """
    shown = project.shown(project.policies)
    policies = require_policies(project)
    loaded = select(project, names, every=every)
    checked = select(project, names, every=every, with_policies=True)
    environments = tuple(_results(policies, one) for one in loaded)
    about_file = [
        diagnostic
        for one in checked
        for diagnostic in one.diagnostics
        if diagnostic.location.file in (shown, *_sources(policies))
    ]
    is_invalid = any(one.environment is None for one in checked)
    return PolicyReport(environments, tuple(dict.fromkeys(about_file)), is_invalid)


def require_policies(project: Project) -> Policies:
    """The rules of the project.

    Raises:
        UsageError: there is no policies.yaml.
    """
    if not project.policies.is_file():
        message = f"{project.shown(project.policies)} does not exist"
        raise UsageError(message, f"Create one: {command('policy init')}")
    return read_policies(project.policies, project.shown(project.policies))


def _results(policies: Policies, loaded: Loaded) -> EnvironmentResults:
    applying = tuple(rule for rule in policies.rules if rule.rule.applies_to(loaded.name))
    results = tuple(results_of(policies, loaded, now(os.environ)))
    return EnvironmentResults(loaded.name, loaded.environment is not None, applying, results)


def _sources(policies: Policies) -> set[str]:
    return {rule.location.file for rule in policies.rules} | {
        diagnostic.location.file for diagnostic in policies.diagnostics if diagnostic.severity is Severity.ERROR
    }
