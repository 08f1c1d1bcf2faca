"""Differences between two states of a resource, described in the words of the environment file."""
