"""The version of Pulumi's engine that gatewright is built for."""

MINIMUM_ENGINE = (3, 259, 0)
"""The oldest engine that is used, and the one that is downloaded or built: the version in go.mod."""
