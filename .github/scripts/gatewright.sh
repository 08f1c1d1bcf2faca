#!/usr/bin/env bash
# Runs gatewright for the workflows.
set -euo pipefail

: "${PULUMI_BACKEND_URL:?is not set; the state would be lost with this runner. See docs/guides/workflows.md}"

# The keys of the providers, and what else the environment files name: any names, so that a new provider changes no
# workflow. GitHub masks the secret's lines, not the values in them, and reads commands from both outputs.
while IFS= read -r line; do
  [[ $line =~ ^[[:space:]]*(#.*)?$ ]] && continue
  if [[ ! $line =~ ^([A-Z_][A-Z0-9_]*)=(.*)$ ]]; then
    echo "the secret PROVIDER_KEYS has a line that is not NAME=value. See docs/guides/workflows.md" >&2
    exit 64
  fi
  echo "::add-mask::${BASH_REMATCH[2]}" >&2
  export "${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
done <<< "${PROVIDER_KEYS:-}"
unset PROVIDER_KEYS

# GitHub passes missing variables and secrets as empty ones; gatewright distinguishes empty from unset.
while read -r name; do
  [[ -n ${!name} ]] || unset "$name"
done < <(compgen -e)

# identity VARIABLE AUDIENCE: writes an identity token into a file and exports its path in VARIABLE, for a cloud that
# holds the state or the key. The token is valid for minutes and for that cloud, so each command gets its own.
identity() {
  local file=$RUNNER_TEMP/$1
  (
    umask 077
    curl --fail --silent --show-error --retry 3 --get --data-urlencode "audience=$2" \
      --header @- "$ACTIONS_ID_TOKEN_REQUEST_URL" <<< "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
      jq --exit-status --join-output .value > "$file"
  )
  export "$1=$file"
}
if [[ -n ${ACTIONS_ID_TOKEN_REQUEST_URL:-} ]]; then
  [[ -z ${AWS_ROLE_ARN:-} ]] || identity AWS_WEB_IDENTITY_TOKEN_FILE "${AWS_AUDIENCE:-sts.amazonaws.com}"
  [[ -z ${AZURE_CLIENT_ID:-} ]] || identity AZURE_FEDERATED_TOKEN_FILE "${AZURE_AUDIENCE:-api://AzureADTokenExchange}"
fi

exec "$(dirname "${BASH_SOURCE[0]}")/../../.venv/bin/gatewright" "$@"
