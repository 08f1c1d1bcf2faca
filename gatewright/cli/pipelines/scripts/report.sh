#!/usr/bin/env bash
# report.sh preview|drift|usage ENVIRONMENT [OPTION...]: writes a report to sections/ENVIRONMENT.md and its exit code to .code beside it.
# Fails if there is no report; changes and drift are not a failure. $JOBS is how many sections share one document.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
section=sections/$2.md
mkdir -p sections

limit=$((60000 / JOBS))
limit=$((limit < 1000 ? 1000 : limit))
code=0
"$here/gatewright.sh" "$1" "$2" "${@:3}" --format markdown --limit "$limit" > "$section" 2> "$RUNNER_TEMP/errors" || code=$?
cat "$RUNNER_TEMP/errors" >&2
echo "$code" > "sections/$2.code"
if [[ ! -s $section ]]; then
  {
    printf '### %s: %s failed (exit code %s)\n\n' "$2" "$1" "$code"
    tail -c "$((limit / 2))" "$RUNNER_TEMP/errors" | "$here/indented.sh"
  } > "$section"
fi
cat "$section" >> "$GITHUB_STEP_SUMMARY"
((code == 0 || code == 2)) || exit "$code"
