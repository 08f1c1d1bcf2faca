"""Shapes of settings: each reads a YAML node into plain data and describes itself as JSON Schema."""
