"""A plugin of OpenCode that asks a command for the token before each request: `credential: helper`.

OpenCode loads the files in its folder `plugin`, and calls `chat.headers` for each request. Tried with 1.18.33, which
fetches @opencode-ai/plugin from npm when it first starts with a plugin.
Source: dist/index.d.ts of @opencode-ai/plugin 1.18.33.
"""

from __future__ import annotations

from gatewright.clients.common.client_file import ClientFile
from gatewright.clients.common.endpoints import TOKEN_HEADER, Endpoints
from gatewright.clients.common.helper import asks_command, helper_arguments
from gatewright.environment.resolved import Client, Environment

_BEFORE = """\
// Written by gatewright: adds the newest token to each request to these providers.
import { execFile } from "node:child_process"

const { command, headers } = """
_AFTER = """
const token = () =>
  new Promise((resolve, reject) =>
    execFile(command[0], command.slice(1), (error, stdout, stderr) =>
      error ? reject(new Error(`gatewright: ${stderr.trim() || error.message}`)) : resolve(stdout.trim()),
    ),
  )

export const Gatewright = async () => ({
  "chat.headers": async (input, output) => {
    const header = headers[input.model.providerID]
    if (header) output.headers[header] = `Bearer ${await token()}`
  },
})
"""


def plugin_files(environment: Environment, client: Client, endpoints: Endpoints) -> list[ClientFile]:
    """The plugin; nothing where no endpoint asks a command."""
    headers = {
        entry.id: TOKEN_HEADER if entry.access.gateway_authorization else "authorization"
        for entry in endpoints.entries
        if asks_command(client, entry.access)
    }
    if not headers:
        return []
    content = {"command": helper_arguments(environment, client), "headers": headers}
    return [ClientFile("opencode/plugin.js", content, "opencode-plugin", frame=(_BEFORE, _AFTER))]
