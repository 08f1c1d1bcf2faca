"""Commands that deploy, compare and remove what an environment declares."""
