"""The providers that pi 0.80.10 to 1.6.0 have built in. An emitted entry with one of these ids would be merged with it.

Source: `builtinProviders()` of @earendil-works/pi-ai, dist/providers/all.js.
"""

from __future__ import annotations

_IDS = """
    amazon-bedrock ant-ling anthropic azure azure-openai-responses baseten cerebras cloudflare-ai-gateway
    cloudflare-workers-ai deepseek fireworks github-copilot google google-vertex groq huggingface kimi-coding meta
    minimax minimax-cn mistral moonshotai moonshotai-cn nvidia openai openai-codex opencode opencode-go openrouter
    qwen-token-plan qwen-token-plan-cn qwen-token-plan-individual qwen-token-plan-individual-cn radius together
    typesafe vercel-ai-gateway xai xiaomi
    xiaomi-token-plan-ams xiaomi-token-plan-cn xiaomi-token-plan-sgp zai zai-coding-cn
"""
BUILT_IN_PROVIDERS = frozenset(_IDS.split())
