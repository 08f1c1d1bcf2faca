"""Qwen Code: `~/.qwen/settings.json`, or the file in the folder QWEN_HOME (checked against 0.24.4).

Each endpoint is a provider with the protocol `openai`. The default model, the fast model and the fallbacks are ids of
models. It substitutes variables in every text of the file, headers too, and takes no credential from a command.
Source: docs/configuration/model-providers.md and settings.md in the package of that version, and the program itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.clients.common.program import Folder, Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids, refuse_substituted_names
from gatewright.environment.capabilities import ClientCapabilities, Metadata, Refusal
from gatewright.environment.references import OwnName
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api

MAX_FALLBACKS = 3


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_built_in_ids(environment, client)
    if len(client.fallbacks) > MAX_FALLBACKS:
        message = f"Qwen Code tries at most {MAX_FALLBACKS} fallbacks, not {len(client.fallbacks)}"
        yield Refusal("fallbacks", message, "Remove some, or write a route with them")
    for name in client.fallbacks:
        if isinstance(name, OwnName) and "," in name.name:
            message = f"Qwen Code separates fallbacks by commas, so it cannot hold {name.name}"
            yield Refusal("fallbacks", message, "Remove it")
    yield from refuse_substituted_names(environment, client, ("$",), "variables in every text")
    for model_id, count in Counter(model.id for model in find_endpoints(environment, client).models).items():
        if count > 1:
            message = f"Qwen Code finds a model by its id alone, and {count} of its endpoints have {model_id}"
            yield Refusal("", message, "Remove all but one from the client's models")


CAPABILITIES = ClientCapabilities(
    title="Qwen Code",
    metadata=Metadata("${{}}"),
    header_variable="${{}}",
    checked="0.24.4",
    oldest="0.24",
    small=True,
    speaks=(Api.CHAT,),
    built_in_providers=frozenset({"openai", "openai-responses", "anthropic", "gemini", "vertex-ai", "qwen-oauth"}),
    assumes={"context": "guesses the context size from the model's name"},
    refuses=_refuse,
)
FOLDER = Folder(".qwen", "QWEN_HOME")
PROGRAM = Program(
    "qwen",
    "@qwen-code/qwen-code (npm)",
    folder=FOLDER,
    env_file=".env",
    precedence=Precedence(
        settings=("the command line", "`.qwen/settings.json` of the project", "{installed}"),
        credential=("{variable} in the shell", "`.env` beside the file"),
    ),
    quiet={"QWEN_TELEMETRY_ENABLED": "0"},
)
