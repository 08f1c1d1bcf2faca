#!/usr/bin/env bash
# Runs gatewright for a job that uses a state.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/environment.sh"

: "${PULUMI_BACKEND_URL:?is not set; the state would be lost with this runner. See docs/guides/workflows.md of gatewright}"

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

exec gatewright "$@"
