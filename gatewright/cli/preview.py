"""preview: what an up would change, in words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatewright.errors import ExitCode, UsageError
from gatewright.project import Project

if TYPE_CHECKING:
    from gatewright.local.engine.find import Engine
    from gatewright.operations.plan.model import Plan


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All environments.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How it is printed.")
@click.option("--diff", "diffs", is_flag=True, help="Show the diffs of the emitted files too.")
@click.option(
    "--save",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the plan of the one environment in this file, for `up ENV --plan FILE`; it holds no secret.",
)
def preview(environments: tuple[str, ...], every: bool, form: str, diffs: bool, file: Path | None) -> int:
    """Show what an up would change, the risky things first.

    In the words of the environment files, each with its place there. Nothing is written, and no stack is made. Exit 2
    when there is a change.
    """
    from gatewright.operations.environments import files_of, select

    project = Project.find()
    if not environments and not every:
        raise UsageError("name the environments, or --all", f"There: {', '.join(files_of(project).names()) or 'none'}")
    names = [each.name for each in select(project, environments, every=every)]
    if file and len(names) != 1:
        raise UsageError("--save keeps the plan of one environment", f"gatewright preview {names[0]} --save {file}")
    plans = [_preview(project, name, _engine(project), file) for name in names]
    _print(plans, form, diffs=diffs)
    if file:
        click.echo(f"saved in {file}: gatewright up {names[0]} --plan {file}", err=True)
    return ExitCode.CHANGES if any(plan.has_changes for plan in plans) else ExitCode.DONE


def _preview(project: Project, name: str, engine: Engine, file: Path | None) -> Plan:
    from gatewright.operations.preview import looked

    with looked(project, name, engine) as look:
        if file:
            from gatewright.operations.saved_plan import save

            save(look, file)
        return look.plan


def _engine(project: Project) -> Engine:
    """The engine, got if need be: what that takes is shown beside the output."""
    from gatewright.local.engine.ensure import ensure
    from gatewright.local.engine.find import find
    from gatewright.screen import Screen

    return find(project) or ensure(project, Screen(sys.stderr))


def _print(plans: list[Plan], form: str, *, diffs: bool) -> None:
    if form == "json":
        from gatewright.operations.plan.document import document, plan_json

        click.echo(json.dumps(document([plan_json(plan) for plan in plans]), indent=2, ensure_ascii=False))
        return
    from gatewright.cli.previewed import show
    from gatewright.screen import Screen

    console = Screen().console
    for index, plan in enumerate(plans):
        if index:
            console.print()
        show(plan, console, diffs=diffs)
