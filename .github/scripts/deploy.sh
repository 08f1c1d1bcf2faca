#!/usr/bin/env bash
# deploy.sh ENVIRONMENT [PLAN]: makes it so, exactly as planned where there is a plan, and asks whether every model and
# route answers. Where one does not, all routes go back to the versions that ran before.
set -euo pipefail
gatewright=$(dirname "${BASH_SOURCE[0]}")/gatewright.sh
before=$RUNNER_TEMP/routes-$1.json

"$gatewright" routes "$1" --save "$before"
"$gatewright" up "$1" --yes ${2:+--plan "$2"}
code=0
"$gatewright" verify "$1" --format markdown > verified.md || code=$?
tee -a "$GITHUB_STEP_SUMMARY" < verified.md
if ((code != 0)); then
  echo "::error title=$1::not every model and route answers: the routes go back to what ran before"
  "$gatewright" routes "$1" rollback --to "$before" --yes
  exit "$code"
fi
