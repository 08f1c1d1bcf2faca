"""Checks of the merged file: references, completeness, and the limits of Cloudflare and of the clients."""
