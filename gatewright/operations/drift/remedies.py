"""The commands that mend what has drifted, for a shell in the project's folder."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatewright.operations.stack.pulumi import Step


@dataclass(frozen=True, slots=True)
class Api:
    """Where an account's control plane is: its address, and the account; `token` as a shell has it."""

    url: str
    account: str
    token: str = "$CLOUDFLARE_API_TOKEN"  # noqa: S105  # the variable's name


def refreshed(stack: str) -> str:
    """What was changed or deleted at Cloudflare: a plain up would not see it."""
    return f"gatewright up {stack} --refresh"


def up(stack: str) -> str:
    """What was changed on this machine: an emitted file is compared with the disk by every up."""
    return f"gatewright up {stack}"


def rendered(stack: str) -> str:
    """Files that are not on this machine."""
    return f"gatewright render {stack}"


def replaced(stack: str, step: Step, enter: str) -> str:
    """What no input says, and so no up would change: a disabled token is made anew. `enter` as a session has it."""
    return f"{enter}pulumi up --replace {shlex.quote(step.urn)} -s {stack}"


def deleted(api: Api, path: str) -> str:
    """What nobody wants; `path` is below the account."""
    url = f"{api.url}/accounts/{api.account}{path}"
    return f'curl -fsS -X DELETE -H "Authorization: Bearer {api.token}" {shlex.quote(url)}'


def adopted(stack: str) -> str:
    """What the file wants and no stack has: the next up takes it over."""
    return f"gatewright adopt {stack} && gatewright up {stack}"
