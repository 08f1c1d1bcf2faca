#!/usr/bin/env bash
# section.sh preview|drift: what it says of $ENVIRONMENT, in sections/$ENVIRONMENT.md, and how it ended, in .code beside
# it. Fails where it could not look; changes and drift are no failure. $JOBS: how many sections share one document.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
section=sections/$ENVIRONMENT.md
mkdir -p sections

limit=$((60000 / JOBS))
code=0
"$here/gatewright.sh" "$1" "$ENVIRONMENT" --format markdown --limit "$((limit < 1000 ? 1000 : limit))" > "$section" 2> "$RUNNER_TEMP/errors" || code=$?
cat "$RUNNER_TEMP/errors" >&2
echo "$code" > "sections/$ENVIRONMENT.code"
if [[ ! -s $section ]]; then
  {
    printf '### %s: %s failed (exit code %s)\n\n' "$ENVIRONMENT" "$1" "$code"
    tail -c "$((limit / 2))" "$RUNNER_TEMP/errors" | "$here/indented.sh"
  } > "$section"
fi
cat "$section" >> "$GITHUB_STEP_SUMMARY"
((code == 0 || code == 2)) || exit "$code"
