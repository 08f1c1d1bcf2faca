"""What a user's openclaw.json declares: providers, the default model, and the models of agents."""

from __future__ import annotations

from gatewright.clients.common.own_config import OwnChoice, OwnConfig, items_at, model_name, text_at
from gatewright.clients.common.own_pi_format import read_pi_providers
from gatewright.environment.nodes import Node

FILE_NAMES = ("openclaw.json",)
_INCLUDE = "$include"
_MAIN = "main"


def recognizes(root: Node) -> bool:
    """Whether a file is OpenClaw's."""
    return root.at("models", "providers") is not None or root.at("agents", "defaults") is not None


def read(root: Node) -> OwnConfig:
    """The content. Files that it includes are not read."""
    config = OwnConfig()
    for keys in ((), ("models",), ("models", "providers"), ("agents",)):
        if root.at(*keys, _INCLUDE) is not None:
            path = ".".join((*keys, _INCLUDE))
            config.skip(
                root.location_at(*keys, _INCLUDE),
                path,
                "included files are not read; move their content into this file first",
            )
    providers = root.at("models", "providers")
    if providers is not None:
        own = {id_: entry for id_, entry in providers.entries.items() if id_ != _INCLUDE}
        read_pi_providers(config, Node(own, providers.location), "models.providers")
    config.main = _choice(root, "agents.defaults.model", "agents", "defaults", "model")
    for key in ("imageModel", "models", "modelPolicy"):
        if root.at("agents", "defaults", key) is not None:
            location = root.location_at("agents", "defaults", key)
            config.skip(location, f"agents.defaults.{key}", "an environment file has no such setting")
    _read_agents(config, root)
    for variables in (root.at("env"), root.at("env", "vars")):
        for name, entry in variables.entries.items() if variables else ():
            if isinstance(entry.node.value, str) and entry.node.value:
                config.variables[name] = entry.node.location
    return config


def _read_agents(config: OwnConfig, root: Node) -> None:
    entries = root.at("agents", "entries")
    agents = [
        (name, f"agents.entries.{name}", entry.node) for name, entry in (entries.entries if entries else {}).items()
    ]
    for index, item in enumerate(items_at(root, "agents", "list")):
        id_ = text_at(item, "", "id")
        if id_ is not None:
            agents.append((id_.value, f"agents.list[{index}]", item))
    for name, path, agent in agents:
        choice = _choice(agent, f"{path}.model", "model")
        if choice is None:
            continue
        if name == _MAIN and config.main is None:
            config.main = choice
        else:
            config.agents[name] = choice


def _choice(node: Node, path: str, *keys: str) -> OwnChoice | None:
    """A model, or {primary, fallbacks}."""
    found = node.at(*keys)
    if found is None:
        return None
    primary = text_at(found, path) or text_at(found, path, "primary")
    if primary is None:
        return None
    fallbacks = [text_at(item, f"{path}.fallbacks[{index}]") for index, item in enumerate(items_at(found, "fallbacks"))]
    return OwnChoice(model_name(primary), tuple(model_name(name) for name in fallbacks if name is not None))
