"""The providers that OpenClaw 2026.9.6 has built in. An emitted entry with one of these ids would be merged with it.

Source: the ids that need no address (src/config/model-provider-overlay-ids.ts), those of the bundled plugins
(dist/extensions/*/openclaw.plugin.json) and those of its makers' other plugins
(scripts/lib/official-external-provider-catalog.json).
"""

from __future__ import annotations

_IDS = """
    amazon-bedrock amazon-bedrock-mantle anthropic anthropic-vertex apple-fm arcee azure-openai-responses
    bailian-token-plan baseten byteplus byteplus-plan cerebras chutes claude-cli clawrouter cloudflare-ai-gateway
    codex cohere comfy copilot-proxy dashscope deepinfra deepseek fal featherless fireworks github-copilot gmi
    gmi-cloud gmicloud google google-antigravity google-gemini-cli google-vertex groq huggingface kilocode kimi
    kimi-coding litellm lmstudio longcat meta microsoft-foundry minimax minimax-portal mistral modelstudio moonshot
    moonshot-ai moonshotai novita novita-ai novitaai nvidia ollama ollama-cloud openai opencode opencode-go
    openrouter pixverse qianfan qwen qwen-token-plan qwencloud radius sglang stepfun stepfun-plan synthetic
    tencent-tokenhub tencent-tokenplan together venice vercel-ai-gateway vllm volcengine volcengine-plan voyage
    vydra x-ai xai xiaomi xiaomi-token-plan z-ai z.ai zai
"""
BUILT_IN_PROVIDERS = frozenset(_IDS.split())
