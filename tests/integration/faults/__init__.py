"""Faults of Cloudflare's API at every call of an up, an update, a rotation and a destroy: `make test-faults`."""
