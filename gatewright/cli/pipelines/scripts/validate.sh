#!/usr/bin/env bash
# validate.sh [ENVIRONMENT…]: validates all environment files and renders the clients' files of these environments. It
# needs neither secrets nor the engine.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/environment.sh"

{
  printf '### Environments\n\n'
  gatewright validate --all --notes 2>&1 | "$here/indented.sh"
} >> "$GITHUB_STEP_SUMMARY" || true
gatewright validate --all --format github
for name; do
  gatewright render "$name" 2>&1 | tee "$RUNNER_TEMP/rendered"
  { printf '\n### Files of %s\n\n' "$name"; "$here/indented.sh" < "$RUNNER_TEMP/rendered"; } >> "$GITHUB_STEP_SUMMARY"
done
