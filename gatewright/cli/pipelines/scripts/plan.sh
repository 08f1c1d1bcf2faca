#!/usr/bin/env bash
# plan.sh ENVIRONMENT FILE: saves the plan of an environment and shows it. Its output `changes` is true or false.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")

code=0
"$here/gatewright.sh" preview "$1" --save "$2" --format markdown --limit 900000 > plan.md || code=$?
tee -a "$GITHUB_STEP_SUMMARY" < plan.md
case $code in
  0) echo changes=false >> "$GITHUB_OUTPUT" ;;
  2) echo changes=true >> "$GITHUB_OUTPUT" ;;
  *) exit "$code" ;;
esac
