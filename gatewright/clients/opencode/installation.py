"""OpenCode reads one file of the user's, in which gatewright adds providers and sets the default models.

OpenCode reads opencode.json and opencode.jsonc, and the second takes precedence, so it is edited if it exists.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from gatewright.clients.common.installation import (
    ANY,
    DesiredContent,
    Installation,
    InstallRequest,
    Target,
    Validator,
    asked_model,
)
from gatewright.clients.common.machine import Machine
from gatewright.clients.opencode import PROGRAM
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import JSON

FILE = "opencode.json"
_ENTRIES = (("provider", ANY),)
_CHOICES = (("model",), ("small_model",), ("agent", ANY, "model"))
_FILE = re.compile(r"\{file:([^}]+)\}")
_BUILT_IN_AGENTS = frozenset({"build", "plan", "general", "explore", "title", "summary", "compaction"})
_NOT_ASKED = _BUILT_IN_AGENTS - {"build", "plan"}  # other agents ask them, not the user


def installation(request: InstallRequest) -> Installation:
    """opencode.json, and the plugin beside it."""
    path = config_path(request)
    content = DesiredContent.of(request.content(FILE), _ENTRIES, _CHOICES)
    providers = tuple(path[1] for path in content.entries)
    content = replace(
        content,
        default_models=frozenset(path for path in content.choices if _is_default(path)),
        additions={("enabled_providers",): providers},
        omissions={("disabled_providers",): providers},
    )
    model = asked_model(request)
    plugins = (file for file in request.files if file.name != FILE)
    folder = request.machine.config / "opencode" / "plugin"
    return Installation(
        targets=(
            Target(path, JSON, content, FILE),
            *(Target.whole(folder / f"{request.label}.js", file.text, fixed=True) for file in plugins),
        ),
        reload="restart opencode",
        ask=("run", "-m", model, "{prompt}") if model else (),
        prompts={
            agent: ("run", "--agent", agent, "{prompt}") for agent in request.client.agents if agent not in _NOT_ASKED
        },
        validator=Validator(
            "opencode",
            ("debug", "config"),
            {"OPENCODE_CONFIG": f"{{folder}}/{FILE}", **PROGRAM.quiet},
            _refusal,
            references=_referenced_files,
        ),
    )


def _is_default(path: KeyPath) -> bool:
    """Whether the choice changes what OpenCode uses by itself."""
    return path[0] != "agent" or path[1] in _BUILT_IN_AGENTS


def config_path(request: InstallRequest) -> Path:
    """The file that install edits."""
    return request.to or _place(request.machine)


def _place(machine: Machine) -> Path:
    folder = machine.config / "opencode"
    name = "opencode.jsonc" if (folder / "opencode.jsonc").exists() else FILE
    return machine.place("OPENCODE_CONFIG", folder / name)


def _referenced_files(text: str) -> list[str]:
    """Source: docs/config of 1.18: a path is relative to the folder of the file, absolute, or begins with ~."""
    return _FILE.findall(text)


def _refusal(output: str) -> str | None:
    lines = output.splitlines()
    reasons = [line.strip("↳ ") for line in lines if "↳" in line]
    reasons = reasons or [
        line.strip() for line in lines if "is not valid JSON" in line or "onfiguration is invalid" in line
    ]
    return "; ".join(reasons) or None
