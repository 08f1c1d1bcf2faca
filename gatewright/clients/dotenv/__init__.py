"""A dotenv file for the user's own programs: variables of the SDKs of OpenAI and Anthropic, and Cloudflare's names.

The token is a reference, which python-dotenv and dotenv-expand substitute; its variable must be set where they run.
Source: the SDKs' documentation of their variables, 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.environment.capabilities import ClientCapabilities, Refusal
from gatewright.environment.resolved import Client, Environment
from gatewright.facts.slugs import Api


def _refuse_without_primary(_: Environment, client: Client) -> Iterator[Refusal]:
    if client.primary is None and "gateway" not in client.via.values():
        message = "OPENAI_BASE_URL holds one base URL, and each provider has another one"
        yield Refusal("", message, "Choose a model: primary: provider/model")


CAPABILITIES = ClientCapabilities(
    title="dotenv",
    fallbacks=False,
    own=False,
    two_credentials=False,
    speaks=(Api.CHAT,),
    via=frozenset({"gateway", "provider", "direct"}),
    refuses=_refuse_without_primary,
)
PROGRAM = None
