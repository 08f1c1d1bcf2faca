"""pi: `~/.pi/agent/{models,auth,settings}.json` (0.77 or newer, checked against 0.87.1), and the file of its community
extension for Cloudflare's gateway.

Every endpoint is a provider named after the gateway, so that several environments fit into one file. pi omits a
provider without a key, so with stored keys the token is its key, in the only Authorization header, which Cloudflare
does not forward. If the client's `provider` is `cloudflare-ai-gateway`, pi's built-in provider is used, which sends
cf-aig-authorization instead and lists Cloudflare's whole catalog beside the environment's models.
Source: the program's own checks (dist/core/model-config.js, auth-storage.js) of 0.87.1.
"""

from __future__ import annotations

from gatewright.clients.common.endpoints import refuse_built_in_ids
from gatewright.clients.common.program import Program
from gatewright.clients.pi.built_in_providers import BUILT_IN_PROVIDERS
from gatewright.environment.capabilities import ClientCapabilities

CLOUDFLARE_PROVIDER = "cloudflare-ai-gateway"

CAPABILITIES = ClientCapabilities(
    title="pi",
    checked="0.87.1",
    oldest="0.77",  # earlier versions send a reference to a variable as it is written
    fallbacks=False,
    built_in_providers=BUILT_IN_PROVIDERS,
    reusable_providers=frozenset({CLOUDFLARE_PROVIDER}),
    assumes={"context": "assumes 128,000 tokens of context", "output": "asks for up to 16,384 tokens"},
    refuses=refuse_built_in_ids,
)
PROGRAM = Program("pi", "@earendil-works/pi-coding-agent (npm)")
