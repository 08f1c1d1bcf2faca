"""The upstream providers of Cloudflare's AI Gateway, by slug, and the paths of each behind it.

Source: Cloudflare's documentation of the gateway's providers and of its OpenAI-compatible endpoint, 2026.
"""

from __future__ import annotations

from enum import StrEnum

from gatewright.frozen import frozen

CUSTOM_PREFIX = "custom-"
WORKERS_AI = "workers-ai"
AUTO_ROUTER = "cloudflare"
"""The provider of one model, cloudflare/auto (gatewright/facts/auto_router.py)."""
KEYLESS = frozenset({WORKERS_AI, AUTO_ROUTER})
"""The providers that have no key."""
REST_AUTHORS = {"google-ai-studio": "google", "grok": "xai"}  # where the REST form's author differs from the slug
UNIFIED_BILLING = frozenset({"anthropic", "google-ai-studio", "google-vertex-ai", "grok", "groq", "openai"})
"""The providers that Cloudflare's credits pay for, over HTTP (documentation of Unified Billing, 2026)."""


RESPONSES_MODELS = frozenset({"@cf/openai/gpt-oss-120b", "@cf/openai/gpt-oss-20b"})
"""The models of Workers AI that serve OpenAI's responses, at /ai/v1/responses (documentation of Workers AI, 2026)."""


class Api(StrEnum):
    """The API format of an endpoint."""

    CHAT = "chat"  # OpenAI's chat completions: <url>/chat/completions
    RESPONSES = "responses"  # OpenAI's responses: <url>/responses
    MESSAGES = "messages"  # Anthropic's messages: <url>/v1/messages
    GENERATE = "generate"  # Google's generateContent: <url>/v1beta/models/<model>:generateContent


@frozen
class Slug:
    """`compat`: /compat reaches it, and so do dynamic routes. `openai`, `responses`, `anthropic`, `google`: the path
    under the gateway to which a client appends /chat/completions, /responses, /v1/messages or /v1beta/models/…; None
    without that format."""

    compat: bool
    openai: str | None = None
    responses: str | None = None
    anthropic: str | None = None
    google: str | None = None

    def path(self, api: Api) -> str | None:
        """The path for one API format."""
        paths = {Api.CHAT: self.openai, Api.RESPONSES: self.responses, Api.MESSAGES: self.anthropic}
        return {**paths, Api.GENERATE: self.google}[api]


ALIASES = {
    "amazon-bedrock": "aws-bedrock",
    "aws": "aws-bedrock",
    "azure": "azure-openai",
    "bedrock": "aws-bedrock",
    "chatgpt": "openai",
    "claude": "anthropic",
    "gemini": "google-ai-studio",
    "google": "google-ai-studio",
    "perplexity": "perplexity-ai",
    "vertex": "google-vertex-ai",
    "vertex-ai": "google-vertex-ai",
    "vertexai": "google-vertex-ai",
    "workers": "workers-ai",
    "x-ai": "grok",
    "xai": "grok",
}
"""Common names of providers, with the slug that Cloudflare uses."""

HOSTS = {
    "api.anthropic.com": "anthropic",
    "api.cerebras.ai": "cerebras",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.deepseek.com": "deepseek",
    "api.fireworks.ai": "fireworks",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.openai.com": "openai",
    "api.perplexity.ai": "perplexity-ai",
    "api.replicate.com": "replicate",
    "api.x.ai": "grok",
    "generativelanguage.googleapis.com": "google-ai-studio",
    "inference.baseten.co": "baseten",
    "openrouter.ai": "openrouter",
    "router.huggingface.co": "huggingface",
}
"""The hosts of the providers' own APIs, with Cloudflare's slugs (the providers' API references, 2026)."""

SLUGS = {
    "anthropic": Slug(compat=True, anthropic="anthropic"),
    "aws-bedrock": Slug(compat=False),
    "azure-openai": Slug(compat=False),
    "baseten": Slug(compat=True, openai="baseten/v1"),
    "cartesia": Slug(compat=False),
    "cerebras": Slug(compat=True, openai="cerebras"),
    AUTO_ROUTER: Slug(compat=True),
    "cohere": Slug(compat=True),
    "deepgram": Slug(compat=False),
    "deepseek": Slug(compat=True, openai="deepseek"),
    "elevenlabs": Slug(compat=False),
    "fal": Slug(compat=False),
    "fireworks": Slug(compat=False),
    "google-ai-studio": Slug(compat=True, google="google-ai-studio"),
    "google-vertex-ai": Slug(compat=True),
    "grok": Slug(compat=True, openai="grok/v1"),
    "groq": Slug(compat=True, openai="groq"),
    "huggingface": Slug(compat=False),
    "ideogram": Slug(compat=False),
    "mistral": Slug(compat=True, openai="mistral/v1"),
    "openai": Slug(compat=True, openai="openai", responses="openai"),
    "openrouter": Slug(compat=False, openai="openrouter/v1"),
    "parallel": Slug(compat=True),
    "perplexity-ai": Slug(compat=True, openai="perplexity-ai"),
    "replicate": Slug(compat=False),
    WORKERS_AI: Slug(compat=True, openai="workers-ai/v1"),
}
