"""Commands about tokens and secrets."""
