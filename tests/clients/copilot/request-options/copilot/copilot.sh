export COPILOT_PROVIDER_BASE_URL="https://gateway.ai.cloudflare.com/v1/fa4eacc0fa4eacc0fa4eacc0fa4eacc0/agents-environment/compat"
export COPILOT_PROVIDER_TYPE="openai"
export COPILOT_PROVIDER_WIRE_API="completions"
export COPILOT_PROVIDER_TRANSPORT="http"
export COPILOT_MODEL="groq/m"
export COPILOT_PROVIDER_MODEL_ID=""
export COPILOT_PROVIDER_WIRE_MODEL=""
export COPILOT_PROVIDER_MAX_PROMPT_TOKENS="24576"
export COPILOT_PROVIDER_MAX_OUTPUT_TOKENS="8192"
export COPILOT_PROVIDER_API_KEY="${CLOUDFLARE_AI_GATEWAY_TOKEN}"
export COPILOT_PROVIDER_API_KEY_COMMAND=""
export COPILOT_PROVIDER_BEARER_TOKEN=""
export COPILOT_PROVIDER_HEADERS="cf-aig-cache-ttl: 3600
cf-aig-collect-log: true
cf-aig-collect-log-payload: false
cf-aig-zdr: true
cf-aig-custom-cost: {\"per_token_in\":3e-07,\"per_token_out\":1.5e-06}
cf-aig-session-id: ${SESSION}"
