"""A Cloudflare for one machine: AI gateways, API tokens and inference, as close to the real one as is known.

`control` holds the dispatcher of /client/v4, each resource is a module that lists its endpoints; `inference` is the
data plane under /v1; `admin` is what the real one does not have: faults, log, health, further accounts, reset.
"""
