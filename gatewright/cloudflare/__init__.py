"""Cloudflare: the facts about it, and the one client that talks to its control plane."""
