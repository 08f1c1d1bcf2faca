"""The model of an environment file: frozen dataclasses whose fields are settings."""
