"""Findings about models that are retired, or retire soon: their provider changes, not Cloudflare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.operations.drift import remedies
from gatewright.operations.drift.affected_clients import affected_clients
from gatewright.operations.drift.model import Finding, FindingClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.resolved import Environment


def retirement_findings(environment: Environment) -> Iterator[Finding]:
    """One finding for each place in the files that names such a model."""
    for use in environment.retiring_uses:
        retirement, name = use.retirement, use.name
        section, _, rest = use.path.partition(".")
        route = rest.partition("[")[0] if section == "routes" else ""
        yield Finding(
            FindingClass.RETIRED,
            "model",
            str(name),
            f"{retirement}; {use.path} names it",
            f"providers.{name.provider}.models.{name.model}",
            remedies.up(environment.name),
            use.location,
            affected_clients(environment, "route", route) if route else (),
            hint=f"first replace it with {retirement.successor}" if retirement.successor else "first replace it",
        )
