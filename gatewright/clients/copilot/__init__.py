"""GitHub Copilot CLI: a file of variables that the shell reads before it starts (checked against 1.0.102).

It takes a provider of the user's own from variables only: one base URL, one credential, one model; `--model` names
another model of the same endpoint. The shell substitutes the variables in the file.
Source: `copilot help providers` of 1.0.80 and 1.0.102, and the requests of 1.0.102.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.endpoints import find_endpoints, first_model
from gatewright.clients.common.program import Folder, Precedence, Program
from gatewright.clients.common.refusals import refuse_substituted_names
from gatewright.environment.capabilities import ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

LINE_BREAK = "\\n"
"""These two characters separate the headers, like a line break."""


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_substituted_names(environment, client, ("${",), "variables in every text")
    headers = find_endpoints(environment, client).find(first_model(client))[0].access.fixed_headers
    for name, value in headers.items():
        if LINE_BREAK in value:
            message = f"GitHub Copilot CLI ends a header at {LINE_BREAK}, so it cannot send {name}: {value}"
            yield Refusal("", message, "Remove the backslash from the client's metadata or session")


CAPABILITIES = ClientCapabilities(
    title="GitHub Copilot CLI",
    metadata=Metadata("${{}}"),
    header_variable="${{}}",
    checked="1.0.102",
    oldest="1.0.80",
    fallbacks=False,
    own=False,
    credentials={"helper": "1.0.102"},
    speaks=(Api.CHAT,),
    assumes={"context": "assumes a context size of its own"},
    refuses=_refuse,
)
FOLDER = Folder(".copilot", "COPILOT_HOME")
PROGRAM = Program(
    "copilot",
    "@github/copilot (npm)",
    folder=FOLDER,
    precedence=Precedence(
        settings=(
            "`--model` of the command line",
            "{installed}, whose variables replace those of the shell",
            "`settings.json` beside it",
        ),
        credential=(
            "{variable} in the shell, which the file names; with `credential: helper`, the command that it names",
        ),
    ),
    quiet={"COPILOT_OFFLINE": "true", "COPILOT_AUTO_UPDATE": "false"},
)
