"""What `gatewright policy` does: results of the rules, their tests, and a first file."""
