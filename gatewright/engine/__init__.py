"""Pulumi's engine: the one on PATH, or downloaded, or built from its published Go modules."""
