"""What a user's opencode.json declares: providers, the default models, and the models of agents."""

from __future__ import annotations

from gatewright.clients.common.own_config import (
    OwnChoice,
    OwnConfig,
    OwnModel,
    OwnProvider,
    model_name,
    model_settings,
    text_at,
)
from gatewright.clients.common.own_keys import read_key, read_key_header
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located

FILE_NAMES = ("opencode.json", "opencode.jsonc")
_SCHEMA = "opencode.ai/config.json"
_PROVIDER = frozenset({"npm", "name", "options", "models", "id", "api", "env"})
_OPTIONS = frozenset({"baseURL", "apiKey", "headers"})
_MODEL = frozenset({"id", "name", "reasoning", "attachment", "modalities", "cost", "limit", "tool_call", "temperature"})
_COST = {"input": "input", "output": "output", "cache_read": "cacheRead", "cache_write": "cacheWrite"}
_CHAT = ("@ai-sdk/openai-compatible", "@ai-sdk/openai")


def recognizes(root: Node) -> bool:
    """Whether a file is OpenCode's."""
    schema = text_at(root, "", "$schema")
    provider = root.at("provider")
    return (schema is not None and _SCHEMA in schema.value) or (
        provider is not None and isinstance(provider.value, dict)
    )


def read(root: Node) -> OwnConfig:
    """The content."""
    config = OwnConfig()
    providers = root.at("provider")
    for id_, entry in providers.entries.items() if providers else ():
        path = f"provider.{id_}"
        if isinstance(entry.node.value, dict):
            config.providers.append(_provider(config, Located(id_, entry.key_location, path), entry.node))
        else:
            config.skip(entry.node.location, path, f"expected a mapping, found {entry.node.kind}")
    if (model := text_at(root, "", "model")) is not None:
        config.main = OwnChoice(model_name(model))
    if (small := text_at(root, "", "small_model")) is not None:
        config.small = model_name(small)
    agents = root.at("agent")
    for name, entry in agents.entries.items() if agents else ():
        if (model := text_at(entry.node, f"agent.{name}", "model")) is not None:
            config.agents[name] = OwnChoice(model_name(model))
    return config


def _provider(config: OwnConfig, id_: Located[str], node: Node) -> OwnProvider:
    path, options = f"{id_.path}.options", node.at("options")
    headers = node.at("options", "headers")
    models = node.at("models")
    entries = models.entries if models else {}
    config.skip_others(node, id_.path, _PROVIDER)
    if options is not None:
        config.skip_others(options, path, _OPTIONS)
    config.skip_headers(headers, f"{path}.headers")
    config.skip_others_of_all([entry.node for entry in entries.values()], f"{id_.path}.models[]", _MODEL)
    package = text_at(node, id_.path, "npm")
    return OwnProvider(
        id_.value,
        id_.location,
        id_.path,
        base_url=text_at(node, id_.path, "options", "baseURL") or text_at(node, id_.path, "api"),
        api=None if package is None or package.value in _CHAT else package.value,
        key=read_key(node.at("options", "apiKey"), f"{path}.apiKey") or read_key_header(headers, f"{path}.headers"),
        models=tuple(
            _model(config, Located(name, entry.key_location, f"{id_.path}.models.{name}"), entry.node)
            for name, entry in entries.items()
        ),
    )


def _model(config: OwnConfig, name: Located[str], node: Node) -> OwnModel:
    """A model; its key is its id unless it has one."""
    values = {key: entry.node.plain() for key, entry in node.entries.items()}
    cost, modalities = values.get("cost"), values.get("modalities")
    inputs = modalities.get("input") if isinstance(modalities, dict) else None
    if not isinstance(inputs, list):
        inputs = ["text", "image"] if values.get("attachment") is True else []
    settings = model_settings(
        name.value,
        name=values.get("name"),
        reasoning=values.get("reasoning"),
        inputs=inputs,
        context=config.size_at(node, name.path, "limit", "context"),
        output=config.size_at(node, name.path, "limit", "output"),
        cost={key: cost.get(own) for own, key in _COST.items()} if isinstance(cost, dict) else None,
    )
    id_ = text_at(node, name.path, "id")
    return OwnModel(name.value, name.location, name.path, settings, sent_as=id_.value if id_ else None)
