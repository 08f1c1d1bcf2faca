"""OpenClaw: our providers and the default model stand in the user's own file, which it merges with nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.install.targets import ANY, JSON, Installation, Target, Validator, sorted_out

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.install.machine import Machine
    from gatewright.install.programs import Request

FILE = "openclaw.json"
_ENTRIES = (("models", "providers", ANY), ("agents", "entries", ANY))
_CHOICES = (("agents", "defaults", "model"), ("agents", "list"))


def installation(request: Request) -> Installation:
    """The one file."""
    wanted = sorted_out(request.content(FILE), _ENTRIES, _CHOICES)
    path = request.one_place(_place(request.machine))
    return Installation(
        targets=(Target(path, JSON, wanted, FILE, private=True),),
        reload="openclaw gateway restart, where it runs as a service; it looks at most settings by itself",
        runs_in="the service's environment, or .env beside its file",
        validator=Validator(
            "openclaw",
            ("config", "validate", "--json"),
            {"OPENCLAW_CONFIG_PATH": f"{{folder}}/{FILE}", "OPENCLAW_STATE_DIR": "{folder}/state"},
            _refusal,
        ),
    )


def _place(machine: Machine) -> Path:
    home = machine.place("OPENCLAW_HOME", machine.home)
    folder = machine.place("OPENCLAW_STATE_DIR", home / ".openclaw")
    return machine.place("OPENCLAW_CONFIG_PATH", folder / FILE)


def _refusal(exit_code: int, said: str) -> str | None:
    if exit_code == 0:
        return None
    start = said.find("{")
    try:
        issues = json.loads(said[start:])["issues"] if start >= 0 else []
        return "; ".join(f"{each['path']}: {each['message']}" for each in issues) or f"exit {exit_code}"
    except (ValueError, KeyError, TypeError):
        return f"exit {exit_code}"
