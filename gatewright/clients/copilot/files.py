"""copilot.sh: the variables of Copilot's provider as lines for any shell.

It sets all of them, so that those of another provider in the shell have no effect: Copilot treats an empty one as unset
(tried with 1.0.102).
"""

from __future__ import annotations

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, find_endpoints, first_model
from gatewright.clients.common.helper import asks_command, helper_line
from gatewright.clients.common.model_info import ListedModel
from gatewright.clients.common.variables import bearer_reference, reference, variables_of_one_model
from gatewright.environment.resolved import Client, Environment

variables = variables_of_one_model


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The one file; without a primary, the first model listed."""
    endpoint, model = find_endpoints(environment, client).find(first_model(client))
    access = endpoint.access
    headers = access.headers(bearer_reference, token_is_key=True)
    content = {
        "COPILOT_PROVIDER_BASE_URL": access.url,
        "COPILOT_PROVIDER_TYPE": "openai",
        "COPILOT_PROVIDER_WIRE_API": "completions",
        "COPILOT_PROVIDER_TRANSPORT": "http",
        "COPILOT_MODEL": model.id,
        "COPILOT_PROVIDER_MODEL_ID": "",
        "COPILOT_PROVIDER_WIRE_MODEL": "",
        **_sizes(model),
        **_credential(environment, client, access),
        "COPILOT_PROVIDER_BEARER_TOKEN": "",
        "COPILOT_PROVIDER_HEADERS": "\n".join(f"{name}: {value}" for name, value in headers.items()),
    }
    return [ClientFile("copilot/copilot.sh", content, schema="copilot")]


def _sizes(model: ListedModel) -> dict[str, str]:
    """A prompt and its answer share the context."""
    prompt = model.context
    if model.context is not None and model.output is not None:
        prompt = max(model.context - model.output, model.context // 2, 1)
    sizes = {"COPILOT_PROVIDER_MAX_PROMPT_TOKENS": prompt, "COPILOT_PROVIDER_MAX_OUTPUT_TOKENS": model.output}
    return {name: "" if size is None else str(size) for name, size in sizes.items()}


def _credential(environment: Environment, client: Client, access: Access) -> dict[str, str]:
    command = helper_line(environment, client) if asks_command(client, access) else ""
    key = reference(access.credential) if access.credential and not command else ""
    return {"COPILOT_PROVIDER_API_KEY": key, "COPILOT_PROVIDER_API_KEY_COMMAND": command}
