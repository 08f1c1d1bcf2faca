"""An environment for the tests of drift, the moment of a run, and its account."""

from __future__ import annotations

from gatewright.clock import parse_timestamp
from gatewright.operations.drift.remedies import Api

NOW = parse_timestamp("2026-11-24T12:00:00Z")
API = Api("https://api.example/client/v4", "fa4eacc0" * 4, "$CLOUDFLARE_API_TOKEN")
TEXT = """
account: fa4eacc0fa4eacc0fa4eacc0fa4eacc0
gateway:
  name: agents-staging
  domains: {ai.example.com: {}}
  access: {serviceToken: {rotate: {every: 30d, overlap: 7d}}}
providers:
  groq: {key: {env: GROQ_API_KEY}, models: {llama-3.1-8b: {context: 131072, output: 8192}}}
routes: {fast: [groq/llama-3.1-8b]}
tokens:
  agents: {rotate: {every: 30d, overlap: 7d}}
  ci: {expires: "2026-12-01T00:00:00Z"}
  forever: {}
clients: {openclaw: {primary: dynamic/fast, token: agents}}
"""
