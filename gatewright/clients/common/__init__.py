"""Shared by the client packages: endpoints, variables, model entries, and the data types of their pieces."""
