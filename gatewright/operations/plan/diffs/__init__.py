"""Differences between two property maps of a resource, in the terms of the environment file."""
