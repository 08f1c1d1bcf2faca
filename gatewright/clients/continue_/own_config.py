"""What a user's config.yaml of Continue declares: models with their providers and roles.

Source: Continue's reference of config.yaml, 1.5.
"""

from __future__ import annotations

from typing import Any

from gatewright.clients.common.own_config import OwnChoice, OwnConfig, OwnModel, items_at, model_settings, text_at
from gatewright.clients.common.own_deployments import OwnDeployments
from gatewright.clients.common.own_keys import read_key, read_key_header
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located, OwnName

FILE_NAMES = ("config.yaml",)
_MODEL = frozenset(
    {"name", "provider", "model", "apiKey", "apiBase", "roles", "capabilities", "defaultCompletionOptions"}
    | {"requestOptions"}
)
_OPTIONS = frozenset({"contextLength", "maxTokens"})
_REQUEST = frozenset({"headers"})
_COMPATIBLE = ("openai", "vllm", "lmstudio", "llama.cpp", "openai-compatible")
_OTHER_APIS = ("anthropic", "azure", "bedrock", "cohere", "gemini", "ollama", "replicate", "sagemaker", "vertexai")
_CHAT = "chat"
_ROLES = ("edit", "apply", "autocomplete", "summarize")
_NO_CHAT_API = ("embed", "rerank")


def recognizes(root: Node) -> bool:
    """Whether a file is Continue's."""
    models = items_at(root, "models")
    return any(model.at("provider") is not None or model.at("uses") is not None for model in models)


def read(root: Node) -> OwnConfig:
    """The content. The first model that chats is the default one."""
    config = OwnConfig()
    deployments = OwnDeployments(config, _COMPATIBLE)
    models = items_at(root, "models")
    for index, node in enumerate(models):
        _read_model(config, deployments, node, f"models[{index}]")
    deployments.finish()
    options = [found for node in models if (found := node.at("defaultCompletionOptions"))]
    requests = [found for node in models if (found := node.at("requestOptions"))]
    config.skip_others_of_all(models, "models[]", {*_MODEL, "uses"})
    config.skip_others_of_all(options, "models[].defaultCompletionOptions", _OPTIONS)
    config.skip_others_of_all(requests, "models[].requestOptions", _REQUEST)
    return config


def _read_model(config: OwnConfig, deployments: OwnDeployments, node: Node, path: str) -> None:
    provider, model = text_at(node, path, "provider"), text_at(node, path, "model")
    if node.at("uses") is not None:
        config.skip(node.location_at("uses"), f"{path}.uses", "blocks of Continue's hub are not read")
        return
    if provider is None or model is None:
        config.skip(node.location, path, "it has no provider or no model")
        return
    roles = [str(item.value) for item in items_at(node, "roles")] or [_CHAT]
    if set(roles) <= set(_NO_CHAT_API):
        config.skip(model.location, model.path, f"its roles are {' and '.join(roles)}, not chat")
        return
    headers = node.at("requestOptions", "headers")
    config.skip_headers(headers, f"{path}.requestOptions.headers")
    name = deployments.add(
        Located(provider.value.lower(), provider.location, provider.path),
        text_at(node, path, "apiBase"),
        read_key(node.at("apiKey"), f"{path}.apiKey") or read_key_header(headers, f"{path}.requestOptions.headers"),
        OwnModel(model.value, model.location, model.path, _settings(config, model.value, node, path)),
        provider.value if provider.value.lower() in _OTHER_APIS else None,
    )
    choice = OwnChoice(Located(OwnName(name), model.location, model.path))
    if _CHAT in roles:
        config.main = config.main or choice
        return
    for role in roles:
        if role in _ROLES:
            config.agents.setdefault(role, choice)


def _settings(config: OwnConfig, id_: str, node: Node, path: str) -> dict[str, Any]:
    capabilities = [item.value for item in items_at(node, "capabilities")]
    name = text_at(node, "", "name")
    return model_settings(
        id_,
        name=name.value if name else None,
        inputs=["text", "image"] if "image_input" in capabilities else [],
        context=config.size_at(node, path, "defaultCompletionOptions", "contextLength"),
        output=config.size_at(node, path, "defaultCompletionOptions", "maxTokens"),
    )
