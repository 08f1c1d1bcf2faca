#!/usr/bin/env bash
# catalog.sh: writes what `gatewright catalog update` changes into the folder catalog-update: `patch`, and `body.md` for
# a pull request. Its outputs: `changes`, and `environments`, a JSON list of those with an account.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
source "$here/environment.sh"
mkdir -p catalog-update
body=catalog-update/body.md

code=0
gatewright catalog check --format markdown --limit 30000 > "$body" || code=$?
((code == 0 || code == 2)) || exit "$code"
gatewright catalog update --apply --format json > "$RUNNER_TEMP/update.json"
{
  jq --raw-output 'if .replaced == [] then empty else "\n### Replaced in routes, roles and clients\n" end' "$RUNNER_TEMP/update.json"
  jq --raw-output '.replaced[] | "- `\(.path)`: `\(.model)` → `\(.successor)`"' "$RUNNER_TEMP/update.json" | sed -n 1,200p
} >> "$body"
cat "$body" >> "$GITHUB_STEP_SUMMARY"
git diff --relative > catalog-update/patch
echo "changes=$([[ -s catalog-update/patch ]] && echo true || echo false)" >> "$GITHUB_OUTPUT"
gatewright environments --with-account --format github >> "$GITHUB_OUTPUT"
