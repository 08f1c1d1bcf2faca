"""What a gateway applies to a call: cache, credentials, limits, prices, retries, guardrails and spend limits."""
