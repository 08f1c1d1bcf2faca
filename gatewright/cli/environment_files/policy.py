"""policy: rules of an organisation on environments, their results and their tests."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatewright.cli.parameters import environments_argument, json_option
from gatewright.command_line import command
from gatewright.errors import ExitCode
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.operations.policy.results import EnvironmentResults, PolicyReport
    from gatewright.policy.check import Result


class _ChecksByDefault(click.Group):
    """`policy prod` is `policy check prod`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ChecksByDefault)
def policy() -> None:
    """List the rules of policies.yaml with their results.

    `policy [ENV]...` is short for `policy check [ENV]...`.
    """


@policy.command()
@environments_argument
@click.option("--all", "every", is_flag=True, help="All environments, as without ENV.")
@json_option
def check(environments: tuple[str, ...], every: bool, form: str) -> int:
    """List the rules with their results in each environment.

    Exit 3 if an environment breaks a mandatory rule, or the rules cannot be evaluated. validate, preview and up check
    the rules, too.
    """
    from gatewright.cli.echo import print_json
    from gatewright.operations.policy.results import policy_report

    report = policy_report(Project.find(), environments, every=every)
    if form == "json":
        print_json(_document(report))
    else:
        _print(report)
    return ExitCode.INVALID if report.is_invalid else ExitCode.DONE


@policy.command()
@click.argument("paths", metavar="[FILE|DIR]...", nargs=-1, type=click.Path(path_type=Path))
@json_option
def test(paths: tuple[Path, ...], form: str) -> int:
    """Run tests of the rules.

    A test is data: an environment, what is changed in it, and the expected results. Default policies.tests.yaml. Exit 1
    if a test fails, 3 if a file is invalid.
    """
    from gatewright.cli.echo import print_json, say
    from gatewright.operations.policy.init import TESTS
    from gatewright.operations.policy.run_tests import run_tests

    project = Project.find()
    run = run_tests(project, paths or (project.root / TESTS,))
    if form == "json":
        rows = [
            {"name": one.test.test.name, "location": str(one.test.location), "differences": [*one.differences]}
            for one in run.results
        ]
        print_json({"tests": rows, "failed": run.failed, "untested": [*run.untested]})
    else:
        for one in run.results:
            say(f"  {'✗' if one.differences else '✓'} {one.test.test.name}    {one.test.location}")
            for difference in one.differences:
                say(f"      {difference}")
        say(f"{len(run.results) - run.failed} passed, {run.failed} failed")
        if run.untested:
            say(f"Without a test: {', '.join(run.untested)}")
    return ExitCode.FAILED if run.failed else ExitCode.DONE


@policy.command()
@click.option(
    "--pulumi",
    "pack",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write a policy pack for Pulumi instead, which applies such rules to resources.",
)
@json_option
def init(pack: Path | None, form: str) -> None:
    """Write a first policies.yaml, and tests of it."""
    from gatewright.cli.echo import next_steps, print_json
    from gatewright.operations.policy.init import write_pack, write_policies

    created = write_pack(pack) if pack else write_policies(Project.find())
    if form == "json":
        print_json({"files": created})
        return
    for name in created:
        click.echo(f"created {name}")
    steps = [(command("policy"), ""), (command("policy test"), "")]
    if pack:
        steps = [(f"pulumi preview --policy-pack {shlex.quote(str(pack))}", "")]
    click.echo("\n".join(next_steps(steps)))


def _print(report: PolicyReport) -> None:
    from gatewright.cli.columns import aligned
    from gatewright.cli.diagnostics import diagnostic_lines
    from gatewright.cli.echo import say, say_folded

    for line in diagnostic_lines(report.diagnostics):
        say_folded(line)
    for environment in report.environments:
        say(environment.name)
        if not environment.is_valid:
            say(f"  is invalid, not evaluated: {command(f'validate {environment.name}')}")
        elif not environment.applying:
            say("  no rule applies")
        else:
            for line in aligned([*_rows(environment)]):
                say_folded(line)


def _rows(environment: EnvironmentResults) -> Iterator[tuple[str, ...]]:
    for rule in environment.applying:
        results = environment.of(rule)
        failing = [result for result in results if result.outcome != "passed"]
        for result in failing:
            yield _sign(result), rule.name, result.outcome.value, _detail(result, environment.name)
        if not failing and environment.is_valid:
            outcome, sign = ("passed", "✓") if results else ("does not apply", "·")
            yield f"  {sign}", rule.name, outcome, rule.rule.message


def _sign(result: Result) -> str:
    if result.outcome == "excepted":
        return "  ="
    return "  !" if result.outcome == "broken" and result.rule.rule.level == "advisory" else "  ✗"


def _detail(result: Result, environment: str) -> str:
    if result.outcome == "excepted" and result.exception and result.place:
        granted = result.exception.exception
        return f"{result.place.location} {result.place.path}: until {granted.until} by {granted.who}: {granted.why}"
    diagnostic = result.diagnostic(environment)
    return f"{diagnostic.location} {diagnostic.sentence()}" if diagnostic else ""


def _document(report: PolicyReport) -> dict[str, Any]:
    return {
        "diagnostics": [
            {"location": str(diagnostic.location), "code": diagnostic.code, "message": diagnostic.sentence()}
            for diagnostic in report.diagnostics
        ],
        "environments": [
            {
                "name": environment.name,
                "valid": environment.is_valid,
                "rules": [
                    {
                        "name": rule.name,
                        "level": rule.rule.level,
                        "for": rule.rule.for_,
                        "message": rule.rule.message,
                        "fix": rule.rule.fix,
                        "results": [_result(result) for result in environment.of(rule)],
                    }
                    for rule in environment.applying
                ],
            }
            for environment in report.environments
        ],
    }


def _result(result: Result) -> dict[str, Any]:
    granted = result.exception.exception if result.exception else None
    return {
        "name": result.subject,
        "outcome": result.outcome.value,
        "location": str(result.place.location) if result.place else None,
        "path": result.place.path if result.place else None,
        "problem": result.problem or None,
        "exception": {"who": granted.who, "why": granted.why, "until": granted.until} if granted else None,
    }
