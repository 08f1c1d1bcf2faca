"""OpenCode: our providers and default models stand in the user's own file, or in the one that OPENCODE_CONFIG names.

Of opencode.json and opencode.jsonc it reads both, and the second wins: where there is one, it is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.install.targets import ANY, JSON, Installation, Target, Validator, sorted_out

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.install.machine import Machine
    from gatewright.install.programs import Request

FILE = "opencode.json"
_ENTRIES = (("provider", ANY),)
_CHOICES = (("model",), ("small_model",), ("agent", ANY, "model"))
_QUIET = {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"}


def installation(request: Request) -> Installation:
    """The one file."""
    path = request.to or _place(request.machine)
    return Installation(
        targets=(Target(path, JSON, sorted_out(request.content(FILE), _ENTRIES, _CHOICES), FILE),),
        reload="start opencode anew",
        validator=Validator(
            "opencode", ("debug", "config"), {"OPENCODE_CONFIG": f"{{folder}}/{FILE}", **_QUIET}, _refusal
        ),
    )


def _place(machine: Machine) -> Path:
    folder = machine.config / "opencode"
    name = "opencode.jsonc" if (folder / "opencode.jsonc").exists() else FILE
    return machine.place("OPENCODE_CONFIG", folder / name)


def _refusal(said: str) -> str | None:
    lines = said.splitlines()
    found = [line.strip("↳ ") for line in lines if "↳" in line]
    found = found or [
        line.strip() for line in lines if "is not valid JSON" in line or "onfiguration is invalid" in line
    ]
    return "; ".join(found) or None
