"""Gemini CLI: a file of variables that the shell reads before it starts, and its own kind of login in
`~/.gemini/settings.json` (checked against 0.61.0).

It speaks only Google's own API, so it reaches Google AI Studio, behind the gateway or directly, and no route. It takes
one base URL, one key and its headers from variables; `--model` names another model of Google's. It takes no credential
from a command. Some requests go to models that it chooses itself, for example to summarize a long conversation.
0.58 is too old: it asks for another model in place of each whose name ends in flash.
Source: docs/reference/configuration.md in the package of that version, and the requests that it sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.clients.common.endpoints import METADATA_HEADER, find_endpoints, first_model
from gatewright.clients.common.program import Folder, Precedence, Program
from gatewright.clients.common.refusals import refuse_substituted_names
from gatewright.environment.capabilities import ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

NEXT_HEADER = re.compile(r",(?=\s*[^,:]+:)")
"""Where the program ends a header: a comma, also one within a value, if a colon precedes the next comma."""
REPLACED = {
    "gemini-3-flash": "gemini-3.8-flash",
    "gemini-3-pro-preview": "gemini-3.1-pro-preview",
    "gemini-3.1-flash-lite": "gemini-3.5-flash-lite",
    "gemini-3.5-flash": "gemini-3.8-flash",
}
"""Models in whose place the program asks for a newer one."""
_HINTS = {
    METADATA_HEADER: ("metadata", "Keep one entry whose value has no comma before a colon"),
    "cf-aig-custom-cost": ("cost", "Set one price, for example total"),
    "cf-aig-session-id": ("session", "Choose a value without commas"),
}


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_substituted_names(environment, client, ("${",), "variables in every text")
    endpoint, model = find_endpoints(environment, client).find(first_model(client))
    if newer := REPLACED.get(model.id):
        message = f"Gemini CLI asks for {newer} in place of {model.id}, so it cannot use {first_model(client)}"
        yield Refusal("primary", message, "Choose another primary")
    for name, value in endpoint.access.fixed_headers.items():
        if NEXT_HEADER.search(f"{value},"):
            setting, hint = _HINTS.get(name, ("", "Remove it"))
            message = f"Gemini CLI ends a header at a comma that precedes a colon, so it cannot send {name}: {value}"
            yield Refusal(setting, message, hint)


CAPABILITIES = ClientCapabilities(
    title="Gemini CLI",
    metadata=Metadata("${{}}"),
    header_variable="${{}}",
    checked="0.61.0",
    oldest="0.61",
    routes=False,
    fallbacks=False,
    own=False,
    speaks=(Api.GENERATE,),
    via=frozenset({"provider", "direct"}),
    refuses=_refuse,
)
FOLDER = Folder(".gemini", home_variable="GEMINI_CLI_HOME")
PROGRAM = Program(
    "gemini",
    "@google/gemini-cli (npm)",
    folder=FOLDER,
    precedence=Precedence(
        settings=(
            "`--model` of the command line",
            "{installed}, whose variables replace those of the shell and of any `.env`",
            "`settings.json` of the machine",
            "`.gemini/settings.json` of the project",
            "`settings.json` beside it",
        ),
        credential=("{variable} in the shell, which the file names",),
    ),
)
