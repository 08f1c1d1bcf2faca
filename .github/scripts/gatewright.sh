#!/usr/bin/env bash
# gatewright as these workflows run it.
set -euo pipefail

: "${PULUMI_BACKEND_URL:?is not set: the state would end with this runner. docs/guides/workflows.md}"

# A variable or secret that the repository does not have comes as an empty one; gatewright tells empty from unset.
while read -r name; do
  [[ -n ${!name} ]] || unset "$name"
done < <(compgen -e)

# Who we are, for the cloud that holds the state or the key: a token for minutes, so each command gets its own.
if [[ -n ${OIDC_AUDIENCE:-} && -n ${ACTIONS_ID_TOKEN_REQUEST_URL:-} ]]; then
  identity=$RUNNER_TEMP/identity
  (
    umask 077
    curl --fail --silent --show-error --retry 3 --get --data-urlencode "audience=$OIDC_AUDIENCE" \
      --header @- "$ACTIONS_ID_TOKEN_REQUEST_URL" <<< "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
      jq --exit-status --join-output .value > "$identity"
  )
  export AWS_WEB_IDENTITY_TOKEN_FILE=$identity AZURE_FEDERATED_TOKEN_FILE=$identity
fi

exec "$(dirname "${BASH_SOURCE[0]}")/../../.venv/bin/gatewright" "$@"
