"""policy: the rules of a project with their results in each environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.clock import now
from gatewright.command_line import command
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.policy.check import check_all
from gatewright.policy.rules import read_policies
from gatewright.workspace import files_of, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostic
    from gatewright.policy.check import Result
    from gatewright.policy.rules import CompiledRule, Policies
    from gatewright.project import Project


@frozen
class EnvironmentResults:
    """The results in one environment; `is_valid`: whether it could be evaluated. `applying`: the rules for it."""

    name: str
    is_valid: bool
    applying: tuple[CompiledRule, ...]
    results: tuple[Result, ...]

    def of(self, rule: CompiledRule) -> tuple[Result, ...]:
        """The results of one rule; none where it has nothing to apply to."""
        return tuple(result for result in self.results if result.rule is rule)


@frozen
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
    policies = require_policies(project)
    loaded = select(project, names, every=every)
    checked = check_all(policies, loaded, files_of(project).names(), now(os.environ))
    environments = tuple(
        EnvironmentResults(
            one.name,
            one.name in checked.results,
            tuple(rule for rule in policies.rules if rule.rule.applies_to(one.name)),
            tuple(checked.results.get(one.name, ())),
        )
        for one in loaded
    )
    is_invalid = any(one.environment is None for one in checked.environments)
    return PolicyReport(environments, checked.diagnostics, is_invalid)


def require_policies(project: Project) -> Policies:
    """The rules of the project.

    Raises:
        UsageError: there is no policies.yaml.
    """
    if not project.policies.is_file():
        message = f"{project.shown(project.policies)} does not exist"
        raise UsageError(message, f"Create one: {command('policy init')}")
    return read_policies(project.policies, project.shown(project.policies))
