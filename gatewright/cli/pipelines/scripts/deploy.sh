#!/usr/bin/env bash
# deploy.sh ENVIRONMENT [PLAN]: deploys the environment, with PLAN exactly that plan, and verifies every model and route.
# If one fails, all routes are rolled back to the versions before; if verify could not run, they stay.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
before=$RUNNER_TEMP/routes-$1.json
source "$here/child.sh"

gatewright() {
  child "$here/gatewright.sh" "$@"
}

gatewright routes "$1" --save "$before"
gatewright up "$1" --yes ${2:+--plan "$2"}
code=0
gatewright verify "$1" --format markdown > verified.md || code=$?
tee -a "$GITHUB_STEP_SUMMARY" < verified.md
if ((code != 0)) && [[ ! -s verified.md ]]; then
  echo "::error title=$1::deployed, but verify could not run; the routes are unchanged"
  exit "$code"
elif ((code != 0)); then
  echo "::error title=$1::not every model and route responds; rolling back the routes"
  gatewright routes "$1" rollback --to "$before" --yes
  exit "$code"
fi
