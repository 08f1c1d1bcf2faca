"""Pulumi components for Cloudflare AI Gateway. Only these modules register resources."""
