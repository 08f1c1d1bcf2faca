"""The plugin's process: `python -P -m gatewright.local.cloudflare_plugin`."""

from __future__ import annotations

from gatewright.local.cloudflare_plugin.provider import Cloudflare
from gatewright.plugin.provider import run

if __name__ == "__main__":
    run(Cloudflare())
