"""Files of any valid environment: what a client's program does not support is left out until nothing is refused."""

from __future__ import annotations

import copy
import re
import tempfile
from pathlib import Path
from typing import Any

import yaml

from gatewright.clients import CAPABILITIES
from gatewright.clock import NOW
from gatewright.diagnostics import Diagnostic, Severity
from gatewright.environment.files import Files
from gatewright.environment.load import Loaded, load

from . import whole_environments

VARIABLES = {NOW: whole_environments.NOW, "AN_ACCOUNT": "fa4eacc0" * 4}
BY_PROGRAM = {
    "agents-name",
    "domain-and-rest",
    "local-keys-and-rest",
    "local-keys-and-routes",
    "locked-out",
    "no-agents",
    "no-credential",
    "no-fallbacks",
    "no-header-variables",
    "no-own",
    "no-primary",
    "no-routes",
    "no-service-token",
    "no-small",
    "no-versions",
    "not-for-this-client",
    "not-reachable",
    "nothing-reached",
    "one-credential",
    "one-variable-for-two",
    "open-gateway",
    "program-refuses",
    "taken-name",
}
"""The only errors that an environment of `whole_environments` may have: a program cannot do what its client wants, or a
name was drawn twice."""


def text(tree: Any) -> str:
    """The tree as a user could have written it."""
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


def load_files(files: dict[str, str | bytes], name: str = "prod") -> Loaded:
    """Load an environment from these files alone."""
    with tempfile.TemporaryDirectory() as folder:
        for file, content in files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            Path(folder, file).write_bytes(data)
        return load(Files(Path(folder), "stacks"), name, CAPABILITIES, VARIABLES)


def errors(result: Loaded) -> list[Diagnostic]:
    """The errors among the diagnostics."""
    return [diagnostic for diagnostic in result.diagnostics if diagnostic.severity is Severity.ERROR]


def without_unsupported(tree: dict[str, Any]) -> tuple[dict[str, Any], Loaded]:
    """The environment without the settings that its clients' programs do not support."""
    kept = copy.deepcopy(tree)
    while refused := errors(result := load_files({"prod.yaml": text(kept)})):
        for diagnostic in refused:
            assert diagnostic.code in BY_PROGRAM, diagnostic.sentence()
            _leave_out(kept, diagnostic)
    return kept, result


def _leave_out(tree: dict[str, Any], diagnostic: Diagnostic) -> None:
    """Delete the setting of a client, the client, or what clients use of a role."""
    section, *rest = re.sub(r"\[.*", "", diagnostic.path).split(".")
    clients = tree["clients"]
    if section == "clients" and len(rest) > 1:
        clients.get(rest[0], {}).pop(rest[1], None)
    elif section == "clients":
        clients.pop(rest[0], None)
    elif section == "roles":
        users = [name for name, client in clients.items() if client.keys() & {"role", "agents"}]
        for name in users:
            del clients[name]
    else:
        assert section == "gateway", diagnostic.sentence()
        clients.clear()
