"""What a user's config of LiteLLM's proxy declares: deployments, their groups, and fallbacks.

The provider of a deployment is the beginning of its model: `groq/llama-3.1-8b-instant`. Source: LiteLLM's
documentation of providers, proxy config and reliability, 1.106.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gatewright.clients.common.own_config import OwnChoice, OwnConfig, OwnModel, items_at, model_settings, text_at
from gatewright.clients.common.own_deployments import OwnDeployments
from gatewright.clients.common.own_keys import read_key, read_key_header
from gatewright.environment.nodes import Node
from gatewright.environment.references import Located, OwnName

FILE_NAMES = ("config.yaml", "litellm_config.yaml", "litellm.yaml")
_DEPLOYMENT = frozenset({"model_name", "litellm_params", "model_info"})
_PARAMETERS = frozenset({"model", "api_base", "base_url", "api_key", "extra_headers", "custom_llm_provider"})
_COST = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cacheRead",
    "cache_creation_input_token_cost": "cacheWrite",
}
_INFO = frozenset(
    {"mode", "max_tokens", "max_input_tokens", "max_output_tokens", "supports_vision", "supports_reasoning", *_COST}
)
_COMPATIBLE = ("openai", "custom_openai", "openai_like", "hosted_vllm", "litellm_proxy", "text-completion-openai")
_OTHER_APIS = ("anthropic", "azure", "bedrock", "cohere", "gemini", "ollama", "replicate", "sagemaker", "vertex_ai")
_CHAT = "chat"
_MILLION = 1_000_000
_DEFAULT = "default"


def recognizes(root: Node) -> bool:
    """Whether a file is LiteLLM's."""
    return root.at("model_list") is not None


def read(root: Node) -> OwnConfig:
    """The content."""
    config = OwnConfig()
    _Reader(config, OwnDeployments(config, _COMPATIBLE)).read(root)
    return config


@dataclass(slots=True)
class _Reader:
    config: OwnConfig
    deployments: OwnDeployments
    groups: dict[str, list[Located[OwnName]]] = field(default_factory=dict)

    def read(self, root: Node) -> None:
        nodes = items_at(root, "model_list")
        for index, node in enumerate(nodes):
            self._read_deployment(node, f"model_list[{index}]")
        self.deployments.finish()
        inner = {key: [found for node in nodes if (found := node.at(key))] for key in ("litellm_params", "model_info")}
        self.config.skip_others_of_all(nodes, "model_list[]", _DEPLOYMENT)
        self.config.skip_others_of_all(inner["litellm_params"], "model_list[].litellm_params", _PARAMETERS)
        self.config.skip_others_of_all(inner["model_info"], "model_list[].model_info", _INFO)
        self._read_aliases(root)
        fallbacks = self._fallbacks(root)
        for group, names in self.groups.items():
            choice = OwnChoice(names[0], (*names[1:], *fallbacks.get(group, ())))
            if group == _DEFAULT:
                self.config.main = choice
            else:
                self.config.agents[group] = choice

    def _read_deployment(self, node: Node, path: str) -> None:
        model = text_at(node, path, "litellm_params", "model")
        group = text_at(node, path, "model_name")
        inner = f"{path}.litellm_params"
        if model is None or group is None:
            self.config.skip(node.location, path, "it has no model_name or no litellm_params.model")
            return
        if "*" in model.value or "*" in group.value:
            self.config.skip(model.location, model.path, "wildcards are not supported")
            return
        mode = text_at(node, path, "model_info", "mode")
        if mode is not None and mode.value != _CHAT:
            self.config.skip(model.location, model.path, f"its mode is {mode.value}, not chat")
            return
        provider, model_id = _split(node, model)
        headers = node.at("litellm_params", "extra_headers")
        self.config.skip_headers(headers, f"{inner}.extra_headers")
        name = self.deployments.add(
            provider,
            text_at(node, path, "litellm_params", "api_base") or text_at(node, path, "litellm_params", "base_url"),
            read_key(node.at("litellm_params", "api_key"), f"{inner}.api_key")
            or read_key_header(headers, f"{inner}.extra_headers"),
            OwnModel(model_id, model.location, model.path, self._settings(model_id, node, path)),
            provider.value if provider.value in _OTHER_APIS else None,
        )
        self.groups.setdefault(group.value, []).append(Located(OwnName(name), group.location, group.path))

    def _settings(self, id_: str, node: Node, path: str) -> dict[str, Any]:
        info = node.at("model_info")
        values = {key: entry.node.value for key, entry in info.entries.items()} if info else {}
        output = "max_output_tokens" if "max_output_tokens" in values else "max_tokens"
        prices = {key: value for own, key in _COST.items() if isinstance(value := values.get(own), int | float)}
        return model_settings(
            id_,
            reasoning=values.get("supports_reasoning"),
            inputs=["text", "image"] if values.get("supports_vision") is True else [],
            context=self.config.size_at(node, path, "model_info", "max_input_tokens"),
            output=self.config.size_at(node, path, "model_info", output),
            cost={key: round(price * _MILLION, 6) for key, price in prices.items()},
        )

    def _read_aliases(self, root: Node) -> None:
        aliases = root.at("router_settings", "model_group_alias")
        for alias, entry in aliases.entries.items() if aliases else ():
            path = f"router_settings.model_group_alias.{alias}"
            group = text_at(entry.node, path) or text_at(entry.node, path, "model")
            if group is None or group.value not in self.groups:
                self.config.skip(entry.node.location, path, "it does not name a model group")
            else:
                self.groups.setdefault(alias, self.groups[group.value])

    def _fallbacks(self, root: Node) -> dict[str, list[Located[OwnName]]]:
        """The fallbacks by group."""
        fallbacks: dict[str, list[Located[OwnName]]] = {}
        for section in ("router_settings", "litellm_settings"):
            for key in ("context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks"):
                if root.at(section, key) is not None:
                    reason = "an environment file has no such setting"
                    self.config.skip(root.location_at(section, key), f"{section}.{key}", reason)
            for index, item in enumerate(items_at(root, section, "fallbacks")):
                for group, entry in item.entries.items():
                    names = fallbacks.setdefault(group, [])
                    names += self._members(items_at(entry.node), f"{section}.fallbacks[{index}].{group}")
        return fallbacks

    def _members(self, groups: list[Node], path: str) -> Iterator[Located[OwnName]]:
        for index, node in enumerate(groups):
            group = text_at(node, f"{path}[{index}]")
            if group is None or group.value not in self.groups:
                self.config.skip(node.location, f"{path}[{index}]", "it does not name a model group")
            else:
                yield from self.groups[group.value]


def _split(node: Node, model: Located[str]) -> tuple[Located[str], str]:
    """The provider and the model's id; a model without a provider is OpenAI's."""
    custom = text_at(node, "", "litellm_params", "custom_llm_provider")
    if custom is not None:
        provider, id_ = custom.value, model.value.removeprefix(f"{custom.value}/")
    else:
        provider, slash, id_ = model.value.partition("/")
        provider, id_ = (provider, id_) if slash else ("openai", provider)
    return Located(provider, model.location, model.path), id_
