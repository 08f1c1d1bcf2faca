#!/usr/bin/env bash
# section.sh preview|drift: writes the report of $ENVIRONMENT to sections/$ENVIRONMENT.md and its exit code to .code beside
# it. Fails if there is no report; changes and drift are not a failure. $JOBS is how many sections share one document.
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
