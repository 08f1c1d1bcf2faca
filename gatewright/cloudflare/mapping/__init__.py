"""Mapping between an environment and the bodies of Cloudflare's API, in both directions."""
