"""The local Cloudflare that an environment uses: commands start it, operations expect it to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.progress import step, unreported

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.progress import Report
    from gatewright.project import Project


def start_local(project: Project, environment: Environment | None, report: Report = unreported) -> None:
    """Start the local Cloudflare, unless it runs, or `environment` is invalid or on a real account."""
    from gatewright.local import daemon

    if environment is None or environment.local is None:
        return
    with step(report, "local Cloudflare ready") as current:
        if daemon.status(project):
            current.outcome = "unchanged"
        daemon.start(project, environment.local.port)
