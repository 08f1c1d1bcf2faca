"""Commands about this machine: the engine, the local Cloudflare, what is missing."""
