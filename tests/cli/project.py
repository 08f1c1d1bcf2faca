"""Commands that are called in a project, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatewright.project import Project

ACCOUNT = "PROD_CLOUDFLARE_ACCOUNT_ID"


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Result]


def write(project: Project, name: str, text: str | bytes) -> None:
    (project.stacks / name).write_bytes(text if isinstance(text, bytes) else text.encode())
