"""preview: what an up would change, in words."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.operations.batch import Outcome
    from gatewright.operations.plan.model import Plan


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How it is printed."
)
@click.option(
    "--limit", type=click.IntRange(1_000), metavar="N", help="Of Markdown: no more characters; GitHub takes 65,536."
)
@click.option("--diff", "diffs", is_flag=True, help="Show the diffs of the emitted files too.")
@click.option(
    "--save",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the plan of the one environment in this file, for `up ENV --plan FILE`; it holds no secret.",
)
def preview(
    environments: tuple[str, ...], every: bool, form: str, limit: int | None, diffs: bool, file: Path | None
) -> int:
    """Show what an up would change, the risky things first.

    In the words of the environment files, each with its place there. Nothing is written, and no stack is made. What is
    at Cloudflare already, and would stop an up, is said too. Exit 2 when there is a change.
    """
    from gatewright.cli.batch import chosen, over
    from gatewright.operations.batch import exit_code

    project = Project.find()
    loaded = {each.name: each for each in chosen(project, environments, every=every)}
    if file and len(loaded) != 1:
        one = next(iter(loaded), "ENV")
        raise UsageError("--save keeps the plan of one environment", f"gatewright preview {one} --save {file}")
    if file and not file.parent.is_dir():
        raise UsageError(
            f"--save {file}: there is no folder {file.parent}", f"mkdir -p {shlex.quote(str(file.parent))}"
        )
    engine = _engine(project)
    outcomes = over([*loaded], lambda name: _preview(project, loaded[name], engine, file), "previewing")
    _print(outcomes, form, limit, diffs=diffs)
    if file:
        (name,) = loaded
        click.echo(f"saved: gatewright up {name} --plan {file}", err=True)
    return exit_code(outcomes, lambda plan: ExitCode.CHANGES if plan.has_changes else ExitCode.DONE)


def _preview(project: Project, loaded: Loaded, engine: Engine, file: Path | None) -> Plan:
    from gatewright.cli.local_cloudflare import start_local
    from gatewright.operations.plan.preview import looked

    start_local(project, loaded.environment)
    with looked(project, loaded, engine) as look:
        if file:
            from gatewright.operations.plan.saved_plan import save_plan

            save_plan(look, file)
        return look.plan


def _engine(project: Project) -> Engine:
    """The engine, got if need be: what that takes is shown beside the output."""
    from gatewright.cli.screen import Screen
    from gatewright.engine.ensure import ensure_engine
    from gatewright.engine.find import find_engine

    return find_engine(project) or ensure_engine(project, Screen(sys.stderr).show)


def _print(outcomes: Sequence[Outcome[Plan]], form: str, limit: int | None, *, diffs: bool) -> None:
    if form == "json":
        from gatewright.cli.batch import entries
        from gatewright.operations.plan.document import document, plan_json

        click.echo(json.dumps(document(entries(outcomes, plan_json)), indent=2, ensure_ascii=False))
        return
    if form == "markdown":
        from gatewright.cli.reports.markdown import LIMIT
        from gatewright.cli.reports.preview_markdown import rendered

        click.echo(rendered(outcomes, limit or LIMIT), nl=False)
        return
    from gatewright.cli.batch import summary
    from gatewright.cli.reports.preview import said, show
    from gatewright.cli.screen import Screen

    screen = Screen()
    plans = [each.value for each in outcomes if each.value]
    for index, plan in enumerate(plans):
        if index:
            screen.line()
        show(plan, screen.console, diffs=diffs)
    summary(outcomes, said, screen)
