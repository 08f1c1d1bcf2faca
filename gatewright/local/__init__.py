"""Cloudflare on this machine, and the engine that talks to it."""
