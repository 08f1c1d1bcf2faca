"""Checks on the merged environment: references, completeness, and limits of Cloudflare and of the clients."""
