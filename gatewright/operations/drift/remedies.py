"""The commands that fix drift, for a shell in the project's folder."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gatewright.command_line import command
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.operations.stack.pulumi import Step


@frozen
class Api:
    """The control plane of an account: its URL, the account's id, and the token as a shell has it."""

    url: str
    account: str
    token: str


def refresh(stack: str) -> str:
    """Undo a change at Cloudflare, which a plain up does not see."""
    return command(f"up {stack} --refresh")


def up(stack: str) -> str:
    """Undo a change on this machine: every up compares client files with the disk."""
    return command(f"up {stack}")


def render(stack: str) -> str:
    """Write files that are missing on this machine."""
    return command(f"render {stack}")


def replace(stack: str, step: Step, shell_prefix: str) -> str:
    """Replace a resource that differs in no input, such as a disabled token."""
    return f"{shell_prefix}pulumi up --replace {shlex.quote(step.urn)} -s {stack}"


def delete(api: Api, path: str) -> str:
    """Delete a resource that no file declares; `path` is relative to the account."""
    url = f"{api.url}/accounts/{api.account}{path}"
    return f'curl -fsS -X DELETE -H "Authorization: Bearer {api.token}" {shlex.quote(url)}'


def adopt(stack: str) -> str:
    """Import a resource that a file declares and no stack has."""
    return f"{command(f'adopt {stack}')} && {command(f'up {stack}')}"
