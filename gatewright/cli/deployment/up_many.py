"""up of several environments: all plans are shown, one question is asked, then they are deployed side by side."""

from __future__ import annotations

import io
import sys
from dataclasses import field, replace
from typing import TYPE_CHECKING, TextIO

import click

from gatewright.cli.batch import print_summary, run_several
from gatewright.cli.confirm import agreed_to_apply, require_terminal
from gatewright.cli.deployment.deploy import deploy
from gatewright.cli.local_cloudflare import start_local
from gatewright.cli.reports.preview import preview_document, print_applied
from gatewright.cli.reports.text import print_text
from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.errors import ExitCode
from gatewright.frozen import frozen
from gatewright.operations.batch import Outcome, exit_code
from gatewright.operations.plan.preview import preview
from gatewright.operations.plan.saved_plan import plan_to_compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.plan.saved_plan import SavedPlan
    from gatewright.operations.up import UpOptions
    from gatewright.project import Project


def up_many(project: Project, loaded: Mapping[str, Loaded], options: UpOptions, *, yes: bool, form: str) -> int:
    """Deploy all of `loaded`; one that fails stops no other. Raises UsageError where nobody can be asked."""
    real = [name for name, each in loaded.items() if each.environment and not each.environment.local]
    must_ask = bool(real) and not yes
    if must_ask:
        require_terminal(real, f"up {' '.join(loaded)} --yes")
    run = _Run(project, loaded, ensure_engine(project, Screen(sys.stderr).show), options)
    previews = run_several(real, run.preview, "previewing") if must_ask else []
    output = sys.stderr if form == "json" else sys.stdout
    if previews and not _go_on(previews, output):
        click.echo("Nothing was changed.", file=output)
        return max(exit_code(previews, lambda _: ExitCode.FAILED), ExitCode.FAILED)
    outcomes = {each.name: each.map(lambda preview: preview.plan) for each in previews if each.error}
    agreed = {each.name: each.value.saved for each in previews if each.value}
    rest = [name for name in loaded if name not in outcomes]
    deployed = run_several(rest, lambda name: run.up(name, agreed.get(name)), "deploying") if rest else []
    outcomes |= {each.name: each for each in deployed}
    run.print_all(output)
    print_summary([outcomes[name] for name in loaded], _describe, Screen(output))
    if form == "json":
        print_applied([outcomes[name] for name in loaded])
    return exit_code(outcomes.values(), lambda _: ExitCode.DONE)


@frozen
class _Preview:
    """A plan that was shown, and its digests, with which the run is compared."""

    plan: Plan
    saved: SavedPlan


@frozen
class _Run:
    project: Project
    loaded: Mapping[str, Loaded]
    engine: Engine
    options: UpOptions
    texts: dict[str, io.StringIO] = field(default_factory=dict)
    """The output of each environment, which is printed as a whole."""

    def preview(self, name: str) -> _Preview:
        start_local(self.project, self.loaded[name].environment)
        with preview(self.project, self.loaded[name], self.engine, *self.options.flags) as dry_run:
            return _Preview(dry_run.plan, plan_to_compare(dry_run))

    def up(self, name: str, agreed: SavedPlan | None) -> Plan:
        screen = Screen(self.texts.setdefault(name, io.StringIO()))
        options = replace(self.options, saved_plan=agreed)
        return deploy(self.project, self.loaded[name], options, screen, lambda: None, self.engine)

    def print_all(self, output: TextIO) -> None:
        for index, name in enumerate(name for name in self.loaded if name in self.texts):
            click.echo(f"{chr(10) if index else ''}{self.texts[name].getvalue()}", nl=False, file=output)


def _go_on(previews: Sequence[Outcome[_Preview]], output: TextIO) -> bool:
    """Show the plans, and ask whether those that there are shall be applied."""
    plans = [each.value.plan for each in previews if each.value]
    print_text(preview_document([each.map(lambda preview: preview.plan) for each in previews]), Screen(output))
    if not plans or any(each.interrupted or each.code(_done) == ExitCode.INTERRUPTED for each in previews):
        return False
    if not any(plan.changes for plan in plans):
        return True
    return agreed_to_apply([plan.environment for plan in plans])


def _done(_: object) -> int:
    return ExitCode.DONE


def _describe(plan: Plan) -> str:
    return f"{len(plan.changes)} changed" if plan.changes else "unchanged"
