#!/usr/bin/env bash
# deploy.sh ENVIRONMENT [PLAN]: makes it so, exactly as planned where there is a plan, and asks whether every model and
# route answers. Where one does not, all routes go back to the versions that ran before; where nothing could be asked,
# they stay.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
before=$RUNNER_TEMP/routes-$1.json

# A run that is cancelled signals this shell alone: it hands that on, and ends once the engine has come to an orderly end.
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
  echo "::error title=$1::deployed, and nothing could be asked: the routes stay as they are now"
  exit "$code"
elif ((code != 0)); then
  echo "::error title=$1::not every model and route answers: the routes go back to what ran before"
  gatewright routes "$1" rollback --to "$before" --yes
  exit "$code"
fi
