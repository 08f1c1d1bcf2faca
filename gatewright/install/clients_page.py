"""The page docs/clients.md, made from what the clients' modules say: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.machine import Machine
from gatewright.clients.matrix import markdown
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.slugs import Api
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.common.installation import Installation
    from gatewright.environment.resolved import Environment

PAGE = Path(__file__).parents[2] / "docs" / "clients.md"

_MACHINE = Machine(Path("/home/you"), {}, Path("/home/you"))
_NAMED = ("dotenv", "models")  # no program has a place for them
_CHOICES = {Api.CHAT: "groq/m", Api.RESPONSES: "openai/m", Api.MESSAGES: "anthropic/m"}
_SHOWN = {"json": "JSON, comments kept", "yaml": "YAML, comments kept", "env": "dotenv", "whole": "a file of our own"}
_ENVIRONMENT = """\
account: "fa4eacc0fa4eacc0fa4eacc0fa4eacc0"
gateway: {name: your-gateway}
providers:
  groq: {key: {stored: true}, models: {m: {context: 1000, output: 1000}}}
  openai: {key: {stored: true}, models: {m: {context: 1000, output: 1000}}}
  anthropic: {key: {stored: true}, models: {m: {context: 1000, output: 1000}}}
tokens: {agents: {}}
clients:
"""
_HEAD = """\
# Clients

Made by `make docs` from `gatewright/clients` and `gatewright/install`; a test says if it is stale.

`gatewright install ENV CLIENT` puts the settings where the program reads them, `gatewright doctor ENV CLIENT` says
whether all is well there, `gatewright uninstall ENV CLIENT` takes exactly ours out again.

## Which files, and where the token must be

`your-gateway` is the client's `provider`: by default the name of the gateway.

"""
_CAN = """
## What each can do

Ways to the models (`via`), with the keys that each can use: stored at Cloudflare, unified billing, or the user's own.

"""
_PROVEN = """
## What is proven, and how

`make test-clients` installs these versions and runs them against the local Cloudflare: each takes the emitted files,
lists its models and routes where it can list any, and answers a prompt by the right path, model and one credential;
then the token rotates, the old one is revoked, and after `install` it answers again. The versions are pinned in
`tests/clients/programs`.

"""


def page() -> str:
    """All of it."""
    environment = _environment()
    places = [_place(environment, client) for client in sorted(CLIENTS)]
    return "".join(
        (
            _HEAD,
            _table(("client", "file", "kept as", "the variables are read by", "to take new settings"), places),
            _CAN,
            markdown(),
            _PROVEN,
            _table(("client", "program", "version", "proven by"), map(_proof, sorted(CLIENTS))),
        )
    )


def _environment() -> Environment:
    clients = "".join(
        f"  {name}: {{primary: {_CHOICES[each.speaks[0]]}}}\n" for name, each in sorted(CAPABILITIES.items())
    )
    files = Files(PAGE.parent, "docs")
    files.put("page.yaml", _ENVIRONMENT + clients)
    return require(load(files, "page", CAPABILITIES, {}))


def _place(environment: Environment, client: str) -> tuple[str, ...]:
    to = _MACHINE.home / "FILE" if client in _NAMED else None
    resolved = environment.clients[client]
    emitted = CLIENTS[client].files(environment, resolved)
    wanted = CLIENTS[client].installation(InstallRequest(environment, resolved, _MACHINE, emitted, to))
    files = "<br>".join(f"`{_MACHINE.shown(each.path)}`" for each in wanted.targets)
    kinds = ", ".join(dict.fromkeys(_SHOWN[each.format.kind] for each in wanted.targets))
    return client, "the file named by `--to`" if to else files, kinds, _reader(client, wanted), wanted.reload


def _reader(client: str, wanted: Installation) -> str:
    program = CLIENTS[client].program
    daemon = program.daemon if program else None
    return wanted.runs_in + (f"; {daemon.name} has an environment of its own" if daemon else "")


def _proof(client: str) -> tuple[str, ...]:
    known, capabilities = CLIENTS[client].program, CAPABILITIES[client]
    if known is None:
        return client, "any", "–", "its schema, and cases by the SDKs' documentation: no program of its own to run"
    return client, f"`{known.command}`, {known.package}", capabilities.checked or "–", "the real program"


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
