#!/usr/bin/env bash
# deploy.sh ENVIRONMENT [PLAN]: deploys the environment, with PLAN exactly that plan, and verifies every model and route.
# If one fails, all routes are rolled back to the versions before; if verify could not run, they stay.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
before=$RUNNER_TEMP/routes-$1.json

# A cancelled run signals only this shell. It passes the signal on and exits when the engine has ended in order.
child='' stopped=''
trap 'stopped=1; [[ -z $child ]] || kill -TERM "$child"' INT TERM
gatewright() {
  local code=0
  "$here/gatewright.sh" "$@" &
  child=$!
  wait "$child" || code=$?
  while kill -0 "$child" 2> /dev/null; do
    code=0
    wait "$child" || code=$?
  done
  child=''
  [[ -z $stopped ]] || exit 130
  return "$code"
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
