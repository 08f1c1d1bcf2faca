"""gemini.sh: the variables of Gemini CLI as lines for any shell; settings.json: that it uses an API key.

The first sets all of them, so that those of another service in the shell or in a `.env` have no effect: the program
reads no `.env` for a variable that is set, and treats an empty one as unset (tried with 0.61.0). Without the second, it
refuses to run without a terminal where a base URL is set.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import Access, find_endpoints, first_model
from gatewright.clients.common.variables import bearer_reference, reference, variables_of_one_model
from gatewright.environment.resolved import Client, Environment

variables = variables_of_one_model

KEY_HEADER = "x-goog-api-key"
NO_KEY = "unused"
"""The program does not start without a key. An empty KEY_HEADER keeps this one from being sent."""
SETTINGS = {"security": {"auth": {"selectedType": "gemini-api-key"}}}


def files(environment: Environment, client: Client) -> list[ClientFile]:
    """The two files; without a primary, the first model listed."""
    endpoint, model = find_endpoints(environment, client).find(first_model(client))
    access = endpoint.access
    content = {
        "GOOGLE_GEMINI_BASE_URL": access.url,
        "GEMINI_API_KEY": reference(access.authorization) if access.authorization else NO_KEY,
        "GEMINI_API_KEY_AUTH_MECHANISM": "",
        "GEMINI_CLI_CUSTOM_HEADERS": ",".join(_headers(access)),
        "GEMINI_MODEL": model.id,
        "GOOGLE_API_KEY": "",
        "GOOGLE_GENAI_API_VERSION": "",
        "GOOGLE_GENAI_USE_GCA": "",
        "GOOGLE_GENAI_USE_VERTEXAI": "",
    }
    return [
        ClientFile("gemini-cli/.gemini/settings.json", SETTINGS, schema="gemini-cli-settings"),
        ClientFile("gemini-cli/gemini.sh", content, schema="gemini-cli"),
    ]


def _headers(access: Access) -> Iterator[str]:
    if access.authorization is None:
        yield f"{KEY_HEADER}:"
    yield from (f"{name}: {value}" for name, value in access.headers(bearer_reference).items())
