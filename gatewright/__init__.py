"""gatewright: a Cloudflare AI Gateway and everything around it, declared per environment."""

__version__ = "0.1.0"
