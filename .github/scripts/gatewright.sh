#!/usr/bin/env bash
# gatewright as these workflows run it.
set -euo pipefail

: "${PULUMI_BACKEND_URL:?is not set: the state would end with this runner. docs/guides/workflows.md}"

# A variable or secret that the repository does not have comes as an empty one; gatewright tells empty from unset.
while read -r name; do
  [[ -n ${!name} ]] || unset "$name"
done < <(compgen -e)

# identity VARIABLE AUDIENCE: who we are, for a cloud that holds the state or the key, in a file that VARIABLE names: a
# token for minutes and for that cloud alone, so each command gets its own.
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
