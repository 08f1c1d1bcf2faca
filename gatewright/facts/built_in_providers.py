"""The providers that programs have themselves, by the client's name: an entry of ours that is called so is mixed with
theirs, which brings models that are not behind the gateway, or a second credential.

tests/clients/programs/test_built_in_providers.py holds each list against its program, in the version that is pinned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPENCLAW = """
        amazon-bedrock amazon-bedrock-mantle anthropic anthropic-vertex apple-fm arcee azure-openai-responses
        bailian-token-plan baseten byteplus byteplus-plan cerebras chutes claude-cli clawrouter
        cloudflare-ai-gateway codex cohere comfy copilot-proxy dashscope deepinfra deepseek fal featherless
        fireworks github-copilot gmi gmi-cloud gmicloud google google-antigravity google-gemini-cli google-vertex
        groq huggingface kilocode kimi kimi-coding litellm lmstudio longcat meta microsoft-foundry minimax
        minimax-portal mistral modelstudio moonshot moonshot-ai moonshotai novita novita-ai novitaai nvidia ollama
        ollama-cloud openai opencode opencode-go openrouter pixverse qianfan qwen qwen-token-plan qwencloud radius
        sglang stepfun stepfun-plan synthetic tencent-tokenhub tencent-tokenplan together venice vercel-ai-gateway
        vllm volcengine volcengine-plan voyage vydra x-ai xai xiaomi xiaomi-token-plan z-ai z.ai zai
"""
"""OpenClaw 2026.9.6: the ids that need no address (src/config/model-provider-overlay-ids.ts), those of the plugins that
come with it (dist/extensions/*/openclaw.plugin.json) and of its makers' others
(scripts/lib/official-external-provider-catalog.json)."""

_PI = """
        amazon-bedrock ant-ling anthropic azure-openai-responses baseten cerebras cloudflare-ai-gateway
        cloudflare-workers-ai deepseek fireworks github-copilot google google-vertex groq huggingface kimi-coding
        meta minimax minimax-cn mistral moonshotai moonshotai-cn nvidia openai openai-codex opencode opencode-go
        openrouter qwen-token-plan qwen-token-plan-cn qwen-token-plan-individual radius together vercel-ai-gateway
        xai xiaomi xiaomi-token-plan-ams xiaomi-token-plan-cn xiaomi-token-plan-sgp zai zai-coding-cn
"""
"""pi 0.87.1: `builtinProviders()` of @earendil-works/pi-ai, dist/providers/all.js."""

_OPENCODE = """
        302ai abacus abliteration-ai above agentrouter agnes ai-router ai21 aiand aihubmix ainetcafe aixy aki-io
        alibaba alibaba-cn alibaba-coding-plan alibaba-coding-plan-cn alibaba-token-plan alibaba-token-plan-cn
        amazon-bedrock ambient amd anthropic anyapi arcee atomic-chat auriko azure azure-cognitive-services bailing
        baseten bee berget blueclaw bothub cerebras chutes clarifai claudinio cline-pass cloudferro-sherlock
        cloudflare-ai-gateway cloudflare-workers-ai cohere coralbricks cortecs crof crossmodel crusoe daoxe
        databricks deepinfra deepseek digitalocean dinference drun ebcloud echo edenai empiriolabs evroc fastrouter
        fireworks-ai freemodel friendli frogbot github-copilot gitlab gmicloud google google-vertex
        google-vertex-anthropic greenpt groq helicone hetzner hpc-ai huggingface hyper iflowcn impossibl inception
        inceptron inco infer inference inferx infomaniak io-net iteracompute jalapeno jiekou kenari kilo
        kimi-code-plan-cn kimi-code-plan-global klokintegration kosmik kuae-cloud-coding-plan lilac llama llmgateway
        llmgateway-providers llmtech llmtr lmstudio longcat lucidquery lynkr meganova melious merge-gateway meta
        minimax minimax-cn minimax-cn-coding-plan minimax-coding-plan mistral mixlayer moark modal model-oracle-ai
        modelis modelscope moonshotai moonshotai-cn morph nan nano-gpt nearai nebius neon neosmith neuralwatt nova
        novita-ai nvidia oci ofox ollama-cloud openai opencode opencode-go openreason openrouter opper orcarouter
        ovhcloud pareto pendra perplexity perplexity-agent pioneer poe poolside privatemode-ai qihang-ai qiniu-ai
        qvac regolo-ai requesty routing-run runinfra sakana salad-cloud sap-ai-core sarvam scaleway scnet-token-plan
        scx-ai sensenova siliconflow siliconflow-cn snowflake-cortex stackit standardcompute stepfun stepfun-ai
        stepfun-ai-step-plan stepfun-step-plan subconscious submodel synthetic tempr tencent-coding-plan
        tencent-token-plan tencent-tokenhub tensorx the-grid-ai thinkingmachines tinfoil togetherai tokengo
        tokenrouter trustedrouter umans-ai umans-ai-coding-plan unorouter upstage v0 vancine venice vercel vispark
        vivgrid volcengine volcengine-coding-plan vultr wafer.ai wallaby wandb watsonx xai xiaomi
        xiaomi-token-plan-ams xiaomi-token-plan-cn xiaomi-token-plan-sgp xpersona zai zai-coding-plan zeldoc zenifra
        zenmux zhipuai zhipuai-coding-plan
"""
"""OpenCode 1.18.33: the list of models.dev inside the program, which it brings up to date from there."""

_CODEX = "amazon-bedrock lmstudio ollama openai"
"""Codex 0.169.0: the ids that it says are reserved when a file has them (codex features list)."""

BUILT_IN_PROVIDERS: Mapping[str, frozenset[str]] = {
    "openclaw": frozenset(_OPENCLAW.split()),
    "pi": frozenset(_PI.split()),
    "opencode": frozenset(_OPENCODE.split()),
    "codex": frozenset(_CODEX.split()),
}
