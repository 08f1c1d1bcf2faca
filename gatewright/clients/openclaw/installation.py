"""OpenClaw reads one file of the user's, in which gatewright adds providers and sets the models of agents.

The model of an agent is a choice, because the agent may be the user's own. If the user has agents, gatewright does not
declare `main`.
"""

from __future__ import annotations

import json
from dataclasses import replace

from gatewright.clients.common.installation import ANY, DesiredContent, Installation, InstallRequest, Target, Validator
from gatewright.clients.openclaw import FOLDER
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import JSON

FILE = "openclaw.json"
_MAIN: KeyPath = ("agents", "entries", "main")
_ENTRIES = (("models", "providers", ANY), ("agents", "list"), _MAIN)
_DEFAULT_MODEL: KeyPath = ("agents", "defaults", "model")
_CHOICES = (_DEFAULT_MODEL, ("agents", "entries", ANY, "model"))


def installation(request: InstallRequest) -> Installation:
    """The one file."""
    machine = request.machine
    path = request.to or machine.place("OPENCLAW_CONFIG_PATH", FOLDER.on(machine) / FILE)
    return Installation(
        targets=(Target(path, JSON, _content(request), FILE, private=True),),
        reload="nothing: a running gateway watches its file; after a variable has changed, openclaw gateway restart",
        runs_in="where its gateway runs: the service's variables, or .env beside its file",
        validator=Validator(
            "openclaw",
            ("config", "validate", "--json"),
            {"OPENCLAW_CONFIG_PATH": f"{{folder}}/{FILE}", "OPENCLAW_STATE_DIR": "{folder}/state"},
            _refusal,
        ),
    )


def _content(request: InstallRequest) -> DesiredContent:
    content = DesiredContent.of(request.content(FILE), _ENTRIES, _CHOICES)
    main = {path: value for path, value in content.entries.items() if path == _MAIN}
    entries = {path: value for path, value in content.entries.items() if path != _MAIN}
    return replace(
        content,
        entries=entries,
        defaults={**main, **content.defaults},
        only_alone=frozenset(main),
        default_models=frozenset({_DEFAULT_MODEL}),
    )


def _refusal(output: str) -> str | None:
    try:
        answer = json.loads(output[output.index("{") :])
        if answer["valid"]:
            return None
        return "; ".join(f"{issue['path']}: {issue['message']}" for issue in answer["issues"])
    except (ValueError, KeyError, TypeError):
        return None
