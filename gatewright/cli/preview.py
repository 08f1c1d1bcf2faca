"""preview: what an up would change, in words."""

from __future__ import annotations

import click

from gatewright.errors import ExitCode
from gatewright.project import Project


@click.command()
@click.argument("environments", metavar="[ENV]...", nargs=-1)
@click.option("--diff", "with_diff", is_flag=True, help="Show the diffs of the emitted files.")
def preview(environments: tuple[str, ...], with_diff: bool) -> int:
    """Show what an up would change, the risky things first.

    Nothing is written. Exit code 2 when there is a change.
    """
    from gatewright.operations.changes import described
    from gatewright.operations.preview import preview as look

    project = Project.find()
    code = ExitCode.DONE
    for name in environments:
        plan = look(project, name)
        click.echo(name)
        for line in described(plan):
            click.echo(f"  {line}")
        for change in plan.changes:
            if with_diff and change.diff:
                click.echo(change.diff)
        click.echo(f"  = {plan.unchanged} unchanged")
        for note in plan.notes:
            click.echo(f"  · {note}")
        if plan.has_changes:
            code = ExitCode.CHANGES
    return code
