"""The commands that mend what has drifted, for a shell in the project's folder."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.operations.pulumi import Step


def refreshed(stack: str) -> str:
    """What was changed or deleted at Cloudflare: a plain up would not see it."""
    return f"pulumi up --refresh -s {stack}"


def up(stack: str) -> str:
    """What was changed on this machine: an emitted file is compared with the disk by every up."""
    return f"pulumi up -s {stack}"


def rendered(stack: str) -> str:
    """Files that are not on this machine."""
    return f"gatewright render {stack}"


def replaced(stack: str, step: Step) -> str:
    """What no input says, and so no up would change: a disabled token is made anew."""
    return f"pulumi up --replace {shlex.quote(step.urn)} -s {stack}"
