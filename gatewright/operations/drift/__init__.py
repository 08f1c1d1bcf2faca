"""Drift: differences from the state of the last up, at Cloudflare and on this machine."""
