// Written by gatewright: adds the newest token to each request to these providers.
import { execFile } from "node:child_process"

const { command, headers } = {
  "command": [
    "gatewright",
    "token",
    "environment",
    "--for",
    "opencode"
  ],
  "headers": {
    "agents-environment": "cf-aig-authorization",
    "agents-environment-rest": "authorization"
  }
}

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
