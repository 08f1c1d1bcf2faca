"""OpenClaw: our providers, and the models of its agents, stand in the user's own file.

An agent's model is a choice: the agent may be the user's own. Where the user has agents, they stay the only ones that
own what nobody asks for by name.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.facts.programs import OPENCLAW_FOLDER
from gatewright.install.targets import ANY, JSON, DesiredContent, Installation, Target, Validator, sorted_out

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.install.machine import Machine
    from gatewright.install.programs import Request
    from gatewright.io.text_edits import KeyPath

FILE = "openclaw.json"
_MAIN: KeyPath = ("agents", "entries", "main")
_ENTRIES = (("models", "providers", ANY), ("agents", "list"), _MAIN)
_CHOICES = (("agents", "defaults", "model"), ("agents", "entries", ANY, "model"))


def installation(request: Request) -> Installation:
    """The one file."""
    path = request.to or _place(request.machine)
    return Installation(
        targets=(Target(path, JSON, _wanted(request), FILE, private=True),),
        reload="nothing: a gateway that runs looks at its file; openclaw gateway restart after a variable has changed",
        runs_in="where its gateway runs: the service's variables, or .env beside its file",
        validator=Validator(
            "openclaw",
            ("config", "validate", "--json"),
            {"OPENCLAW_CONFIG_PATH": f"{{folder}}/{FILE}", "OPENCLAW_STATE_DIR": "{folder}/state"},
            _refusal,
        ),
    )


def _wanted(request: Request) -> DesiredContent:
    wanted = sorted_out(request.content(FILE), _ENTRIES, _CHOICES)
    entries = dict(wanted.entries)
    main = {path: entries.pop(path) for path in (_MAIN,) if path in entries}
    return replace(wanted, entries=entries, defaults={**main, **wanted.defaults}, alone=frozenset(main))


def _place(machine: Machine) -> Path:
    return machine.place("OPENCLAW_CONFIG_PATH", machine.folder_of(OPENCLAW_FOLDER) / FILE)


def _refusal(said: str) -> str | None:
    try:
        answer = json.loads(said[said.index("{") :])
        if answer["valid"]:
            return None
        return "; ".join(f"{each['path']}: {each['message']}" for each in answer["issues"])
    except (ValueError, KeyError, TypeError):
        return None
