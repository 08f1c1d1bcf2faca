"""The Pulumi plugin `gatewright`: resources that Cloudflare's plugin lacks."""
