"""Providers in the format of pi, which OpenClaw is built on."""

from __future__ import annotations

from gatewright.clients.common.own_config import OwnConfig, OwnModel, OwnProvider, items_at, model_settings, text_at
from gatewright.clients.common.own_keys import read_key, read_key_header
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located

_PROVIDER = frozenset({"name", "baseUrl", "apiKey", "api", "models", "headers", "auth", "authHeader"})
_MODEL = frozenset({"id", "name", "api", "reasoning", "input", "cost", "contextWindow", "maxTokens"})
_COST = {"input": "input", "output": "output", "cacheRead": "cacheRead", "cacheWrite": "cacheWrite"}
_CHAT = "openai-completions"
_API_KEY = "api-key"


def read_pi_providers(config: OwnConfig, providers: Node | None, path: str) -> None:
    """Add the providers of a mapping from ids to providers."""
    for id_, entry in providers.entries.items() if providers else ():
        inner = f"{path}.{id_}"
        if not isinstance(entry.node.value, dict):
            config.skip(entry.node.location, inner, f"expected a mapping, found {entry.node.kind}")
            continue
        auth = text_at(entry.node, inner, "auth")
        if auth is not None and auth.value != _API_KEY:
            config.skip(auth.location, auth.path, f"it authenticates with {auth.value}, not with an API key")
            continue
        config.providers.append(_provider(config, Located(id_, entry.key_location, inner), entry.node))
        config.skip_headers(entry.node.at("headers"), f"{inner}.headers")
        config.skip_others(entry.node, inner, _PROVIDER)


def _provider(config: OwnConfig, id_: Located[str], node: Node) -> OwnProvider:
    path = id_.path
    models = items_at(node, "models")
    read = [_model(config, item, f"{path}.models[{index}]") for index, item in enumerate(models)]
    config.skip_others_of_all(models, f"{path}.models[]", _MODEL)
    apis = [text_at(each, path, "api") for each in (node, *models)]
    api = next((api.value for api in apis if api is not None), _CHAT)
    return OwnProvider(
        id_.value,
        id_.location,
        path,
        base_url=text_at(node, path, "baseUrl"),
        api=None if api == _CHAT else api,
        key=read_key(node.at("apiKey"), f"{path}.apiKey") or read_key_header(node.at("headers"), f"{path}.headers"),
        models=tuple(model for model in read if model is not None),
    )


def _model(config: OwnConfig, node: Node, path: str) -> OwnModel | None:
    id_ = text_at(node, path, "id")
    if id_ is None:
        config.skip(node.location, path, "it has no id")
        return None
    values = {key: entry.node.plain() for key, entry in node.entries.items()}
    cost = values.get("cost")
    settings = model_settings(
        id_.value,
        name=values.get("name"),
        reasoning=values.get("reasoning"),
        inputs=[item.value for item in items_at(node, "input")],
        context=config.size_at(node, path, "contextWindow"),
        output=config.size_at(node, path, "maxTokens"),
        cost={name: cost.get(key) for key, name in _COST.items()} if isinstance(cost, dict) else None,
    )
    return OwnModel(id_.value, id_.location, path, settings)
