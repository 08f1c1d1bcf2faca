#!/usr/bin/env bash
# Sourced: turns the settings of a job into the variables that gatewright reads.
set -euo pipefail

# The keys of the providers, and what else the environment files name: any names, so that a new provider changes no
# workflow. GitHub masks the secret's lines, not the values in them, and reads commands from both outputs.
while IFS= read -r line; do
  [[ $line =~ ^[[:space:]]*(#.*)?$ ]] && continue
  if [[ ! $line =~ ^([A-Z_][A-Z0-9_]*)=(.*)$ ]]; then
    echo "the secret PROVIDER_KEYS has a line that is not NAME=value. See docs/guides/workflows.md of gatewright" >&2
    exit 64
  fi
  echo "::add-mask::${BASH_REMATCH[2]}" >&2
  export "${BASH_REMATCH[1]}=${BASH_REMATCH[2]}"
done <<< "${PROVIDER_KEYS:-}"
unset PROVIDER_KEYS

# GitHub passes missing secrets as empty ones; gatewright distinguishes empty from unset.
while read -r name; do
  [[ -n ${!name} ]] || unset "$name"
done < <(compgen -e)

# The variables of the repository and of the job's GitHub environment, as one JSON object. They replace nothing.
none='{}'
variables=$(jq --raw-output 'to_entries[] | select(.value != "") | "\(.key) \(.value | @base64)"' <<< "${VARIABLES:-$none}")
while read -r name value; do
  [[ -z $name || -n ${!name+set} ]] || export "$name=$(base64 --decode <<< "$value")"
done <<< "$variables"
unset VARIABLES variables none

# Environment files with `deploy: {env: NAME}` read the deploying token under that name.
for name in ${TOKEN_VARIABLES:-}; do
  [[ -z ${CLOUDFLARE_API_TOKEN:-} ]] || export "$name=$CLOUDFLARE_API_TOKEN"
done
