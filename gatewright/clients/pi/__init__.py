"""pi: `~/.pi/agent/{models,auth,settings}.json` (0.80.10 or newer, checked against 1.6.0), and the file of its
community extension for Cloudflare's gateway.

The extension (joshuadavidthomas/agentkit, removed there since) reads `accountId` and `gatewayName` from the file before
CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_AI_GATEWAY_NAME, and its key from auth.json as it is written, without expanding
`$NAME`, before CLOUDFLARE_AI_GATEWAY_TOKEN. It is a provider of its own: the entries below answer beside it.

Every endpoint is a provider named after the gateway, so that several environments fit into one file. pi omits a
provider without a key, so with stored keys the token is its key, in the only Authorization header, which Cloudflare
does not forward. If the client's `provider` is `cloudflare-ai-gateway`, pi's built-in provider is used, which sends
cf-aig-authorization instead and lists Cloudflare's whole catalog beside the environment's models.
Source: the program's own checks (dist/core/model-config.js, auth-storage.js) of 0.87.1, and running 0.80.10 and 1.6.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.clients.common.program import Precedence, Program
from gatewright.clients.common.refusals import refuse_built_in_ids
from gatewright.clients.pi.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.environment.capabilities import ClientCapabilities, Metadata, Refusal
from gatewright.environment.resolved import Client, Environment

CLOUDFLARE_PROVIDER = "cloudflare-ai-gateway"


def _refuse(environment: Environment, client: Client) -> Iterator[Refusal]:
    yield from refuse_built_in_ids(environment, client)
    if client.credential == "helper" and client.provider == CLOUDFLARE_PROVIDER:
        message = f"pi's built-in provider {CLOUDFLARE_PROVIDER} keeps the answer of a command until pi is restarted"
        yield Refusal("credential", message, "Remove provider, or credential")


CAPABILITIES = ClientCapabilities(
    title="pi",
    metadata=Metadata("${{}}"),
    header_variable="${{}}",
    checked="1.6.0",
    oldest="0.80.10",  # 0.78.0 and 0.79.10 refuse a provider in models.json whose key is in auth.json
    fallbacks=False,
    credentials={"helper": "0.80.10"},
    built_in_providers=BUILT_IN_PROVIDERS,
    reusable_providers=frozenset({CLOUDFLARE_PROVIDER}),
    assumes={"context": "assumes 128,000 tokens of context", "output": "asks for up to 16,384 tokens"},
    refuses=_refuse,
)
PROGRAM = Program(
    "pi",
    "@earendil-works/pi-coding-agent (npm)",
    precedence=Precedence(
        settings=("the command line", "`.pi/settings.json` of a trusted project", "{installed}"),
        credential=(
            "`auth.json`, which names {variable} of the shell or, with `credential: helper`, a command",
            "`models.json`",
        ),
    ),
    quiet={"PI_OFFLINE": "1"},
)
