"""The local Cloudflare: AI gateways, API tokens and inference, as close to the real one as is known.

`core` has the dispatcher of /client/v4 and the store; `resources` has one module with endpoints for each resource;
`inference` is the data plane below /v1; `admin` has the endpoints that Cloudflare does not have: faults, log, health,
further accounts, reset.
"""
