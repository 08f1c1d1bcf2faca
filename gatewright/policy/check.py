"""Evaluates the rules on an environment: results for `gatewright policy`, diagnostics for `validate` and `up`."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gatewright.cel import CelError, CelProblem
from gatewright.diagnostics import Diagnostic, Severity
from gatewright.frozen import frozen
from gatewright.policy.model import matches
from gatewright.policy.places import place_of
from gatewright.policy.rules import environment_of
from gatewright.policy.view import view_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.nodes import Node
    from gatewright.policy.places import Place
    from gatewright.policy.rules import CompiledRule, LocatedException, Policies
    from gatewright.policy.view import Subject, View


class Outcome(StrEnum):
    """What came of a rule on a subject."""

    PASSED = "passed"
    BROKEN = "broken"
    EXCEPTED = "excepted"
    FAILED = "failed"  # it could not be evaluated


@frozen
class Result:
    """The outcome of a rule on one subject of an environment, with its exception, ended or not."""

    rule: CompiledRule
    subject: str
    outcome: Outcome
    place: Place | None = None
    problem: str = ""
    exception: LocatedException | None = None

    def diagnostic(self, environment: str) -> Diagnostic | None:
        """What `validate` reports; None for a rule that holds."""
        rule = self.rule.rule
        if self.outcome is Outcome.FAILED:
            about = f"the {rule.for_} {self.subject} of " if rule.for_ != "environment" else ""
            message = f"cannot be evaluated for {about}{environment}: {self.problem}"
            hint = "Restrict the rule with when, or test for the value: gateway.cache != null"
            path = f"rules.{self.rule.name}.require"
            return Diagnostic(self.rule.require_location, path, "policy-failed", message, hint)
        if self.outcome is not Outcome.BROKEN or self.place is None:
            return None
        message = f"breaks policy {self.rule.name}: {rule.message}"
        if self.exception is not None:
            granted = self.exception.exception
            message = f"{message}; the exception by {granted.who} ended on {granted.until}"
        severity = Severity.ERROR if rule.level == "mandatory" else Severity.WARNING
        related = (self.rule.location,)
        return Diagnostic(self.place.location, self.place.path, "policy", message, rule.fix, severity, related)


def results_of(policies: Policies, loaded: Loaded, now: int) -> list[Result]:
    """The results of all rules that apply to an environment, none if it is invalid; `now` in seconds since 1970."""
    environment, root = loaded.environment, loaded.root
    rules = [rule for rule in policies.rules if rule.rule.applies_to(loaded.name)]
    if environment is None or root is None or not rules:
        return []
    view = view_of(loaded, environment, now)
    evaluation = _Evaluation(view, root, now, {})
    results = [result for rule in rules for result in evaluation.results(rule)]
    return [_with_exception(result, policies, loaded.name, now) for result in results]


@frozen
class Checked:
    """Environments with the diagnostics of the rules, invalid where one is an error; and the results by environment."""

    environments: tuple[Loaded, ...]
    results: Mapping[str, Sequence[Result]]
    diagnostics: tuple[Diagnostic, ...]  # of policies.yaml: of the rules and of the exceptions


def check_all(policies: Policies, loaded: Sequence[Loaded], names: Collection[str], now: int) -> Checked:
    """Check environments by the rules at `now`; `names`: all environments of the project."""
    results = {one.name: results_of(policies, one, now) for one in loaded if one.environment is not None}
    of_exceptions = _exception_diagnostics(policies, results, names, now)
    environments = []
    for one in loaded:
        diagnostics = [
            *policies.diagnostics,
            *(each for patterns, each in of_exceptions if matches(one.name, patterns)),
        ]
        diagnostics += filter(None, (result.diagnostic(one.name) for result in results.get(one.name, ())))
        environments.append(_with_diagnostics(one, diagnostics))
    of_file = (*policies.diagnostics, *(diagnostic for _, diagnostic in of_exceptions))
    return Checked(tuple(environments), results, of_file)


def _with_diagnostics(loaded: Loaded, found: Sequence[Diagnostic]) -> Loaded:
    """`loaded` with further diagnostics, in the order of their locations behind those of its own file."""
    if not found:
        return loaded
    diagnostics = tuple(dict.fromkeys((*loaded.diagnostics, *found)))
    own = loaded.root.location.file if loaded.root else ""
    ordered = tuple(sorted(diagnostics, key=lambda each: (each.location.file != own, each.location)))
    is_invalid = any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    return replace(loaded, diagnostics=ordered, environment=None if is_invalid else loaded.environment)


@frozen
class _Evaluation:
    view: View
    root: Node
    now: int
    bound: dict[tuple[str, str], Any]  # the variables of a subject, by its kind and name

    def results(self, rule: CompiledRule) -> Iterator[Result]:
        for subject in self.view.subjects[rule.rule.for_]:
            try:
                result = self._result(rule, subject)
            except CelError as error:
                yield Result(rule, subject.name, Outcome.FAILED, problem=str(error))
            else:
                if result is not None:
                    yield result

    def _result(self, rule: CompiledRule, subject: Subject) -> Result | None:
        """The result; None where `when` is false."""
        values = self._values(rule.rule.for_, subject)
        if rule.when is not None and not _truth(rule.when.evaluate(values), "when"):
            return None
        if _truth(rule.require.evaluate(values), "require"):
            return Result(rule, subject.name, Outcome.PASSED)
        return Result(rule, subject.name, Outcome.BROKEN, place_of(rule, subject, self.view, self.root))

    def _values(self, kind: str, subject: Subject) -> Any:
        key = kind, subject.name
        if key not in self.bound:
            data = {"environment": self.view.environment, "gateway": self.view.environment["gateway"], "now": self.now}
            self.bound[key] = environment_of(kind).bind({**data, kind: subject.data})
        return self.bound[key]


def _truth(value: object, key: str) -> bool:
    if isinstance(value, bool):
        return value
    raise CelError(CelProblem(f"{key} is not true or false"))


def _with_exception(result: Result, policies: Policies, environment: str, now: int) -> Result:
    """A broken rule with the exception that fits it, one that has not ended first."""
    if result.outcome is not Outcome.BROKEN:
        return result
    fitting = [
        each for each in policies.exceptions if each.exception.fits(result.rule.name, environment, result.subject)
    ]
    fitting.sort(key=lambda each: each.exception.until)
    if not fitting:
        return result
    has_ended = fitting[-1].exception.has_ended(now)
    return replace(result, outcome=result.outcome if has_ended else Outcome.EXCEPTED, exception=fitting[-1])


def _exception_diagnostics(
    policies: Policies, results: Mapping[str, Sequence[Result]], names: Collection[str], now: int
) -> list[tuple[tuple[str, ...], Diagnostic]]:
    """Errors for exceptions that have ended and still are needed, warnings for those that fit nothing.

    Each with the environments of its exception. `results` by environment, of those that could be evaluated. Whether an
    exception fits nothing is known only if every environment that it names was evaluated.
    """
    usable = {rule.name for rule in policies.rules}
    used = {result.exception for each in results.values() for result in each if result.exception}
    found = []
    for located in policies.exceptions:
        exception = located.exception
        if located in used and exception.has_ended(now):
            message = f"the exception by {exception.who} from {exception.rule} ended on {exception.until}"
            hint = "Follow the rule, or agree on a later date"
            diagnostic = Diagnostic(located.until_location, f"{located.path}.until", "ended-exception", message, hint)
            found.append((exception.environments, diagnostic))
        elif exception.rule not in usable or located in used:
            continue
        elif (covered := _covered(exception.environments, names)) <= results.keys():
            message = f"the exception from {exception.rule} fits nothing"
            code, severity = "unused-exception", Severity.WARNING
            diagnostic = Diagnostic(located.location, located.path, code, message, "Remove it", severity)
            found.append((exception.environments if covered else ("*",), diagnostic))
    return found


def _covered(patterns: tuple[str, ...], names: Collection[str]) -> set[str]:
    return {name for name in names if matches(name, patterns)}
