"""Test requests to models and routes, and the diagnosis of their responses."""
