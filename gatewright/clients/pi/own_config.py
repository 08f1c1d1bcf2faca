"""What a user's models.json of pi declares: providers. The default model is in another file."""

from __future__ import annotations

from gatewright.clients.common.own_config import OwnConfig
from gatewright.clients.common.own_pi_format import read_pi_providers
from gatewright.environment.nodes import Node

FILE_NAMES = ("models.json",)


def recognizes(root: Node) -> bool:
    """Whether a file is pi's."""
    providers = root.at("providers")
    return providers is not None and isinstance(providers.value, dict)


def read(root: Node) -> OwnConfig:
    """The content."""
    config = OwnConfig()
    read_pi_providers(config, root.at("providers"), "providers")
    return config
