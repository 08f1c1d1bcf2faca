"""report: environments as pages that need no network."""

from __future__ import annotations

from pathlib import Path

import click

from gatewright.cli.echo import print_json, say
from gatewright.cli.parameters import all_option, environments_argument, json_option
from gatewright.errors import ExitCode
from gatewright.io.printable import plural
from gatewright.project import Project


@click.command()
@environments_argument
@all_option
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder for the pages; start with its index.html.",
)
@click.option("--ask", is_flag=True, help="Ask Cloudflare for the dates of tokens and stored keys.")
@json_option
def report(environments: tuple[str, ...], every: bool, out: Path, ask: bool, form: str) -> int:
    """Write environments as pages that need no network.

    One page for each environment, and index.html with the settings in which they differ. The pages have no secrets and
    no prompts. Pages that an earlier report wrote of other environments are removed. Cloudflare is asked only with
    --ask; the answers are kept for later reports. An environment with errors has them on its page; then the command
    exits with 3.
    """
    from gatewright.cli.batch import select_environments
    from gatewright.cli.local_cloudflare import served_ports
    from gatewright.operations.report.report import write_report

    project = Project.find()
    loaded = select_environments(project, environments, every=every)
    written = write_report(project, [*loaded.values()], out, served_ports(project), ask=ask)
    if form == "json":
        print_json({"out": str(out), "files": written.files, "removed": written.removed, "invalid": written.invalid})
    else:
        say(f"{plural(len(written.files), 'page')} written: {out / written.files[0]}")
        if written.removed:
            say(f"{plural(len(written.removed), 'page')} of an earlier report removed: {', '.join(written.removed)}")
    for name in written.invalid:
        say(f"{name} is invalid; its page lists the errors", err=True)
    return ExitCode.INVALID if written.invalid else ExitCode.DONE
