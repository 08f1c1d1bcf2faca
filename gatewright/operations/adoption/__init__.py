"""Adopting what exists at Cloudflare into an environment, and retiring an environment."""
