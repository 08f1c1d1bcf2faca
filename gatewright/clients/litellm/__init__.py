"""LiteLLM's proxy: `litellm --config <file>` (checked against 1.106.2).

Programs call a model by its name here: groq/gpt-oss-20b, dynamic/fast. The primary is also `default`, and a role is
called by its own name. It sends no request without a key, so with stored keys the gateway's token is the key.
Source: `litellm --validate_config` and the proxy's loader of that version.
"""

from __future__ import annotations

from gatewright.clients.common.program import Daemon, Precedence, Program
from gatewright.environment.capabilities import Agents, ClientCapabilities, Metadata

CAPABILITIES = ClientCapabilities(
    title="LiteLLM",
    metadata=Metadata(),
    header_variable="os.environ/{}",
    checked="1.106.2",
    oldest="1.90",
    own=False,
    agents=Agents("model groups", reserved=frozenset({"default"}), fallbacks=True),
)
PROGRAM = Program(
    "litellm",
    "litellm[proxy] (PyPI)",
    daemon=Daemon("LiteLLM's proxy", None, "stop it, then: {run} litellm --config FILE", "--config"),
    precedence=Precedence(settings=("{installed}",), credential=("{variable} in the environment of the proxy",)),
    quiet={"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
)
